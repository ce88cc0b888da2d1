use super::*;
use serde_json::json;

/// The value fits, or the first misfit reads as expected.
#[track_caller]
fn check(schema: &Value, value: &Value, expected: Result<(), &str>) {
    let model = Model::parse(schema).unwrap();
    assert_eq!(
        model.check(value).as_ref().map_err(String::as_str),
        expected.as_ref().map_err(|e| *e),
        "{value} against {schema}"
    );
}

/// Which of the values fit.
#[track_caller]
fn check_each(schema: &Value, fit: &[Value], misfit: &[Value]) {
    let model = Model::parse(schema).unwrap();
    for value in fit {
        assert_eq!(model.check(value), Ok(()), "{value} against {schema}");
    }
    for value in misfit {
        assert!(model.check(value).is_err(), "{value} against {schema}");
    }
}

#[test]
fn an_empty_schema_admits_everything() {
    check_each(&json!({}), &[json!(null), json!(1), json!({"a": [true]})], &[]);
    check_each(
        &json!({"format": "email", "title": "T", "$schema": "x", "unknown": 1}),
        &[json!("x")],
        &[],
    );
}

#[test]
fn misfits_are_told_in_the_words_of_api_gateway() {
    let message = json!({
        "type": "object",
        "required": ["action", "data"],
        "properties": {
            "action": { "enum": ["publish", "ack"] },
            "data": {
                "type": "object",
                "properties": {
                    "count": { "type": ["integer", "null"], "minimum": 1 },
                    "a/b": { "type": "string", "minLength": 1, "maxLength": 3, "pattern": "^[a-z]*$" },
                    "list": { "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": 2 },
                },
                "additionalProperties": false,
            },
        },
    });
    let data = |data: Value| json!({ "action": "ack", "data": data });
    for (value, expected) in [
        (data(json!({"count": 1, "a/b": "x", "list": ["y"]})), Ok(())),
        (data(json!({"count": null})), Ok(())),
        (
            json!([]),
            Err(
                r#"instance type (array) does not match any allowed primitive type (allowed: ["object"])"#,
            ),
        ),
        (json!({}), Err(r#"object has missing required properties (["action","data"])"#)),
        (
            json!({"action": "x", "data": {}}),
            Err(
                r#"/action: instance value ("x") not found in enum (possible values: ["publish","ack"])"#,
            ),
        ),
        (
            data(json!({"count": "1"})),
            Err(
                r#"/data/count: instance type (string) does not match any allowed primitive type (allowed: ["integer","null"])"#,
            ),
        ),
        (
            data(json!({"count": 1.5})),
            Err(
                r#"/data/count: instance type (number) does not match any allowed primitive type (allowed: ["integer","null"])"#,
            ),
        ),
        (
            data(json!({"count": 0})),
            Err(
                "/data/count: numeric instance is lower than the required minimum (minimum: 1, found: 0)",
            ),
        ),
        (
            data(json!({"a/b": ""})),
            Err(r#"/data/a~1b: string "" is too short (length: 0, required minimum: 1)"#),
        ),
        (
            data(json!({"a/b": "üüüü"})),
            Err(r#"/data/a~1b: string "üüüü" is too long (length: 4, maximum allowed: 3)"#),
        ),
        (
            data(json!({"a/b": "A"})),
            Err(r#"/data/a~1b: ECMA 262 regex "^[a-z]*$" does not match input string "A""#),
        ),
        (
            data(json!({"list": []})),
            Err(
                "/data/list: array is too short: must have at least 1 elements but instance has 0 elements",
            ),
        ),
        (
            data(json!({"list": ["a", 2]})),
            Err(
                r#"/data/list/1: instance type (integer) does not match any allowed primitive type (allowed: ["string"])"#,
            ),
        ),
        (
            data(json!({"other": 1})),
            Err(
                r#"/data: object instance has properties which are not allowed by the schema: ["other"]"#,
            ),
        ),
    ] {
        check(&message, &value, expected);
    }
}

#[test]
fn types_are_those_of_draft_4() {
    let values = [json!(null), json!(true), json!(1), json!(1.0), json!("x"), json!([]), json!({})];
    for (name, fitting) in [
        ("null", vec![0]),
        ("boolean", vec![1]),
        ("integer", vec![2]),
        ("number", vec![2, 3]),
        ("string", vec![4]),
        ("array", vec![5]),
        ("object", vec![6]),
    ] {
        let model = Model::parse(&json!({ "type": name })).unwrap();
        let fit: Vec<_> = (0..values.len()).filter(|n| model.check(&values[*n]).is_ok()).collect();
        assert_eq!(fit, fitting, "{name}");
    }
}

#[test]
fn numbers_have_bounds_and_multiples() {
    check_each(
        &json!({"minimum": 1, "maximum": 3}),
        &[json!(1), json!(2.5), json!(3), json!("x")],
        &[json!(0.9), json!(4)],
    );
    let open =
        json!({"minimum": 1, "exclusiveMinimum": true, "maximum": 3, "exclusiveMaximum": true});
    check_each(&open, &[json!(1.1), json!(2)], &[json!(1), json!(1.0), json!(3)]);
    check_each(
        &json!({"multipleOf": 3}),
        &[json!(0), json!(-9), json!(3.0)],
        &[json!(4), json!(3.5)],
    );
    check_each(&json!({"multipleOf": 0.01}), &[json!(19.99), json!(4)], &[json!(0.005)]);
    check_each(
        &json!({"minimum": 9_007_199_254_740_993_u64}),
        &[json!(9_007_199_254_740_993_u64)],
        &[json!(9_007_199_254_740_992_u64)],
    );
}

#[test]
fn a_pattern_may_match_anywhere() {
    check_each(&json!({"pattern": "b+"}), &[json!("abc"), json!(5)], &[json!("ac")]);
}

#[test]
fn lists_have_places_others_and_no_duplicates() {
    let pair =
        json!({"items": [{"type": "string"}, {"type": "integer"}], "additionalItems": false});
    check_each(&pair, &[json!([]), json!(["a", 1])], &[json!([1]), json!(["a", 1, 2])]);
    let more = json!({"items": [{}], "additionalItems": {"type": "null"}});
    check_each(&more, &[json!([1, null])], &[json!([1, 2])]);
    let unique = json!({"uniqueItems": true});
    check_each(
        &unique,
        &[json!([1, "1", [1], {"a": 1}])],
        &[json!([1, 1.0]), json!([{"a": 1, "b": 2}, {"b": 2, "a": 1}])],
    );
}

#[test]
fn objects_have_sizes_patterns_others_and_dependencies() {
    check_each(
        &json!({"minProperties": 1, "maxProperties": 2}),
        &[json!({"a": 1})],
        &[json!({}), json!({"a": 1, "b": 2, "c": 3})],
    );
    let patterns = json!({"patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": {"type": "integer"}});
    check_each(&patterns, &[json!({"x-a": "b", "c": 1})], &[json!({"x-a": 1}), json!({"c": "d"})]);
    let dependencies = json!({"dependencies": {"a": ["b"], "c": {"required": ["d"]}}});
    check_each(
        &dependencies,
        &[json!({}), json!({"a": 1, "b": 2}), json!({"c": 1, "d": 2})],
        &[json!({"a": 1}), json!({"c": 1})],
    );
}

#[test]
fn schemas_combine() {
    let (short, number) = (json!({"type": "string", "maxLength": 2}), json!({"type": "number"}));
    check_each(
        &json!({"allOf": [short, {"minLength": 1}]}),
        &[json!("ab")],
        &[json!(""), json!("abc"), json!(1)],
    );
    check_each(
        &json!({"anyOf": [short, number]}),
        &[json!("ab"), json!(1)],
        &[json!("abc"), json!(null)],
    );
    check_each(&json!({"oneOf": [number, {"minimum": 5}]}), &[json!(1), json!("x")], &[json!(6)]);
    check_each(&json!({"not": number}), &[json!("x")], &[json!(1)]);
    check(
        &json!({"properties": {"a": {"anyOf": [short]}}}),
        &json!({"a": {"b": 1}}),
        Err("/a: instance failed to match at least one required schema among 1"),
    );
}

#[test]
fn references_lead_within_the_schema_and_may_be_circular() {
    let tree = json!({
        "$ref": "#/definitions/node",
        "type": "passed over beside a $ref",
        "definitions": {
            "node": {
                "type": "object",
                "required": ["v"],
                "properties": { "v": { "$ref": "#/definitions/a~1b" }, "next": { "$ref": "#/definitions/node" } },
            },
            "a/b": { "type": "integer" },
        },
    });
    check(&tree, &json!({"v": 1, "next": {"v": 2}}), Ok(()));
    check(
        &tree,
        &json!({"v": 1, "next": {"v": 2, "next": {}}}),
        Err(r#"/next/next: object has missing required properties (["v"])"#),
    );
}

#[test]
fn mistakes_in_a_schema_are_named_with_their_place() {
    for (schema, said) in [
        (json!([]), "#: a schema is an object, not array"),
        (json!({"type": "text"}), "#/type: must be one or more of null"),
        (
            json!({"properties": {"a b": {"minLength": -1}}}),
            "#/properties/a b/minLength: must be a whole number",
        ),
        (json!({"properties": []}), "#/properties: must be an object"),
        (json!({"items": 5}), "#/items: a schema is an object, not integer"),
        (json!({"required": "a"}), "#/required: must be a list of names"),
        (
            json!({"exclusiveMinimum": 5}),
            "#/exclusiveMinimum: must be true or false, as draft 4 has it",
        ),
        (json!({"multipleOf": 0}), "#/multipleOf: must be a number greater than 0"),
        (json!({"pattern": "(?=x)"}), "no look-around"),
        (json!({"enum": 1}), "#/enum: must be a list"),
        (json!({"anyOf": []}), "#/anyOf: must be a list of schemas"),
        (json!({"$ref": "#/definitions/none"}), "#/$ref: the model has no `#/definitions/none`"),
        (json!({"$ref": "https://example.com/x"}), "leads to another document"),
    ] {
        let error = Model::parse(&schema).unwrap_err();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn work_is_bounded() {
    let message = json!({"a": 1});
    let too_much = |schema: Value| Model::parse(&schema).unwrap().check(&message).unwrap_err();
    assert!(too_much(json!({"$ref": "#"})).contains("within each other"));
    assert!(too_much(json!({"not": {"not": {"$ref": "#"}}})).contains("within each other"));
    let levels = (0..25).map(|n| {
        let next = json!({"$ref": format!("#/definitions/{}", n + 1)});
        (n.to_string(), json!({"allOf": [{"not": {"not": next}}, {"not": {"not": next}}]}))
    });
    let mut definitions: serde_json::Map<_, _> = levels.collect();
    definitions.insert("25".to_owned(), json!({}));
    let exponential = json!({"$ref": "#/definitions/0", "definitions": definitions});
    assert!(too_much(exponential).contains("steps to check"));
    let deep = (0..200).fold(json!({}), |schema, _| json!({"not": schema}));
    assert!(Model::parse(&deep).unwrap_err().contains("within each other"));
}
