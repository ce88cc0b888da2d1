//! A shard: what has been read of it and is not done with, and how far everything is done.

use super::lane::{Entry, Lane};
use super::{Limits, Record};
use crate::Time;
use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

#[derive(Debug)]
pub(super) struct Shard {
    pub(super) lanes: Vec<Lane>,
    /// The records since the checkpoint; the first is at this position.
    first: u64,
    open: VecDeque<Slot>,
    /// Bytes of the records that are not done with.
    bytes: usize,
}

#[derive(Debug)]
struct Slot {
    sequence_number: Arc<str>,
    bytes: usize,
    done: bool,
}

impl Shard {
    pub(super) fn new(lanes: usize) -> Self {
        let lanes = (0..lanes.max(1)).map(|_| Lane::default()).collect();
        Self { lanes, first: 0, open: VecDeque::new(), bytes: 0 }
    }

    pub(super) fn wants_more(&self, limits: &Limits) -> bool {
        self.open.len() < limits.buffered_records && self.bytes < limits.buffered_bytes
    }

    pub(super) fn is_drained(&self) -> bool {
        self.open.is_empty()
    }

    /// A record that no filter takes: nothing but a step for the checkpoint.
    pub(super) fn skip(&mut self, sequence_number: &str) {
        self.open.push_back(Slot { sequence_number: sequence_number.into(), bytes: 0, done: true });
    }

    /// A record for the function. The same keys always give the same lane.
    pub(super) fn push(&mut self, now: Time, record: &Record) {
        let json = record.json.to_string();
        let sequence_number: Arc<str> = record.sequence_number.as_str().into();
        let position = self.first + self.open.len() as u64;
        let bytes = json.len();
        self.bytes += bytes;
        self.open.push_back(Slot {
            sequence_number: Arc::clone(&sequence_number),
            bytes,
            done: false,
        });
        let mut hasher = DefaultHasher::new();
        record.keys.hash(&mut hasher);
        let lane = hasher.finish() % self.lanes.len() as u64;
        let entry =
            Entry { position, sequence_number, created: record.created, arrived: now, json };
        self.lanes[lane as usize].push(entry);
    }

    pub(super) fn done(&mut self, entry: &Entry) {
        let index = entry.position.checked_sub(self.first).and_then(|i| usize::try_from(i).ok());
        if let Some(slot) = index.and_then(|index| self.open.get_mut(index)) {
            slot.done = true;
            self.bytes -= std::mem::take(&mut slot.bytes);
        }
    }

    /// Moves the checkpoint over all records before the first one that is not done with; the
    /// sequence number of the last of them, if there are any.
    pub(super) fn advance(&mut self) -> Option<Arc<str>> {
        let mut last = None;
        while let Some(slot) = self.open.pop_front_if(|slot| slot.done) {
            self.first += 1;
            last = Some(slot.sequence_number);
        }
        last
    }
}
