//! A lane: records that must go to the function one batch after the other.
//!
//! Decides about one batch at a time and reports what became of its records; [`super::mapping`]
//! turns that into effects.

use super::answer::{self, Report};
use super::{Condition, Config, Faults, Outcome};
use crate::Time;
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// A record that passed the filters.
#[derive(Debug)]
pub(super) struct Entry {
    /// Where the shard counts it.
    pub(super) position: u64,
    pub(super) sequence_number: Arc<str>,
    pub(super) created: Time,
    pub(super) arrived: Time,
    pub(super) json: String,
}

/// Records that go to the function together, and what the function has said to them so far.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) entries: Vec<Entry>,
    pub(super) invocations: u32,
    pub(super) last: Option<LastAnswer>,
    /// Those invocations that count against `MaximumRetryAttempts`.
    failures: u32,
}

#[derive(Clone, Debug)]
pub(super) struct LastAnswer {
    pub(super) request_id: String,
    pub(super) function_error: bool,
}

impl Batch {
    const OPENING: &str = r#"{"Records":["#;
    const CLOSING: &str = "]}";

    pub(super) fn payload(&self) -> Bytes {
        let records: Vec<_> = self.entries.iter().map(|entry| entry.json.as_str()).collect();
        Bytes::from([Self::OPENING, &records.join(","), Self::CLOSING].concat())
    }

    /// Takes away the records before `index`, with the history of them all.
    fn split_to(&mut self, index: usize) -> Self {
        let rest = self.entries.split_off(index);
        let entries = std::mem::replace(&mut self.entries, rest);
        Self { entries, last: self.last.clone(), ..*self }
    }
}

/// What a lane does next.
#[derive(Debug)]
pub(super) enum Step {
    /// The batch that is now [`Lane::running`] goes to the function.
    Invoke,
    Discard(Batch, Condition),
}

/// What became of a batch that was at the function.
#[derive(Debug, Default)]
pub(super) struct Settled {
    pub(super) done: Vec<Entry>,
    pub(super) discarded: Option<Batch>,
    pub(super) again: Option<Again>,
}

/// Records that go to the function once more.
#[derive(Debug)]
pub(super) struct Again {
    pub(super) records: usize,
    pub(super) halved: bool,
    pub(super) why: String,
    pub(super) after: Duration,
}

#[derive(Debug, Default)]
pub(super) struct Lane {
    pending: VecDeque<Entry>,
    pending_bytes: usize,
    /// Batches that have been formed and are not at the function, in order.
    formed: VecDeque<Batch>,
    running: Option<Batch>,
    /// The next batch is not sent before.
    not_before: Time,
    /// Failures in a row; they lengthen the wait.
    streak: u32,
}

impl Lane {
    pub(super) fn push(&mut self, entry: Entry) {
        self.pending_bytes += entry.json.len();
        self.pending.push_back(entry);
    }

    pub(super) fn running(&self) -> Option<&Batch> {
        self.running.as_ref()
    }

    /// What is due, if anything; to be asked until there is nothing more.
    pub(super) fn next(&mut self, now: Time, config: &Config, faults: &mut Faults) -> Option<Step> {
        if self.running.is_some() {
            return None;
        }
        if self.formed.is_empty() && self.is_ready(now, config) {
            let batch = self.form(config);
            self.formed.push_back(batch);
        }
        let batch = self.formed.front_mut()?;
        let expired = batch.entries.iter().take_while(|e| expiry(e, config) <= now).count();
        if expired > 0 {
            let expired = batch.split_to(expired);
            if batch.entries.is_empty() {
                // What follows has not failed and need not wait.
                self.formed.pop_front();
                (self.not_before, self.streak) = (now, 0);
            }
            return Some(Step::Discard(expired, Condition::RecordAgeExceeded));
        }
        if let Some(delay) = faults.delay.take() {
            self.not_before = self.not_before.max(now + delay);
        }
        if now < self.not_before {
            return None;
        }
        self.running = self.formed.pop_front();
        Some(Step::Invoke)
    }

    /// When [`Self::next`] may have something, though nothing else happens until then.
    pub(super) fn deadline(&self, config: &Config) -> Option<Time> {
        if self.running.is_some() {
            return None;
        }
        match self.formed.front() {
            Some(batch) => {
                let expiry = batch.entries.first().map(|entry| expiry(entry, config));
                Some(expiry.map_or(self.not_before, |expiry| expiry.min(self.not_before)))
            }
            None => self.pending.front().map(|first| first.arrived + config.batching_window),
        }
    }

    fn is_ready(&self, now: Time, config: &Config) -> bool {
        self.pending.front().is_some_and(|first| {
            self.pending.len() >= config.batch_size
                || self.pending_bytes >= config.limits.payload_bytes
                || first.arrived + config.batching_window <= now
        })
    }

    fn form(&mut self, config: &Config) -> Batch {
        let mut batch = Batch::default();
        let mut bytes = Batch::OPENING.len() + Batch::CLOSING.len();
        while batch.entries.len() < config.batch_size.max(1)
            && let Some(entry) = self.pending.pop_front_if(|entry| {
                batch.entries.is_empty() || bytes + entry.json.len() <= config.limits.payload_bytes
            })
        {
            self.pending_bytes -= entry.json.len();
            bytes += entry.json.len() + 1;
            batch.entries.push(entry);
        }
        batch
    }

    /// Takes in the answer to the running batch.
    pub(super) fn settle(
        &mut self,
        now: Time,
        config: &Config,
        faults: &mut Faults,
        request_id: String,
        outcome: &Outcome,
    ) -> Settled {
        let Some(mut batch) = self.running.take() else { return Settled::default() };
        if *outcome == Outcome::Throttled {
            return self.again(now, config, batch, "throttled".into());
        }
        batch.invocations += 1;
        let function_error = matches!(outcome, Outcome::FunctionError(_));
        batch.last = Some(LastAnswer { request_id, function_error });
        let report = match outcome {
            Outcome::Success(body) if config.report_failures => answer::read(body, |wanted| {
                batch.entries.iter().position(|entry| *entry.sequence_number == *wanted)
            }),
            Outcome::FunctionError(body) => Report::Nothing(error_message(body)),
            Outcome::Success(_) | Outcome::Throttled => Report::Everything,
        };
        match report {
            Report::Everything if faults.duplicates > 0 => {
                faults.duplicates -= 1;
                self.once_more(batch)
            }
            Report::Everything => {
                self.streak = 0;
                Settled { done: batch.entries, ..Settled::default() }
            }
            Report::Before(index) => self.cut(now, config, batch, index),
            Report::Nothing(why) if config.bisect && batch.entries.len() > 1 => {
                self.halve(now, config, batch, why)
            }
            Report::Nothing(why) => self.failed(now, config, batch, why),
        }
    }

    /// Part of the batch is done. With `BisectBatchOnFunctionError` that is a split, which does not
    /// count as an attempt; without it, or when nothing was split off, it counts. AWS documents the
    /// split only, so the counting is a guess: without it a record could be retried for ever.
    fn cut(&mut self, now: Time, config: &Config, mut batch: Batch, index: usize) -> Settled {
        let done = batch.split_to(index).entries;
        let why = match batch.entries.first() {
            Some(first) => format!("record {} was reported as failed", first.sequence_number),
            None => String::new(),
        };
        if index > 0 {
            self.streak = 0;
        }
        let settled = if config.bisect && index > 0 {
            self.again(now, config, batch, why)
        } else {
            self.failed(now, config, batch, why)
        };
        Settled { done, ..settled }
    }

    fn halve(&mut self, now: Time, config: &Config, mut batch: Batch, why: String) -> Settled {
        let records = batch.entries.len();
        let first = batch.split_to(records.div_ceil(2));
        self.formed.push_front(batch);
        // Smaller batches are another attempt, not the same one again, so the wait starts anew.
        self.streak = 0;
        let settled = self.again(now, config, first, why);
        let again = settled.again.map(|again| Again { records, halved: true, ..again });
        Settled { again, ..settled }
    }

    fn failed(&mut self, now: Time, config: &Config, mut batch: Batch, why: String) -> Settled {
        batch.failures += 1;
        if config.retry_attempts.is_some_and(|most| batch.failures > most) {
            self.streak = 0;
            return Settled { discarded: Some(batch), ..Settled::default() };
        }
        self.again(now, config, batch, why)
    }

    /// Delivers a batch that has succeeded a second time, as Lambda now and then does.
    fn once_more(&mut self, batch: Batch) -> Settled {
        let (records, why) = (batch.entries.len(), "delivered twice on purpose".into());
        self.formed.push_front(batch);
        let again = Again { records, halved: false, why, after: Duration::ZERO };
        Settled { again: Some(again), ..Settled::default() }
    }

    fn again(&mut self, now: Time, config: &Config, batch: Batch, why: String) -> Settled {
        let limits = &config.limits;
        let factor = 1_u32.checked_shl(self.streak).unwrap_or(u32::MAX);
        let after = limits.retry_wait.saturating_mul(factor).min(limits.retry_wait_max);
        self.streak = self.streak.saturating_add(1);
        self.not_before = now + after;
        let records = batch.entries.len();
        self.formed.push_front(batch);
        let again = Again { records, halved: false, why, after };
        Settled { again: Some(again), ..Settled::default() }
    }
}

fn expiry(entry: &Entry, config: &Config) -> Time {
    let age =
        config.record_age.map_or(config.limits.retention, |age| age.min(config.limits.retention));
    entry.created + age
}

fn error_message(body: &[u8]) -> String {
    let message = serde_json::from_slice::<serde_json::Value>(body).ok();
    let message = message.as_ref().and_then(|error| error.get("errorMessage")?.as_str());
    message.unwrap_or("function error").to_owned()
}
