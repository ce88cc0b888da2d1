//! One log group: a ring of events, and the streams they belong to.

use crate::Time;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Events a group keeps.
const EVENTS_MAX: usize = 10_000;
/// Bytes a group keeps.
const BYTES_MAX: usize = 4 * 1024 * 1024;
/// What CloudWatch Logs counts for an event besides its message.
const OVERHEAD: usize = 26;
/// Bytes of one event; what is longer is cut.
const EVENT_MAX: usize = 256 * 1024 - OVERHEAD;

#[derive(Debug)]
pub(super) struct Group {
    pub(super) created: Time,
    pub(super) retention_days: Option<u64>,
    pub(super) events: VecDeque<Event>,
    pub(super) bytes: usize,
    /// Those that have events.
    pub(super) streams: BTreeMap<Arc<str>, Stream>,
}

#[derive(Debug)]
pub(super) struct Event {
    /// Greater than that of every earlier event.
    pub(super) number: u64,
    pub(super) stream: Arc<str>,
    pub(super) time: Time,
    pub(super) text: String,
}

#[derive(Debug)]
pub(super) struct Stream {
    pub(super) created: Time,
    pub(super) last: Time,
    events: usize,
}

impl Group {
    pub(super) fn new(created: Time) -> Self {
        Self {
            created,
            retention_days: None,
            events: VecDeque::new(),
            bytes: 0,
            streams: BTreeMap::new(),
        }
    }

    /// Whether it has an event.
    pub(super) fn is_written(&self) -> bool {
        !self.events.is_empty()
    }

    /// The number of its latest event.
    pub(super) fn last(&self) -> Option<u64> {
        self.events.back().map(|event| event.number)
    }

    pub(super) fn push(&mut self, now: Time, number: u64, stream: Arc<str>, mut text: String) {
        if text.len() > EVENT_MAX {
            text.truncate(text.floor_char_boundary(EVENT_MAX));
        }
        self.bytes += text.len() + OVERHEAD;
        let fresh = Stream { created: now, last: now, events: 0 };
        let known = self.streams.entry(Arc::clone(&stream)).or_insert(fresh);
        known.last = now;
        known.events += 1;
        self.events.push_back(Event { number, stream, time: now, text });
        while self.events.len() > EVENTS_MAX || self.bytes > BYTES_MAX {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        let Some(event) = self.events.pop_front() else { return };
        self.bytes -= event.text.len() + OVERHEAD;
        if let Some(stream) = self.streams.get_mut(&event.stream) {
            stream.events -= 1;
            if stream.events == 0 {
                self.streams.remove(&event.stream);
            }
        }
    }

    /// When the first event that is kept of a stream was written.
    pub(super) fn first_of(&self, stream: &str) -> Option<Time> {
        self.events.iter().find(|event| &*event.stream == stream).map(|event| event.time)
    }
}
