//! Which literals a schema accepts, as Rust expressions of `infra_gen::Rule`.

use crate::schema::{Bounds, Schema};
use crate::{Error, names};
use serde_json::Value;

/// Rules of one property.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    pub(crate) checked: Vec<String>,
    /// Patterns with look-around or Unicode classes: AWS checks them, we do not.
    pub(crate) unchecked: Vec<String>,
}

/// The rules of a value whose references are resolved; `resolve` does so for what is inside.
pub(crate) fn rules(
    schema: &Schema,
    resolve: impl Fn(&Schema) -> Result<Schema, Error>,
) -> Result<Rules, String> {
    let mut rules = of_value(schema)?;
    let inside = schema.items.as_deref().or(schema.entries.first().map(|(_, values)| values));
    if let Some(inside) = inside {
        let inner = of_value(&resolve(inside).map_err(|e| e.to_string())?)?;
        if !inner.checked.is_empty() {
            rules.checked.push(format!("Each(&[{}])", inner.checked.join(", ")));
        }
        rules.unchecked.extend(inner.unchecked);
    }
    Ok(rules)
}

fn of_value(schema: &Schema) -> Result<Rules, String> {
    let mut rules = Rules::default();
    // A document may be given as text; its length is AWS's business.
    let only = |name: &str| schema.types.len() == 1 && schema.types[0] == name;
    // An enum is open: what is not in its list is for AWS to judge.
    let listed = |p: &String| alternatives(p).is_some();
    if only("string")
        && schema.enumeration.is_empty()
        && !schema.pattern.as_ref().is_some_and(listed)
    {
        rules.checked.extend(between("Length", &schema.length));
        if let Some(pattern) = &schema.pattern {
            pattern_rule(pattern, "Pattern", &mut rules)?;
        }
    }
    if only("integer") || only("number") {
        let float = |digits: &String| {
            if digits.contains('.') { digits.clone() } else { format!("{digits}.0") }
        };
        rules.checked.extend(schema.range.least.as_ref().map(|n| format!("Least({})", float(n))));
        rules.checked.extend(schema.range.most.as_ref().map(|n| format!("Most({})", float(n))));
        if !schema.enumeration.is_empty() {
            let values: Vec<_> = schema.enumeration.iter().map(Value::to_string).collect();
            rules.checked.push(format!("OneOf(&[{}])", values.join(", ")));
        }
    }
    rules.checked.extend(between("Count", &schema.count));
    if schema.unique {
        rules.checked.push("Unique".to_owned());
    }
    for (pattern, _) in &schema.entries {
        if !matches!(pattern.as_str(), "" | ".*" | "^.+$") {
            pattern_rule(pattern, "Keys", &mut rules)?;
        }
    }
    Ok(rules)
}

fn between(rule: &str, bounds: &Bounds) -> Option<String> {
    let least = bounds.least.as_deref().unwrap_or("0");
    match &bounds.most {
        Some(most) => Some(format!("{rule}({least}, {most})")),
        None if least == "0" => None,
        None => Some(format!("{rule}({least}, NO_LIMIT)")),
    }
}

fn pattern_rule(pattern: &str, rule: &str, rules: &mut Rules) -> Result<(), String> {
    if ["(?!", "(?=", "(?<", "\\p{"].iter().any(|beyond| pattern.contains(beyond)) {
        rules.unchecked.push(pattern.to_owned());
        return Ok(());
    }
    // Python's spelling of the end of the text.
    let pattern = &pattern.replace("\\Z", "$");
    regex_lite::Regex::new(pattern)
        .map_err(|e| format!("has the pattern {pattern}, which is not understood: {e}"))?;
    rules.checked.push(format!("{rule}({})", names::literal(pattern)));
    Ok(())
}

/// `(LATEST|TRIM_HORIZON)+` is an enum written as a pattern.
pub(crate) fn alternatives(pattern: &str) -> Option<Vec<String>> {
    let inner = pattern.trim_start_matches('^').trim_end_matches('$').trim_end_matches('+');
    let inner = inner.strip_prefix('(')?.strip_suffix(')')?;
    let values: Vec<_> = inner.split('|').map(str::to_owned).collect();
    let plain =
        |v: &String| !v.is_empty() && v.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    (values.len() > 1 && values.iter().all(plain)).then_some(values)
}
