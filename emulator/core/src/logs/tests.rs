//! What filters let through, what a group forgets, and how a stream is read to and fro.

use super::filter::Filter;
use super::{Line, Logs};
use crate::Time;
use crate::http::Request;
use crate::topology::Topology;
use serde_json::{Value, json};

fn logs(lines: u64) -> Logs {
    let mut logs = Logs::new(Time(0), &Topology::default());
    for n in 1..=lines {
        let line = Line { group: "g".into(), stream: "s".into(), text: format!("line {n}") };
        logs.write(Time(n), line);
    }
    logs
}

fn ask(logs: &Logs, operation: &str, body: &Value) -> Value {
    let target = ("X-Amz-Target".to_owned(), format!("Logs_20140328.{operation}"));
    let body = body.to_string().into();
    let reply = logs.handle(&Request { headers: vec![target], body, ..Request::default() });
    serde_json::from_slice(&reply.body).unwrap()
}

fn messages(answer: &Value) -> Vec<&str> {
    let events = answer["events"].as_array().unwrap().iter();
    events.map(|event| event["message"].as_str().unwrap()).collect()
}

#[track_caller]
fn check(pattern: &str, matching: &[&str], others: &[&str]) {
    let filter = Filter::parse(pattern).unwrap();
    for text in matching {
        assert!(filter.matches(text), "{pattern} must let {text} through");
    }
    for text in others {
        assert!(!filter.matches(text), "{pattern} must hold {text} back");
    }
}

#[test]
fn a_filter_is_made_of_terms() {
    check("", &["anything", ""], &[]);
    check("ERROR", &["an ERROR"], &["an error"]);
    check("ERROR db", &["db ERROR"], &["ERROR", "db"]);
    check("ERROR -db", &["ERROR"], &["db ERROR"]);
    check("?ERROR ?WARN", &["ERROR", "WARN"], &["INFO"]);
    check("?ERROR db", &["db"], &["ERROR"]);
    check(r#""two words""#, &["just two words"], &["two other words"]);
    check(r#""say \"hi\"" -"not this""#, &[r#"say "hi""#], &[r#"say "hi" not this"#]);
}

#[test]
fn patterns_of_other_kinds_are_refused() {
    for pattern in ["{ $.a = 1 }", "[ip, user]", "%[0-9]+%", "\"open"] {
        assert!(Filter::parse(pattern).unwrap_err().starts_with("Invalid filter pattern"));
    }
}

#[test]
fn a_group_forgets_its_oldest_events_and_streams() {
    let mut logs = logs(0);
    for n in 0..10_001_u64 {
        let stream = if n == 0 { "old" } else { "new" };
        let line = Line { group: "g".into(), stream: stream.into(), text: n.to_string() };
        logs.write(Time(n), line);
    }
    let first = ask(&logs, "FilterLogEvents", &json!({ "logGroupName": "g", "limit": 1 }));
    assert_eq!(messages(&first), ["1"]);
    let streams = ask(&logs, "DescribeLogStreams", &json!({ "logGroupName": "g" }));
    assert_eq!(streams["logStreams"].as_array().unwrap().len(), 1);
    for _ in 0..100 {
        let text = "x".repeat(300 * 1024);
        logs.write(Time(0), Line { group: "g".into(), stream: "long".into(), text });
    }
    let groups = ask(&logs, "DescribeLogGroups", &json!({}));
    let bytes = groups["logGroups"][0]["storedBytes"].as_u64().unwrap();
    assert!((3_900_000..=4 * 1024 * 1024).contains(&bytes), "{bytes}");
}

#[test]
fn a_stream_is_read_to_and_fro() {
    let logs = logs(5);
    let get = |token: Option<&Value>, from_head: bool| {
        let body = json!({
            "logGroupName": "g", "logStreamName": "s", "limit": 2,
            "startFromHead": from_head, "nextToken": token,
        });
        ask(&logs, "GetLogEvents", &body)
    };
    let last = get(None, false);
    assert_eq!(messages(&last), ["line 4", "line 5"]);
    let before = get(Some(&last["nextBackwardToken"]), false);
    assert_eq!(messages(&before), ["line 2", "line 3"]);
    assert_eq!(messages(&get(Some(&before["nextForwardToken"]), false)), ["line 4", "line 5"]);

    let first = get(None, true);
    assert_eq!(messages(&first), ["line 1", "line 2"]);
    let begin = get(Some(&first["nextBackwardToken"]), true);
    assert_eq!(
        (messages(&begin).len(), &begin["nextBackwardToken"]),
        (0, &first["nextBackwardToken"])
    );
    let end = get(Some(&last["nextForwardToken"]), false);
    assert_eq!((messages(&end).len(), &end["nextForwardToken"]), (0, &last["nextForwardToken"]));
}

#[test]
fn pages_of_a_search_meet() {
    let logs = logs(7);
    let (mut seen, mut token) = (Vec::new(), Value::Null);
    loop {
        let body = json!({ "logGroupName": "g", "limit": 3, "nextToken": token });
        let page = ask(&logs, "FilterLogEvents", &body);
        seen.extend(messages(&page).iter().map(|text| (*text).to_owned()));
        token = page["nextToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(seen, (1..=7).map(|n| format!("line {n}")).collect::<Vec<_>>());
}

#[test]
fn groups_of_what_is_gone_are_kept_within_a_bound() {
    let mut logs = logs(0);
    for n in 0..600_u64 {
        let line = Line { group: format!("g{n}"), stream: "s".into(), text: "x".into() };
        logs.write(Time(n), line);
    }
    logs.reload(Time(600), &Topology::default());
    let groups = |prefix: &str| {
        let told = ask(&logs, "DescribeLogGroups", &json!({ "logGroupNamePrefix": prefix }));
        told["logGroups"].as_array().unwrap().len()
    };
    assert_eq!((groups("g99"), groups("g100"), groups("g599")), (0, 1, 1));
}
