//! Deadlines in order of time. The owner of a deadline keeps its moment, and so can take it back.

use crate::Time;
use std::collections::BTreeSet;

/// Deadlines, each belonging to a key.
#[derive(Debug)]
pub(crate) struct Timers<K>(BTreeSet<(Time, K)>);

impl<K: Ord + Copy> Timers<K> {
    pub(crate) fn new() -> Self {
        Self(BTreeSet::new())
    }

    pub(crate) fn set(&mut self, at: Time, key: K) {
        self.0.insert((at, key));
    }

    pub(crate) fn cancel(&mut self, at: Time, key: K) {
        self.0.remove(&(at, key));
    }

    pub(crate) fn next(&self) -> Option<Time> {
        self.0.first().map(|(at, _)| *at)
    }

    /// Takes the earliest deadline that has passed.
    pub(crate) fn pop(&mut self, now: Time) -> Option<K> {
        let (at, _) = self.0.first()?;
        if *at > now {
            return None;
        }
        self.0.pop_first().map(|(_, key)| key)
    }
}
