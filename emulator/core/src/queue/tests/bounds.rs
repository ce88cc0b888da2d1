//! How much and how long a queue keeps.

use super::*;
use expect_test::expect;

#[test]
fn messages_are_forgotten_after_the_retention_period() {
    let mut rig = Rig::with(|queue| queue.retention = Duration::from_secs(60), Limits::default());
    rig.send("a");
    rig.now = after(59);
    rig.send("b");
    assert_eq!(rig.queues.list(rig.now, "failed").len(), 2);
    rig.now = after(60);
    assert_eq!(rig.bodies(), ["b"]);
}

#[test]
fn a_message_has_a_size_that_its_attributes_add_to() {
    let mut rig = Rig::with(|queue| queue.message_bytes_max = 20, Limits::default());
    let attributes = json!({"a": {"DataType": "String", "StringValue": "xyz"}});
    let message = |body: &str| json!({"MessageBody": body, "MessageAttributes": attributes});
    rig.call("SendMessage", message("0123456789"));
    rig.refuses(
        "SendMessage",
        message("01234567890"),
        expect![[r#"
        400 com.amazon.coral.service#InvalidParameterValueException (InvalidParameterValue;Sender)
        One or more parameters are invalid. Reason: Message must be shorter than 20 bytes."#]],
    );
}

#[test]
fn a_full_queue_takes_no_more_until_it_is_purged() {
    let mut rig = Rig::with(|_| {}, Limits { messages: 2, ..Limits::default() });
    rig.send("a");
    rig.send("b");
    rig.refuses("SendMessage", json!({"MessageBody": "c"}), expect![[r#"
        400 com.amazonaws.sqs#OverLimit (OverLimit;Sender)
        The queue failed keeps at most 2 messages here; receive and delete messages, or purge it."#]]);
    rig.call("PurgeQueue", json!({}));
    rig.send("c");
    assert_eq!(rig.bodies(), ["c"]);
}

#[test]
fn a_queue_keeps_so_many_bytes_and_deleting_makes_room() {
    let mut rig = Rig::with(|_| {}, Limits { bytes: 4, ..Limits::default() });
    rig.send("abc");
    rig.refuses(
        "SendMessage",
        json!({"MessageBody": "de"}),
        expect![[r#"
        400 com.amazonaws.sqs#OverLimit (OverLimit;Sender)
        The queue failed keeps at most 4 bytes here; receive and delete messages, or purge it."#]],
    );
    let handle = rig.receive(1)[0].1.clone();
    rig.call("DeleteMessage", json!({"ReceiptHandle": handle}));
    rig.send("defg");
}

#[test]
fn so_many_receives_wait_and_one_more_is_answered_at_once() {
    let mut rig = Rig::with(|_| {}, Limits { waiting: 1, ..Limits::default() });
    rig.ask("ReceiveMessage", json!({"WaitTimeSeconds": 10}));
    let second = rig.ask("ReceiveMessage", json!({"WaitTimeSeconds": 10}));
    assert_eq!(rig.replies(), [(second, 200, json!({}))]);
}
