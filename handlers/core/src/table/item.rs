//! Items and how their attributes are read.

use herald_contract::Millis;
use herald_contract::table::{EXP, Key};
use std::collections::BTreeMap;
use std::str::FromStr;

/// The attributes of an item without its key; those of indices are among them.
pub type Item = BTreeMap<String, Attribute>;

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attribute {
    /// Text.
    S(String),
    /// A whole number; we store no other.
    N(i64),
    /// Yes or no.
    Bool(bool),
    /// Nothing.
    Null,
    /// A list.
    L(Vec<Self>),
    /// A map.
    M(BTreeMap<String, Self>),
}

impl From<&str> for Attribute {
    fn from(text: &str) -> Self {
        Self::S(text.to_owned())
    }
}

impl From<String> for Attribute {
    fn from(text: String) -> Self {
        Self::S(text)
    }
}

impl From<bool> for Attribute {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u64> for Attribute {
    /// Times and counters are far from the end of `i64`.
    fn from(number: u64) -> Self {
        Self::N(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Millis> for Attribute {
    fn from(at: Millis) -> Self {
        at.get().into()
    }
}

/// An item with its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its key.
    pub key: Key,
    /// The rest.
    pub item: Item,
}

/// An item is not as this version writes it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("attribute `{attribute}` of an item is missing or not what it should be")]
pub struct ItemError {
    attribute: &'static str,
}

/// How attributes are read: those that must be there, and those that need not.
pub trait Live {
    /// Whether it has not expired. DynamoDB deletes late, so every read asks this.
    fn is_live(&self, now: Millis) -> bool;

    /// A text that may be missing.
    fn text(&self, attribute: &str) -> Option<&str>;

    /// A number that may be missing; a negative one is none.
    fn number(&self, attribute: &str) -> Option<u64>;

    /// A text that is there and can be read as `T`.
    ///
    /// # Errors
    /// Where it is not.
    fn parse<T: FromStr>(&self, attribute: &'static str) -> Result<T, ItemError>;

    /// A number that is there.
    ///
    /// # Errors
    /// Where it is not.
    fn count(&self, attribute: &'static str) -> Result<u64, ItemError>;

    /// A point in time that is there.
    ///
    /// # Errors
    /// Where it is not.
    fn millis(&self, attribute: &'static str) -> Result<Millis, ItemError> {
        self.count(attribute).map(Millis::new)
    }
}

impl Live for Item {
    fn is_live(&self, now: Millis) -> bool {
        self.number(EXP).is_none_or(|exp| exp.saturating_mul(1000) > now.get())
    }

    fn text(&self, attribute: &str) -> Option<&str> {
        match self.get(attribute) {
            Some(Attribute::S(text)) => Some(text),
            _ => None,
        }
    }

    fn number(&self, attribute: &str) -> Option<u64> {
        match self.get(attribute) {
            Some(Attribute::N(number)) => (*number).try_into().ok(),
            _ => None,
        }
    }

    fn parse<T: FromStr>(&self, attribute: &'static str) -> Result<T, ItemError> {
        let parsed = self.text(attribute).and_then(|text| text.parse().ok());
        parsed.ok_or(ItemError { attribute })
    }

    fn count(&self, attribute: &'static str) -> Result<u64, ItemError> {
        self.number(attribute).ok_or(ItemError { attribute })
    }
}

impl ItemError {
    /// That this attribute cannot be read.
    pub(crate) fn of(attribute: &'static str) -> Self {
        Self { attribute }
    }
}
