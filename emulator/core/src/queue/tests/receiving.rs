//! Who sees a message, and when.

use super::*;
use expect_test::expect;

#[test]
fn a_received_message_is_hidden_until_its_time_is_over() {
    let mut rig = Rig::new();
    rig.send("a");
    assert_eq!(rig.bodies(), ["a"]);
    rig.now = NOW + Duration::from_millis(29_999);
    assert!(rig.bodies().is_empty());
    rig.now = after(30);
    assert_eq!(rig.bodies(), ["a"]);
    assert_eq!(rig.queues.list(rig.now, "failed")[0].receipts, 2);
}

#[test]
fn a_receive_takes_no_more_than_asked_for_and_oldest_first() {
    let mut rig = Rig::new();
    for body in ["a", "b", "c"] {
        rig.send(body);
    }
    assert_eq!(
        rig.receive(2).iter().map(|(body, _)| body.as_str()).collect::<Vec<_>>(),
        ["a", "b"]
    );
    assert_eq!(rig.bodies(), ["c"]);
}

#[test]
fn a_delayed_message_comes_later() {
    let mut rig = Rig::new();
    rig.call("SendMessage", json!({"MessageBody": "a", "DelaySeconds": 5}));
    assert!(rig.bodies().is_empty());
    rig.now = after(5);
    assert_eq!(rig.bodies(), ["a"]);
}

#[test]
fn only_the_latest_handle_deletes() {
    let mut rig = Rig::new();
    rig.send("a");
    let old = rig.receive(1)[0].1.clone();
    rig.now = after(30);
    let new = rig.receive(1)[0].1.clone();
    assert_ne!(old, new);
    rig.call("DeleteMessage", json!({"ReceiptHandle": old}));
    assert_eq!(rig.queues.list(rig.now, "failed").len(), 1);
    rig.call("DeleteMessage", json!({"ReceiptHandle": new}));
    assert!(rig.queues.list(rig.now, "failed").is_empty());
    // Once more is no error.
    rig.call("DeleteMessage", json!({"ReceiptHandle": new}));
    rig.refuses(
        "DeleteMessage",
        json!({"ReceiptHandle": "x"}),
        expect![[r#"
        400 com.amazonaws.sqs#ReceiptHandleIsInvalid (ReceiptHandleIsInvalid;Sender)
        The input receipt handle "x" is not a valid receipt handle."#]],
    );
    rig.refuses(
        "DeleteMessage",
        json!({}),
        expect![[r#"
        400 com.amazon.coral.service#MissingRequiredParameterException (MissingParameter;Sender)
        The request must contain the parameter ReceiptHandle."#]],
    );
}

#[test]
fn visibility_is_prolonged_or_ended() {
    let mut rig = Rig::new();
    rig.send("a");
    let handle = rig.receive(1)[0].1.clone();
    let hide = |seconds| json!({"ReceiptHandle": handle, "VisibilityTimeout": seconds});
    rig.call("ChangeMessageVisibility", hide(60));
    rig.now = after(59);
    assert!(rig.bodies().is_empty());
    rig.call("ChangeMessageVisibility", hide(0));
    rig.refuses(
        "ChangeMessageVisibility",
        hide(0),
        expect![[r#"
        400 com.amazonaws.sqs#MessageNotInflight (AWS.SimpleQueueService.MessageNotInflight;Sender)
        The message of receipt handle cmVjZWlwdDoxOjE= is not in flight."#]],
    );
    assert_eq!(rig.bodies(), ["a"]);
    rig.refuses("ChangeMessageVisibility", hide(0), expect![[r#"
        400 com.amazon.coral.service#InvalidParameterValueException (InvalidParameterValue;Sender)
        Value cmVjZWlwdDoxOjE= for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change."#]]);
    rig.refuses("ChangeMessageVisibility", hide(43_201), expect![[r#"
        400 com.amazon.coral.service#InvalidParameterValueException (InvalidParameterValue;Sender)
        Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and 43200, if provided."#]]);
    rig.refuses(
        "ChangeMessageVisibility",
        json!({"ReceiptHandle": handle}),
        expect![[r#"
        400 com.amazon.coral.service#MissingRequiredParameterException (MissingParameter;Sender)
        The request must contain the parameter VisibilityTimeout."#]],
    );
}

#[test]
fn a_receive_waits_for_a_message() {
    let mut rig = Rig::new();
    let first = rig.ask("ReceiveMessage", json!({"WaitTimeSeconds": 10}));
    let second = rig.ask("ReceiveMessage", json!({"WaitTimeSeconds": 20}));
    assert!(rig.replies().is_empty());
    assert_eq!(rig.queues.poll_timeout(), Some(after(10)));
    rig.now = after(3);
    rig.queues.send(rig.now, ARN, "a").unwrap();
    let replies = rig.replies();
    assert_eq!((replies[0].0, received(&replies[0].2)[0].0.as_str()), (first, "a"));
    assert_eq!(rig.queues.poll_timeout(), Some(after(20)));
    rig.queues.handle_timeout(after(20));
    assert_eq!(rig.replies(), [(second, 200, json!({}))]);
    assert_eq!(rig.queues.poll_timeout(), None);
}

#[test]
fn a_waiting_receive_gets_a_message_that_becomes_visible() {
    let mut rig = Rig::new();
    rig.call("SendMessage", json!({"MessageBody": "a", "DelaySeconds": 5}));
    rig.ask("ReceiveMessage", json!({"WaitTimeSeconds": 10}));
    assert_eq!(rig.queues.poll_timeout(), Some(after(5)));
    rig.queues.handle_timeout(after(5));
    assert_eq!(received(&rig.replies()[0].2)[0].0, "a");
}

#[test]
fn a_queue_may_make_every_receive_wait() {
    let mut rig = Rig::with(|queue| queue.receive_wait = Duration::from_secs(2), Limits::default());
    rig.ask("ReceiveMessage", json!({}));
    assert_eq!(rig.queues.poll_timeout(), Some(after(2)));
    assert_eq!(rig.call("ReceiveMessage", json!({"WaitTimeSeconds": 0})), json!({}));
}

#[test]
fn a_client_that_went_away_takes_no_message_with_it() {
    let mut rig = Rig::new();
    let call = rig.ask("ReceiveMessage", json!({"WaitTimeSeconds": 10}));
    rig.queues.handle(NOW, Input::Gone { call });
    rig.send("a");
    assert_eq!(rig.bodies(), ["a"]);
}

#[test]
fn a_receive_out_of_range_is_refused() {
    let mut rig = Rig::new();
    rig.refuses("ReceiveMessage", json!({"MaxNumberOfMessages": 11}), expect![[r#"
        400 com.amazon.coral.service#InvalidParameterValueException (InvalidParameterValue;Sender)
        Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided."#]]);
    for wrong in [
        json!({"MaxNumberOfMessages": 0}),
        json!({"WaitTimeSeconds": 21}),
        json!({"VisibilityTimeout": -1}),
        json!({"MaxNumberOfMessages": "1"}),
    ] {
        rig.ask("ReceiveMessage", wrong.clone());
        assert_eq!(rig.replies()[0].1, 400, "{wrong}");
    }
}
