//! What AWS would not deploy of tables, mappings, queues, rules and destinations, and says why.

use crate::setup::Setup;
use expect_test::{Expect, expect};
use gateway_core::template;
use std::fmt::Write as _;

#[track_caller]
fn check(setup: &str, expected: Expect) {
    let mut text = String::new();
    let setup = Setup::new(setup);
    match template::read(&setup.template(), &setup.place) {
        Ok(topology) => {
            for warning in topology.warnings {
                let _ = writeln!(text, "warning: {warning}");
            }
            for (id, kind) in topology.not_emulated {
                let _ = writeln!(text, "not emulated: {id} ({kind})");
            }
        }
        Err(problems) => {
            for problem in problems {
                let _ = writeln!(text, "{}: {}", problem.at, problem.message);
            }
        }
    }
    expected.assert_eq(&text);
}

#[test]
fn mapping_to_a_table_without_stream() {
    check(
        r#"
        mapping fn from table
        resource Table {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "T", "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}}
        "#,
        expect![[r#"
            Resources.Mapping.Properties.EventSourceArn: table T has no such stream; give it a StreamSpecification and use !GetAtt Table.StreamArn
        "#]],
    );
}

#[test]
fn mapping_with_values_out_of_range() {
    check(
        r#"
        mapping fn from table {"BatchSize": 10001, "MaximumBatchingWindowInSeconds": 301, "ParallelizationFactor": 0, "MaximumRetryAttempts": 10001, "MaximumRecordAgeInSeconds": 59, "StartingPosition": "NOW", "FunctionResponseTypes": ["All"], "FilterCriteria": {"Filters": [{"Pattern": "{\"a\": 1}"}]}, "Colour": "red"}
        "#,
        expect![[r#"
            Resources.Mapping.Properties.BatchSize: `10001` must be a number from 1 to 10000
            Resources.Mapping.Properties.Colour: there is no such property
            Resources.Mapping.Properties.FilterCriteria.Filters.0.Pattern: in the event pattern at `a`: must be an object or a list of values that is not empty
            Resources.Mapping.Properties.FunctionResponseTypes: `All` must be ReportBatchItemFailures
            Resources.Mapping.Properties.MaximumBatchingWindowInSeconds: `301` must be a number from 0 to 300
            Resources.Mapping.Properties.MaximumRecordAgeInSeconds: `59` must be a number from 60 to 604800
            Resources.Mapping.Properties.MaximumRetryAttempts: `10001` must be a number from 0 to 10000
            Resources.Mapping.Properties.ParallelizationFactor: `0` must be a number from 1 to 10
            Resources.Mapping.Properties.StartingPosition: `NOW` must be TRIM_HORIZON or LATEST for a stream of a table
        "#]],
    );
}

#[test]
fn mapping_without_limits_or_starting_position() {
    check(
        r#"
        mapping fn from table {"MaximumRetryAttempts": -1, "MaximumRecordAgeInSeconds": -1, "StartingPosition": {"Ref": "AWS::NoValue"}}
        "#,
        expect![[r#"
            Resources.Mapping.Properties: StartingPosition is required
        "#]],
    );
}

#[test]
fn mapping_whose_role_may_not_read() {
    check(
        r#"
        mapping fn from table
        deny dynamodb:GetRecords on *
        "#,
        expect![[r#"
            Resources.Mapping.Properties.FunctionName: cannot access arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000: role role of function fn must be allowed dynamodb:GetRecords
        "#]],
    );
}

#[test]
fn mapping_to_an_unknown_function_or_destination() {
    check(
        r#"
        mapping fn from table {"FunctionName": "other", "DestinationConfig": {"OnFailure": {"Destination": "failed"}}}
        "#,
        expect![[r#"
            Resources.Mapping.Properties.FunctionName: function other is not in the template
        "#]],
    );
    check(
        r#"
        queue failed
        mapping fn from table {"DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["failed", "Arn"]}}}}
        "#,
        expect![[r#"
            Resources.Mapping.Properties.DestinationConfig.OnFailure.Destination: the function's execution role does not have permissions to call sqs:SendMessage on arn:aws:sqs:eu-central-1:123456789012:failed; allow it in a policy of role role
        "#]],
    );
}

#[test]
fn mapping_of_a_queue_that_hides_messages_too_short() {
    check(
        r#"
        queue jobs {"VisibilityTimeout": 29}
        mapping fn from jobs {"BatchSize": 11, "StartingPosition": "LATEST", "ScalingConfig": {"MaximumConcurrency": 1}}
        "#,
        expect![[r#"
            Resources.Mapping.Properties.BatchSize: above 10 needs a MaximumBatchingWindowInSeconds of at least 1
            Resources.Mapping.Properties.EventSourceArn: queue visibility timeout: 29 seconds is less than function timeout: 30 seconds; AWS recommends six times that
            Resources.Mapping.Properties.ScalingConfig.MaximumConcurrency: `1` must be a number from 2 to 1000
            Resources.Mapping.Properties.StartingPosition: is for streams, not for queues; leave it out
        "#]],
    );
}

#[test]
fn queues_with_values_out_of_range() {
    check(
        r#"
        queue jobs {"VisibilityTimeout": 43201, "DelaySeconds": -1, "RedrivePolicy": {"maxReceiveCount": 0}, "Colour": "red"}
        "#,
        expect![[r#"
            Resources.jobs.Properties.Colour: there is no such property
            Resources.jobs.Properties.DelaySeconds: `-1` must be a number from 0 to 900
            Resources.jobs.Properties.RedrivePolicy: must have deadLetterTargetArn, the ARN of a queue, and maxReceiveCount from 1 to 1000
            Resources.jobs.Properties.VisibilityTimeout: `43201` must be a number from 0 to 43200
        "#]],
    );
    check(
        r#"queue jobs {"QueueName": "a.b"}"#,
        expect![[r#"
        Resources.jobs.Properties.QueueName: the queue name `a.b` must be 1 to 80 letters, digits, hyphens and underscores
    "#]],
    );
}

#[test]
fn rules_that_never_fire() {
    check(
        r#"
        rule a {}
        rule b {"ScheduleExpression": "rate(1 minutes)"}
        rule c {"EventPattern": {"source": "jobs"}}
        rule d {"EventPattern": {"source": ["jobs"]}, "EventBusName": "other", "Targets": [{"Id": "t", "Arn": "x", "Input": "{}", "InputPath": "$"}]}
        "#,
        expect![[r#"
            Resources.a.Properties: EventPattern or ScheduleExpression is required
            Resources.b.Properties.ScheduleExpression: schedule `rate(1 minutes)`: the unit is singular after 1 and plural after every other number
            Resources.c.Properties.EventPattern: in the event pattern at `source`: must be an object or a list of values that is not empty
            Resources.d.Properties.EventBusName: event bus other is not in the template
            Resources.d.Properties.Targets.0: only one of Input, InputPath is allowed
        "#]],
    );
}

#[test]
fn asynchronous_settings_out_of_range() {
    check(
        r#"
        async fn {"MaximumRetryAttempts": 3, "MaximumEventAgeInSeconds": 59}
        "#,
        expect![[r#"
            Resources.Async.Properties.MaximumEventAgeInSeconds: `59` must be a number from 60 to 21600
            Resources.Async.Properties.MaximumRetryAttempts: `3` must be a number from 0 to 2
        "#]],
    );
}

#[test]
fn what_is_not_emulated_is_told() {
    check(
        r#"
        queue jobs {"FifoQueue": true, "QueueName": "jobs.fifo"}
        resource Topic {"Type": "AWS::SNS::Topic"}
        allow sns:Publish on ${Topic}
        async fn {"DestinationConfig": {"OnFailure": {"Destination": {"Ref": "Topic"}}}}
        resource Kinesis {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": {"Ref": "fn"}, "EventSourceArn": "arn:aws:kinesis:eu-central-1:1:stream/s"}}
        "#,
        expect![[r#"
            warning: what Async sends to its destination is lost: arn:aws:sns:eu-central-1:123456789012:chat-Topic is not emulated
            warning: Kinesis reads neither a stream of a table nor a queue, which is not emulated
            not emulated: Topic (AWS::SNS::Topic)
        "#]],
    );
}

#[test]
fn role_with_policies_that_iam_calls_malformed() {
    check(
        r#"
        resource Role {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}, "Policies": [{"PolicyDocument": {"Version": "2012-10-18", "Statement": []}}, {"PolicyName": "empty"}, "text"], "ManagedPolicyArns": "arn:aws:iam::aws:policy/NoSuchThing"}}
        resource Policy {"Type": "AWS::IAM::Policy", "Properties": {"Roles": [{"Ref": "Role"}], "PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "PutItem", "Resource": "*"}]}}}
        resource Managed {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Principal": "*"}]}}}
        "#,
        expect![[r#"
            Resources.Managed.Properties.PolicyDocument: MalformedPolicyDocument: Statement[0]: Principal has no place in a policy of a role
            Resources.Policy.Properties.PolicyDocument: MalformedPolicyDocument: Statement[0]: action `PutItem` must begin with its service, as in sqs:SendMessage
            Resources.Role.Properties.Policies.0.PolicyDocument: MalformedPolicyDocument: Version "2012-10-18" must be 2012-10-17
            Resources.Role.Properties.Policies.1: PolicyDocument is required
            Resources.Role.Properties.Policies.2: PolicyDocument is required
            Resources.Role.Properties.Policies.2: must be an object
        "#]],
    );
}

#[test]
fn parameters_that_are_not_what_the_template_wants() {
    check(
        r#"
        section Parameters {"Short":{"Type":"String","MinLength":8},"Long":{"Type":"String","MaxLength":2,"NoEcho":true},"Kind":{"Type":"String","AllowedValues":["a","b"]},"Name":{"Type":"String","AllowedPattern":"[a-z]+"},"Size":{"Type":"Number","MaxValue":5},"Count":{"Type":"Number"},"Made":{"Type":"String","MinLength":32}}
        given Short=1234567
        given Long=secret
        given Kind=c
        given Name=A1
        given Size=6
        given Count=many
        given Other=x
        "#,
        expect![[r#"
            Parameters.Count: `many` is not a number
            Parameters.Kind: `c` is not among its AllowedValues a, b
            Parameters.Long: the value has 6 characters; MaxLength is 2
            Parameters.Name: `A1` does not match its AllowedPattern [a-z]+
            Parameters.Other: a value is given, but the template has no such parameter
            Parameters.Short: `1234567` has 7 characters; MinLength is 8
            Parameters.Size: `6` is more than 5
        "#]],
    );
}

#[test]
fn schedules_that_never_call() {
    check(
        r#"
        function fn {}
        resource Role2 {"Type":"AWS::IAM::Role","Properties":{"RoleName":"other","AssumeRolePolicyDocument":{"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}}}
        resource Bad {"Type":"AWS::Scheduler::Schedule","Properties":{"ScheduleExpression":"at(tomorrow)","StartDate":"today","State":"MAYBE","Target":{"Arn":{"Fn::GetAtt":["fn","Arn"]},"RoleArn":{"Fn::GetAtt":["Role2","Arn"]}},"Colour":"red"}}
        "#,
        expect![[r#"
            Resources.Bad.Properties: FlexibleTimeWindow is required; write Mode: OFF
            Resources.Bad.Properties.Colour: there is no such property
            Resources.Bad.Properties.ScheduleExpression: schedule `at(tomorrow)`: must be a time such as at(2026-11-25T08:15:30)
            Resources.Bad.Properties.StartDate: `today` must be a time such as 2026-11-25T08:15:30Z
            Resources.Bad.Properties.State: `MAYBE` must be one of ENABLED, DISABLED
            Resources.Bad.Properties.Target.RoleArn: The execution role you provide must allow AWS EventBridge Scheduler to assume the role; allow scheduler.amazonaws.com sts:AssumeRole in other
        "#]],
    );
}

#[test]
fn more_stages_than_an_api_may_have() {
    let stages: String = (0..11).map(|n| format!("stage s{n} {{}}\n")).collect();
    check(
        &stages,
        expect![[r#"
        Resources: API noc08ugru8 has 11 of AWS::ApiGatewayV2::Stage; 10 is the limit
    "#]],
    );
}
