//! From JSON to a pattern, with every operand checked, so that matching cannot fail.

use super::matcher::{Comparison, Folded, Matcher, Network, Wildcard};
use super::{Fields, Node};
use serde_json::{Map, Value};

/// Objects within objects that a pattern may have; matching recurses as deep.
const DEPTH_MAX: usize = 32;
/// EventBridge compares numbers within these bounds only.
const NUMBER_MAX: f64 = 5e9;

pub(super) fn pattern(value: &Value) -> Result<Fields, String> {
    match value {
        Value::Object(object) => fields(object, &mut Vec::new()),
        _ => Err("an event pattern must be a JSON object, such as {\"source\": [\"app\"]}".into()),
    }
}

type Path<'a> = Vec<&'a str>;

fn fields<'a>(object: &'a Map<String, Value>, path: &mut Path<'a>) -> Result<Fields, String> {
    if object.is_empty() {
        return Err(at(path, "an empty object matches nothing; leave the field out"));
    }
    if path.len() >= DEPTH_MAX {
        return Err(at(path, &format!("nested more than {DEPTH_MAX} levels deep")));
    }
    let mut fields = Fields::default();
    for (name, value) in object {
        path.push(name);
        match value {
            _ if name == "$or" => fields.either = alternatives(value, path)?,
            Value::Object(inner) => {
                fields.all.push((name.clone(), Node::Object(self::fields(inner, path)?)));
            }
            Value::Array(values) if !values.is_empty() => {
                let matchers = values.iter().map(|value| matcher(value, path));
                let leaf = Node::Leaf(matchers.collect::<Result<_, _>>()?);
                fields.all.push((name.clone(), leaf));
            }
            _ => return Err(at(path, "must be an object or a list of values that is not empty")),
        }
        path.pop();
    }
    Ok(fields)
}

fn alternatives<'a>(value: &'a Value, path: &mut Path<'a>) -> Result<Vec<Fields>, String> {
    let Some(alternatives) = value.as_array().filter(|list| list.len() >= 2) else {
        return Err(at(path, "`$or` takes a list of two or more objects"));
    };
    let parse = |alternative: &'a Value| match alternative {
        Value::Object(object) => fields(object, path),
        _ => Err(at(path, "`$or` takes objects only")),
    };
    alternatives.iter().map(parse).collect()
}

fn matcher(value: &Value, path: &Path<'_>) -> Result<Matcher, String> {
    match value {
        Value::Object(object) => {
            let mut entries = object.iter();
            match (entries.next(), entries.next()) {
                (Some((operator, operand)), None) => {
                    self::operator(operator, operand).map_err(|why| at(path, &why))
                }
                _ => Err(at(path, "a comparison is an object with one operator")),
            }
        }
        Value::Array(_) => Err(at(path, "a list within a list of values")),
        scalar => Ok(Matcher::Equals(scalar.clone())),
    }
}

fn operator(name: &str, operand: &Value) -> Result<Matcher, String> {
    match name {
        "anything-but" => anything_but(operand),
        "numeric" => numeric(operand),
        "exists" => match operand {
            Value::Bool(wanted) => Ok(Matcher::Exists(*wanted)),
            _ => Err("`exists` takes true or false".into()),
        },
        "cidr" => {
            operand.as_str().and_then(Network::parse).map(Matcher::Cidr).ok_or_else(|| {
                format!("`cidr` takes a block such as \"10.0.0.0/24\", not {operand}")
            })
        }
        _ => textual(name, operand),
    }
}

/// The operators on text; these are allowed within `anything-but` too.
fn textual(name: &str, operand: &Value) -> Result<Matcher, String> {
    let text = || {
        let text = operand.as_str();
        text.ok_or_else(|| format!("`{name}` takes a string, not {operand}"))
    };
    // `{"prefix": {"equals-ignore-case": "…"}}`
    let folded = operand.get("equals-ignore-case").and_then(Value::as_str).map(Folded::new);
    Ok(match (name, folded) {
        ("prefix", Some(folded)) => Matcher::PrefixIgnoreCase(folded),
        ("suffix", Some(folded)) => Matcher::SuffixIgnoreCase(folded),
        ("prefix", None) => Matcher::Prefix(text()?.to_owned()),
        ("suffix", None) => Matcher::Suffix(text()?.to_owned()),
        ("equals-ignore-case", _) => Matcher::EqualsIgnoreCase(Folded::new(text()?)),
        ("wildcard", _) => Matcher::Wildcard(Wildcard::parse(text()?)?),
        _ => {
            return Err(format!(
                "unknown operator `{name}`; there are prefix, suffix, wildcard, \
                 equals-ignore-case, anything-but, numeric, exists, cidr and $or"
            ));
        }
    })
}

fn anything_but(operand: &Value) -> Result<Matcher, String> {
    let several = |operand: &Value, parse: &dyn Fn(&Value) -> Result<Matcher, String>| {
        let matchers = match operand {
            Value::Array(values) if values.is_empty() => {
                Err("`anything-but` takes a list that is not empty".into())
            }
            Value::Array(values) => values.iter().map(parse).collect(),
            single => parse(single).map(|matcher| vec![matcher]),
        };
        matchers.map(Matcher::AnythingBut)
    };
    match operand {
        Value::Object(object) => {
            let mut entries = object.iter();
            match (entries.next(), entries.next()) {
                (Some((name, operands)), None) => several(operands, &|one| textual(name, one)),
                _ => Err("`anything-but` takes an object with one operator".into()),
            }
        }
        _ => several(operand, &|one| match one {
            Value::String(_) | Value::Number(_) => Ok(Matcher::Equals(one.clone())),
            _ => Err(format!("`anything-but` takes strings and numbers, not {one}")),
        }),
    }
}

fn numeric(operand: &Value) -> Result<Matcher, String> {
    let usage = "`numeric` takes [\"=\", 5] or bounds such as [\">\", 0, \"<=\", 5]";
    let terms = operand.as_array().ok_or(usage)?;
    let mut comparisons = Vec::new();
    for term in terms.chunks(2) {
        let [Value::String(sign), Value::Number(number)] = term else { return Err(usage.into()) };
        let comparison = match sign.as_str() {
            "=" => Comparison::Equal,
            "<" => Comparison::Less,
            "<=" => Comparison::LessOrEqual,
            ">" => Comparison::Greater,
            ">=" => Comparison::GreaterOrEqual,
            _ => return Err(usage.into()),
        };
        let number = number.as_f64().filter(|n| n.abs() <= NUMBER_MAX);
        let number = number.ok_or("`numeric` takes numbers from -5.0e9 to 5.0e9")?;
        comparisons.push((comparison, number));
    }
    let is_lower = |c| matches!(c, Comparison::Greater | Comparison::GreaterOrEqual);
    let is_upper = |c| matches!(c, Comparison::Less | Comparison::LessOrEqual);
    match comparisons[..] {
        [_] => Ok(Matcher::Numeric(comparisons)),
        [(a, x), (b, y)] if (is_lower(a) && is_upper(b)) || (is_upper(a) && is_lower(b)) => {
            let (bottom, top) = if is_lower(a) { (x, y) } else { (y, x) };
            if bottom < top {
                Ok(Matcher::Numeric(comparisons))
            } else {
                Err("the lower bound of `numeric` must be less than the upper one".into())
            }
        }
        _ => Err(usage.into()),
    }
}

fn at(path: &Path<'_>, why: &str) -> String {
    if path.is_empty() {
        format!("in the event pattern: {why}")
    } else {
        format!("in the event pattern at `{}`: {why}", path.join("."))
    }
}
