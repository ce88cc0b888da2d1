//! `PutEvents`.

use super::*;
use expect_test::{Expect, expect};

/// Publishes entries and compares answer, deliveries and warnings.
#[track_caller]
fn check(rules: Vec<Rule>, entries: Value, expected: Expect) {
    let published = put(&Buses::new(NOW, config(rules)), entries);
    expected.assert_eq(&shown(&published));
}

fn shown(published: &Published) -> String {
    let reply = &published.reply;
    let body = String::from_utf8_lossy(&reply.body);
    let warnings: String =
        published.warnings.iter().map(|warning| format!("warning: {warning}\n")).collect();
    format!("{} {body}\n{}{warnings}", reply.status, show(&published.deliveries))
}

fn entry(changes: Value) -> Value {
    let mut entry =
        json!({"Source": "app", "DetailType": "Job ended", "Detail": r#"{"state":"done"}"#});
    for (name, value) in changes.as_object().unwrap() {
        entry[name] = value.clone();
    }
    entry
}

#[test]
fn an_event_goes_to_the_targets_of_every_rule_that_takes_it() {
    let done = r#"{"source": ["app"], "detail": {"state": ["done"]}}"#;
    check(
        vec![
            rule("done", done, TargetInput::Event),
            rule("failed", r#"{"detail": {"state": ["failed"]}}"#, TargetInput::Event),
            rule("all", r#"{"account": ["123456789012"]}"#, TargetInput::Constant("1".into())),
            Rule { enabled: false, ..rule("off", done, TargetInput::Event) },
            Rule { bus: "orders".into(), ..rule("elsewhere", done, TargetInput::Event) },
        ],
        json!([entry(json!({"Resources": ["arn:job"], "Time": 1_795_500_000.5}))]),
        expect![[r#"
            200 {"Entries":[{"EventId":"id-1"}],"FailedEntryCount":0}
            done → arn:done: {"account":"123456789012","detail":{"state":"done"},"detail-type":"Job ended","id":"id-1","region":"eu-west-1","resources":["arn:job"],"source":"app","time":"2026-11-24T06:00:00Z","version":"0"}
            all → arn:all: 1
        "#]],
    );
}

#[test]
fn a_bus_is_named_by_name_or_arn_and_has_its_own_rules() {
    let rules = || {
        vec![Rule {
            bus: "orders".into(),
            ..rule("r", r#"{"source": ["app"]}"#, TargetInput::Constant("1".into()))
        }]
    };
    check(
        rules(),
        json!([
            entry(json!({"EventBusName": "orders"})),
            entry(
                json!({"EventBusName": "arn:aws:events:eu-west-1:123456789012:event-bus/orders"})
            ),
            entry(json!({"EventBusName": "default"})),
        ]),
        expect![[r#"
            200 {"Entries":[{"EventId":"id-1"},{"EventId":"id-2"},{"EventId":"id-3"}],"FailedEntryCount":0}
            r → arn:r: 1
            r → arn:r: 1
        "#]],
    );
}

#[test]
fn an_unknown_bus_swallows_events_as_on_aws_but_not_without_a_warning() {
    check(
        vec![],
        json!([entry(json!({"EventBusName": "order"}))]),
        expect![[r#"
        200 {"Entries":[{"EventId":"id-1"}],"FailedEntryCount":0}
        warning: event id-1 was sent to the event bus `order`, which the template does not have; AWS accepts such an event and drops it
    "#]],
    );
}

#[test]
fn each_entry_fails_for_itself() {
    check(
        vec![],
        json!([
            entry(json!({})),
            entry(json!({"Source": null})),
            entry(json!({"DetailType": ""})),
            {"Source": "app", "DetailType": "x"},
            entry(json!({"Detail": "[]"})),
            entry(json!({"Detail": "{"})),
            entry(json!({"Source": "aws.s3"})),
            entry(json!({"DetailType": "x".repeat(129)})),
        ]),
        expect![[r#"
            200 {"Entries":[{"EventId":"id-1"},{"ErrorCode":"InvalidArgument","ErrorMessage":"Parameter Source is not valid. Reason: Source is a required argument."},{"ErrorCode":"InvalidArgument","ErrorMessage":"Parameter DetailType is not valid. Reason: DetailType is a required argument."},{"ErrorCode":"InvalidArgument","ErrorMessage":"Parameter Detail is not valid. Reason: Detail is a required argument."},{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."},{"ErrorCode":"MalformedDetail","ErrorMessage":"Detail is malformed."},{"ErrorCode":"NotAuthorizedForSourceException","ErrorMessage":"Not authorized for the source."},{"ErrorCode":"InvalidArgument","ErrorMessage":"Parameter DetailType is not valid. Reason: DetailType is longer than 128 characters."}],"FailedEntryCount":7}
        "#]],
    );
}

#[test]
fn a_request_has_one_to_ten_entries() {
    check(
        vec![],
        json!([]),
        expect![[r#"
        400 {"__type":"ValidationException","message":"1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length from 1 to 10"}
    "#]],
    );
    let buses = Buses::new(NOW, config(vec![]));
    assert_eq!(put(&buses, json!(vec![entry(json!({})); 10])).reply.status, 200);
    assert_eq!(put(&buses, json!(vec![entry(json!({})); 11])).reply.status, 400);
}

#[test]
fn all_entries_together_have_a_size() {
    let buses = Buses::new(NOW, config(vec![]));
    let of_size = |size: usize| {
        let detail = format!(r#"{{"p":"{}"}}"#, "x".repeat(size - "sdr".len() - 8 - 14));
        json!([{"Source": "s", "DetailType": "d", "Detail": detail, "Resources": ["r"], "Time": 1}])
    };
    assert_eq!(put(&buses, of_size(1024 * 1024)).reply.status, 200);
    let refused = put(&buses, of_size(1024 * 1024 + 1));
    expect![[r#"
        400 {"__type":"ValidationException","message":"Total size of the entries in the request is over the limit."}
    "#]].assert_eq(&shown(&refused));
}

#[test]
fn what_is_not_a_request_is_refused() {
    let buses = Buses::new(NOW, config(vec![]));
    expect![[r#"
        400 {"__type":"SerializationException","message":"missing field `Entries` at line 1 column 2"}
    "#]].assert_eq(&shown(&request(&buses, "AWSEvents.PutEvents", "{}")));
    expect![[r#"
        400 {"__type":"UnknownOperationException","message":"`AWSEvents.PutRule` is not emulated: buses and rules come from the template, and only AWSEvents.PutEvents is answered"}
    "#]].assert_eq(&shown(&request(&buses, "AWSEvents.PutRule", "{}")));
}
