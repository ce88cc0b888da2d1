//! Notifications: to a user, to a topic, to everyone; kept, sent, replayed, acknowledged, read.

use crate::house::{House, START};
use expect_test::expect;
use herald_contract::command::Answer;
use herald_contract::table::Key;
use herald_core::publish::PublishError;
use herald_core::table::Live as _;
use serde_json::{Value, json};

fn to_ada(title: &str) -> Value {
    json!({"to": {"user": "ada"}, "title": title})
}

/// The titles, places and names of what is told, without the rest.
fn short(told: &str) -> String {
    let line = |line: &str| {
        let Some((who, frame)) = line.split_once(" < ") else {
            return format!("{line}\n");
        };
        let Ok(event) = serde_json::from_str::<Value>(frame) else {
            return format!("{line}\n");
        };
        let text = |name: &str| match &event[name] {
            Value::Null => String::new(),
            Value::String(text) => format!(" {text}"),
            other => format!(" {name}={other}"),
        };
        let kind = event["type"].as_str().unwrap_or_default();
        let rest: String =
            ["seq", "unread", "title", "topic", "read", "more", "ids"].map(text).concat();
        format!("{who} < {kind}{rest}\n")
    };
    told.lines().map(line).collect()
}

#[test]
fn a_notification_is_sent_to_all_devices_of_its_user() {
    let mut house = House::with(&["ada", "bob"]);
    house.connect("ada", "c2=");
    let answer = house.publish(json!({
        "to": {"user": "ada"}, "level": "success", "title": "Hello", "body": "Ada",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    }));
    assert_eq!(answer, Answer::Notified { seq: 1.try_into().unwrap(), repeated: false });
    expect![[r#"
        ada < {"type":"notification","id":"n1","seq":1,"level":"success","title":"Hello","body":"Ada","at":1795514400000,"v":1}
        c2= < {"type":"notification","id":"n1","seq":1,"level":"success","title":"Hello","body":"Ada","at":1795514400000,"v":1}
    "#]].assert_eq(&house.stream());
}

#[test]
fn who_is_away_finds_it_later() {
    let mut house = House::new();
    for title in ["one", "two", "three"] {
        house.publish(to_ada(title));
    }
    assert_eq!(house.stream(), "");
    house.connect("ada", "ada");
    expect![[r#"
        ada < welcome seq=3 unread=3
        ada < notification seq=1 one
        ada < notification seq=2 two
        ada < notification seq=3 three
        ada < caughtUp seq=3
        sent
    "#]]
    .assert_eq(&short(&house.says("ada", r#"{"action":"hello"}"#)));
    expect![[r#"
        ada < welcome seq=3 unread=3
        ada < notification seq=3 three
        ada < caughtUp seq=3
        sent
    "#]]
    .assert_eq(&short(&house.says("ada", r#"{"action":"hello","cursor":2}"#)));
    expect![[r#"
        ada < welcome seq=3 unread=3
        ada < caughtUp seq=3
        sent
    "#]]
    .assert_eq(&short(&house.says("ada", r#"{"action":"hello","cursor":3}"#)));
}

#[test]
fn a_cursor_of_another_inbox_says_nothing() {
    let mut house = House::with(&["ada"]);
    house.publish(to_ada("one"));
    house.stream();
    expect![[r#"
        ada < welcome seq=1 unread=1
        ada < notification seq=1 one
        ada < caughtUp seq=1
        sent
    "#]]
    .assert_eq(&short(&house.says("ada", r#"{"action":"hello","cursor":99}"#)));
}

#[test]
fn welcome_tells_when_to_ping_and_when_to_renew() {
    let house = House::with(&["ada"]);
    house.clock.advance(60_000);
    let welcome = house.says("ada", r#"{"action":"hello"}"#);
    let welcome: Value =
        serde_json::from_str(welcome.lines().next().unwrap().split_once(" < ").unwrap().1).unwrap();
    let minutes = |name: &str| welcome[name].as_u64().unwrap() / 60_000;
    assert_eq!(minutes("heartbeatMs"), 8, "before the 10 minutes of the gateway");
    assert!((99..114).contains(&minutes("renewAfterMs")), "before its two hours");
}

#[test]
fn a_long_absence_is_made_up_for_page_by_page() {
    let mut house = House::new();
    for n in 0..450 {
        house.publish(to_ada(&format!("{n}")));
        house.clock.advance(500);
    }
    house.connect("ada", "ada");
    let mut cursor = 0;
    let mut caught_up = Vec::new();
    for _ in 0..3 {
        let body = json!({"action": "hello", "cursor": cursor}).to_string();
        let told = short(&house.says("ada", &body));
        assert_eq!(told.matches("notification").count(), 200.min(450 - cursor));
        let line = told.lines().find(|line| line.contains("caughtUp")).unwrap().to_owned();
        cursor = (cursor + 200).min(450);
        caught_up.push(line);
    }
    expect![[r#"
        ada < caughtUp seq=200 more=true
        ada < caughtUp seq=400 more=true
        ada < caughtUp seq=450"#]]
    .assert_eq(&caught_up.join("\n"));
}

#[test]
fn what_has_expired_is_skipped_and_the_cursor_goes_past_it() {
    let mut house = House::new();
    house.publish(to_ada("old"));
    house.clock.advance(30 * 24 * 60 * 60 * 1000);
    house.publish(to_ada("new"));
    house.connect("ada", "ada");
    expect![[r#"
        ada < welcome seq=2 unread=2
        ada < notification seq=2 new
        ada < caughtUp seq=2
        sent
    "#]]
    .assert_eq(&short(&house.says("ada", r#"{"action":"hello","cursor":0}"#)));
    house.clock.advance(30 * 24 * 60 * 60 * 1000);
    house.connect("ada", "later");
    expect![[r#"
        later < welcome seq=2 unread=2
        later < caughtUp seq=2
        sent
    "#]]
    .assert_eq(&short(&house.says("later", r#"{"action":"hello","cursor":0}"#)));
}

#[test]
fn a_device_goes_on_where_it_acknowledged_and_never_goes_back() {
    let mut house = House::with(&["ada"]);
    for title in ["one", "two", "three"] {
        house.publish(to_ada(title));
    }
    house.stream();
    house.says("ada", r#"{"action":"hello","device":"desk"}"#);
    assert_eq!(house.says("ada", r#"{"action":"ack","upTo":2}"#), "done\n");
    assert_eq!(house.says("ada", r#"{"action":"ack","upTo":1}"#), "done\n");
    house.connect("ada", "again");
    expect![[r#"
        again < welcome seq=3 unread=3
        again < notification seq=3 three
        again < caughtUp seq=3
        sent
    "#]]
    .assert_eq(&short(&house.says("again", r#"{"action":"hello","device":"desk"}"#)));
    house.connect("ada", "phone");
    let phone = short(&house.says("phone", r#"{"action":"hello","device":"phone"}"#));
    assert!(phone.contains("one"), "another device has not seen it: {phone}");
}

#[test]
fn what_is_read_is_told_to_the_other_devices_and_counted_once() {
    let mut house = House::with(&["ada", "bob"]);
    house.connect("ada", "phone");
    for title in ["one", "two", "three"] {
        house.publish(to_ada(title));
    }
    house.stream();
    let read = r#"{"action":"read","ids":["n1","n3","n9","b01JZ7Y3KQ8W6V5T4R3P2N1M0GH"]}"#;
    expect![[r#"
        phone < {"type":"readUpTo","ids":["n1","n3","n9","b01JZ7Y3KQ8W6V5T4R3P2N1M0GH"],"v":1}
        done
    "#]]
    .assert_eq(&house.says("ada", read));
    house.says("phone", r#"{"action":"read","ids":["n1","n1","n3"]}"#);
    expect![[r#"
        phone < welcome seq=3 unread=1
        phone < notification seq=1 one read=true
        phone < notification seq=2 two
        phone < notification seq=3 three read=true
        phone < caughtUp seq=3
        sent
    "#]]
    .assert_eq(&short(&house.says("phone", r#"{"action":"hello"}"#)));
}

#[test]
fn the_same_command_twice_is_one_notification() {
    let mut house = House::new();
    let command =
        |title: &str| json!({"to": {"user": "ada"}, "title": title, "idempotencyKey": "k1"});
    let notified = |repeated| Answer::Notified { seq: 1.try_into().unwrap(), repeated };
    assert_eq!(house.publish(command("Hello")), notified(false));
    house.publish(to_ada("another"));
    assert_eq!(house.publish(command("Hello")), notified(true));
    let other = house.try_publish(command("Goodbye")).unwrap_err();
    expect!["conflict: the idempotency key stands for another notification; use a new one"]
        .assert_eq(&format!("{}: {other}", other.code()));
    // A key is the user's own.
    let to_bob = json!({"to": {"user": "bob"}, "title": "Hello", "idempotencyKey": "k1"});
    assert_eq!(house.publish(to_bob), notified(false));
    // After a day it is forgotten, whether it is deleted yet or not.
    house.clock.advance(24 * 60 * 60 * 1000);
    let again = house.publish(command("Goodbye"));
    assert_eq!(again, Answer::Notified { seq: 3.try_into().unwrap(), repeated: false });
}

#[test]
fn a_user_is_sent_so_much_and_no_more() {
    let mut house = House::new();
    let mut sent = 0;
    let refused = loop {
        match house.try_publish(to_ada("Hello")) {
            Ok(_) => sent += 1,
            Err(error) => break error,
        }
    };
    expect![
        "120 sent, then rateLimited: this user is sent too much at the moment; try again in 500 ms"
    ]
    .assert_eq(&format!("{sent} sent, then {}: {refused}", refused.code()));
    assert!(refused.is_retryable());
    house.clock.advance(500);
    house.publish(to_ada("Hello"));
    let seq = house.table.read(&Key::user_head(&"ada".parse().unwrap())).unwrap().number("seq");
    assert_eq!(seq, Some(sent + 1), "what was refused took no place");
}

#[test]
fn a_topic_is_sent_so_much_and_no_more() {
    let mut house = House::new();
    let mut sent = 0;
    let refused = loop {
        match house.try_publish(json!({"to": "everyone", "title": "Hello"})) {
            Ok(_) => sent += 1,
            Err(error) => break error,
        }
    };
    expect![
        "30 sent, then rateLimited: this topic is sent too much at the moment; try again in 1000 ms"
    ]
    .assert_eq(&format!("{sent} sent, then {}: {refused}", refused.code()));
    house.publish(json!({"to": {"topic": "news"}, "title": "another topic"}));
}

#[test]
fn a_notification_fits_a_frame_or_is_refused() {
    let mut house = House::with(&["ada"]);
    house.stream();
    let longest = (27_000..29_000)
        .rev()
        .find(|n| {
            house
                .try_publish(json!({"to": {"user": "ada"}, "title": "t", "body": "x".repeat(*n)}))
                .is_ok()
        })
        .unwrap();
    let frame = house.stream();
    let bytes = frame.trim_end().split_once(" < ").unwrap().1.len();
    assert!((28_500..=28 * 1024).contains(&bytes), "{longest} become {bytes}");
    // Not the characters count but what they become.
    let quotes = json!({"to": {"user": "ada"}, "title": "t", "body": "\"".repeat(longest)});
    let error = house.try_publish(quotes).unwrap_err();
    expect!["tooLarge: the notification is 57159 bytes as a frame; at most 28672 fit, so send a link to the rest"].assert_eq(&format!("{}: {error}", error.code()));
    assert!(!error.is_retryable());
}

#[test]
fn a_topic_s_members_are_told_and_nobody_else() {
    let mut house = House::with(&["ada", "bob", "eve"]);
    for user in ["ada", "bob"] {
        house.says(user, r#"{"action":"subscribe","topic":"news"}"#);
    }
    house.says("bob", r#"{"action":"unsubscribe","topic":"news"}"#);
    house.stream();
    house.publish(json!({"to": {"topic": "news"}, "title": "Hello"}));
    expect![[r#"
        ada < notification Hello news
    "#]]
    .assert_eq(&short(&house.stream()));
    house.publish(json!({"to": "everyone", "title": "All"}));
    let told = short(&house.stream());
    assert_eq!(told.lines().count(), 3, "{told}");
}

#[test]
fn broadcasts_are_replayed_from_where_the_last_caught_up_said() {
    let mut house = House::with(&["ada"]);
    house.publish(json!({"to": "everyone", "title": "before"}));
    house.clock.advance(120_000);
    let first = house.says("ada", r#"{"action":"hello"}"#);
    let since = first.lines().find(|l| l.contains("caughtUp")).unwrap().split('"');
    let since = since.skip_while(|part| *part != "since").nth(2).unwrap().to_owned();
    house.disconnect("ada");
    house.clock.advance(1);
    house.publish(json!({"to": "everyone", "title": "missed"}));
    house.publish(json!({"to": {"topic": "news"}, "title": "not for everyone"}));
    house.clock.advance(3_600_000);
    house.connect("ada", "again");
    let hello = json!({"action": "hello", "since": since}).to_string();
    expect![[r#"
        again < welcome seq=0 unread=0
        again < notification missed $all
        again < caughtUp seq=0
        sent
    "#]]
    .assert_eq(&short(&house.says("again", &hello)));
    // The same for a topic that is joined again.
    let subscribe = json!({"action": "subscribe", "topic": "news", "since": since}).to_string();
    expect![[r#"
        again < ok
        again < notification not for everyone news
        again < caughtUp seq=0 news
        sent
    "#]]
    .assert_eq(&short(&house.says("again", &subscribe)));
}

#[test]
fn many_missed_broadcasts_come_page_by_page_and_all_of_them() {
    let mut house = House::new();
    let mut since = "00000000000000000000000000".to_owned();
    for n in 0..450 {
        house.publish(json!({"to": "everyone", "title": format!("{n}")}));
        house.clock.advance(1_000);
    }
    house.connect("ada", "ada");
    let mut titles = std::collections::BTreeSet::new();
    for page in 1.. {
        let hello = json!({"action": "hello", "since": since}).to_string();
        let told = house.says("ada", &hello);
        let frames = told.lines().filter_map(|line| line.split_once(" < "));
        let events: Vec<Value> =
            frames.map(|(_, frame)| serde_json::from_str(frame).unwrap()).collect();
        titles.extend(events.iter().filter_map(|e| e["title"].as_str().map(str::to_owned)));
        let caught_up = events.iter().find(|e| e["type"] == "caughtUp").unwrap();
        since = caught_up["since"].as_str().unwrap().to_owned();
        if caught_up["more"] != true {
            assert!((3..10).contains(&page), "{page}");
            break;
        }
    }
    assert_eq!(titles.len(), 450);
}

#[test]
fn where_a_replay_does_not_get_through_nothing_claims_that_it_did() {
    use herald_core::Delivery;
    let mut house = House::new();
    for title in ["one", "two"] {
        house.publish(to_ada(title));
    }
    house.connect("ada", "ada");
    for (answer, outcome) in [
        (Delivery::Slow, "slow\n"),
        (Delivery::Gone, "gone\n"),
        (
            Delivery::Failed { why: "503".to_owned(), retryable: true },
            "error: failed to post to the connection: 503\n",
        ),
    ] {
        house.gateway.answers.lock().unwrap().insert("ada".to_owned(), answer);
        let told = house.says("ada", r#"{"action":"hello"}"#);
        assert!(told.ends_with(outcome), "{told}");
        assert_eq!(told.matches(" < ").count(), 1, "the first is the last: {told}");
    }
}

#[test]
fn a_title_is_asked_for_and_everyone_is_no_topic() {
    let mut house = House::new();
    let refused = |house: &mut House, command| house.try_publish(command).unwrap_err();
    assert_eq!(refused(&mut house, to_ada("  ")), PublishError::NoTitle);
    let all = json!({"to": {"topic": "$all"}, "title": "t"});
    assert_eq!(refused(&mut house, all), PublishError::Everyone);
    assert_eq!(house.keys(), "");
    assert_eq!(house.now(), START);
}
