//! A table in memory, with the semantics that DynamoDB has for what the port can say.
//!
//! For tests, of this crate and of the adapters. It expires nothing by itself, as DynamoDB does so
//! late that no reader may rely on it, and it notes every change, as the table's stream does.

use super::{Attribute, Condition, Item, Page, Position, Query, Range, Row, TRANSACTION_MAX};
use super::{Table, TableError, Update, Write, WriteError};
use herald_contract::table::{Key, PK, SK};
use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What happened to one item.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which item.
    pub key: Key,
    /// Before; none where it was inserted.
    pub old: Option<Item>,
    /// After; none where it was removed.
    pub new: Option<Item>,
}

/// A table in memory.
#[derive(Debug, Default)]
pub struct FakeTable(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    items: BTreeMap<Key, Item>,
    changes: Vec<Change>,
}

impl FakeTable {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The changes since this was last asked, in their order.
    pub fn take_changes(&self) -> Vec<Change> {
        mem::take(&mut self.state().changes)
    }

    /// Every item, for a test to look at.
    pub fn rows(&self) -> Vec<Row> {
        let state = self.state();
        state.items.iter().map(|(key, item)| Row { key: key.clone(), item: item.clone() }).collect()
    }

    /// Removes an item as Time to Live does.
    pub fn expire(&self, key: &Key) {
        self.state().change(key.clone(), None);
    }

    /// [`Table::get`] without waiting.
    pub fn read(&self, key: &Key) -> Option<Item> {
        self.state().items.get(key).cloned()
    }

    /// [`Table::query`] without waiting.
    pub fn select(&self, query: &Query) -> Page {
        self.state().select(query)
    }

    /// [`Table::write`] without waiting.
    ///
    /// # Errors
    /// As the port.
    pub fn apply(&self, write: Write) -> Result<Option<Item>, WriteError> {
        if matches!(write, Write::Check { .. }) {
            return Err(invalid("a check alone is no write"));
        }
        let mut state = self.state();
        let updated = matches!(write, Write::Update(_)).then(|| write.key().clone());
        state.apply_all(vec![write])?;
        Ok(updated.and_then(|key| state.items.get(&key).cloned()))
    }

    /// [`Table::transact`] without waiting.
    ///
    /// # Errors
    /// As the port.
    pub fn apply_all(&self, writes: Vec<Write>) -> Result<(), WriteError> {
        let unique: BTreeSet<_> = writes.iter().map(Write::key).collect();
        if writes.is_empty() || writes.len() > TRANSACTION_MAX || unique.len() != writes.len() {
            return Err(invalid("a transaction is 1 to 100 writes of different items"));
        }
        self.state().apply_all(writes)
    }
}

impl Table for FakeTable {
    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        Ok(self.read(key))
    }

    async fn query(&self, query: &Query) -> Result<Page, TableError> {
        Ok(self.select(query))
    }

    async fn write(&self, write: Write) -> Result<Option<Item>, WriteError> {
        self.apply(write)
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), WriteError> {
        self.apply_all(writes)
    }
}

fn invalid(why: &str) -> WriteError {
    WriteError::Unavailable { why: format!("ValidationException: {why}"), retryable: false }
}

impl State {
    fn change(&mut self, key: Key, new: Option<Item>) {
        let old = match &new {
            Some(item) => self.items.insert(key.clone(), item.clone()),
            None => self.items.remove(&key),
        };
        // A write that changes nothing is no change to the stream either.
        if old != new {
            self.changes.push(Change { key, old, new });
        }
    }

    fn apply_all(&mut self, writes: Vec<Write>) -> Result<(), WriteError> {
        let holds = |write: &Write| {
            write.condition().is_none_or(|c| holds(c, write.key(), self.items.get(write.key())))
        };
        let failed: Vec<_> =
            writes.iter().enumerate().filter(|(_, w)| !holds(w)).map(|(i, _)| i).collect();
        if !failed.is_empty() {
            return Err(WriteError::Failed(failed));
        }
        let mut changes = Vec::new();
        for write in writes {
            match write {
                Write::Put { key, item, condition: _ } => changes.push((key, Some(item))),
                Write::Update(update) => {
                    let item = self.items.get(&update.key).cloned().unwrap_or_default();
                    changes.push((update.key.clone(), Some(updated(item, update)?)));
                }
                Write::Delete { key, condition: _ } => changes.push((key, None)),
                Write::Check { .. } => {}
            }
        }
        for (key, new) in changes {
            self.change(key, new);
        }
        Ok(())
    }

    fn select(&self, query: &Query) -> Page {
        let Query { index, pk, range, forward, limit, after } = query;
        let within = |sk: &str| match range {
            Range::All => true,
            Range::BeginsWith(prefix) => sk.starts_with(prefix),
            Range::Before(end) => sk < end.as_str(),
        };
        let mut found: Vec<(&str, &Key, &Item)> = match index {
            None => {
                let first = Key { pk: pk.clone(), sk: String::new() };
                let partition = self.items.range(first..).take_while(|(key, _)| key.pk == *pk);
                partition.map(|(key, item)| (key.sk.as_str(), key, item)).collect()
            }
            Some(index) => {
                let sort = |item| match (text(item, index.pk()), text(item, index.sk())) {
                    (Some(p), Some(s)) if p == pk => Some(s),
                    _ => None,
                };
                let items = self.items.iter();
                items.filter_map(|(key, item)| Some((sort(item)?, key, item))).collect()
            }
        };
        found.retain(|(sk, ..)| within(sk));
        found.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        if !forward {
            found.reverse();
        }
        if let Some(after) = after {
            let sk = after.index_sk.as_ref().unwrap_or(&after.key.sk);
            let place = (sk.as_str(), &after.key);
            found.retain(
                |(sk, key, _)| if *forward { (*sk, *key) > place } else { (*sk, *key) < place },
            );
        }
        let limit = usize::try_from(*limit).unwrap_or(usize::MAX);
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|(sk, key, _)| Position {
            key: (*key).clone(),
            index_sk: index.is_some().then(|| (*sk).to_owned()),
        });
        let shown = |item: &Item| match index {
            None => item.clone(),
            Some(index) => {
                let is_key = |name: &str| name == index.pk() || name == index.sk();
                item.iter()
                    .filter(|(n, _)| is_key(n))
                    .map(|(n, v)| (n.clone(), v.clone()))
                    .collect()
            }
        };
        let rows =
            found.into_iter().map(|(_, key, item)| Row { key: key.clone(), item: shown(item) });
        Page { rows: rows.collect(), next }
    }
}

fn text<'i>(item: &'i Item, name: &str) -> Option<&'i str> {
    match item.get(name) {
        Some(Attribute::S(text)) => Some(text),
        _ => None,
    }
}

fn updated(mut item: Item, update: Update) -> Result<Item, WriteError> {
    for (attribute, value) in update.set {
        item.insert(attribute, value);
    }
    for (attribute, number) in update.add {
        match item.entry(attribute).or_insert(Attribute::N(0)) {
            Attribute::N(sum) => *sum += number,
            _ => return Err(invalid("ADD of a number to something else")),
        }
    }
    for attribute in update.remove {
        item.remove(&attribute);
    }
    Ok(item)
}

fn holds(condition: &Condition, key: &Key, item: Option<&Item>) -> bool {
    let value = |name: &str| match name {
        PK => item.map(|_| Attribute::S(key.pk.clone())),
        SK => item.map(|_| Attribute::S(key.sk.clone())),
        _ => item.and_then(|item| item.get(name)).cloned(),
    };
    let same_type = |a: &Attribute, b: &Attribute| mem::discriminant(a) == mem::discriminant(b);
    match condition {
        Condition::Exists(name) => value(name).is_some(),
        Condition::NotExists(name) => value(name).is_none(),
        Condition::Eq(name, want) => value(name).as_ref() == Some(want),
        Condition::Lt(name, want) => value(name).is_some_and(|v| same_type(&v, want) && v < *want),
        Condition::Le(name, want) => value(name).is_some_and(|v| same_type(&v, want) && v <= *want),
        Condition::And(all) => all.iter().all(|c| holds(c, key, item)),
        Condition::Or(any) => any.iter().any(|c| holds(c, key, item)),
    }
}
