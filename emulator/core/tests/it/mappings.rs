//! Event source mappings: from a table's stream, or a queue, to a function.

use crate::scenario::check;
use expect_test::expect;

#[test]
fn what_is_written_goes_to_the_function_in_batches_and_in_order() {
    check(
        r#"mapping fn from table {"BatchSize": 2}"#,
        expect![[r#"
            > table writes a b a
            fn#1 starts
            fn#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"a"}},"SequenceNumber":"a1"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"},{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"b"}},"SequenceNumber":"b2"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            > fn says {}
            fn#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"a"}},"SequenceNumber":"a3"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            Mapping has done with all up to b2
            > fn says {}
            Mapping has done with all up to a3
            > table writes c
            fn#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"c"}},"SequenceNumber":"c4"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            > fn says {}
            Mapping has done with all up to c4
        "#]],
    );
}

#[test]
fn only_what_was_written_since_the_start_is_latest() {
    check(
        r#"
        mapping fn from table {"StartingPosition": "LATEST", "FilterCriteria": {"Filters": [{"Pattern": "{\"dynamodb\":{\"Keys\":{\"pk\":{\"S\":[\"b\"]}}}}"}]}}
        "#,
        expect![[r#"
            > table writes a b
            fn#1 starts
            Mapping has done with all up to a1
            fn#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"b"}},"SequenceNumber":"b2"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
        "#]],
    );
}

#[test]
fn a_failing_batch_holds_back_what_follows_and_is_discarded_into_a_queue() {
    check(
        r#"
        queue failed
        allow sqs:SendMessage on ${failed.Arn}
        mapping fn from table {"BatchSize": 1, "MaximumRetryAttempts": 1, "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["failed", "Arn"]}}}}
        "#,
        expect![[r#"
            > table writes a b
            fn#1 starts
            fn#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"a"}},"SequenceNumber":"a1"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            > fn fails poison
            > advance 1s
            after 1s
            fn#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"a"}},"SequenceNumber":"a1"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            > fn fails poison
            failed gets what mapping Mapping discarded
            fn#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"b"}},"SequenceNumber":"b2"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            Mapping has done with all up to a1
            > fn says {}
            Mapping has done with all up to b2
            > queue failed
            {"DDBStreamBatchInfo":{"approximateArrivalOfFirstRecord":"2026-11-25T08:15:30Z","approximateArrivalOfLastRecord":"2026-11-25T08:15:30Z","batchSize":1,"endSequenceNumber":"a1","shardId":"shard","startSequenceNumber":"a1","streamArn":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"},"requestContext":{"approximateInvokeCount":2,"condition":"RetryAttemptsExhausted","functionArn":"arn:aws:lambda:eu-central-1:123456789012:function:fn","requestId":"{uuid}"},"responseContext":{"executedVersion":"$LATEST","functionError":"Unhandled","statusCode":200},"timestamp":"2026-11-25T08:15:31.000Z","version":"1.0"}
        "#]],
    );
}

#[test]
fn records_reported_as_failed_come_again() {
    check(
        r#"mapping fn from table {"FunctionResponseTypes": ["ReportBatchItemFailures"]}"#,
        expect![[r#"
            > table writes a b c
            fn#1 starts
            fn#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"a"}},"SequenceNumber":"a1"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"},{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"b"}},"SequenceNumber":"b2"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"},{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"c"}},"SequenceNumber":"c3"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            > fn says {"batchItemFailures":[{"itemIdentifier":"b2"}]}
            Mapping has done with all up to a1
            > advance 1s
            after 1s
            fn#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"b"}},"SequenceNumber":"b2"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"},{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"c"}},"SequenceNumber":"c3"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            > fn says {"batchItemFailures":[]}
            Mapping has done with all up to c3
        "#]],
    );
}

#[test]
fn what_is_written_while_a_page_is_read_is_read_next() {
    check(
        "mapping fn from table",
        expect![[r#"
            > table holds now
            > table writes a
            > table writes b
            > table goes on
            fn#1 starts
            fn#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"a"}},"SequenceNumber":"a1"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            > fn says {}
            fn#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"b"}},"SequenceNumber":"b2"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            Mapping has done with all up to a1
        "#]],
    );
}

#[test]
fn a_mapping_that_changes_begins_after_what_it_has_done_with() {
    check(
        r#"mapping fn from table {"BatchSize": 1}"#,
        expect![[r#"
            > table writes a b
            fn#1 starts
            fn#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"a"}},"SequenceNumber":"a1"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            > fn says {}
            fn#1 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"b"}},"SequenceNumber":"b2"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            Mapping has done with all up to a1
            > change Mapping {"BatchSize": 5}
            > reload nothing
            fn#2 starts
            fn#2 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"b"}},"SequenceNumber":"b2"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
            > fn says {}
            > fn says {}
            Mapping has done with all up to b2
            > table writes c
            fn#2 gets {"Records":[{"dynamodb":{"ApproximateCreationDateTime":1795594530,"Keys":{"pk":{"S":"c"}},"SequenceNumber":"c3"},"eventName":"INSERT","eventSourceARN":"arn:aws:dynamodb:eu-central-1:123456789012:table/T/stream/2024-01-01T00:00:00.000"}]}
        "#]],
    );
}

#[test]
fn a_mapping_that_is_removed_reads_no_more() {
    check(
        "mapping fn from table",
        expect![[r#"
            > drop Mapping
            > reload nothing
            > table writes a
        "#]],
    );
}

#[test]
fn messages_of_a_queue_go_to_the_function_and_what_fails_comes_again_until_it_is_a_dead_letter() {
    check(
        r#"
        queue dead
        queue jobs {"VisibilityTimeout": 60, "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["dead", "Arn"]}, "maxReceiveCount": 1}}
        mapping fn from jobs
        "#,
        expect![[r#"
            > ask AmazonSQS.SendMessage {"QueueUrl":"jobs","MessageBody":"one"}
            fn#1 starts
            200 {"MD5OfMessageBody":"f97c5d29941bfb1b2fdab0874906ab82","MessageId":"{uuid}"}
            fn#1 gets {"Records":[{"attributes":{"ApproximateFirstReceiveTimestamp":"1795594530000","ApproximateReceiveCount":"1","SenderId":"123456789012","SentTimestamp":"1795594530000"},"awsRegion":"eu-central-1","body":"one","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-central-1:123456789012:jobs","md5OfBody":"f97c5d29941bfb1b2fdab0874906ab82","messageAttributes":{},"messageId":"fbf5ae97-a112-461f-b57b-5d3bb676012a","receiptHandle":"{id}"}]}
            > fn says {}
            > queue jobs
            > ask AmazonSQS.SendMessage {"QueueUrl":"jobs","MessageBody":"two"}
            fn#1 gets {"Records":[{"attributes":{"ApproximateFirstReceiveTimestamp":"1795594530000","ApproximateReceiveCount":"1","SenderId":"123456789012","SentTimestamp":"1795594530000"},"awsRegion":"eu-central-1","body":"two","eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:eu-central-1:123456789012:jobs","md5OfBody":"b8a9f715dbb64fd5c56e7783c6820a61","messageAttributes":{},"messageId":"bd4de13b-7337-4830-8d56-1ad3a99e41f9","receiptHandle":"{id}"}]}
            200 {"MD5OfMessageBody":"b8a9f715dbb64fd5c56e7783c6820a61","MessageId":"{uuid}"}
            > fn fails poison
            > advance 60s
            > queue dead
            two
        "#]],
    );
}
