//! Asynchronous invocations: retries, and where their results go.

use crate::scenario::check;
use expect_test::expect;

#[test]
fn an_event_is_tried_three_times_and_then_sent_to_the_queue_for_failures() {
    check(
        r#"
        queue failed
        allow sqs:SendMessage on ${failed.Arn}
        async fn {"DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["failed", "Arn"]}}}}
        "#,
        expect![[r#"
            > invoke fn Event {"n":1}
            fn#1 starts
            202
            fn#1 gets {"n":1}
            > fn fails first
            > advance 59s
            > advance 1s
            after 60s
            fn#1 gets {"n":1}
            > fn fails second
            > advance 2m
            after 180s
            fn#1 gets {"n":1}
            > fn fails third
            failed gets event {uuid} of fn
            > queue failed
            {"requestContext":{"approximateInvokeCount":3,"condition":"RetriesExhausted","functionArn":"arn:aws:lambda:eu-central-1:123456789012:function:fn:$LATEST","requestId":"{uuid}"},"requestPayload":{"n":1},"responseContext":{"executedVersion":"$LATEST","functionError":"Unhandled","statusCode":200},"responsePayload":{"errorMessage":"third","errorType":"Error"},"timestamp":"2026-11-25T08:18:30.000Z","version":"1.0"}
        "#]],
    );
}

#[test]
fn retries_may_be_switched_off_and_a_dead_letter_is_the_event_itself() {
    check(
        r#"
        queue dead
        allow sqs:SendMessage on ${dead.Arn}
        function fn {"DeadLetterConfig": {"TargetArn": {"Fn::GetAtt": ["dead", "Arn"]}}}
        async fn {"MaximumRetryAttempts": 0}
        "#,
        expect![[r#"
            > invoke fn Event {"n":1}
            fn#1 starts
            202
            fn#1 gets {"n":1}
            > fn fails first
            dead gets event {uuid} of fn
            > queue dead
            {"n":1}
        "#]],
    );
}

#[test]
fn an_event_that_is_too_old_is_not_tried_again() {
    check(
        r#"
        queue failed
        allow sqs:SendMessage on ${failed.Arn}
        async fn {"MaximumEventAgeInSeconds": 90, "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["failed", "Arn"]}}}}
        "#,
        expect![[r#"
            > invoke fn Event {"n":1}
            fn#1 starts
            202
            fn#1 gets {"n":1}
            > fn fails first
            > advance 60s
            after 60s
            fn#1 gets {"n":1}
            > fn fails second
            > advance 30s
            after 90s
            failed gets event {uuid} of fn
            > queue failed
            {"requestContext":{"approximateInvokeCount":2,"condition":"EventAgeExceeded","functionArn":"arn:aws:lambda:eu-central-1:123456789012:function:fn:$LATEST","requestId":"{uuid}"},"requestPayload":{"n":1},"responseContext":{"executedVersion":"$LATEST","functionError":"Unhandled","statusCode":200},"responsePayload":{"errorMessage":"second","errorType":"Error"},"timestamp":"2026-11-25T08:17:00.000Z","version":"1.0"}
        "#]],
    );
}

#[test]
fn a_throttled_event_waits_longer_each_time() {
    check(
        r#"function fn {"ReservedConcurrentExecutions": 1}"#,
        expect![[r#"
            > invoke fn 1
            fn#1 starts
            fn#1 gets 1
            > invoke fn Event 2
            202
            > advance 1s
            > fn says 1
            200 1
            > advance 1s
            > advance 1s
            after 3s
            fn#1 gets 2
        "#]],
    );
}

#[test]
fn an_answer_goes_to_the_function_for_successes() {
    check(
        r#"
        function next {}
        allow lambda:InvokeFunction on arn:aws:lambda:eu-central-1:123456789012:function:next
        async fn {"DestinationConfig": {"OnSuccess": {"Destination": {"Fn::GetAtt": ["next", "Arn"]}}}}
        "#,
        expect![[r#"
            > invoke fn Event {"n":1}
            fn#1 starts
            202
            fn#1 gets {"n":1}
            > fn says {"done":true}
            next#1 starts
            next#1 gets {"requestContext":{"approximateInvokeCount":1,"condition":"Success","functionArn":"arn:aws:lambda:eu-central-1:123456789012:function:fn:$LATEST","requestId":"64cb93ca-c2fc-4431-b8f8-462ebeca074c"},"requestPayload":{"n":1},"responseContext":{"executedVersion":"$LATEST","statusCode":200},"responsePayload":{"done":true},"timestamp":"2026-11-25T08:15:30.000Z","version":"1.0"}
        "#]],
    );
}

#[test]
fn an_answer_is_an_event_on_the_bus_for_successes() {
    check(
        r#"
        function fn {}
        queue seen
        resource Policy {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "seen"}], "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "sqs:SendMessage", "Principal": {"Service": "events.amazonaws.com"}, "Resource": "*"}}}}
        resource Bus {"Type": "AWS::Events::EventBus", "Properties": {"Name": "results"}}
        rule all {"EventBusName": "results", "EventPattern": {"detail-type": ["Lambda Function Invocation Result - Success"]}, "Targets": [{"Id": "q", "Arn": {"Fn::GetAtt": ["seen", "Arn"]}}]}
        allow events:PutEvents on ${Bus.Arn}
        async fn {"DestinationConfig": {"OnSuccess": {"Destination": {"Fn::GetAtt": ["Bus", "Arn"]}}}}
        "#,
        expect![[r#"
            > invoke fn Event {"n":1}
            fn#1 starts
            202
            fn#1 gets {"n":1}
            > fn says 7
            seen gets an event of rule all
            > queue seen
            {"account":"123456789012","detail":{"requestContext":{"approximateInvokeCount":1,"condition":"Success","functionArn":"arn:aws:lambda:eu-central-1:123456789012:function:fn:$LATEST","requestId":"{uuid}"},"requestPayload":{"n":1},"responseContext":{"executedVersion":"$LATEST","statusCode":200},"responsePayload":7,"timestamp":"2026-11-25T08:15:30.000Z","version":"1.0"},"detail-type":"Lambda Function Invocation Result - Success","id":"{uuid}","region":"eu-central-1","resources":["arn:aws:lambda:eu-central-1:123456789012:function:fn:$LATEST","arn:aws:events:eu-central-1:123456789012:event-bus/results"],"source":"lambda","time":"2026-11-25T08:15:30Z","version":"0"}
        "#]],
    );
}
