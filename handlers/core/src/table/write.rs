//! Writes and their conditions, as data.

use super::{Attribute, Item};
use herald_contract::Millis;
use herald_contract::table::{EXP, Key, PK};

/// One write.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// Puts an item in the place of any other of its key.
    Put {
        /// Which.
        key: Key,
        /// Its attributes.
        item: Item,
        /// Only if, of the item that is there.
        condition: Option<Condition>,
    },
    /// Changes some attributes; there need not be an item.
    Update(Update),
    /// Deletes an item; there need not be one.
    Delete {
        /// Which.
        key: Key,
        /// Only if.
        condition: Option<Condition>,
    },
    /// Writes nothing, and the transaction only if. Alone it is no write.
    Check {
        /// Which.
        key: Key,
        /// Only if.
        condition: Condition,
    },
}

impl Write {
    /// Puts an item where there is none.
    pub fn insert(key: Key, item: Item) -> Self {
        Self::Put { key, item, condition: Some(Condition::absent()) }
    }

    /// Puts an item where there is none, or one that has expired and is only not deleted yet.
    pub fn insert_or_replace_expired(key: Key, item: Item, now: Millis) -> Self {
        let expired = Condition::Le(EXP.to_owned(), Attribute::from(now.get() / 1000));
        Self::Put { key, item, condition: Some(Condition::Or(vec![Condition::absent(), expired])) }
    }

    /// Which item it is about.
    pub fn key(&self) -> &Key {
        match self {
            Self::Put { key, .. } | Self::Delete { key, .. } | Self::Check { key, .. } => key,
            Self::Update(update) => &update.key,
        }
    }

    /// Only if.
    pub fn condition(&self) -> Option<&Condition> {
        match self {
            Self::Put { condition, .. } | Self::Delete { condition, .. } => condition.as_ref(),
            Self::Update(update) => update.condition.as_ref(),
            Self::Check { condition, .. } => Some(condition),
        }
    }
}

/// Changes to some attributes of one item, no attribute twice.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// Which item.
    pub key: Key,
    /// Attributes and what they become.
    pub set: Vec<(String, Attribute)>,
    /// Numbers and what is added to them; one that is missing counts as 0.
    pub add: Vec<(String, i64)>,
    /// Attributes that go; they need not be there.
    pub remove: Vec<String>,
    /// Only if.
    pub condition: Option<Condition>,
}

impl Update {
    /// No change yet.
    pub fn of(key: Key) -> Self {
        Self { key, set: Vec::new(), add: Vec::new(), remove: Vec::new(), condition: None }
    }

    /// And sets an attribute.
    #[must_use]
    pub fn set(mut self, attribute: &str, value: impl Into<Attribute>) -> Self {
        self.set.push((attribute.to_owned(), value.into()));
        self
    }

    /// And adds to a number.
    #[must_use]
    pub fn add(mut self, attribute: &str, number: i64) -> Self {
        self.add.push((attribute.to_owned(), number));
        self
    }

    /// And removes an attribute.
    #[must_use]
    pub fn remove(mut self, attribute: &str) -> Self {
        self.remove.push(attribute.to_owned());
        self
    }

    /// Only if this and what was asked before.
    #[must_use]
    pub fn when(mut self, condition: Condition) -> Self {
        self.condition = Some(match self.condition.take() {
            None => condition,
            Some(before) => Condition::And(vec![before, condition]),
        });
        self
    }
}

/// What must hold of an item for a write to happen.
///
/// A comparison with an attribute that is missing or of another type does not hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// It has this attribute.
    Exists(String),
    /// It has it not.
    NotExists(String),
    /// The attribute is this.
    Eq(String, Attribute),
    /// It is less.
    Lt(String, Attribute),
    /// It is less or this.
    Le(String, Attribute),
    /// Each of these, of which there is at least one.
    And(Vec<Self>),
    /// One of these.
    Or(Vec<Self>),
}

impl Condition {
    /// There is no such item.
    pub fn absent() -> Self {
        Self::NotExists(PK.to_owned())
    }

    /// There is such an item.
    pub fn present() -> Self {
        Self::Exists(PK.to_owned())
    }

    /// The attribute is this.
    pub fn eq(attribute: &str, value: impl Into<Attribute>) -> Self {
        Self::Eq(attribute.to_owned(), value.into())
    }

    /// The attribute is less than this.
    pub fn lt(attribute: &str, value: impl Into<Attribute>) -> Self {
        Self::Lt(attribute.to_owned(), value.into())
    }

    /// The item has no such attribute.
    pub fn lacks(attribute: &str) -> Self {
        Self::NotExists(attribute.to_owned())
    }

    /// One of the two holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::Or(vec![self, other])
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::And(vec![self, other])
    }
}
