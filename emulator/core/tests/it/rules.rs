//! Rules of EventBridge: by the clock, and by what is published.

use crate::scenario::check;
use expect_test::expect;

#[test]
fn a_schedule_invokes_its_function() {
    check(
        r#"
        events fn for tick
        rule tick {"ScheduleExpression": "rate(5 minutes)", "Targets": [{"Id": "t", "Arn": {"Fn::GetAtt": ["fn", "Arn"]}, "Input": "{\"tick\":1}"}]}
        "#,
        expect![[r#"
            > advance 5m
            after 300s
            fn#1 starts
            fn#1 gets {"tick":1}
            > fn says 1
            > advance 4m
            > advance 1m
            after 600s
            fn#1 is killed
            fn#2 starts
            fn#2 gets {"tick":1}
        "#]],
    );
}

#[test]
fn a_schedule_that_a_reload_leaves_as_it_is_keeps_its_hour() {
    check(
        r#"
        events fn for tick
        rule tick {"ScheduleExpression": "rate(5 minutes)", "Targets": [{"Id": "t", "Arn": {"Fn::GetAtt": ["fn", "Arn"]}, "Input": "{}"}]}
        "#,
        expect![[r#"
            > advance 4m
            > reload nothing
            > advance 1m
            after 300s
            fn#1 starts
            fn#1 gets {}
            > fn says 1
            > change tick {"ScheduleExpression": "rate(3 minutes)"}
            > reload nothing
            > advance 2m
            > advance 1m
            after 480s
            fn#1 gets {}
        "#]],
    );
}

#[test]
fn a_published_event_goes_where_its_pattern_says() {
    check(
        r#"
        events fn for failed
        rule failed {"EventPattern": {"source": ["jobs"], "detail": {"state": ["failed"]}}, "Targets": [{"Id": "t", "Arn": {"Fn::GetAtt": ["fn", "Arn"]}, "InputPath": "$.detail"}]}
        "#,
        expect![[r#"
            > ask AWSEvents.PutEvents {"Entries":[{"Source":"jobs","DetailType":"d","Detail":"{\"state\":\"failed\",\"id\":1}"}]}
            200 {"Entries":[{"EventId":"{uuid}"}],"FailedEntryCount":0}
            fn#1 starts
            fn#1 gets {"id":1,"state":"failed"}
            > fn says 1
            > ask AWSEvents.PutEvents {"Entries":[{"Source":"jobs","DetailType":"d","Detail":"{\"state\":\"done\"}"}]}
            200 {"Entries":[{"EventId":"{uuid}"}],"FailedEntryCount":0}
            > ask AWSEvents.ListRules {}
            400 {"__type":"UnknownOperationException","message":"`AWSEvents.ListRules` is not emulated: buses and rules come from the template, and only AWSEvents.PutEvents is answered"}
        "#]],
    );
}

#[test]
fn a_queue_with_a_policy_gets_events_and_one_without_does_not() {
    check(
        r#"
        queue open
        queue closed
        resource Policy {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "open"}], "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": {"Service": "events.amazonaws.com"}, "Resource": "*"}}}}
        rule all {"EventPattern": {"source": ["jobs"]}, "Targets": [{"Id": "open", "Arn": {"Fn::GetAtt": ["open", "Arn"]}, "InputPath": "$.detail"}, {"Id": "closed", "Arn": {"Fn::GetAtt": ["closed", "Arn"]}}]}
        "#,
        expect![[r#"
            warning: all sends nothing to target closed: add an AWS::SQS::QueuePolicy that allows events.amazonaws.com sqs:SendMessage to queue closed for arn:aws:events:eu-central-1:123456789012:rule/all
            > ask AWSEvents.PutEvents {"Entries":[{"Source":"jobs","DetailType":"d","Detail":"{}"}]}
            200 {"Entries":[{"EventId":"{uuid}"}],"FailedEntryCount":0}
            open gets an event of rule all
            > queue open
            {}
            > queue closed
        "#]],
    );
}

#[test]
fn a_function_without_permission_gets_no_events() {
    check(
        r#"
        function fn {}
        rule tick {"ScheduleExpression": "rate(1 minute)", "Targets": [{"Id": "t", "Arn": {"Fn::GetAtt": ["fn", "Arn"]}}]}
        "#,
        expect![[r#"
            warning: tick sends nothing to target t: add an AWS::Lambda::Permission for function fn with Principal events.amazonaws.com and SourceArn arn:aws:events:eu-central-1:123456789012:rule/tick
            > advance 1m
        "#]],
    );
}

#[test]
fn conditions_of_a_queues_policy_say_for_which_rule_it_is() {
    check(
        r#"
        queue jobs
        resource Policy {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "jobs"}], "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": {"Service": "events.amazonaws.com"}, "Resource": {"Fn::GetAtt": ["jobs", "Arn"]}, "Condition": {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["good", "Arn"]}}}}}}}
        rule good {"EventPattern": {"source": ["a"]}, "Targets": [{"Id": "q", "Arn": {"Fn::GetAtt": ["jobs", "Arn"]}, "InputPath": "$.source"}]}
        rule other {"EventPattern": {"source": ["b"]}, "Targets": [{"Id": "q", "Arn": {"Fn::GetAtt": ["jobs", "Arn"]}, "InputPath": "$.source"}]}
        "#,
        expect![[r#"
            warning: other sends nothing to target q: add an AWS::SQS::QueuePolicy that allows events.amazonaws.com sqs:SendMessage to queue jobs for arn:aws:events:eu-central-1:123456789012:rule/other
            > ask AWSEvents.PutEvents {"Entries":[{"Source":"a","DetailType":"d","Detail":"{}"},{"Source":"b","DetailType":"d","Detail":"{}"}]}
            200 {"Entries":[{"EventId":"{uuid}"},{"EventId":"{uuid}"}],"FailedEntryCount":0}
            jobs gets an event of rule good
            > queue jobs
            "a"
        "#]],
    );
}

#[test]
fn what_a_target_does_not_let_in_is_a_dead_letter() {
    check(
        r#"
        function fn {}
        queue dead
        resource Policy {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "dead"}], "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": {"Service": "events.amazonaws.com"}, "Resource": "*"}}}}
        rule all {"EventPattern": {"source": ["a"]}, "Targets": [{"Id": "fn", "Arn": {"Fn::GetAtt": ["fn", "Arn"]}, "InputPath": "$.detail", "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["dead", "Arn"]}}}]}
        "#,
        expect![[r#"
            warning: all sends nothing to target fn: add an AWS::Lambda::Permission for function fn with Principal events.amazonaws.com and SourceArn arn:aws:events:eu-central-1:123456789012:rule/all
            > ask AWSEvents.PutEvents {"Entries":[{"Source":"a","DetailType":"d","Detail":"{\"n\":1}"}]}
            200 {"Entries":[{"EventId":"{uuid}"}],"FailedEntryCount":0}
            dead gets an event of rule all
            > ask AmazonSQS.ReceiveMessage {"QueueUrl":"dead","MessageAttributeNames":["ERROR_CODE","RULE_ARN"]}
            200 with {"n":1}
            > show reply
            {
              "Messages": [
                {
                  "Body": "{\"n\":1}",
                  "MD5OfBody": "082c26c8a6bc75226a31da5495cc9292",
                  "MD5OfMessageAttributes": "8c3e2a51cd3bc6f3e6417a8726c48241",
                  "MessageAttributes": {
                    "ERROR_CODE": {
                      "DataType": "String",
                      "StringValue": "NO_PERMISSIONS"
                    },
                    "RULE_ARN": {
                      "DataType": "String",
                      "StringValue": "arn:aws:events:eu-central-1:123456789012:rule/all"
                    }
                  },
                  "MessageId": "{uuid}",
                  "ReceiptHandle": "cmVjZWlwdDoxOjE="
                }
              ]
            }
        "#]],
    );
}
