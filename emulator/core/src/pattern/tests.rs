use super::Pattern;
use expect_test::{Expect, expect};
use serde_json::{Value, json};

/// Checks that the pattern takes each of `yes` and none of `no`.
#[track_caller]
fn check(pattern: Value, yes: &[Value], no: &[Value]) {
    let parsed = Pattern::parse(&pattern.to_string()).unwrap();
    for event in yes {
        assert!(parsed.matches(event), "{pattern} should take {event}");
    }
    for event in no {
        assert!(!parsed.matches(event), "{pattern} should not take {event}");
    }
}

/// Checks a comparison of the one field `a`.
#[track_caller]
fn check_values(values: Value, yes: &[Value], no: &[Value]) {
    let events = |values: &[Value]| values.iter().map(|v| json!({"a": v})).collect::<Vec<_>>();
    check(json!({"a": values}), &events(yes), &events(no));
}

#[track_caller]
fn refuses(pattern: &str, why: Expect) {
    why.assert_eq(&Pattern::parse(pattern).unwrap_err());
}

#[test]
fn values_match_as_they_stand() {
    check_values(
        json!(["x", 300, true, null, ""]),
        &[json!("x"), json!(300), json!(true), json!(null), json!("")],
        &[json!("X"), json!("300"), json!(300.5), json!(false), json!("null"), json!({})],
    );
}

#[test]
fn every_field_of_the_pattern_must_match_and_others_do_not_matter() {
    check(
        json!({"source": ["app"], "detail": {"state": ["a", "b"]}}),
        &[json!({"source": "app", "detail": {"state": "b", "more": 1}, "id": 7})],
        &[
            json!({"source": "app"}),
            json!({"source": "app", "detail": {"state": "c"}}),
            json!({"source": "app", "detail": "state"}),
            json!({"detail": {"state": "a"}}),
            json!(null),
        ],
    );
}

#[test]
fn of_an_array_any_element_may_match() {
    check_values(json!(["x"]), &[json!(["w", "x"]), json!([["x"]])], &[json!([]), json!(["y"])]);
}

#[test]
fn of_an_array_of_objects_one_must_have_all_that_is_asked_for() {
    check(
        json!({"a": {"b": [1], "c": [2]}}),
        &[json!({"a": [{"b": 0}, {"b": 1, "c": 2}]})],
        &[json!({"a": [{"b": 1}, {"c": 2}]}), json!({"a": []})],
    );
}

#[test]
fn prefixes_and_suffixes_match_with_and_without_case() {
    check_values(
        json!([{"prefix": "ab"}]),
        &[json!("abc"), json!("ab")],
        &[json!("Abc"), json!(5)],
    );
    check_values(json!([{"suffix": ".png"}]), &[json!("a.png")], &[json!("a.PNG"), json!("png")]);
    check_values(
        json!([{"prefix": {"equals-ignore-case": "Ab"}}, {"suffix": {"equals-ignore-case": "Z"}}]),
        &[json!("aBc"), json!("xz")],
        &[json!("ba")],
    );
}

#[test]
fn equals_ignore_case_compares_letters_of_any_alphabet() {
    check_values(
        json!([{"equals-ignore-case": "ÄRGER"}]),
        &[json!("ärger"), json!("Ärger")],
        &[json!("arger"), json!("ärgerlich")],
    );
}

#[test]
fn wildcards_stand_for_any_run_of_characters() {
    check_values(
        json!([{"wildcard": "a/*/c*e"}]),
        &[json!("a/b/cde"), json!("a//ce"), json!("a/c/ce/ce")],
        &[json!("a/b/cd"), json!("x/a/b/ce"), json!("a/ce")],
    );
    check_values(json!([{"wildcard": r"1\*2\\*"}]), &[json!(r"1*2\x")], &[json!(r"132\x")]);
    check_values(json!([{"wildcard": "a?"}]), &[json!("a?")], &[json!("ab")]);
    check_values(json!([{"wildcard": "ab*ba"}]), &[json!("abba")], &[json!("aba")]);
}

#[test]
fn anything_but_takes_what_is_there_and_not_named() {
    check_values(
        json!([{"anything-but": ["a", "b", 5]}]),
        &[json!("c"), json!(6), json!(null), json!(["a", "c"])],
        &[json!("a"), json!(5), json!(["a", "b"]), json!([]), json!({})],
    );
    check(json!({"a": [{"anything-but": "x"}]}), &[], &[json!({"b": 1})]);
}

#[test]
fn anything_but_combines_with_operators_on_text() {
    check_values(json!([{"anything-but": {"prefix": "in"}}]), &[json!("out")], &[json!("init")]);
    check_values(
        json!([{"anything-but": {"suffix": [".a", ".b"]}}]),
        &[json!("x.c")],
        &[json!("x.a"), json!("x.b")],
    );
    check_values(
        json!([{"anything-but": {"wildcard": "*/lib/*"}}]),
        &[json!("a")],
        &[json!("a/lib/b")],
    );
    check_values(
        json!([{"anything-but": {"equals-ignore-case": ["Failed"]}}]),
        &[json!("done")],
        &[json!("FAILED")],
    );
}

#[test]
fn numeric_compares_numbers_only() {
    check_values(
        json!([{"numeric": [">", 0, "<=", 5]}]),
        &[json!(0.5), json!(5)],
        &[json!(0), json!(5.1), json!("3"), json!(null)],
    );
    check_values(json!([{"numeric": ["<", 10, ">=", 2]}]), &[json!(2)], &[json!(10), json!(1)]);
    check_values(json!([{"numeric": ["=", 300]}]), &[json!(300), json!(300.0)], &[json!(301)]);
}

#[test]
fn exists_looks_at_leaves_only() {
    check(
        json!({"a": {"b": [{"exists": true}]}}),
        &[json!({"a": {"b": null}}), json!({"a": {"b": [""]}})],
        &[json!({"a": {}}), json!({"a": {"b": {"c": 1}}}), json!({"a": {"b": []}})],
    );
    check(
        json!({"a": {"b": [{"exists": false}]}}),
        &[json!({}), json!({"a": 5}), json!({"a": {"b": {"c": 1}}})],
        &[json!({"a": {"b": 1}})],
    );
}

#[test]
fn a_missing_field_may_be_one_of_several_choices() {
    check_values(json!(["x", {"exists": false}]), &[json!("x"), json!([])], &[json!("y")]);
}

#[test]
fn cidr_takes_addresses_within_the_block() {
    check_values(
        json!([{"cidr": "10.0.0.0/24"}, {"cidr": "2001:db8::/32"}]),
        &[json!("10.0.0.255"), json!("2001:db8:1::1")],
        &[json!("10.0.1.0"), json!("2001:db9::1"), json!("ten"), json!(10)],
    );
    check_values(json!([{"cidr": "0.0.0.0/0"}]), &[json!("1.2.3.4")], &[json!("::1")]);
}

#[test]
fn or_takes_one_alternative_beside_the_other_fields() {
    check(
        json!({"source": ["s"], "detail": {"$or": [{"a": [1]}, {"b": {"c": [2]}}]}}),
        &[
            json!({"source": "s", "detail": {"a": 1}}),
            json!({"source": "s", "detail": {"a": 0, "b": {"c": 2}}}),
        ],
        &[json!({"source": "s", "detail": {"a": 2}}), json!({"detail": {"a": 1}})],
    );
}

#[test]
fn numbers_of_dynamodb_records_are_strings_to_a_filter() {
    let record = json!({"eventName": "INSERT", "dynamodb": {"NewImage": {"n": {"N": "123"}}}});
    let image = |values| json!({"dynamodb": {"NewImage": {"n": {"N": values}}}});
    check(image(json!(["123"])), std::slice::from_ref(&record), &[]);
    check(image(json!([123, {"numeric": [">", 1]}])), &[], &[record]);
}

#[test]
fn a_wrong_pattern_is_refused_with_its_place_and_what_would_be_right() {
    refuses(
        "[]",
        expect![[r#"an event pattern must be a JSON object, such as {"source": ["app"]}"#]],
    );
    refuses(
        "{",
        expect!["the event pattern is not JSON: EOF while parsing an object at line 1 column 1"],
    );
    refuses(
        "{}",
        expect!["in the event pattern: an empty object matches nothing; leave the field out"],
    );
    refuses(
        r#"{"a": {"b": "c"}}"#,
        expect![
            "in the event pattern at `a.b`: must be an object or a list of values that is not empty"
        ],
    );
    refuses(
        r#"{"a": [{"contains": "x"}]}"#,
        expect![
            "in the event pattern at `a`: unknown operator `contains`; there are prefix, suffix, wildcard, equals-ignore-case, anything-but, numeric, exists, cidr and $or"
        ],
    );
    refuses(
        r#"{"a": [{"prefix": 1}]}"#,
        expect!["in the event pattern at `a`: `prefix` takes a string, not 1"],
    );
    refuses(
        r#"{"a": [{"wildcard": "a**"}]}"#,
        expect!["in the event pattern at `a`: `a**` has two `*` in a row; one is enough"],
    );
    refuses(
        r#"{"a": [{"numeric": [">", 5, "<", 5]}]}"#,
        expect![
            "in the event pattern at `a`: the lower bound of `numeric` must be less than the upper one"
        ],
    );
    refuses(
        r#"{"a": [{"cidr": "10.0.0.0/33"}]}"#,
        expect![[
            r#"in the event pattern at `a`: `cidr` takes a block such as "10.0.0.0/24", not "10.0.0.0/33""#
        ]],
    );
    refuses(
        r#"{"$or": [{"a": [1]}]}"#,
        expect!["in the event pattern at `$or`: `$or` takes a list of two or more objects"],
    );
}

#[test]
fn other_malformed_operands_are_refused_too() {
    for operand in [
        json!([{"numeric": []}]),
        json!([{"numeric": [">"]}]),
        json!([{"numeric": ["=", 1, "=", 1]}]),
        json!([{"numeric": ["=", 1e10]}]),
        json!([{"exists": "true"}]),
        json!([{"anything-but": []}]),
        json!([{"anything-but": [null]}]),
        json!([{"anything-but": {"numeric": ["=", 1]}}]),
        json!([{"prefix": "a", "suffix": "b"}]),
        json!([["x"]]),
        json!([]),
    ] {
        assert!(Pattern::from_value(&json!({"a": operand})).is_err(), "{operand}");
    }
}

#[test]
fn nesting_has_a_bound() {
    let nested = |levels| (0..levels).fold(json!(["x"]), |inner, _| json!({"a": inner}));
    assert!(Pattern::from_value(&nested(32)).is_ok());
    assert!(Pattern::from_value(&nested(33)).unwrap_err().contains("more than 32 levels"));
}
