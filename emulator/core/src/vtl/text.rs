//! The methods of texts: `java.lang.String`'s, indexes counted in UTF-16 units as there.

use super::OUTPUT_BYTES_MAX;
use super::value::{Fault, Heap, Value};
use regex_lite::{Captures, Regex, RegexBuilder};
use std::rc::Rc;

/// Bytes a compiled pattern may take.
const PATTERN_BYTES_MAX: usize = 1 << 14;

/// Calls a method; `None` when texts have none of this name with so many arguments.
pub(super) fn call<'t>(
    heap: &mut Heap<'t>,
    text: &Rc<str>,
    name: &str,
    arguments: &[Value<'t>],
) -> Result<Option<Value<'t>>, Fault> {
    heap.spend(1 + text.len() / 64)?;
    Ok(Some(match (name, arguments) {
        ("length", []) => length(text),
        ("isEmpty", []) => Value::Bool(text.is_empty()),
        ("trim", []) => heap.new_text(text.trim_matches(|c| c <= ' '))?,
        ("toLowerCase", []) => heap.new_text(&text.to_lowercase())?,
        ("toUpperCase", []) => heap.new_text(&text.to_uppercase())?,
        ("charAt", [Value::Integer(at)]) => {
            heap.new_text(&part(text, *at, Some(at.saturating_add(1)))?)?
        }
        ("substring", [Value::Integer(from)]) => heap.new_text(&part(text, *from, None)?)?,
        ("substring", [Value::Integer(from), Value::Integer(to)]) => {
            heap.new_text(&part(text, *from, Some(*to))?)?
        }
        (_, [one]) => {
            let one = heap.text_of(one)?;
            return with_one(heap, text, name, &one);
        }
        (_, [from, to]) => {
            let (from, to) = (heap.text_of(from)?, heap.text_of(to)?);
            return with_two(heap, text, name, &from, &to);
        }
        _ => return Ok(None),
    }))
}

fn with_one<'t>(
    heap: &mut Heap<'t>,
    text: &Rc<str>,
    name: &str,
    argument: &str,
) -> Result<Option<Value<'t>>, Fault> {
    heap.spend(argument.len() / 64)?;
    Ok(Some(match name {
        "contains" => Value::Bool(text.contains(argument)),
        "startsWith" => Value::Bool(text.starts_with(argument)),
        "endsWith" => Value::Bool(text.ends_with(argument)),
        "equalsIgnoreCase" => Value::Bool(text.to_lowercase() == argument.to_lowercase()),
        "indexOf" => index(text, text.find(argument)),
        "lastIndexOf" => index(text, text.rfind(argument)),
        "concat" => heap.new_text(&[text, argument].concat())?,
        "matches" => {
            let whole = pattern(heap, text, &format!("^(?:{argument})$"))?;
            Value::Bool(whole.is_match(text))
        }
        "split" => {
            let mut items = Vec::new();
            for piece in pattern(heap, text, argument)?.split(text) {
                items.push(heap.new_text(piece)?);
            }
            // As in Java: no empty texts at the end, nor one before a match of nothing at the start.
            let is_empty = |item: &Value<'_>| matches!(item, Value::Text(t) if t.is_empty());
            if argument.is_empty() && items.first().is_some_and(is_empty) {
                items.remove(0);
            }
            while items.len() > 1 && items.last().is_some_and(is_empty) {
                items.pop();
            }
            heap.new_list(items)?
        }
        _ => return Ok(None),
    }))
}

fn with_two<'t>(
    heap: &mut Heap<'t>,
    text: &str,
    name: &str,
    from: &str,
    to: &str,
) -> Result<Option<Value<'t>>, Fault> {
    let limit = match name {
        "replace" => {
            let matches = if from.is_empty() { text.len() + 1 } else { text.matches(from).count() };
            heap.spend_text(text.len().saturating_add(matches.saturating_mul(to.len())))?;
            return heap.new_text(&text.replace(from, to)).map(Some);
        }
        "replaceFirst" => 1,
        "replaceAll" => usize::MAX,
        _ => return Ok(None),
    };
    let pattern = pattern(heap, text, from)?;
    let mut out = String::new();
    let mut copied = 0;
    for captures in pattern.captures_iter(text).take(limit) {
        let Some(whole) = captures.get(0) else { continue };
        heap.spend(1 + to.len() / 64)?;
        append(&text[copied..whole.start()], &mut out)?;
        expand(&captures, to, &mut out)?;
        copied = whole.end();
    }
    append(&text[copied..], &mut out)?;
    heap.new_text(&out).map(Some)
}

fn append(part: &str, out: &mut String) -> Result<(), Fault> {
    if out.len() + part.len() > OUTPUT_BYTES_MAX {
        return Err(format!("a text of more than {OUTPUT_BYTES_MAX} bytes"));
    }
    out.push_str(part);
    Ok(())
}

/// Java's replacement: `$1` is a group, `\` takes the next character as it is.
fn expand(captures: &Captures<'_>, replacement: &str, out: &mut String) -> Result<(), Fault> {
    let mut rest = replacement.chars();
    while let Some(c) = rest.next() {
        match c {
            '\\' => out.extend(rest.next()),
            '$' => {
                let digit = rest.next().and_then(|c| c.to_digit(10));
                let Some(group) = digit.and_then(|n| usize::try_from(n).ok()) else {
                    return Err(format!("`{replacement}`: after `$` comes the number of a group"));
                };
                if group >= captures.len() {
                    return Err(format!("`{replacement}`: the pattern has no group {group}"));
                }
                append(captures.get(group).map_or("", |found| found.as_str()), out)?;
            }
            c => out.push(c),
        }
    }
    Ok(())
}

/// Compiles a pattern that is about to run over `text`, paying for both.
fn pattern(heap: &mut Heap<'_>, text: &str, pattern: &str) -> Result<Regex, Fault> {
    heap.spend((1 + text.len() / 64).saturating_mul(1 + pattern.len() / 4))?;
    RegexBuilder::new(pattern)
        .size_limit(PATTERN_BYTES_MAX)
        .build()
        .map_err(|e| format!("`{pattern}` is not a regular expression that is read here: {e}"))
}

fn length<'t>(text: &str) -> Value<'t> {
    Value::Integer(i64::try_from(text.encode_utf16().count()).unwrap_or(i64::MAX))
}

/// The index of a byte, or -1.
fn index<'t>(text: &str, found: Option<usize>) -> Value<'t> {
    found.map_or(Value::Integer(-1), |byte| length(&text[..byte]))
}

/// The text between two indexes. Half of a surrogate pair becomes U+FFFD.
fn part(text: &str, from: i64, to: Option<i64>) -> Result<String, Fault> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let index = |index: i64| usize::try_from(index).ok();
    let range = index(from).zip(to.map_or(Some(units.len()), index));
    let part = range.and_then(|(from, to)| units.get(from..to));
    part.map(String::from_utf16_lossy).ok_or_else(|| {
        let to = to.map(|to| format!(" to {to}")).unwrap_or_default();
        format!("from {from}{to} is outside a text of {} characters", units.len())
    })
}
