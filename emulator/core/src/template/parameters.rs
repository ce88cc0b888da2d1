//! Values of parameters: given, default, or a stand-in.

use super::eval::{Evaluator, text};
use serde_json::Value;

pub(super) fn read(evaluator: &mut Evaluator<'_>, template: &Value) {
    for (name, parameter) in
        template.get("Parameters").and_then(Value::as_object).into_iter().flatten()
    {
        let at = format!("Parameters.{name}");
        let kind = parameter.get("Type").and_then(Value::as_str).unwrap_or("String");
        let allowed: Vec<String> = parameter
            .get("AllowedValues")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(text)
            .collect();
        let given = evaluator.place.parameters.get(name).cloned();
        let known = given.or_else(|| parameter.get("Default").map(text));
        let value = known.unwrap_or_else(|| stand_in(name, kind, parameter, &allowed));
        if !allowed.is_empty() && !allowed.contains(&value) {
            evaluator.problem(
                &at,
                format!("`{value}` is not among its AllowedValues {}", allowed.join(", ")),
            );
        }
        let is_list = kind == "CommaDelimitedList" || kind.starts_with("List<");
        let value = if is_list {
            Value::Array(value.split(',').map(|item| Value::from(item.trim())).collect())
        } else {
            Value::String(value)
        };
        evaluator.parameters.insert(name.clone(), value);
    }
    let unknown: Vec<String> = evaluator
        .place
        .parameters
        .keys()
        .filter(|name| !evaluator.parameters.contains_key(*name))
        .cloned()
        .collect();
    for name in unknown {
        evaluator.problem(
            &format!("Parameters.{name}"),
            "a value is given, but the template has no such parameter",
        );
    }
}

fn stand_in(name: &str, kind: &str, parameter: &Value, allowed: &[String]) -> String {
    if let Some(first) = allowed.first() {
        return first.clone();
    }
    if kind == "Number" {
        return parameter.get("MinValue").map_or_else(|| "1".into(), text);
    }
    format!("local-{}", name.to_ascii_lowercase())
}
