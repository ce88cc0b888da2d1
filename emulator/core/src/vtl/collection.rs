//! The methods of lists, maps, entries and numbers: those of `java.util` that templates use.

use super::value::{Fault, Heap, ListId, Map, MapId, Value};
use std::rc::Rc;

/// Calls a method of a list; `None` when lists have no such method.
pub(super) fn call_list<'t>(
    heap: &mut Heap<'t>,
    id: ListId,
    name: &str,
    arguments: &[Value<'t>],
) -> Result<Option<Value<'t>>, Fault> {
    Ok(Some(match (name, arguments) {
        ("size", []) => count(heap.list(id).len()),
        ("isEmpty", []) => Value::Bool(heap.list(id).is_empty()),
        ("get", [Value::Integer(at)]) => heap.list(id)[position(heap, id, *at)?].clone(),
        ("set", [Value::Integer(at), item]) => {
            let at = position(heap, id, *at)?;
            std::mem::replace(&mut heap.list_mut(id)[at], item.clone())
        }
        ("add", [item]) => {
            heap.list_mut(id).push(item.clone());
            Value::Bool(true)
        }
        ("add", [Value::Integer(at), item]) => {
            heap.spend(heap.list(id).len() / 64)?;
            match usize::try_from(*at) {
                Ok(at) if at <= heap.list(id).len() => heap.list_mut(id).insert(at, item.clone()),
                _ => return Err(outside(heap, id, *at)),
            }
            Value::Null
        }
        ("addAll", [Value::List(other)]) => {
            heap.spend(heap.list(*other).len())?;
            let mut items = heap.list(*other).to_vec();
            heap.list_mut(id).append(&mut items);
            Value::Bool(true)
        }
        ("remove", [Value::Integer(at)]) => {
            heap.spend(heap.list(id).len() / 64)?;
            let at = position(heap, id, *at)?;
            heap.list_mut(id).remove(at)
        }
        ("clear", []) => {
            heap.list_mut(id).clear();
            Value::Null
        }
        ("contains" | "indexOf", [item]) => {
            let mut found = None;
            let items = heap.list(id).to_vec();
            heap.spend(items.len())?;
            for (n, candidate) in items.iter().enumerate() {
                if heap.equal(candidate, item)? {
                    found = Some(n);
                    break;
                }
            }
            match name {
                "contains" => Value::Bool(found.is_some()),
                _ => found.map_or(Value::Integer(-1), count),
            }
        }
        _ => return Ok(None),
    }))
}

/// Calls a method of a map; `None` when maps have no such method. Keys are texts.
pub(super) fn call_map<'t>(
    heap: &mut Heap<'t>,
    id: MapId,
    name: &str,
    arguments: &[Value<'t>],
) -> Result<Option<Value<'t>>, Fault> {
    Ok(Some(match (name, arguments) {
        ("size", []) => count(heap.map(id).len()),
        ("isEmpty", []) => Value::Bool(heap.map(id).is_empty()),
        ("keySet", []) => {
            let keys = heap.map(id).keys().map(|key| Value::Text(Rc::clone(key))).collect();
            heap.new_list(keys)?
        }
        ("values", []) => {
            let values = heap.map(id).values().cloned().collect();
            heap.new_list(values)?
        }
        ("entrySet", []) => {
            let entries = heap.map(id).keys().map(|key| Value::Entry(id, Rc::clone(key))).collect();
            heap.new_list(entries)?
        }
        ("clear", []) => {
            heap.map_mut(id).clear();
            Value::Null
        }
        ("putAll", [Value::Map(other)]) => {
            let entries: Map<'t> = heap.map(*other).clone();
            heap.spend(entries.len())?;
            heap.map_mut(id).extend(entries);
            Value::Null
        }
        ("get" | "containsKey" | "remove", [key]) => {
            let key = heap.text_of(key)?;
            match name {
                "get" => heap.map(id).get(&key).cloned().unwrap_or(Value::Null),
                "containsKey" => Value::Bool(heap.map(id).contains_key(&key)),
                _ => {
                    heap.spend(heap.map(id).len() / 64)?;
                    heap.map_mut(id).shift_remove(&key).unwrap_or(Value::Null)
                }
            }
        }
        ("getOrDefault", [key, otherwise]) => {
            let key = heap.text_of(key)?;
            heap.map(id).get(&key).cloned().unwrap_or_else(|| otherwise.clone())
        }
        ("put", [key, value]) => {
            let key = heap.text_of(key)?;
            heap.map_mut(id).insert(key, value.clone()).unwrap_or(Value::Null)
        }
        ("containsValue", [value]) => {
            let values = heap.map(id).values().cloned().collect();
            let Value::List(values) = heap.new_list(values)? else { return Ok(None) };
            return call_list(heap, values, "contains", std::slice::from_ref(value));
        }
        _ => return Ok(None),
    }))
}

/// Calls a method of a number or boolean. `parseInt` is here because templates get hold of Java's
/// by `#set($Integer = 0)`.
pub(super) fn call_scalar<'t>(
    heap: &mut Heap<'t>,
    value: &Value<'t>,
    name: &str,
    arguments: &[Value<'t>],
) -> Result<Option<Value<'t>>, Fault> {
    let Some(number) = value.number() else { return Ok(None) };
    Ok(Some(match (name, arguments) {
        #[expect(clippy::cast_possible_truncation, reason = "Java's conversion saturates, too")]
        ("intValue" | "longValue", []) => match value {
            Value::Integer(n) => Value::Integer(*n),
            _ => Value::Integer(number as i64),
        },
        ("doubleValue" | "floatValue", []) => Value::Float(number),
        ("parseInt" | "parseLong" | "parseDouble" | "parseFloat" | "valueOf", [text]) => {
            let text = heap.text_of(text)?;
            let integer = || text.parse().ok().map(Value::Integer);
            let float = || text.trim().parse().ok().map(Value::Float);
            let parsed = match (name, value) {
                ("parseInt" | "parseLong", _) | (_, Value::Integer(_)) => integer(),
                _ => float(),
            };
            parsed.ok_or_else(|| format!("`{name}`: `{text:.40}` is not a number"))?
        }
        _ => return Ok(None),
    }))
}

fn position(heap: &Heap<'_>, id: ListId, at: i64) -> Result<usize, Fault> {
    match usize::try_from(at) {
        Ok(n) if n < heap.list(id).len() => Ok(n),
        _ => Err(outside(heap, id, at)),
    }
}

fn outside(heap: &Heap<'_>, id: ListId, at: i64) -> Fault {
    format!("index {at} is outside a list of {}", heap.list(id).len())
}

pub(super) fn count<'t>(n: usize) -> Value<'t> {
    Value::Integer(i64::try_from(n).unwrap_or(i64::MAX))
}
