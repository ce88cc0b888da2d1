//! Values of parameters: given, default, or a stand-in; and whether AWS would take them.

use super::eval::{Evaluator, text};
use regex_lite::Regex;
use serde_json::Value;

pub(super) fn read(evaluator: &mut Evaluator<'_>, template: &Value) {
    for (name, parameter) in
        template.get("Parameters").and_then(Value::as_object).into_iter().flatten()
    {
        let at = format!("Parameters.{name}");
        let kind = parameter.get("Type").and_then(Value::as_str).unwrap_or("String");
        let given = evaluator.place.parameters.get(name).cloned();
        let known = given.or_else(|| parameter.get("Default").map(text));
        let value = known.unwrap_or_else(|| stand_in(name, kind, parameter));
        if let Some(why) = refused(&value, kind, parameter) {
            evaluator.problem(&at, why);
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

/// Why AWS does not take a value. What is said of one with `NoEcho` does not repeat it.
fn refused(value: &str, kind: &str, parameter: &Value) -> Option<String> {
    let is_secret = parameter.get("NoEcho").map(text).as_deref() == Some("true");
    let shown = if is_secret { "the value".to_owned() } else { format!("`{value}`") };
    let allowed = allowed(parameter);
    if !allowed.is_empty() && !allowed.iter().any(|allowed| allowed == value) {
        return Some(format!("{shown} is not among its AllowedValues {}", allowed.join(", ")));
    }
    if kind == "Number" {
        let Ok(number) = value.trim().parse::<f64>() else {
            return Some(format!("{shown} is not a number"));
        };
        let bound = |name: &str| text(parameter.get(name)?).parse::<f64>().ok();
        return match (bound("MinValue"), bound("MaxValue")) {
            (Some(least), _) if number < least => Some(format!("{shown} is less than {least}")),
            (_, Some(most)) if number > most => Some(format!("{shown} is more than {most}")),
            _ => None,
        };
    }
    let length = value.chars().count();
    if let Some(least) = size(parameter, "MinLength").filter(|least| length < *least) {
        return Some(format!("{shown} has {length} characters; MinLength is {least}"));
    }
    if let Some(most) = size(parameter, "MaxLength").filter(|most| length > *most) {
        return Some(format!("{shown} has {length} characters; MaxLength is {most}"));
    }
    let pattern = parameter.get("AllowedPattern").map(text)?;
    // A pattern in a dialect that is not known here is AWS's to judge.
    let whole = Regex::new(&format!("^(?:{pattern})$")).ok()?;
    (!whole.is_match(value)).then(|| format!("{shown} does not match its AllowedPattern {pattern}"))
}

fn allowed(parameter: &Value) -> Vec<String> {
    let values = parameter.get("AllowedValues").and_then(Value::as_array);
    values.into_iter().flatten().map(text).collect()
}

fn size(parameter: &Value, name: &str) -> Option<usize> {
    text(parameter.get(name)?).parse().ok()
}

/// A value nobody has given: long enough, but for patterns somebody has to.
fn stand_in(name: &str, kind: &str, parameter: &Value) -> String {
    if let Some(first) = allowed(parameter).first() {
        return first.clone();
    }
    if kind == "Number" {
        return parameter.get("MinValue").map_or_else(|| "1".into(), text);
    }
    let value = format!("local-{}", name.to_ascii_lowercase());
    let least = size(parameter, "MinLength").unwrap_or_default().min(STAND_IN_MAX);
    format!("{value:-<least$}")
}

/// Characters of a parameter: CloudFormation's quota.
const STAND_IN_MAX: usize = 4096;
