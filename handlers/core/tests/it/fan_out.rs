//! One notification to many: few from the dispatcher, more by senders, each part with a cursor.

use crate::house::{House, START};
use expect_test::{Expect, expect};
use herald_contract::payload::{Message, SendShard, Targets};
use herald_contract::table::Key;
use herald_core::Delivery;
use herald_core::dispatcher::{DIRECT_MAX, Record};
use serde_json::json;

/// A house with so many members of `news`.
fn members(count: usize) -> House {
    let mut house = House::new();
    for n in 0..count {
        let name = format!("c{n:04}");
        house.connect(&format!("u{n}"), &name);
        house.says(&name, r#"{"action":"subscribe","topic":"news"}"#);
    }
    house.stream();
    house
}

fn publish(house: &mut House) -> String {
    house.publish(json!({"to": {"topic": "news"}, "title": "Hello"}));
    house.stream()
}

fn answer(house: &House, name: &str, delivery: Delivery) {
    house.gateway.answers.lock().unwrap().insert(name.to_owned(), delivery);
}

fn failed(retryable: bool) -> Delivery {
    Delivery::Failed { why: "503".to_owned(), retryable }
}

fn check(lines: &str, want: Expect) {
    // Names of broadcasts are random.
    let ulid = |word: &str| word.len() == 26 && word.starts_with("01");
    let words = lines.split('"').map(|word| if ulid(word) { "[ULID]" } else { word });
    want.assert_eq(&words.collect::<Vec<_>>().join("\""));
}

#[test]
fn fifty_are_sent_to_at_once() {
    let mut house = members(DIRECT_MAX);
    assert_eq!(publish(&mut house).lines().count(), DIRECT_MAX);
    assert_eq!(house.invoked(), "");
}

#[test]
fn more_are_sent_to_by_senders_part_by_part() {
    let mut house = members(DIRECT_MAX + 1);
    assert_eq!(publish(&mut house), "");
    let invoked = house.invoked();
    assert_eq!(invoked.lines().count(), 8);
    check(
        invoked.lines().next().unwrap(),
        expect![[
            r#"sender {"message":{"broadcast":{"topic":"news","id":"[ULID]"}},"targets":{"shard":{"shard":0}},"attempt":0}"#
        ]],
    );
    let mut told = 0;
    for line in invoked.lines() {
        let payload: SendShard = serde_json::from_str(line.split_once(' ').unwrap().1).unwrap();
        house.shard(&payload, house.now().plus(8_000));
        told += house.told().matches(" < ").count();
    }
    assert_eq!(told, DIRECT_MAX + 1, "each member once");
}

#[test]
fn everyone_is_a_topic_that_nobody_has_to_join() {
    let mut house = members(3);
    house.publish(json!({"to": "everyone", "title": "Hello"}));
    assert_eq!(house.stream().lines().count(), 3);
}

#[test]
fn what_failed_and_it_alone_goes_on_in_a_sender() {
    let mut house = members(5);
    answer(&house, "c0003", failed(true));
    publish(&mut house);
    check(
        &house.invoked(),
        expect![[r#"
        sender {"message":{"broadcast":{"topic":"news","id":"[ULID]"}},"targets":{"only":["c0003"]},"attempt":1}
    "#]],
    );
}

#[test]
fn what_keeps_failing_is_given_up_in_the_end() {
    let mut house = members(1);
    answer(&house, "c0000", failed(true));
    publish(&mut house);
    let mut rounds = String::new();
    for _ in 0..5 {
        rounds += &house.run_invoked(8_000);
    }
    check(
        &rounds,
        expect![[r#"
            c0000 < Failed { why: "503", retryable: true }
            c0000 < Failed { why: "503", retryable: true }
            c0000 < Failed { why: "503", retryable: true }
            sender: Sent { sent: 0, gone: 0, parked: 0, handed_on: 1, given_up: 0, lag_ms: None }
            c0000 < Failed { why: "503", retryable: true }
            c0000 < Failed { why: "503", retryable: true }
            c0000 < Failed { why: "503", retryable: true }
            sender: Sent { sent: 0, gone: 0, parked: 0, handed_on: 1, given_up: 0, lag_ms: None }
            c0000 < Failed { why: "503", retryable: true }
            c0000 < Failed { why: "503", retryable: true }
            c0000 < Failed { why: "503", retryable: true }
            sender: Sent { sent: 0, gone: 0, parked: 0, handed_on: 0, given_up: 1, lag_ms: None }
        "#]],
    );
}

#[test]
fn a_refusal_is_an_error_of_the_record_and_of_the_payload() {
    let mut house = members(1);
    answer(&house, "c0000", failed(false));
    check(
        &publish(&mut house),
        expect![[r#"
        c0000 < Failed { why: "503", retryable: false }
        record 1 fails: the gateway refuses to post: 503
    "#]],
    );
    let payload = SendShard {
        message: Message::Broadcast {
            topic: "news".parse().unwrap(),
            id: house.keys().split("B#news S#").nth(1).unwrap()[..26].parse().unwrap(),
        },
        targets: Targets::Only(vec![crate::house::id("c0000")]),
        attempt: 0,
        traceparent: None,
    };
    house.shard(&payload, house.now().plus(8_000));
    check(
        &house.told(),
        expect![[r#"
        c0000 < Failed { why: "503", retryable: false }
        sender: error: the gateway refuses to post: 503
    "#]],
    );
}

#[test]
fn at_the_deadline_the_rest_goes_on_with_a_cursor() {
    let mut house = members(60);
    publish(&mut house);
    let invoked = house.invoked();
    let payload: SendShard =
        serde_json::from_str(invoked.lines().next().unwrap().split_once(' ').unwrap().1).unwrap();
    house.shard(&payload, house.now());
    check(
        &format!("{}{}", house.told(), house.invoked()),
        expect![[r#"
            sender: Sent { sent: 0, gone: 0, parked: 0, handed_on: 0, given_up: 0, lag_ms: None }
            sender {"message":{"broadcast":{"topic":"news","id":"[ULID]"}},"targets":{"shard":{"shard":0}},"attempt":1}
        "#]],
    );
}

#[test]
fn a_payload_for_another_user_s_connection_reaches_nobody() {
    let mut house = House::with(&["ada", "bob"]);
    house.publish(json!({"to": {"user": "ada"}, "title": "for Ada only"}));
    house.stream();
    let payload = SendShard {
        message: Message::Inbox { user: "ada".parse().unwrap(), seq: 1.try_into().unwrap() },
        targets: Targets::Only(["ada", "bob", "gone"].map(crate::house::id).to_vec()),
        attempt: 0,
        traceparent: None,
    };
    house.shard(&payload, house.now().plus(8_000));
    let told = house.told();
    assert!(told.contains("ada < ") && !told.contains("bob < "), "{told}");
}

#[test]
fn what_has_expired_is_not_sent() {
    let mut house = House::with(&["ada"]);
    house.publish(json!({"to": {"user": "ada"}, "title": "old"}));
    let key = Key::notification(&"ada".parse().unwrap(), 1.try_into().unwrap());
    let new = house.table.read(&key);
    house.clock.advance(31 * 24 * 60 * 60 * 1000);
    house.connect("ada", "again");
    let record = Record { sequence: "1".to_owned(), key, is_update: false, new };
    assert_eq!(house.dispatch(&[record]), []);
    assert_eq!(house.told(), "");
}

#[test]
fn one_record_that_fails_does_not_hold_up_the_others_and_is_named() {
    let mut house = House::with(&["ada"]);
    house.stream();
    house.publish(json!({"to": {"user": "ada"}, "title": "fine"}));
    let changes = house.table.take_changes();
    let record = |i: usize, new| Record {
        sequence: i.to_string(),
        key: changes.iter().find(|c| c.key.pk == "N#ada").unwrap().key.clone(),
        is_update: false,
        new,
    };
    let fine = changes.iter().find(|c| c.key.pk == "N#ada").unwrap().new.clone();
    let records = [
        record(1, fine.clone()),
        record(2, Some(Default::default())),
        record(3, fine),
        record(4, None),
    ];
    let failed = house.dispatch(&records);
    expect![[r#"[("2", "attribute `level` of an item is missing or not what it should be")]"#]]
        .assert_eq(&format!("{failed:?}"));
    assert_eq!(house.told().matches("fine").count(), 2);
    assert_eq!(house.now(), START);
}
