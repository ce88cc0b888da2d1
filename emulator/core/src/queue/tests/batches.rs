//! Requests with several entries.

use super::*;
use expect_test::expect;

#[test]
fn each_entry_of_a_batch_succeeds_or_fails_for_itself() {
    let mut rig = Rig::new();
    let entries = json!([{"Id": "1", "MessageBody": "a"}, {"Id": "2", "MessageBody": ""}]);
    rig.check(
        "SendMessageBatch",
        json!({"Entries": entries}),
        expect![[r#"
        {
          "Failed": [
            {
              "Code": "MissingParameter",
              "Id": "2",
              "Message": "The request must contain the parameter MessageBody.",
              "SenderFault": true
            }
          ],
          "Successful": [
            {
              "Id": "1",
              "MD5OfMessageBody": "0cc175b9c0f1b6a831c399e269772661",
              "MessageId": "c5fc598e-707e-4291-88f4-d74b451e8c20"
            }
          ]
        }"#]],
    );
    let handle = rig.receive(1)[0].1.clone();
    let entries = json!([
        {"Id": "a", "ReceiptHandle": handle, "VisibilityTimeout": 0},
        {"Id": "b", "ReceiptHandle": "x", "VisibilityTimeout": 0},
    ]);
    rig.check(
        "ChangeMessageVisibilityBatch",
        json!({"Entries": entries}),
        expect![[r#"
        {
          "Failed": [
            {
              "Code": "ReceiptHandleIsInvalid",
              "Id": "b",
              "Message": "The input receipt handle \"x\" is not a valid receipt handle.",
              "SenderFault": true
            }
          ],
          "Successful": [
            {
              "Id": "a"
            }
          ]
        }"#]],
    );
    let handle = rig.receive(1)[0].1.clone();
    let entries = json!([{"Id": "a", "ReceiptHandle": handle}]);
    rig.check(
        "DeleteMessageBatch",
        json!({"Entries": entries}),
        expect![[r#"
        {
          "Successful": [
            {
              "Id": "a"
            }
          ]
        }"#]],
    );
    assert!(rig.queues.list(NOW, "failed").is_empty());
}

#[test]
fn a_batch_of_the_wrong_form_does_nothing() {
    let mut rig = Rig::new();
    let mut batch = |ids: &[&str], expected: Expect| {
        let entries: Vec<_> = ids.iter().map(|id| json!({"Id": id, "MessageBody": "x"})).collect();
        rig.refuses("SendMessageBatch", json!({"Entries": entries}), expected);
    };
    batch(
        &[],
        expect![[r#"
        400 com.amazonaws.sqs#EmptyBatchRequest (AWS.SimpleQueueService.EmptyBatchRequest;Sender)
        There should be at least one SendMessageBatchRequestEntry in the request."#]],
    );
    batch(
        &["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"],
        expect![[r#"
        400 com.amazonaws.sqs#TooManyEntriesInBatchRequest (AWS.SimpleQueueService.TooManyEntriesInBatchRequest;Sender)
        Maximum number of entries per request are 10. You have sent 11."#]],
    );
    batch(
        &["1", "1"],
        expect![[r#"
        400 com.amazonaws.sqs#BatchEntryIdsNotDistinct (AWS.SimpleQueueService.BatchEntryIdsNotDistinct;Sender)
        Id 1 repeated."#]],
    );
    batch(
        &["1", "a b"],
        expect![[r#"
        400 com.amazonaws.sqs#InvalidBatchEntryId (AWS.SimpleQueueService.InvalidBatchEntryId;Sender)
        A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long."#]],
    );
    let half = "x".repeat(600_000);
    let entries = json!([{"Id": "1", "MessageBody": half}, {"Id": "2", "MessageBody": half}]);
    rig.refuses("SendMessageBatch", json!({"Entries": entries}), expect![[r#"
        400 com.amazonaws.sqs#BatchRequestTooLong (AWS.SimpleQueueService.BatchRequestTooLong;Sender)
        Batch requests cannot be longer than 1048576 bytes. You have sent 1200000 bytes."#]]);
    assert!(rig.queues.list(NOW, "failed").is_empty());
}
