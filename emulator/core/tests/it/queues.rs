//! Services behind `X-Amz-Target`: queues answer here, tables by the shell.

use crate::scenario::check;
use expect_test::expect;

#[test]
fn a_message_is_sent_received_and_deleted() {
    check(
        "queue jobs",
        expect![[r#"
            > ask AmazonSQS.SendMessage {"QueueUrl":"https://sqs.eu-central-1.amazonaws.com/123456789012/jobs","MessageBody":"one"}
            200 {"MD5OfMessageBody":"f97c5d29941bfb1b2fdab0874906ab82","MessageId":"{uuid}"}
            > ask AmazonSQS.ReceiveMessage {"QueueUrl":"jobs"}
            200 with one
            > ask AmazonSQS.DeleteMessage {"QueueUrl":"jobs","ReceiptHandle":"{receipt}"}
            200 {}
            > queue jobs
        "#]],
    );
}

#[test]
fn a_receive_waits_until_there_is_something() {
    check(
        "queue jobs",
        expect![[r#"
            > ask AmazonSQS.ReceiveMessage {"QueueUrl":"jobs","WaitTimeSeconds":20}
            > advance 5s
            > ask AmazonSQS.SendMessage {"QueueUrl":"jobs","MessageBody":"one"}
            200 {"MD5OfMessageBody":"f97c5d29941bfb1b2fdab0874906ab82","MessageId":"{uuid}"}
            200 with one
            > ask AmazonSQS.ReceiveMessage {"QueueUrl":"jobs","WaitTimeSeconds":20}
            > advance 20s
            after 25s
            200 {}
        "#]],
    );
}

#[test]
fn a_receive_that_nobody_waits_for_any_more_takes_nothing() {
    check(
        "queue jobs",
        expect![[r#"
            > ask AmazonSQS.ReceiveMessage {"QueueUrl":"jobs","WaitTimeSeconds":20}
            > client leaves
            > ask AmazonSQS.SendMessage {"QueueUrl":"jobs","MessageBody":"one"}
            200 {"MD5OfMessageBody":"f97c5d29941bfb1b2fdab0874906ab82","MessageId":"{uuid}"}
            > ask AmazonSQS.ReceiveMessage {"QueueUrl":"jobs"}
            200 with one
        "#]],
    );
}

#[test]
fn messages_stay_when_the_template_changes() {
    check(
        "queue jobs",
        expect![[r#"
            > ask AmazonSQS.SendMessage {"QueueUrl":"jobs","MessageBody":"one"}
            200 {"MD5OfMessageBody":"f97c5d29941bfb1b2fdab0874906ab82","MessageId":"{uuid}"}
            > change jobs {"VisibilityTimeout":5}
            > reload nothing
            > ask AmazonSQS.ReceiveMessage {"QueueUrl":"jobs"}
            200 with one
            > advance 5s
            > ask AmazonSQS.ReceiveMessage {"QueueUrl":"jobs"}
            200 with one
            > drop jobs
            > reload nothing
            > ask AmazonSQS.ReceiveMessage {"QueueUrl":"jobs"}
            400 {"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}
        "#]],
    );
}

#[test]
fn a_function_may_ask_a_queue_only_for_what_its_role_allows() {
    check(
        "
        queue jobs
        function fn {}
        allow sqs:SendMessage on ${jobs.Arn}
        ",
        expect![[r#"
            > signed by fn: ask AmazonSQS.SendMessage {"QueueUrl":"jobs","MessageBody":"one"}
            200 {"MD5OfMessageBody":"f97c5d29941bfb1b2fdab0874906ab82","MessageId":"{uuid}"}
            > signed by fn: ask AmazonSQS.PurgeQueue {"QueueUrl":"jobs"}
            400 {"Message":"User: arn:aws:sts::123456789012:assumed-role/role/fn is not authorized to perform: sqs:purgequeue on resource: arn:aws:sqs:eu-central-1:123456789012:jobs because no identity-based policy allows the sqs:purgequeue action","__type":"com.amazon.coral.service#AccessDeniedException"}
            > unsigned: ask AmazonSQS.PurgeQueue {"QueueUrl":"jobs"}
            400 {"__type":"com.amazon.coral.service#MissingAuthenticationTokenException","message":"Request is missing Authentication Token"}
        "#]],
    );
}

#[test]
fn tables_are_the_shells_once_it_is_known_who_asks() {
    check(
        "
        function fn {}
        allow dynamodb:GetItem on arn:aws:dynamodb:eu-central-1:123456789012:table/T
        ",
        expect![[r#"
            > signed by fn: ask DynamoDB_20120810.GetItem {"TableName":"T"}
            table is asked GetItem {"TableName":"T"}
            > signed by fn: ask DynamoDB_20120810.PutItem {"TableName":"T"}
            400 303 bytes
        "#]],
    );
}

#[test]
fn items_that_have_outlived_their_time_are_searched_for() {
    check(
        r#"
        resource T {"Type": "AWS::DynamoDB::Table", "Properties": {"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}], "TimeToLiveSpecification": {"AttributeName": "exp", "Enabled": true}}}
        "#,
        expect![[r#"
            > advance 2m
            after 60s
            tables are swept
            after 120s
            tables are swept
        "#]],
    );
}
