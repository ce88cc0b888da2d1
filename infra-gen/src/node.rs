//! A template as a tree whose maps keep their order, between typed values and text.
//!
//! Knows what an intrinsic function looks like, and nothing of resources.

use crate::path::{Path, Step};
use serde::ser::{Serialize, SerializeMap as _, SerializeSeq as _, Serializer};
use std::borrow::Cow;

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `true`, `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
    /// A string.
    Text(String),
    /// A list.
    List(Vec<Self>),
    /// A map, in the order of its making.
    Map(Vec<(Cow<'static, str>, Self)>),
}

impl Node {
    /// A map from pairs.
    pub fn map<K: Into<Cow<'static, str>>>(pairs: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(pairs.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// A string.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A number, whole if it is.
    pub fn number(number: f64) -> Self {
        // Within these bounds an `f64` holds every whole number exactly.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        if number.fract() == 0.0 && number.abs() < EXACT {
            return Self::Int(number as i64);
        }
        Self::Float(number)
    }

    /// An intrinsic function in its long form.
    pub fn function(name: &'static str, argument: Self) -> Self {
        Self::Map(vec![(Cow::Borrowed(name), argument)])
    }

    /// The function's long name and its argument, if this is an intrinsic function.
    pub fn as_function(&self) -> Option<(&str, &Self)> {
        match self {
            Self::Map(pairs) => match &pairs[..] {
                [(name, argument)] if name == "Ref" || name.starts_with("Fn::") => {
                    Some((name, argument))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The string, if this is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a key of a map.
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(pairs) => pairs.iter().find(|(k, _)| k == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The entries of a map; none, if this is something else.
    pub(crate) fn pairs(&self) -> &[(Cow<'static, str>, Self)] {
        match self {
            Self::Map(pairs) => pairs,
            _ => &[],
        }
    }

    /// The items of a list; none, if this is something else.
    pub(crate) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// Puts the keys of all maps in order, so that equal templates are equal trees.
    pub(crate) fn sort(&mut self) {
        match self {
            Self::Map(pairs) => {
                pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
                pairs.iter_mut().for_each(|(_, value)| value.sort());
            }
            Self::List(items) => items.iter_mut().for_each(Self::sort),
            _ => {}
        }
    }

    /// What stands at a place below this one.
    pub(crate) fn at(&self, path: &Path) -> Option<&Self> {
        path.steps().iter().try_fold(self, |node, step| match step {
            Step::Key(key) => node.get(key),
            Step::Item(index) => node.items().get(*index),
            Step::Named(_) => None,
        })
    }

    /// The value in one line, as people write it: texts as they are, references as `${Id}` and
    /// `${Id.Attribute}`, anything else as JSON.
    pub fn to_line(&self) -> String {
        crate::line::of(self)
    }

    /// JSON as a node; `None` for `null`, which a template has no use for.
    pub fn from_json(value: serde_json::Value) -> Option<Self> {
        use serde_json::Value;
        Some(match value {
            Value::Null => return None,
            Value::Bool(b) => Self::Bool(b),
            Value::Number(n) => match n.as_i64() {
                Some(whole) => Self::Int(whole),
                None => Self::number(n.as_f64()?),
            },
            Value::String(text) => Self::Text(text),
            Value::Array(items) => {
                Self::List(items.into_iter().filter_map(Self::from_json).collect())
            }
            Value::Object(pairs) => Self::Map(
                pairs
                    .into_iter()
                    .filter_map(|(key, value)| Some((Cow::Owned(key), Self::from_json(value)?)))
                    .collect(),
            ),
        })
    }

    /// JSON text with long-form functions, indented by two, with a line feed at the end.
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self)
            .expect("a tree of strings, finite numbers and string keys is always JSON");
        text.push('\n');
        text
    }

    /// The same without a space or line feed that nothing needs.
    pub fn to_compact_json(&self) -> String {
        serde_json::to_string(self)
            .expect("a tree of strings, finite numbers and string keys is always JSON")
    }

    /// YAML text with short-form functions.
    pub fn to_yaml(&self) -> String {
        crate::yaml::write(self)
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(b) => serializer.serialize_bool(*b),
            Self::Int(n) => serializer.serialize_i64(*n),
            Self::Float(n) => serializer.serialize_f64(*n),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Self::Map(pairs) => {
                let mut map = serializer.serialize_map(Some(pairs.len()))?;
                for (key, value) in pairs {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}
