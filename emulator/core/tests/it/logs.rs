//! What functions and stages write, read as from CloudWatch Logs.

use crate::scenario::check;
use expect_test::expect;

const GROUP: &str = r#"
    resource Log {"Type":"AWS::Logs::LogGroup","Properties":{"LogGroupName":"app","RetentionInDays":30}}
    function fn {"LoggingConfig":{"LogGroup":{"Ref":"Log"}}}
    "#;

#[test]
fn what_a_function_and_lambda_write_is_in_its_group() {
    check(
        "function fn {}",
        expect![[r#"
            > invoke fn {}
            fn#1 starts
            fn#1 gets {}
            > fn prints on its way
            > advance 1s
            > fn says 1
            200 1
            > ask Logs_20140328.FilterLogEvents {"logGroupName":"/aws/lambda/fn"}
            200 1166 bytes
            > show reply
            {
              "events": [
                {
                  "eventId": "00000000000000000000000000000000000000000000000000000001",
                  "ingestionTime": 1795594530000,
                  "logStreamName": "2026/11/25/[$LATEST]{hex}",
                  "message": "START RequestId: {uuid} Version: $LATEST\n",
                  "timestamp": 1795594530000
                },
                {
                  "eventId": "00000000000000000000000000000000000000000000000000000002",
                  "ingestionTime": 1795594530000,
                  "logStreamName": "2026/11/25/[$LATEST]{hex}",
                  "message": "on its way\n",
                  "timestamp": 1795594530000
                },
                {
                  "eventId": "00000000000000000000000000000000000000000000000000000003",
                  "ingestionTime": 1795594531000,
                  "logStreamName": "2026/11/25/[$LATEST]{hex}",
                  "message": "END RequestId: {uuid}\n",
                  "timestamp": 1795594531000
                },
                {
                  "eventId": "00000000000000000000000000000000000000000000000000000004",
                  "ingestionTime": 1795594531000,
                  "logStreamName": "2026/11/25/[$LATEST]{hex}",
                  "message": "REPORT RequestId: {uuid}\tDuration: 1000.00 ms\tBilled Duration: 1000 ms\tMemory Size: 128 MB\tInit Duration: 0.00 ms\n",
                  "timestamp": 1795594531000
                }
              ],
              "searchedLogStreams": []
            }
        "#]],
    );
}

#[test]
fn events_are_filtered_by_time_and_term_and_come_page_by_page() {
    check(
        GROUP,
        expect![[r#"
            > warm fn
            fn#1 starts
            > fn prints one ERROR
            > advance 1s
            > fn prints two
            > advance 1s
            > fn prints three ERROR debug
            > ask Logs_20140328.FilterLogEvents {"logGroupName":"app","filterPattern":"ERROR","limit":1}
            200 {"events":[{"eventId":"00000000000000000000000000000000000000000000000000000001","ingestionTime":1795594530000,"logStreamName":"2026/11/25/[$LATEST]{hex}","message":"one ERROR\n","timestamp":1795594530000}],"nextToken":"3","searchedLogStreams":[]}
            > ask Logs_20140328.FilterLogEvents {"logGroupName":"app","filterPattern":"ERROR","limit":1,"nextToken":"3"}
            200 {"events":[{"eventId":"00000000000000000000000000000000000000000000000000000003","ingestionTime":1795594532000,"logStreamName":"2026/11/25/[$LATEST]{hex}","message":"three ERROR debug\n","timestamp":1795594532000}],"searchedLogStreams":[]}
            > ask Logs_20140328.FilterLogEvents {"logGroupName":"app","filterPattern":"ERROR -debug"}
            200 {"events":[{"eventId":"00000000000000000000000000000000000000000000000000000001","ingestionTime":1795594530000,"logStreamName":"2026/11/25/[$LATEST]{hex}","message":"one ERROR\n","timestamp":1795594530000}],"searchedLogStreams":[]}
            > ask Logs_20140328.FilterLogEvents {"logGroupName":"app","startTime":1795594531000,"endTime":1795594531000}
            200 {"events":[{"eventId":"00000000000000000000000000000000000000000000000000000002","ingestionTime":1795594531000,"logStreamName":"2026/11/25/[$LATEST]{hex}","message":"two\n","timestamp":1795594531000}],"searchedLogStreams":[]}
            > ask Logs_20140328.FilterLogEvents {"logGroupIdentifier":"arn:aws:logs:eu-central-1:123456789012:log-group:app","logStreamNamePrefix":"2027"}
            200 {"events":[],"searchedLogStreams":[]}
        "#]],
    );
}

#[test]
fn what_cannot_be_answered_says_why() {
    check(
        GROUP,
        expect![[r#"
            > ask Logs_20140328.FilterLogEvents {"logGroupName":"other"}
            400 {"__type":"ResourceNotFoundException","message":"The specified log group does not exist."}
            > ask Logs_20140328.FilterLogEvents {"logGroupName":"app","filterPattern":"{ $.level = \"ERROR\" }"}
            400 {"__type":"InvalidParameterException","message":"Invalid filter pattern: `{ $.level = \"ERROR\" }` is for JSON or fields; the local cloud knows terms only, such as ERROR \"two words\" -debug"}
            > ask Logs_20140328.FilterLogEvents {"logGroupName":"app","limit":0}
            400 {"__type":"InvalidParameterException","message":"1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1"}
            > ask Logs_20140328.FilterLogEvents {"logGroupName":"app","nextToken":"x"}
            400 {"__type":"InvalidParameterException","message":"The specified nextToken is invalid."}
            > ask Logs_20140328.GetLogEvents {"logGroupName":"app","logStreamName":"other"}
            400 {"__type":"ResourceNotFoundException","message":"The specified log stream does not exist."}
            > ask Logs_20140328.PutLogEvents {"logGroupName":"app"}
            400 {"__type":"UnknownOperationException","message":"PutLogEvents is not emulated: log groups come from the template, and are read by DescribeLogGroups, DescribeLogStreams, FilterLogEvents and GetLogEvents"}
        "#]],
    );
}

#[test]
fn groups_and_streams_are_listed() {
    check(
        GROUP,
        expect![[r#"
            > ask Logs_20140328.DescribeLogGroups {}
            200 {"logGroups":[{"arn":"arn:aws:logs:eu-central-1:123456789012:log-group:app:*","creationTime":1795594530000,"logGroupArn":"arn:aws:logs:eu-central-1:123456789012:log-group:app","logGroupClass":"STANDARD","logGroupName":"app","metricFilterCount":0,"retentionInDays":30,"storedBytes":0}]}
            > show reply
            {
              "logGroups": [
                {
                  "arn": "arn:aws:logs:eu-central-1:123456789012:log-group:app:*",
                  "creationTime": 1795594530000,
                  "logGroupArn": "arn:aws:logs:eu-central-1:123456789012:log-group:app",
                  "logGroupClass": "STANDARD",
                  "logGroupName": "app",
                  "metricFilterCount": 0,
                  "retentionInDays": 30,
                  "storedBytes": 0
                }
              ]
            }
            > warm fn
            fn#1 starts
            > fn prints one
            > advance 1s
            > fn prints two
            > ask Logs_20140328.DescribeLogStreams {"logGroupName":"app","orderBy":"LastEventTime","descending":true}
            200 364 bytes
            > show reply
            {
              "logStreams": [
                {
                  "arn": "arn:aws:logs:eu-central-1:123456789012:log-group:app:log-stream:2026/11/25/[$LATEST]{hex}",
                  "creationTime": 1795594530000,
                  "firstEventTimestamp": 1795594530000,
                  "lastEventTimestamp": 1795594531000,
                  "lastIngestionTime": 1795594531000,
                  "logStreamName": "2026/11/25/[$LATEST]{hex}",
                  "storedBytes": 0
                }
              ]
            }
            > ask Logs_20140328.DescribeLogGroups {"logGroupNamePrefix":"/aws"}
            200 {"logGroups":[]}
            > ask Logs_20140328.DescribeLogGroups {"logGroupNamePattern":"PP","limit":1}
            200 {"logGroups":[{"arn":"arn:aws:logs:eu-central-1:123456789012:log-group:app:*","creationTime":1795594530000,"logGroupArn":"arn:aws:logs:eu-central-1:123456789012:log-group:app","logGroupClass":"STANDARD","logGroupName":"app","metricFilterCount":0,"retentionInDays":30,"storedBytes":60}]}
        "#]],
    );
}

#[test]
fn the_lines_of_an_access_log_go_to_its_group_too() {
    check(
        r#"
        resource Account {"Type":"AWS::ApiGateway::Account","Properties":{"CloudWatchRoleArn":"arn:aws:iam::123456789012:role/logs"}}
        resource Log {"Type":"AWS::Logs::LogGroup","Properties":{"LogGroupName":"access"}}
        stage dev {"AccessLogSettings":{"Format":"$context.routeKey $context.status","DestinationArn":{"Fn::GetAtt":["Log","Arn"]}}}
        "#,
        expect![[r#"
            > a connects /dev
            access: $connect 200
            a is connected
            > ask Logs_20140328.FilterLogEvents {"logGroupName":"access"}
            200 {"events":[{"eventId":"00000000000000000000000000000000000000000000000000000001","ingestionTime":1795594530000,"logStreamName":"9892f205ad7271110c15223fdefb3c63","message":"$connect 200","timestamp":1795594530000}],"searchedLogStreams":[]}
        "#]],
    );
}

#[test]
fn a_function_may_read_only_the_logs_its_role_allows() {
    check(
        r#"
        function fn {}
        resource Log {"Type":"AWS::Logs::LogGroup","Properties":{"LogGroupName":"app"}}
        allow logs:FilterLogEvents on arn:aws:logs:*:*:log-group:app:*
        "#,
        expect![[r#"
            > signed by fn: ask Logs_20140328.FilterLogEvents {"logGroupName":"app"}
            200 {"events":[],"searchedLogStreams":[]}
            > signed by fn: ask Logs_20140328.FilterLogEvents {"logGroupName":"other"}
            400 327 bytes
            > signed by fn: ask Logs_20140328.GetLogEvents {"logGroupName":"app","logStreamName":"x"}
            400 320 bytes
        "#]],
    );
}
