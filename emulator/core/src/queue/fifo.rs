//! What a FIFO queue adds: groups whose messages keep their order, and messages that are sent twice
//! within five minutes and count once.

use super::error::Error;
use crate::Time;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::time::Duration;

/// How long a message is known.
const INTERVAL: Duration = Duration::from_secs(300);
/// Messages that are known at most; the oldest are forgotten first.
const KNOWN_MAX: usize = 100_000;
/// Where AWS's sequence numbers are, more or less.
const FIRST_NUMBER: u128 = 18_849_496_460_467_696_128;

/// What is special about a FIFO queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fifo {
    /// `ContentBasedDeduplication`.
    pub content_based: bool,
    /// `DeduplicationScope` is `messageGroup`.
    pub per_group: bool,
    /// `FifoThroughputLimit` is `perMessageGroupId`; told, but there is no limit here.
    pub high_throughput: bool,
}

/// What a message of a FIFO queue carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) group: String,
    pub(super) deduplication: String,
}

impl Fifo {
    /// The place of a message, by what its sender says.
    pub(super) fn place(
        self,
        group: Option<String>,
        deduplication: Option<String>,
        body: &str,
    ) -> Result<Place, Error> {
        let group = group.ok_or_else(|| Error::missing("MessageGroupId"))?;
        let hash = || self.content_based.then(|| hex_sha256(body.as_bytes()));
        let deduplication = deduplication.or_else(hash).ok_or_else(|| {
            Error::invalid(
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly",
            )
        })?;
        for (name, id) in [("MessageGroupId", &group), ("MessageDeduplicationId", &deduplication)] {
            if !(1..=128).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_graphic()) {
                return Err(Error::invalid(format!(
                    "Value {id} for parameter {name} is invalid. Reason: {name} can only include alphanumeric and punctuation characters. 1 to 128 in length."
                )));
            }
        }
        Ok(Place { group, deduplication })
    }

    fn key(self, place: &Place) -> String {
        match self.per_group {
            // No id has a blank in it.
            true => format!("{} {}", place.group, place.deduplication),
            false => place.deduplication.clone(),
        }
    }
}

/// The messages that were sent lately: message id and number.
#[derive(Debug, Default)]
pub(super) struct Known {
    by_key: BTreeMap<String, (String, u64)>,
    in_order: VecDeque<(Time, String)>,
}

impl Known {
    /// The message that was sent under the same id before, if it still counts.
    pub(super) fn find(&mut self, now: Time, fifo: Fifo, place: &Place) -> Option<(String, u64)> {
        while let Some((until, _)) = self.in_order.front()
            && (*until <= now || self.in_order.len() > KNOWN_MAX)
            && let Some((_, key)) = self.in_order.pop_front()
        {
            self.by_key.remove(&key);
        }
        self.by_key.get(&fifo.key(place)).cloned()
    }

    pub(super) fn add(&mut self, now: Time, fifo: Fifo, place: &Place, sent: (String, u64)) {
        let key = fifo.key(place);
        self.in_order.push_back((now + INTERVAL, key.clone()));
        self.by_key.insert(key, sent);
    }
}

/// `SequenceNumber` of the message of this number in its queue.
pub(super) fn sequence_number(number: u64) -> String {
    (FIRST_NUMBER + u128::from(number) * 256).to_string()
}

fn hex_sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        _ = write!(hex, "{byte:02x}");
        hex
    })
}
