//! Groups that keep their order, and messages that are sent twice.

use super::*;
use expect_test::expect;

fn rig(change: impl FnOnce(&mut Fifo)) -> Rig {
    let mut fifo = Fifo::default();
    change(&mut fifo);
    Rig::with(|queue| queue.fifo = Some(fifo), Limits::default())
}

fn send(rig: &mut Rig, group: &str, id: &str, body: &str) -> Value {
    let message =
        json!({"MessageBody": body, "MessageGroupId": group, "MessageDeduplicationId": id});
    rig.call("SendMessage", message)
}

#[test]
fn a_group_waits_for_its_first_message_and_others_do_not() {
    let mut rig = rig(|_| {});
    for (group, body) in [("a", "a1"), ("a", "a2"), ("b", "b1")] {
        send(&mut rig, group, body, body);
    }
    let first = rig.receive(1);
    assert_eq!(first[0].0, "a1");
    assert_eq!(rig.bodies(), ["b1"]);
    assert!(rig.bodies().is_empty());
    rig.call("DeleteMessage", json!({"ReceiptHandle": first[0].1}));
    assert_eq!(rig.bodies(), ["a2"]);
}

#[test]
fn a_receive_may_take_several_of_a_group_in_their_order() {
    let mut rig = rig(|_| {});
    for body in ["1", "2", "3"] {
        send(&mut rig, "g", body, body);
    }
    assert_eq!(rig.bodies(), ["1", "2", "3"]);
    rig.now = after(30);
    assert_eq!(rig.bodies(), ["1", "2", "3"]);
}

#[test]
fn what_is_sent_twice_within_five_minutes_counts_once() {
    let mut rig = rig(|_| {});
    let first = send(&mut rig, "g", "id", "one");
    assert_eq!(send(&mut rig, "g", "id", "two")["MessageId"], first["MessageId"]);
    let received = rig.receive(10);
    assert_eq!(received.len(), 1);
    // Also when it is not there any more.
    rig.call("DeleteMessage", json!({"ReceiptHandle": received[0].1}));
    rig.now = after(299);
    assert_eq!(send(&mut rig, "g", "id", "two")["SequenceNumber"], first["SequenceNumber"]);
    assert!(rig.bodies().is_empty());
    rig.now = after(300);
    send(&mut rig, "g", "id", "two");
    assert_eq!(rig.bodies(), ["two"]);
}

#[test]
fn the_content_may_be_the_id_and_ids_may_count_by_group() {
    let mut by_content = rig(|fifo| fifo.content_based = true);
    for body in ["x", "x", "y"] {
        let message = json!({"MessageBody": body, "MessageGroupId": "g"});
        by_content.call("SendMessage", message);
    }
    assert_eq!(by_content.bodies(), ["x", "y"]);
    let mut by_group = rig(|fifo| fifo.per_group = true);
    send(&mut by_group, "a", "id", "a");
    send(&mut by_group, "b", "id", "b");
    assert_eq!(by_group.bodies(), ["a", "b"]);
}

#[test]
fn a_message_says_its_place() {
    let mut rig = rig(|_| {});
    rig.send_in_group();
    let asked = json!({"MessageSystemAttributeNames": ["MessageGroupId", "MessageDeduplicationId", "SequenceNumber"]});
    let received = rig.call("ReceiveMessage", asked);
    let attributes = &received["Messages"][0]["Attributes"];
    expect![[r#"
        {
          "MessageDeduplicationId": "id",
          "MessageGroupId": "g",
          "SequenceNumber": "18849496460467696384"
        }"#]]
    .assert_eq(&format!("{attributes:#}"));
    let names = json!({"AttributeNames": ["FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"]});
    rig.check(
        "GetQueueAttributes",
        names,
        expect![[r#"
            {
              "Attributes": {
                "ContentBasedDeduplication": "false",
                "DeduplicationScope": "queue",
                "FifoQueue": "true",
                "FifoThroughputLimit": "perQueue"
              }
            }"#]],
    );
}

impl Rig {
    fn send_in_group(&mut self) {
        send(self, "g", "id", "body");
    }
}

#[test]
fn a_message_without_a_place_is_refused() {
    let mut rig = rig(|_| {});
    rig.refuses(
        "SendMessage",
        json!({"MessageBody": "x", "MessageDeduplicationId": "id"}),
        expect![[r#"
            400 com.amazon.coral.service#MissingRequiredParameterException (MissingParameter;Sender)
            The request must contain the parameter MessageGroupId."#]],
    );
    rig.refuses("SendMessage", json!({"MessageBody": "x", "MessageGroupId": "g"}), expect![[r#"
        400 com.amazon.coral.service#InvalidParameterValueException (InvalidParameterValue;Sender)
        The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly"#]]);
    rig.refuses(
        "SendMessage",
        json!({"MessageBody": "x", "MessageGroupId": "a b", "MessageDeduplicationId": "id"}),
        expect![[r#"
            400 com.amazon.coral.service#InvalidParameterValueException (InvalidParameterValue;Sender)
            Value a b for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include alphanumeric and punctuation characters. 1 to 128 in length."#]],
    );
    rig.refuses(
        "SendMessage",
        json!({"MessageBody": "x", "MessageGroupId": "g", "MessageDeduplicationId": "id", "DelaySeconds": 5}),
        expect![[r#"
            400 com.amazon.coral.service#InvalidParameterValueException (InvalidParameterValue;Sender)
            Value 5 for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type."#]],
    );
}

#[test]
fn only_the_first_of_a_group_is_waited_for() {
    let mut rig = rig(|_| {});
    send(&mut rig, "g", "1", "1");
    send(&mut rig, "g", "2", "2");
    rig.receive(1);
    assert_eq!(rig.queues.next_visible(ARN), Some(after(30)));
}
