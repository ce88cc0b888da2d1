//! Request models: the part of JSON Schema draft 4 that API Gateway's models use.
//!
//! Keywords it does not know are passed over, as the draft demands. `$ref` works within the model
//! (`#/definitions/…`) and nowhere else: nothing is fetched.

use regex_lite::Regex;
use serde_json::{Map, Value};

/// References and alternatives nest no deeper.
const DEPTH_MAX: usize = 64;
/// Values are looked at this often at most, whatever the schema.
const STEPS_MAX: usize = 100_000;

/// Checks a value.
///
/// # Errors
/// The first thing that does not fit, as a sentence.
pub(crate) fn validate(schema: &Value, value: &Value) -> Result<(), String> {
    let mut validator = Validator { root: schema, steps: 0 };
    validator.check(schema, value, "$", 0)
}

struct Validator<'a> {
    root: &'a Value,
    steps: usize,
}

impl<'a> Validator<'a> {
    fn check(
        &mut self,
        schema: &'a Value,
        value: &Value,
        at: &str,
        depth: usize,
    ) -> Result<(), String> {
        self.steps += 1;
        if depth > DEPTH_MAX || self.steps > STEPS_MAX {
            return Err(format!("{at}: the model is too complex"));
        }
        let Some(map) = schema.as_object() else { return Ok(()) };
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            let target = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
            let target = target.ok_or_else(|| format!("{at}: the model has no {reference}"))?;
            return self.check(target, value, at, depth + 1);
        }
        check_type(map, value, at)?;
        check_enum(map, value, at)?;
        match value {
            Value::Object(object) => self.check_object(map, object, at, depth)?,
            Value::Array(items) => self.check_array(map, items, at, depth)?,
            Value::String(text) => check_text(map, text, at)?,
            Value::Number(number) => check_number(map, number.as_f64().unwrap_or_default(), at)?,
            Value::Null | Value::Bool(_) => {}
        }
        self.check_combinations(map, value, at, depth)
    }

    fn check_object(
        &mut self,
        schema: &'a Map<String, Value>,
        object: &Map<String, Value>,
        at: &str,
        depth: usize,
    ) -> Result<(), String> {
        for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
            if let Some(name) = name.as_str().filter(|name| !object.contains_key(*name)) {
                return Err(format!("{at}: {name} is missing"));
            }
        }
        check_count(schema, "Properties", object.len(), at)?;
        let known = schema.get("properties").and_then(Value::as_object);
        let patterns = schema.get("patternProperties").and_then(Value::as_object);
        for (name, value) in object {
            let at = format!("{at}.{name}");
            let mut is_known = false;
            if let Some(schema) = known.and_then(|known| known.get(name)) {
                is_known = true;
                self.check(schema, value, &at, depth + 1)?;
            }
            for (pattern, schema) in patterns.into_iter().flatten() {
                if matches(pattern, name) {
                    is_known = true;
                    self.check(schema, value, &at, depth + 1)?;
                }
            }
            match schema.get("additionalProperties") {
                Some(Value::Bool(false)) if !is_known => {
                    return Err(format!("{at} is not in the model"));
                }
                Some(schema @ Value::Object(_)) if !is_known => {
                    self.check(schema, value, &at, depth + 1)?
                }
                _ => {}
            }
        }
        for (name, needs) in
            schema.get("dependencies").and_then(Value::as_object).into_iter().flatten()
        {
            if !object.contains_key(name) {
                continue;
            }
            match needs {
                Value::Array(names) => {
                    let missing =
                        names.iter().filter_map(Value::as_str).find(|n| !object.contains_key(*n));
                    if let Some(missing) = missing {
                        return Err(format!("{at}: {name} needs {missing}"));
                    }
                }
                schema => self.check(schema, &Value::Object(object.clone()), at, depth + 1)?,
            }
        }
        Ok(())
    }

    fn check_array(
        &mut self,
        schema: &'a Map<String, Value>,
        items: &[Value],
        at: &str,
        depth: usize,
    ) -> Result<(), String> {
        check_count(schema, "Items", items.len(), at)?;
        let is_unique = schema.get("uniqueItems") == Some(&Value::Bool(true));
        if is_unique && items.iter().enumerate().any(|(i, item)| items[..i].contains(item)) {
            return Err(format!("{at} repeats an item"));
        }
        match schema.get("items") {
            Some(Value::Array(each)) => {
                for (i, (schema, item)) in each.iter().zip(items).enumerate() {
                    self.check(schema, item, &format!("{at}[{i}]"), depth + 1)?;
                }
                if schema.get("additionalItems") == Some(&Value::Bool(false))
                    && items.len() > each.len()
                {
                    return Err(format!("{at} has more than {} items", each.len()));
                }
            }
            Some(all) => {
                for (i, item) in items.iter().enumerate() {
                    self.check(all, item, &format!("{at}[{i}]"), depth + 1)?;
                }
            }
            None => {}
        }
        Ok(())
    }

    fn check_combinations(
        &mut self,
        schema: &'a Map<String, Value>,
        value: &Value,
        at: &str,
        depth: usize,
    ) -> Result<(), String> {
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.check(part, value, at, depth + 1)?;
        }
        for (keyword, is_enough) in [("anyOf", false), ("oneOf", true)] {
            let Some(parts) = schema.get(keyword).and_then(Value::as_array) else { continue };
            let fitting =
                parts.iter().filter(|part| self.check(part, value, at, depth + 1).is_ok()).count();
            if fitting == 0 || (is_enough && fitting > 1) {
                return Err(format!("{at} fits {fitting} of the alternatives of {keyword}"));
            }
        }
        if let Some(unwanted) = schema.get("not")
            && self.check(unwanted, value, at, depth + 1).is_ok()
        {
            return Err(format!("{at} is what the model excludes"));
        }
        Ok(())
    }
}

fn check_type(schema: &Map<String, Value>, value: &Value, at: &str) -> Result<(), String> {
    let wanted: Vec<&str> = match schema.get("type") {
        None => return Ok(()),
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        Some(_) => return Ok(()),
    };
    let fits = |kind: &&str| match *kind {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        _ => true,
    };
    if wanted.iter().any(fits) {
        Ok(())
    } else {
        Err(format!("{at} is not of type {}", wanted.join(" or ")))
    }
}

fn check_enum(schema: &Map<String, Value>, value: &Value, at: &str) -> Result<(), String> {
    match schema.get("enum").and_then(Value::as_array) {
        Some(values) if !values.contains(value) => {
            Err(format!("{at} is not one of the allowed values"))
        }
        _ => Ok(()),
    }
}

/// `min{what}` and `max{what}`.
fn check_count(
    schema: &Map<String, Value>,
    what: &str,
    count: usize,
    at: &str,
) -> Result<(), String> {
    let limit = |kind: &str| schema.get(&format!("{kind}{what}")).and_then(Value::as_u64);
    let count = count as u64;
    if limit("min").is_some_and(|least| count < least)
        || limit("max").is_some_and(|most| count > most)
    {
        return Err(format!("{at} has {count} {}", what.to_ascii_lowercase()));
    }
    Ok(())
}

fn check_text(schema: &Map<String, Value>, text: &str, at: &str) -> Result<(), String> {
    check_count(schema, "Length", text.chars().count(), at)?;
    match schema.get("pattern").and_then(Value::as_str) {
        Some(pattern) if !matches(pattern, text) => Err(format!("{at} does not match {pattern}")),
        _ => Ok(()),
    }
}

fn check_number(schema: &Map<String, Value>, number: f64, at: &str) -> Result<(), String> {
    let limit = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
    let excluded = |keyword: &str| schema.get(keyword) == Some(&Value::Bool(true));
    let too_small = limit("minimum")
        .is_some_and(|least| number < least || (number <= least && excluded("exclusiveMinimum")));
    let too_big = limit("maximum")
        .is_some_and(|most| number > most || (number >= most && excluded("exclusiveMaximum")));
    if too_small || too_big {
        return Err(format!("{at} is out of range"));
    }
    match limit("multipleOf").filter(|step| *step > 0.0) {
        Some(step) if (number / step).fract() != 0.0 => {
            Err(format!("{at} is not a multiple of {step}"))
        }
        _ => Ok(()),
    }
}

/// A pattern that is no regular expression matches nothing.
fn matches(pattern: &str, text: &str) -> bool {
    Regex::new(pattern).is_ok_and(|regex| regex.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::validate;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(schema: Value, good: &[Value], bad: &[Value]) {
        for value in good {
            assert_eq!(validate(&schema, value), Ok(()), "{value} must fit {schema}");
        }
        for value in bad {
            assert!(validate(&schema, value).is_err(), "{value} must not fit {schema}");
        }
    }

    #[test]
    fn objects_have_types_and_required_properties() {
        let schema = json!({
            "$schema": "http://json-schema.org/draft-04/schema#",
            "type": "object",
            "required": ["action"],
            "properties": { "action": { "type": "string", "enum": ["join", "leave"] }, "n": { "type": "integer" } },
            "additionalProperties": false,
        });
        check(
            schema,
            &[json!({"action": "join"}), json!({"action": "leave", "n": 1})],
            &[
                json!({}),
                json!([]),
                json!({"action": "x"}),
                json!({"action": "join", "n": 1.5}),
                json!({"action": "join", "m": 1}),
            ],
        );
    }

    #[test]
    fn numbers_and_texts_have_limits() {
        check(
            json!({"minimum": 1, "maximum": 3, "exclusiveMaximum": true}),
            &[json!(1), json!(2.9)],
            &[json!(0), json!(3)],
        );
        check(json!({"multipleOf": 0.5}), &[json!(1.5)], &[json!(1.2)]);
        check(
            json!({"minLength": 2, "maxLength": 3, "pattern": "^[a-z]+$"}),
            &[json!("äb"[2..].repeat(2))],
            &[json!("a"), json!("abcd"), json!("A1")],
        );
    }

    #[test]
    fn arrays_have_items() {
        check(
            json!({"type": "array", "items": {"type": "number"}, "minItems": 1, "maxItems": 2, "uniqueItems": true}),
            &[json!([1]), json!([1, 2])],
            &[json!([]), json!([1, 1]), json!(["x"]), json!([1, 2, 3])],
        );
        check(
            json!({"items": [{"type": "null"}], "additionalItems": false}),
            &[json!([null])],
            &[json!([1]), json!([null, 1])],
        );
    }

    #[test]
    fn schemas_are_combined() {
        check(
            json!({"anyOf": [{"type": "string"}, {"type": "null"}]}),
            &[json!("x"), json!(null)],
            &[json!(1)],
        );
        check(
            json!({"oneOf": [{"minimum": 1}, {"minimum": 2}]}),
            &[json!(1)],
            &[json!(0), json!(2)],
        );
        check(json!({"allOf": [{"minimum": 1}, {"maximum": 2}]}), &[json!(1)], &[json!(3)]);
        check(json!({"not": {"type": "string"}}), &[json!(1)], &[json!("x")]);
        check(
            json!({"dependencies": {"a": ["b"]}}),
            &[json!({}), json!({"a": 1, "b": 1})],
            &[json!({"a": 1})],
        );
    }

    #[test]
    fn references_stay_within_the_model() {
        let schema = json!({"definitions": {"n": {"type": "number"}}, "properties": {"n": {"$ref": "#/definitions/n"}}});
        check(schema, &[json!({"n": 1})], &[json!({"n": "x"})]);
        check(json!({"$ref": "http://elsewhere/schema"}), &[], &[json!(1)]);
    }

    #[test]
    fn model_that_refers_to_itself_ends() {
        check(json!({"$ref": "#"}), &[], &[json!(1)]);
        check(json!({"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}), &[], &[json!(1)]);
    }
}
