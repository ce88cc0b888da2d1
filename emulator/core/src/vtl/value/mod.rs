//! What a template computes with, and the memory it lives in.
//!
//! Lists and maps are shared, as in Java: what one variable adds, another sees. They live in one
//! [`Heap`] per rendering and values hold their numbers, so that a list in itself is no leak and
//! dropping a deep one no recursion. The heap also counts steps, because everything that takes time
//! takes memory too.

mod json;

use super::syntax::Node;
use super::{OUTPUT_BYTES_MAX, STEPS_MAX};
use crate::json_path::{Kind, Tree};
use indexmap::IndexMap;
use std::fmt::Write as _;
use std::rc::Rc;

/// Why an operation fails, as a sentence; its place is added by `render`.
pub(super) type Fault = String;

#[derive(Clone, Debug)]
pub(super) enum Value<'t> {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(Rc<str>),
    List(ListId),
    Map(MapId),
    /// One element of `entrySet()`.
    Entry(MapId, Rc<str>),
    /// What `#define` holds.
    Block(&'t [Node]),
    /// `$foreach` of the loop at this depth.
    Loop(usize),
    Input,
    Util,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ListId(usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MapId(usize);

pub(super) type Map<'t> = IndexMap<Rc<str>, Value<'t>>;

#[derive(Debug, Default)]
struct List<'t> {
    items: Vec<Value<'t>>,
    /// Came out of JSON: such a list prints as JSON, one that a template wrote prints as Java's.
    json: bool,
}

#[derive(Debug)]
pub(super) struct Heap<'t> {
    lists: Vec<List<'t>>,
    maps: Vec<Map<'t>>,
    steps_left: usize,
}

/// Lists and maps within each other that are printed or compared.
const DEPTH_MAX: usize = 128;

impl<'t> Heap<'t> {
    pub(super) fn new() -> Self {
        Self { lists: Vec::new(), maps: Vec::new(), steps_left: STEPS_MAX }
    }

    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Fault> {
        match self.steps_left.checked_sub(steps) {
            Some(left) => self.steps_left = left,
            None => return Err(format!("the template takes more than {STEPS_MAX} steps")),
        }
        Ok(())
    }

    /// To be asked before a text of so many bytes is made.
    pub(super) fn spend_text(&mut self, bytes: usize) -> Result<(), Fault> {
        if bytes > OUTPUT_BYTES_MAX {
            return Err(format!("a text of more than {OUTPUT_BYTES_MAX} bytes"));
        }
        self.spend(1 + bytes / 64)
    }

    pub(super) fn new_text(&mut self, text: &str) -> Result<Value<'t>, Fault> {
        self.spend_text(text.len())?;
        Ok(Value::Text(text.into()))
    }

    /// A list as a template writes one.
    pub(super) fn new_list(&mut self, items: Vec<Value<'t>>) -> Result<Value<'t>, Fault> {
        self.push_list(List { items, json: false })
    }

    /// A list that prints as JSON.
    pub(super) fn new_json_list(&mut self, items: Vec<Value<'t>>) -> Result<Value<'t>, Fault> {
        self.push_list(List { items, json: true })
    }

    fn push_list(&mut self, list: List<'t>) -> Result<Value<'t>, Fault> {
        self.spend(1 + list.items.len())?;
        self.lists.push(list);
        Ok(Value::List(ListId(self.lists.len() - 1)))
    }

    pub(super) fn new_map(&mut self, map: Map<'t>) -> Result<Value<'t>, Fault> {
        self.spend(1 + map.len())?;
        self.maps.push(map);
        Ok(Value::Map(MapId(self.maps.len() - 1)))
    }

    pub(super) fn list(&self, id: ListId) -> &[Value<'t>] {
        &self.lists[id.0].items
    }

    pub(super) fn list_mut(&mut self, id: ListId) -> &mut Vec<Value<'t>> {
        &mut self.lists[id.0].items
    }

    pub(super) fn map(&self, id: MapId) -> &Map<'t> {
        &self.maps[id.0]
    }

    pub(super) fn map_mut(&mut self, id: MapId) -> &mut Map<'t> {
        &mut self.maps[id.0]
    }

    /// The value as a text, as Java prints it.
    pub(super) fn text_of(&mut self, value: &Value<'t>) -> Result<Rc<str>, Fault> {
        if let Value::Text(text) = value {
            return Ok(Rc::clone(text));
        }
        let mut text = String::new();
        self.print(value, &mut text)?;
        Ok(text.into())
    }

    /// Appends the value as Java prints it: `[a, b]`, `{a=b}`, but JSON for a list out of JSON.
    pub(super) fn print(&mut self, value: &Value<'t>, out: &mut String) -> Result<(), Fault> {
        let before = out.len();
        let mut steps = self.steps_left;
        let printed = self.print_within(value, out, DEPTH_MAX, &mut steps);
        self.steps_left = steps;
        printed?;
        self.spend_text(out.len() - before)
    }

    fn print_within(
        &self,
        value: &Value<'t>,
        out: &mut String,
        depth: usize,
        steps: &mut usize,
    ) -> Result<(), Fault> {
        let depth = enter(out, depth, steps)?;
        match value {
            Value::Null => out.push_str("null"),
            Value::Text(text) => out.push_str(text),
            Value::Bool(_) | Value::Integer(_) | Value::Float(_) => out.push_str(&scalar(value)),
            Value::List(id) if self.lists.get(id.0).is_some_and(|list| list.json) => {
                self.json_within(value, out, depth, steps)?;
            }
            Value::List(id) => {
                out.push('[');
                for (n, item) in self.list(*id).iter().enumerate() {
                    out.push_str(if n == 0 { "" } else { ", " });
                    self.print_within(item, out, depth, steps)?;
                }
                out.push(']');
            }
            Value::Map(id) => {
                out.push('{');
                for (n, (key, value)) in self.map(*id).iter().enumerate() {
                    let comma = if n == 0 { "" } else { ", " };
                    let _ = write!(out, "{comma}{key}=");
                    self.print_within(value, out, depth, steps)?;
                }
                out.push('}');
            }
            Value::Entry(id, key) => {
                let _ = write!(out, "{key}=");
                let value = self.map(*id).get(key).unwrap_or(&Value::Null);
                self.print_within(value, out, depth, steps)?;
            }
            Value::Block(_) | Value::Loop(_) | Value::Input | Value::Util => {}
        }
        Ok(())
    }

    /// Whether Velocity's `==` holds: numbers by value, lists and maps by what they hold, and what is
    /// of different kinds by how it prints.
    pub(super) fn equal(&mut self, left: &Value<'t>, right: &Value<'t>) -> Result<bool, Fault> {
        let mut steps = self.steps_left;
        let equal = self.equal_within(left, right, DEPTH_MAX, &mut steps);
        self.steps_left = steps;
        if let Some(equal) = equal? {
            return Ok(equal);
        }
        Ok(self.text_of(left)? == self.text_of(right)?)
    }

    /// `None` for different kinds.
    fn equal_within(
        &self,
        left: &Value<'t>,
        right: &Value<'t>,
        depth: usize,
        steps: &mut usize,
    ) -> Result<Option<bool>, Fault> {
        let depth = enter("", depth, steps)?;
        let equal = match (left, right) {
            (Value::Null, Value::Null) => true,
            // What is missing is an empty text here, so the two must not differ.
            (Value::Null, Value::Text(text)) | (Value::Text(text), Value::Null) => text.is_empty(),
            (Value::Null, _) | (_, Value::Null) => false,
            (Value::Bool(l), Value::Bool(r)) => l == r,
            (Value::Integer(l), Value::Integer(r)) => l == r,
            (Value::Text(l), Value::Text(r)) => {
                *steps = steps.saturating_sub(l.len() / 64);
                l == r
            }
            (Value::List(l), Value::List(r)) if l == r => true,
            (Value::Map(l), Value::Map(r)) if l == r => true,
            (Value::List(l), Value::List(r)) => {
                let (l, r) = (self.list(*l), self.list(*r));
                l.len() == r.len() && self.all_equal(l.iter().zip(r), depth, steps)?
            }
            (Value::Map(l), Value::Map(r)) => {
                let (l, r) = (self.map(*l), self.map(*r));
                let paired: Option<Vec<_>> = l.iter().map(|(k, v)| Some((v, r.get(k)?))).collect();
                match paired {
                    Some(pairs) if l.len() == r.len() => self.all_equal(pairs, depth, steps)?,
                    _ => false,
                }
            }
            (l, r) => match (l.number(), r.number()) {
                (Some(l), Some(r)) => l == r,
                _ => return Ok(None),
            },
        };
        Ok(Some(equal))
    }

    fn all_equal<'v>(
        &self,
        pairs: impl IntoIterator<Item = (&'v Value<'t>, &'v Value<'t>)>,
        depth: usize,
        steps: &mut usize,
    ) -> Result<bool, Fault>
    where
        't: 'v,
    {
        for (left, right) in pairs {
            if self.equal_within(left, right, depth, steps)? != Some(true) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The value as JSONPath sees it.
    pub(super) fn tree<'h>(&'h self, value: &'h Value<'t>) -> Place<'h, 't> {
        Place { heap: self, value }
    }
}

/// One level deeper and one step further; neither may run out.
fn enter(out: &str, depth: usize, steps: &mut usize) -> Result<usize, Fault> {
    if out.len() > OUTPUT_BYTES_MAX {
        return Err(format!("a text of more than {OUTPUT_BYTES_MAX} bytes"));
    }
    match (depth.checked_sub(1), steps.checked_sub(1)) {
        (None, _) => Err(format!("lists or maps more than {DEPTH_MAX} deep, or one within itself")),
        (_, None) => Err(format!("the template takes more than {STEPS_MAX} steps")),
        (Some(depth), Some(left)) => {
            *steps = left;
            Ok(depth)
        }
    }
}

impl Value<'_> {
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "Java compares them as doubles, too")]
            Value::Integer(n) => Some(*n as f64),
            Value::Float(n) => Some(*n),
            _ => None,
        }
    }

    /// Whether `#if` takes it for true: all but `false` and what is not there.
    pub(super) fn is_true(&self) -> bool {
        !matches!(self, Value::Null | Value::Bool(false))
    }
}

/// A number or boolean as Java prints it.
fn scalar(value: &Value<'_>) -> String {
    match value {
        Value::Float(n) => java_double(*n),
        Value::Integer(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        _ => String::new(),
    }
}

/// As Java's `Double.toString`: `0.1`, `1.0`, `1.0E10`, `1.5E-5`.
fn java_double(n: f64) -> String {
    if !n.is_finite() {
        return if n.is_nan() {
            "NaN"
        } else if n > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned();
    }
    if n == 0.0 || (1e-3..1e7).contains(&n.abs()) {
        return format!("{n:?}");
    }
    let text = format!("{n:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text,
    }
}

/// A value together with the heap that holds what is below it.
#[derive(Clone, Copy)]
pub(super) struct Place<'h, 't> {
    heap: &'h Heap<'t>,
    pub(super) value: &'h Value<'t>,
}

impl Tree for Place<'_, '_> {
    fn kind(&self) -> Kind<'_> {
        match self.value {
            Value::Bool(b) => Kind::Bool(*b),
            Value::Text(text) => Kind::Text(text),
            Value::List(_) => Kind::List,
            Value::Map(_) => Kind::Object,
            other => other.number().map_or(Kind::Null, Kind::Number),
        }
    }

    fn member(self, key: &str) -> Option<Self> {
        let Value::Map(id) = self.value else { return None };
        self.heap.map(*id).get(key).map(|value| Self { value, ..self })
    }

    fn children(self) -> Vec<Self> {
        let node = |value| Self { value, ..self };
        match self.value {
            Value::List(id) => self.heap.list(*id).iter().map(node).collect(),
            Value::Map(id) => self.heap.map(*id).values().map(node).collect(),
            _ => Vec::new(),
        }
    }

    fn length(self) -> Option<usize> {
        let Value::List(id) = self.value else { return None };
        Some(self.heap.list(*id).len())
    }

    fn element(self, index: usize) -> Option<Self> {
        let Value::List(id) = self.value else { return None };
        self.heap.list(*id).get(index).map(|value| Self { value, ..self })
    }
}
