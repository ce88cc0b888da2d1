//! What a target is sent.

use super::*;
use expect_test::{Expect, expect};

/// Sends one event through a rule with this input and compares what the target gets.
#[track_caller]
fn check(input: TargetInput, expected: Expect) {
    let buses = Buses::new(NOW, config(vec![rule("r", r#"{"source": ["app"]}"#, input)]));
    let detail =
        json!({"job": "j-1", "say": "a \"b\"", "pct": 50, "tags": [{"k": "x"}, {"k": "y"}]});
    let entry = json!({"Source": "app", "DetailType": "Job ended", "Detail": detail.to_string()});
    let published = put(&buses, json!([entry]));
    expected.assert_eq(&String::from_utf8_lossy(&published.deliveries[0].payload));
}

fn transformed(template: &str) -> TargetInput {
    let paths = [
        ("job", "$.detail.job"),
        ("say", "$.detail.say"),
        ("pct", "$.detail.pct"),
        ("detail", "$.detail"),
        ("keys", "$.detail.tags[*].k"),
        ("nothing", "$.detail.nothing"),
    ];
    TargetInput::Transformed(Transformer::parse(paths, template).unwrap())
}

#[test]
fn an_input_path_sends_part_of_the_event() {
    check(TargetInput::path("$.detail.tags[1]").unwrap(), expect![[r#"{"k":"y"}"#]]);
    check(TargetInput::path("$.detail-type").unwrap(), expect![[r#""Job ended""#]]);
    check(TargetInput::path("$.detail.tags[*].k").unwrap(), expect![[r#"["x","y"]"#]]);
    check(TargetInput::path("$.detail.nothing").unwrap(), expect!["null"]);
}

#[test]
fn placeholders_outside_strings_become_json() {
    check(
        transformed(r#"{"job": <job>, "pct": <pct>, "keys": <keys>, "none": <nothing>}"#),
        expect![[r#"{"job": "j-1", "pct": 50, "keys": ["x","y"], "none": ""}"#]],
    );
}

#[test]
fn placeholders_within_strings_become_text() {
    check(transformed(r#""<job> is at <pct>% (<nothing>)""#), expect![[r#""j-1 is at 50% ()""#]]);
}

#[test]
fn inserted_text_keeps_the_string_whole() {
    check(
        transformed(r#"{"a": "\"<say>\" \\", "b": <say>}"#),
        expect![[r#"{"a": "\"a \"b\"\" \\", "b": "a \"b\""}"#]],
    );
    check(
        transformed(r#""<detail>""#),
        expect![[
            r#""{\"job\":\"j-1\",\"pct\":50,\"say\":\"a \\\"b\\\"\",\"tags\":[{\"k\":\"x\"},{\"k\":\"y\"}]}""#
        ]],
    );
}

#[test]
fn some_placeholders_are_always_there() {
    check(
        transformed(
            r#"["<aws.events.rule-arn>", "<aws.events.rule-name>", <aws.events.event.ingestion-time>]"#,
        ),
        expect![[
            r#"["arn:aws:events:eu-west-1:123456789012:rule/r", "r", "2026-11-25T08:15:30.125Z"]"#
        ]],
    );
    check(
        transformed("<aws.events.event>"),
        expect![[
            r#"{"account":"123456789012","detail-type":"Job ended","id":"id-1","region":"eu-west-1","resources":[],"source":"app","time":"2026-11-25T08:15:30Z","version":"0"}"#
        ]],
    );
    check(
        transformed("<aws.events.event.json>"),
        expect![[
            r#"{"account":"123456789012","detail":{"job":"j-1","pct":50,"say":"a \"b\"","tags":[{"k":"x"},{"k":"y"}]},"detail-type":"Job ended","id":"id-1","region":"eu-west-1","resources":[],"source":"app","time":"2026-11-25T08:15:30Z","version":"0"}"#
        ]],
    );
}

#[test]
fn what_is_no_placeholder_stays() {
    check(
        transformed(r#"{"a": "1 < 2 > 0 <> <other> <j o>", "b": "ü\u00e9"}"#),
        expect![[r#"{"a": "1 < 2 > 0 <> <other> <j o>", "b": "ü\u00e9"}"#]],
    );
}

#[test]
fn wrong_paths_and_names_are_refused() {
    let path = |text| TargetInput::path(text).unwrap_err();
    expect!["the path `detail` must begin with `$`, such as $.detail.id"]
        .assert_eq(&path("detail"));
    expect![
        "the path `$['detail']` has `'`; EventBridge takes dots, [index] and *, such as $.detail.id"
    ]
    .assert_eq(&path("$['detail']"));
    let variable = |name| Transformer::parse([(name, "$.id")], "<x>").map(|_| ());
    expect!["the variable `aws.x` begins with `AWS`, which is reserved"]
        .assert_eq(&variable("aws.x").unwrap_err());
    assert_eq!(variable("id"), Ok(()));
}
