//! One event source mapping between a queue and a function.
//!
//! Decides when messages are received, which go to the function together, and which are deleted
//! afterwards. The queue itself, with the time for which a message is hidden and the queue for what
//! is received too often, is [`crate::queue`]'s; invocations are carried out by [`crate::lambda`].
//!
//! ```text
//!           take                 full, or window over              succeeded
//! Visible ────────▶ gathered ───────────────────────────▶ Invoke ─────────────▶ deleted
//!    ▲       │ no filter takes it: deleted                  │ failed
//!    └───────┴────────────────── hidden time over ──────────┘
//! ```

#[cfg(test)]
mod tests;

use crate::Time;
use crate::pattern::Pattern;
use crate::queue::{Queues, Taken};
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// A single receive of SQS gives so many messages at most.
const RECEIVE_MAX: usize = 10;
/// Bytes of one event.
const PAYLOAD_MAX: usize = 6 * 1024 * 1024;

/// One `AWS::Lambda::EventSourceMapping` of a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `EventSourceArn`.
    pub queue_arn: String,
    /// `Enabled`.
    pub enabled: bool,
    /// `BatchSize`.
    pub batch_size: usize,
    /// `MaximumBatchingWindowInSeconds`.
    pub batching_window: Duration,
    /// Whether `FunctionResponseTypes` has `ReportBatchItemFailures`.
    pub report_failures: bool,
    /// `FilterCriteria`: one of these is enough; without any, every message is taken.
    pub filters: Vec<Pattern>,
    /// `ScalingConfig.MaximumConcurrency`.
    pub concurrency: usize,
}

impl Config {
    /// A mapping with AWS's defaults; AWS begins with five batches at a time as well.
    pub fn new(queue_arn: &str) -> Self {
        Self {
            queue_arn: queue_arn.to_owned(),
            enabled: true,
            batch_size: 10,
            batching_window: Duration::ZERO,
            report_failures: false,
            filters: Vec::new(),
            concurrency: 5,
        }
    }
}

/// Names one invocation of a poller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BatchId(pub u64);

/// Messages for the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoke {
    /// To be given back to [`Poller::done`].
    pub batch: BatchId,
    /// How many messages.
    pub messages: usize,
    /// The event: `{"Records": […]}`.
    pub payload: Bytes,
}

/// How an invocation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The function returned this.
    Success(Bytes),
    /// It failed, or was not invoked at all.
    Failure,
}

/// Takes messages out of a queue for a function.
#[derive(Debug)]
pub struct Poller {
    config: Config,
    gathered: Vec<Taken>,
    gathered_bytes: usize,
    /// When the first of them was received.
    since: Time,
    running: BTreeMap<BatchId, Vec<Taken>>,
    last_batch: u64,
}

impl Poller {
    /// A poller that has received nothing yet.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            gathered: Vec::new(),
            gathered_bytes: 0,
            since: Time(0),
            running: BTreeMap::new(),
            last_batch: 0,
        }
    }

    /// Receives what may be received, and gives the next batch that is ready; to be called until
    /// there is none.
    pub fn next(&mut self, now: Time, queues: &mut Queues) -> Option<Invoke> {
        if !self.config.enabled || self.running.len() >= self.config.concurrency {
            return None;
        }
        self.gather(now, queues);
        let over = self.since + self.config.batching_window <= now;
        if self.gathered.is_empty() || !(over || self.is_full()) {
            return None;
        }
        self.last_batch += 1;
        let batch = BatchId(self.last_batch);
        let taken = std::mem::take(&mut self.gathered);
        self.gathered_bytes = 0;
        let records: Vec<&Value> = taken.iter().map(|taken| &taken.record).collect();
        let payload = json!({ "Records": records }).to_string().into();
        let messages = taken.len();
        self.running.insert(batch, taken);
        Some(Invoke { batch, messages, payload })
    }

    /// Takes in what became of a batch; how many messages will come again.
    pub fn done(&mut self, queues: &mut Queues, batch: BatchId, outcome: &Outcome) -> usize {
        let Some(taken) = self.running.remove(&batch) else { return 0 };
        let failed = match outcome {
            Outcome::Failure => return taken.len(),
            Outcome::Success(_) if !self.config.report_failures => BTreeSet::new(),
            Outcome::Success(body) => match failures(body, &taken) {
                Some(failed) => failed,
                None => return taken.len(),
            },
        };
        for message in taken.iter().filter(|taken| !failed.contains(&taken.id)) {
            queues.delete(&self.config.queue_arn, &message.receipt_handle);
        }
        failed.len()
    }

    /// When [`Self::next`] may have something, though nothing else happens until then.
    pub fn poll_timeout(&self, queues: &Queues) -> Option<Time> {
        if !self.config.enabled || self.running.len() >= self.config.concurrency {
            return None;
        }
        let window = self.since + self.config.batching_window;
        let window = (!self.gathered.is_empty()).then_some(window);
        [window, queues.next_visible(&self.config.queue_arn)].into_iter().flatten().min()
    }

    fn is_full(&self) -> bool {
        self.gathered.len() >= self.config.batch_size || self.gathered_bytes >= PAYLOAD_MAX
    }

    fn gather(&mut self, now: Time, queues: &mut Queues) {
        while !self.is_full() {
            let most = (self.config.batch_size - self.gathered.len()).min(RECEIVE_MAX);
            let taken = queues.take(now, &self.config.queue_arn, most);
            if taken.is_empty() {
                return;
            }
            for message in taken {
                if !self.is_wanted(&message.record) {
                    queues.delete(&self.config.queue_arn, &message.receipt_handle);
                    continue;
                }
                if self.gathered.is_empty() {
                    self.since = now;
                }
                self.gathered_bytes += message.record.to_string().len();
                self.gathered.push(message);
            }
        }
    }

    /// A pattern may look into a body that is JSON.
    fn is_wanted(&self, record: &Value) -> bool {
        if self.config.filters.is_empty() {
            return true;
        }
        let mut record = record.clone();
        if let Some(body) = record["body"].as_str().and_then(|text| serde_json::from_str(text).ok())
        {
            record["body"] = body;
        }
        self.config.filters.iter().any(|filter| filter.matches(&record))
    }
}

/// The messages an answer calls failed; `None` when the answer is not what it should be, which is a
/// failure of all of them.
fn failures(body: &[u8], taken: &[Taken]) -> Option<BTreeSet<String>> {
    if body.is_empty() {
        return Some(BTreeSet::new());
    }
    let list = match serde_json::from_slice(body).ok()? {
        Value::Null => return Some(BTreeSet::new()),
        Value::Object(mut answer) => answer.remove("batchItemFailures").unwrap_or_default(),
        _ => return None,
    };
    let failures = match list {
        Value::Null => return Some(BTreeSet::new()),
        Value::Array(failures) => failures,
        _ => return None,
    };
    let known = |id: &str| taken.iter().any(|taken| taken.id == id);
    let id = |failure: &Value| {
        let id = failure.get("itemIdentifier")?.as_str()?;
        known(id).then(|| id.to_owned())
    };
    failures.iter().map(id).collect()
}
