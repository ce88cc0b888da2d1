//! EventBridge Scheduler: what is called when, and in which role.

use crate::scenario::check;
use expect_test::expect;

/// A role for Scheduler that allows this.
fn role(action: &str) -> String {
    format!(
        r#"resource Caller {{"Type":"AWS::IAM::Role","Properties":{{"RoleName":"caller","AssumeRolePolicyDocument":{{"Statement":{{"Effect":"Allow","Principal":{{"Service":"scheduler.amazonaws.com"}},"Action":"sts:AssumeRole"}}}},"Policies":[{{"PolicyName":"p","PolicyDocument":{{"Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}}}]}}}}
        function fn {{}}
        queue jobs
        "#
    )
}

/// Open for more properties of the target.
const TARGET: &str =
    r#""Target":{"Arn":{"Fn::GetAtt":["jobs","Arn"]},"RoleArn":{"Fn::GetAtt":["Caller","Arn"]}"#;

#[test]
fn a_rate_begins_at_once_and_a_cron_waits_for_its_hour() {
    let setup = role("sqs:SendMessage")
        + &format!(
            r#"
        resource Often {{"Type":"AWS::Scheduler::Schedule","Properties":{{"Name":"often","ScheduleExpression":"rate(2 hours)","FlexibleTimeWindow":{{"Mode":"OFF"}},{TARGET},"Input":"{{\"at\":\"<aws.scheduler.scheduled-time>\"}}"}}}}}}
        resource Nightly {{"Type":"AWS::Scheduler::Schedule","Properties":{{"Name":"nightly","ScheduleExpression":"cron(0 9 * * ? *)","FlexibleTimeWindow":{{"Mode":"OFF"}},{TARGET}}}}}}}
        "#
        );
    check(
        &setup,
        expect![[r#"
            > advance 0s
            after 0ns
            jobs gets an event of rule often
            > advance 1h
            after 2670s
            jobs gets an event of rule nightly
            > reload nothing
            > advance 1h
            after 7200s
            jobs gets an event of rule often
            > queue jobs
            {"at":"2026-11-25T08:15:30Z"}
            {"account":"123456789012","detail":"{}","detail-type":"Scheduled Event","id":"{uuid}","region":"eu-central-1","resources":["arn:aws:scheduler:eu-central-1:123456789012:schedule/default/nightly"],"source":"aws.scheduler","time":"2026-11-25T09:00:00Z","version":"0"}
            {"at":"2026-11-25T10:15:30Z"}
        "#]],
    );
}

#[test]
fn a_single_call_is_made_once_and_a_range_of_dates_is_kept() {
    let setup = role("sqs:*")
        + &format!(
            r#"
        resource Once {{"Type":"AWS::Scheduler::Schedule","Properties":{{"ScheduleExpression":"at(2026-11-25T08:16:00)","FlexibleTimeWindow":{{"Mode":"OFF"}},{TARGET},"Input":"\"once\""}}}}}}
        resource Range {{"Type":"AWS::Scheduler::Schedule","Properties":{{"ScheduleExpression":"rate(1 hour)","StartDate":"2026-11-25T09:00:00Z","EndDate":"2026-11-25T10:30:00.000Z","FlexibleTimeWindow":{{"Mode":"OFF"}},{TARGET},"Input":"\"hourly\""}}}}}}
        resource Off {{"Type":"AWS::Scheduler::Schedule","Properties":{{"ScheduleExpression":"rate(1 minute)","State":"DISABLED","FlexibleTimeWindow":{{"Mode":"OFF"}},{TARGET}}}}}}}
        "#
        );
    check(
        &setup,
        expect![[r#"
            > advance 30s
            after 30s
            jobs gets an event of rule chat-Once
            > advance 45m
            after 2670s
            jobs gets an event of rule chat-Range
            > advance 1h
            after 6270s
            jobs gets an event of rule chat-Range
            > advance 24h
            > queue jobs
            "once"
            "hourly"
            "hourly"
        "#]],
    );
}

#[test]
fn a_function_is_called_asynchronously() {
    let setup = role("lambda:InvokeFunction")
        + r#"
        resource Once {"Type":"AWS::Scheduler::Schedule","Properties":{"ScheduleExpression":"at(2026-11-25T08:16:00)","FlexibleTimeWindow":{"Mode":"OFF"},"Target":{"Arn":{"Fn::GetAtt":["fn","Arn"]},"RoleArn":{"Fn::GetAtt":["Caller","Arn"]}}}}
        "#;
    check(
        &setup,
        expect![[r#"
            > advance 30s
            after 30s
            fn#1 starts
            fn#1 gets {"account":"123456789012","detail":"{}","detail-type":"Scheduled Event","id":"e7920b14-b3fa-4263-99fe-65fbe6ddc9f1","region":"eu-central-1","resources":["arn:aws:scheduler:eu-central-1:123456789012:schedule/default/chat-Once"],"source":"aws.scheduler","time":"2026-11-25T08:16:00Z","version":"0"}
            > fn fails once
            > advance 1m
            after 90s
            fn#1 gets {"account":"123456789012","detail":"{}","detail-type":"Scheduled Event","id":"e7920b14-b3fa-4263-99fe-65fbe6ddc9f1","region":"eu-central-1","resources":["arn:aws:scheduler:eu-central-1:123456789012:schedule/default/chat-Once"],"source":"aws.scheduler","time":"2026-11-25T08:16:00Z","version":"0"}
            > fn says 1
        "#]],
    );
}

#[test]
fn a_schedule_whose_role_allows_nothing_calls_nothing() {
    let setup = role("s3:GetObject")
        + &format!(
            r#"
        resource Often {{"Type":"AWS::Scheduler::Schedule","Properties":{{"ScheduleExpression":"rate(2 hours)","ScheduleExpressionTimezone":"Europe/Berlin","FlexibleTimeWindow":{{"Mode":"OFF"}},{TARGET}}}}}}}
        resource Topic {{"Type":"AWS::Scheduler::Schedule","Properties":{{"ScheduleExpression":"rate(2 hours)","FlexibleTimeWindow":{{"Mode":"OFF"}},"Target":{{"Arn":"arn:aws:sns:eu-central-1:123456789012:t","RoleArn":{{"Fn::GetAtt":["Caller","Arn"]}}}}}}}}
        "#
        );
    check(
        &setup,
        expect![[r#"
            warning: the times of Often are in Europe/Berlin; here they are UTC
            warning: Often calls nothing: role caller does not allow sqs:SendMessage on arn:aws:sqs:eu-central-1:123456789012:jobs
            warning: Topic calls nothing: arn:aws:sns:eu-central-1:123456789012:t is not emulated
            > advance 24h
        "#]],
    );
}
