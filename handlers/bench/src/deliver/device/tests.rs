use super::{Device, Heard};
use herald_contract::Millis;
use serde_json::{Value, json};

const NOW: Millis = Millis::new(1_000_000);

fn device() -> Device {
    let mut device = Device::new(3, 1, 0);
    device.connected();
    device
}

fn inbox(seq: u64) -> String {
    json!({"type": "notification", "v": 1, "id": format!("n{seq}"), "seq": seq, "level": "info", "title": format!("t{seq}"), "body": "", "at": 1_000_000})
        .to_string()
}

fn broadcast(last: char) -> String {
    json!({"type": "notification", "v": 1, "id": format!("b01JZ7Y3KQ8W6V5T4R3P2N1M0G{last}"), "level": "info", "title": format!("b{last}"), "body": "", "at": 1_000_000})
        .to_string()
}

fn caught_up(seq: u64) -> String {
    json!({"type": "caughtUp", "v": 1, "seq": seq, "since": "01JZ7Y3KQ8W6V5T4R3P2N1M0GH"})
        .to_string()
}

fn joined() -> String {
    json!({"type": "caughtUp", "v": 1, "seq": 0, "since": "01JZ7Y3KQ8W6V5T4R3P2N1M0GH", "topic": "topic-1"})
        .to_string()
}

/// Hears frames, all at the same time; what it has shown then, in order of names.
fn check(frames: &[String], shown: &str) -> Device {
    let mut device = device();
    for frame in frames {
        assert_eq!(device.hear(frame, NOW), Heard::GoOn);
    }
    let all = device.shown.iter().map(|(name, times)| format!("{name}×{times}"));
    assert_eq!(all.collect::<Vec<_>>().join(" "), shown);
    device
}

fn said(device: &mut Device, now: Millis) -> Vec<Value> {
    device.asks(now).iter().map(|frame| serde_json::from_str(frame).unwrap()).collect()
}

#[test]
fn the_inbox_is_shown_in_order_and_each_once() {
    let device = check(&[inbox(1), inbox(3), inbox(1), inbox(2), inbox(3)], "t1×1 t2×1 t3×1");
    assert_eq!(device.again_inbox, 2);
}

#[test]
fn what_came_too_early_waits_for_what_is_missing() {
    check(&[inbox(1), inbox(3)], "t1×1");
    check(&[inbox(1), inbox(3), caught_up(3)], "t1×1 t3×1");
}

#[test]
fn a_broadcast_is_known_by_its_name() {
    let device = check(&[broadcast('A'), broadcast('B'), broadcast('A')], "bA×1 bB×1");
    assert_eq!(device.again_broadcast, 1);
}

#[test]
fn a_new_connection_says_hello_and_joins() {
    let mut device = check(&[inbox(1)], "t1×1");
    let frames = said(&mut device, NOW);
    assert_eq!(frames[0], json!({"action": "hello", "cursor": 1, "device": "user-3-0"}));
    assert_eq!(frames[1], json!({"action": "subscribe", "topic": "topic-1"}));
    assert_eq!(said(&mut device, NOW), [json!({"action": "ack", "upTo": 1})][..0]);
}

#[test]
fn it_is_there_when_both_are_answered() {
    let mut device = device();
    said(&mut device, NOW);
    device.hear(&caught_up(0), NOW);
    assert!(!device.is_caught_up());
    device.hear(&joined(), NOW);
    assert!(device.is_caught_up());
    assert_eq!(said(&mut device, NOW.plus(60_000)), [Value::Null; 0]);
    device.connected();
    assert!(!device.is_caught_up());
}

#[test]
fn what_is_not_answered_is_said_again_and_sooner_where_it_failed() {
    let mut device = device();
    assert_eq!(said(&mut device, NOW).len(), 2);
    assert_eq!(said(&mut device, NOW.plus(14_999)).len(), 0);
    assert_eq!(said(&mut device, NOW.plus(15_000)).len(), 2);
    let now = NOW.plus(15_000);
    device.hear(r#"{"message": "Internal server error", "connectionId":"a="}"#, now);
    assert_eq!(said(&mut device, now.plus(499)).len(), 0);
    assert_eq!(said(&mut device, now.plus(500)).len(), 2);
}

#[test]
fn a_gap_that_stays_is_asked_for() {
    let mut device = check(&[caught_up(0), joined(), inbox(2)], "");
    assert_eq!(said(&mut device, NOW.plus(2_999)).len(), 0);
    let frames = said(&mut device, NOW.plus(3_000));
    assert_eq!(
        frames,
        [
            json!({"action": "hello", "cursor": 0, "since": "01JZ7Y3KQ8W6V5T4R3P2N1M0GH", "device": "user-3-0"})
        ]
    );
}

#[test]
fn only_what_was_written_while_it_was_there_has_a_lag() {
    let mut device = device();
    device.hear(&inbox(1), NOW.plus(900));
    device.hear(&caught_up(1), NOW);
    device.hear(&inbox(2), NOW.plus(40));
    assert_eq!(device.lags, [40]);
}

#[test]
fn a_connection_that_the_server_has_let_go_of_is_made_anew() {
    let error = r#"{"type":"error","v":1,"code":"unregistered","message":"","requestId":"r"}"#;
    assert_eq!(device().hear(error, NOW), Heard::ConnectAgain);
}
