//! One event source mapping between a DynamoDB stream and a function.
//!
//! Decides which records go to the function, in which batches, and what a failure leads to. It does
//! not read the stream and does not invoke: the shell feeds it records while it wants more, has
//! [`crate::lambda`] carry out each invocation, and puts what is discarded into a [`crate::queue`].
//!
//! ```text
//!            filters           by key          full, or window over            succeeded
//! Records ────────────▶ shard ────────▶ lane ──────────────────────▶ Invoke ─────────────▶ Checkpoint
//!             no │                        ▲ waits, halved or cut          │ failed            ▲
//!                │                        └───────────────────────────────┤                   │
//!                │                              too often or too old: Discard                 │
//!                └──────────────────────────────────┴─────────────────────────────────────────┘
//! ```
//!
//! A lane has one batch at the function at a time, so it keeps the order of its records, and a batch
//! that fails holds back the lane until it succeeds or is discarded.

mod answer;
mod config;
mod discard;
mod lane;
mod mapping;
mod record;
mod shard;
#[cfg(test)]
mod tests;

pub use config::{Config, Limits};
pub use mapping::Mapping;
pub use record::Record;

use bytes::Bytes;
use std::fmt;
use std::time::Duration;

/// Where in a stream a page of records begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// The oldest record there is.
    TrimHorizon,
    /// What is written from now on.
    Latest,
    /// After the record of this sequence number.
    After(String),
    /// Where another page ended: [`Page::next`].
    At(String),
}

/// A page of records of a stream, as `GetRecords` gives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The shard's id.
    pub shard: String,
    /// In their order.
    pub records: Vec<serde_json::Value>,
    /// `NextShardIterator`.
    pub next: String,
}

/// Names one invocation of a mapping.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(pub u64);

/// What shall go wrong next, on purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// So many batches that succeed are delivered once more.
    pub duplicates: u32,
    /// The next batch waits so long.
    pub delay: Option<Duration>,
}

/// Something that happened outside.
#[derive(Clone, Debug)]
pub enum Input {
    /// Records came from a shard, in its order. To be given while [`Mapping::wants_more`] only.
    Records {
        /// The shard's id.
        shard: String,
        /// One page of `GetRecords`.
        records: Vec<Record>,
    },
    /// An [`Effect::Invoke`] has come to its end.
    InvocationDone {
        /// The one it was given.
        batch: BatchId,
        /// The invocation's request id.
        request_id: String,
        /// Its end.
        outcome: Outcome,
    },
    /// `Enabled` was changed. What was read stays; what is at the function is not called back.
    Enabled(bool),
}

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The function returned this.
    Success(Bytes),
    /// The function failed, crashed or timed out; the body is Lambda's description of it.
    FunctionError(Bytes),
    /// Lambda did not take the event: no concurrency was left, or there is no such function.
    Throttled,
}

/// Something the shell must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Invoke the function and report [`Input::InvocationDone`].
    Invoke {
        /// To be given back.
        batch: BatchId,
        /// Which function.
        function_arn: String,
        /// How many records.
        records: usize,
        /// The event: `{"Records": […]}`.
        payload: Bytes,
    },
    /// Send this message to `DestinationConfig.OnFailure.Destination`.
    Discard {
        /// The destination's ARN.
        destination: String,
        /// JSON about the records; never the records themselves.
        body: String,
    },
    /// Everything in the shard up to and including this record is done with.
    Checkpoint {
        /// The shard's id.
        shard: String,
        /// The record's `SequenceNumber`.
        sequence_number: String,
    },
    /// Tell people.
    Log(Log),
}

/// One thing worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Log {
    /// No filter takes these records.
    Filtered { shard: String, records: usize },
    /// These records go to the function again, after a while.
    Retrying { shard: String, records: usize, why: String, after: Duration },
    /// These records go to the function again, in two halves.
    Halved { shard: String, records: usize, why: String, after: Duration },
    /// These records will never go to the function again.
    Discarded { shard: String, records: usize, first_sequence_number: String, condition: Condition },
}

/// Why records were discarded, as `requestContext.condition` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The function failed more often than `MaximumRetryAttempts` allows.
    RetryAttemptsExhausted,
    /// Older than `MaximumRecordAgeInSeconds`, or than the stream keeps records.
    RecordAgeExceeded,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::RetryAttemptsExhausted => "RetryAttemptsExhausted",
            Self::RecordAgeExceeded => "RecordAgeExceeded",
        })
    }
}
