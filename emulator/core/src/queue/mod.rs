//! Queues of SQS: where messages wait, for functions and for who fetches them.
//!
//! Speaks as much of SQS's JSON protocol as the SDKs need to send, receive and delete. Queues come
//! from the template and are neither made nor removed here. Others put
//! messages in by [`Queues::send`], and [`crate::poller`] takes them out for functions.
//!
//! ```text
//!            delay over             receive              delete
//! Delayed ─────────────▶ Visible ─────────────▶ InFlight ───────▶ gone
//!                           ▲ │   time-out, or      │             (or too old)
//!                           │ │   visibility of 0   │
//!                           └─┼─────────────────────┘
//!                             └─▶ dead letters: received too often (RedrivePolicy)
//! ```

mod attributes;
mod batch;
mod error;
mod fifo;
pub(crate) mod form;
mod handle;
mod message;
mod operation;
mod queues;
mod receive;
mod send;
mod store;
mod taken;
#[cfg(test)]
mod tests;

pub use fifo::Fifo;
pub use queues::Queues;
pub use store::Stored;
pub use taken::Taken;

use crate::{CallId, http};
use std::time::Duration;

/// Something that happened outside.
#[derive(Clone, Debug)]
pub enum Input {
    /// A request whose `X-Amz-Target` begins with `AmazonSQS.`; answered by [`Effect::Reply`], a
    /// `ReceiveMessage` that waits perhaps much later.
    Request { call: CallId, request: http::Request },
    /// The client of a request went away, or was never there.
    Gone { call: CallId },
}

/// Something the shell must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Answer a request.
    Reply { call: CallId, reply: http::Reply },
}

/// The queues of a template.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The account they are in.
    pub account_id: String,
    /// The Region they are in.
    pub region: String,
    /// What the URLs of queues begin with, such as `http://127.0.0.1:4000`.
    pub endpoint: String,
    /// The queues.
    pub queues: Vec<QueueConfig>,
    /// Bounds.
    pub limits: Limits,
}

/// One `AWS::SQS::Queue`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueConfig {
    name: String,
    /// `VisibilityTimeout`.
    pub visibility_timeout: Duration,
    /// `MessageRetentionPeriod`.
    pub retention: Duration,
    /// `DelaySeconds`.
    pub delay: Duration,
    /// `ReceiveMessageWaitTimeSeconds`.
    pub receive_wait: Duration,
    /// `MaximumMessageSize` in bytes.
    pub message_bytes_max: usize,
    /// `RedrivePolicy`.
    pub redrive: Option<Redrive>,
    /// What a FIFO queue is like; its name ends with `.fifo`.
    pub fifo: Option<Fifo>,
}

/// Where a queue sends what is received too often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redrive {
    /// `deadLetterTargetArn`.
    pub dead_letters: String,
    /// `maxReceiveCount`.
    pub receipts_max: u32,
}

impl QueueConfig {
    /// A queue with SQS's defaults.
    ///
    /// # Errors
    ///
    /// In words for the author of the template, when the name is not one.
    pub fn new(name: &str) -> Result<Self, String> {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let plain = name.strip_suffix(".fifo");
        if !(1..=80).contains(&name.len()) || !plain.unwrap_or(name).chars().all(is_allowed) {
            return Err(format!(
                "the queue name `{name}` must be 1 to 80 letters, digits, hyphens and underscores"
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            visibility_timeout: Duration::from_secs(30),
            retention: Duration::from_secs(4 * 24 * 3600),
            delay: Duration::ZERO,
            receive_wait: Duration::ZERO,
            message_bytes_max: 1024 * 1024,
            redrive: None,
            fifo: plain.map(|_| Fifo::default()),
        })
    }

    /// `QueueName`.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Bounds that SQS does not have.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Messages one queue keeps.
    pub messages: usize,
    /// Bytes one queue keeps.
    pub bytes: usize,
    /// Receives that wait at the same time; one more is answered at once.
    pub waiting: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { messages: 10_000, bytes: 64 * 1024 * 1024, waiting: 1000 }
    }
}
