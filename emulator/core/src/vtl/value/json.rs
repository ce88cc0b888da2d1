//! JSON into the heap and out of it, keeping the order of keys: `$input.json('$')` must not shuffle
//! what the client sent.

use super::{Fault, Heap, Map, Value, enter, scalar};
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use std::fmt;

impl<'t> Heap<'t> {
    /// Reads a JSON text.
    pub(in crate::vtl) fn read_json(&mut self, text: &str) -> Result<Value<'t>, Fault> {
        self.spend(text.len() / 64)?;
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let value =
            Reader { heap: self }.deserialize(&mut deserializer).map_err(|e| e.to_string())?;
        deserializer.end().map_err(|e| e.to_string())?;
        Ok(value)
    }

    /// Takes over a JSON value.
    pub(in crate::vtl) fn import(&mut self, value: &serde_json::Value) -> Result<Value<'t>, Fault> {
        Reader { heap: self }.deserialize(value).map_err(|e| e.to_string())
    }

    /// Appends the value as JSON.
    pub(in crate::vtl) fn print_json(
        &mut self,
        value: &Value<'t>,
        out: &mut String,
    ) -> Result<(), Fault> {
        let before = out.len();
        let mut steps = self.steps_left;
        let printed = self.json_within(value, out, super::DEPTH_MAX, &mut steps);
        self.steps_left = steps;
        printed?;
        self.spend_text(out.len() - before)
    }

    pub(super) fn json_within(
        &self,
        value: &Value<'t>,
        out: &mut String,
        depth: usize,
        steps: &mut usize,
    ) -> Result<(), Fault> {
        let depth = enter(out, depth, steps)?;
        match value {
            Value::Bool(_) | Value::Integer(_) => out.push_str(&scalar(value)),
            Value::Float(n) if n.is_finite() => out.push_str(&scalar(value)),
            Value::Text(text) => push_quoted(text, out),
            Value::List(id) => {
                out.push('[');
                for (n, item) in self.list(*id).iter().enumerate() {
                    out.push_str(if n == 0 { "" } else { "," });
                    self.json_within(item, out, depth, steps)?;
                }
                out.push(']');
            }
            Value::Map(id) => {
                out.push('{');
                for (n, (key, value)) in self.map(*id).iter().enumerate() {
                    out.push_str(if n == 0 { "" } else { "," });
                    push_quoted(key, out);
                    out.push(':');
                    self.json_within(value, out, depth, steps)?;
                }
                out.push('}');
            }
            Value::Entry(id, key) => {
                out.push('{');
                push_quoted(key, out);
                out.push(':');
                let value = self.map(*id).get(key).unwrap_or(&Value::Null);
                self.json_within(value, out, depth, steps)?;
                out.push('}');
            }
            Value::Null
            | Value::Float(_)
            | Value::Block(_)
            | Value::Loop(_)
            | Value::Input
            | Value::Util => out.push_str("null"),
        }
        Ok(())
    }
}

fn push_quoted(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

/// Puts what it reads into the heap.
struct Reader<'h, 't> {
    heap: &'h mut Heap<'t>,
}

impl<'de, 't> DeserializeSeed<'de> for Reader<'_, 't> {
    type Value = Value<'t>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, 't> Visitor<'de> for Reader<'_, 't> {
    type Value = Value<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, b: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool(b))
    }

    fn visit_i64<E>(self, n: i64) -> Result<Self::Value, E> {
        Ok(Value::Integer(n))
    }

    fn visit_u64<E>(self, n: u64) -> Result<Self::Value, E> {
        #[expect(clippy::cast_precision_loss, reason = "beyond i64, all numbers are doubles here")]
        Ok(i64::try_from(n).map_or(Value::Float(n as f64), Value::Integer))
    }

    fn visit_f64<E>(self, n: f64) -> Result<Self::Value, E> {
        Ok(Value::Float(n))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        self.heap.new_text(text).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element_seed(Reader { heap: &mut *self.heap })? {
            items.push(item);
        }
        self.heap.new_json_list(items).map_err(A::Error::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            let value = access.next_value_seed(Reader { heap: &mut *self.heap })?;
            map.insert(key.into(), value);
        }
        self.heap.new_map(map).map_err(A::Error::custom)
    }
}
