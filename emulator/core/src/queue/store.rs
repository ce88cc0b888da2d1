//! One queue: its messages, who may see them when, and what can be told about it.

use super::error::Error;
use super::fifo::Known;
use super::handle::Handle;
use super::message::Message;
use super::{Limits, QueueConfig};
use crate::Time;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

#[derive(Debug)]
pub(super) struct Store {
    pub(super) config: QueueConfig,
    pub(super) url: String,
    pub(super) arn: String,
    created: Time,
    /// In the order they were sent.
    messages: BTreeMap<u64, Message>,
    bytes: usize,
    last: u64,
    /// What was sent lately, to a FIFO queue.
    known: Known,
}

/// A message as people see it; looking at it does not receive it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// `MessageId`.
    pub id: String,
    /// What was sent.
    pub body: String,
    /// `SentTimestamp`.
    pub sent: Time,
    /// `ApproximateReceiveCount`.
    pub receipts: u32,
}

impl Store {
    pub(super) fn new(now: Time, config: QueueConfig, url: String, arn: String) -> Self {
        Self {
            config,
            url,
            arn,
            created: now,
            messages: BTreeMap::new(),
            bytes: 0,
            last: 0,
            known: Known::default(),
        }
    }

    /// Forgets messages that are older than the retention period.
    pub(super) fn expire(&mut self, now: Time) {
        while let Some(first) = self.messages.first_entry()
            && first.get().sent + self.config.retention <= now
        {
            self.bytes -= first.remove().size;
        }
    }

    /// The message of a FIFO queue that this one repeats: its id and number.
    pub(super) fn known(&mut self, now: Time, message: &Message) -> Option<(String, u64)> {
        self.known.find(now, self.config.fifo?, message.place.as_ref()?)
    }

    /// Puts in what somebody sends; returns its number.
    pub(super) fn put_new(
        &mut self,
        now: Time,
        message: Message,
        limits: &Limits,
    ) -> Result<u64, Error> {
        let (id, place) = (message.id.clone(), message.place.clone());
        self.put(message, limits)?;
        if let (Some(fifo), Some(place)) = (self.config.fifo, place) {
            self.known.add(now, fifo, &place, (id, self.last));
        }
        Ok(self.last)
    }

    pub(super) fn put(&mut self, message: Message, limits: &Limits) -> Result<(), Error> {
        let name = self.config.name();
        if self.messages.len() >= limits.messages {
            return Err(Error::full(name, &format!("{} messages", limits.messages)));
        }
        if self.bytes + message.size > limits.bytes {
            return Err(Error::full(name, &format!("{} bytes", limits.bytes)));
        }
        self.last += 1;
        self.bytes += message.size;
        self.messages.insert(self.last, message);
        Ok(())
    }

    /// Receives up to `most` messages and hides them for a while.
    pub(super) fn receive(
        &mut self,
        now: Time,
        most: usize,
        hidden: Duration,
    ) -> Vec<(Handle, Message)> {
        // What is hidden holds back what came after it in its group.
        let mut held = BTreeSet::new();
        let visible = self.messages.iter_mut().filter(|(_, message)| {
            let group = message.place.as_ref().map(|place| &place.group);
            let is_visible =
                message.visible_at <= now && group.is_none_or(|group| !held.contains(group));
            if !is_visible && let Some(group) = group {
                held.insert(group.clone());
            }
            is_visible
        });
        let received = visible.take(most).map(|(number, message)| {
            message.receipts = message.receipts.saturating_add(1);
            message.first_received.get_or_insert(now);
            message.visible_at = now + hidden;
            (Handle { number: *number, receipt: message.receipts }, message.clone())
        });
        received.collect()
    }

    /// Takes out messages that may be received, but have been `receipts_max` times already.
    pub(super) fn take_worn(&mut self, now: Time, receipts_max: u32) -> Vec<Message> {
        let worn =
            |message: &Message| message.receipts >= receipts_max && message.visible_at <= now;
        let taken: Vec<Message> =
            self.messages.extract_if(.., |_, message| worn(message)).map(|(_, m)| m).collect();
        self.bytes -= taken.iter().map(|message| message.size).sum::<usize>();
        taken
    }

    /// An old handle deletes nothing, and that is no error.
    pub(super) fn delete(&mut self, handle: Handle) {
        if self.messages.get(&handle.number).is_some_and(|m| m.receipts == handle.receipt)
            && let Some(message) = self.messages.remove(&handle.number)
        {
            self.bytes -= message.size;
        }
    }

    pub(super) fn hide(
        &mut self,
        now: Time,
        handle: Handle,
        hidden: Duration,
    ) -> Result<(), Error> {
        let message = self.messages.get_mut(&handle.number);
        let message = message.filter(|message| message.receipts == handle.receipt);
        let message = message.ok_or_else(|| Error::stale_handle(handle))?;
        if message.visible_at <= now {
            return Err(Error::not_in_flight(handle));
        }
        message.visible_at = now + hidden;
        Ok(())
    }

    pub(super) fn purge(&mut self) {
        self.messages.clear();
        self.bytes = 0;
    }

    /// When a message that cannot be received now can be.
    pub(super) fn next_visible(&self) -> Option<Time> {
        let mut groups = BTreeSet::new();
        // Of a group only the first can be received.
        let first = self.messages.values().filter(|message| {
            message.place.as_ref().is_none_or(|place| groups.insert(&place.group))
        });
        first.map(|message| message.visible_at).min()
    }

    pub(super) fn list(&self) -> impl Iterator<Item = Stored> {
        self.messages.values().map(|message| Stored {
            id: message.id.clone(),
            body: message.body.clone(),
            sent: message.sent,
            receipts: message.receipts,
        })
    }

    /// The answer of `GetQueueAttributes`: those of these names, or `All`.
    pub(super) fn attributes(
        &self,
        now: Time,
        names: &[String],
    ) -> Result<Map<String, Value>, Error> {
        let mut attributes = self.all_attributes(now);
        if let Some(name) = names.iter().find(|name| *name != "All" && !is_known(name)) {
            return Err(Error::no_such_attribute(name));
        }
        if !names.iter().any(|name| name == "All") {
            attributes.retain(|attribute, _| names.contains(attribute));
        }
        Ok(attributes)
    }

    fn all_attributes(&self, now: Time) -> Map<String, Value> {
        let hidden = || self.messages.values().filter(|message| message.visible_at > now);
        let delayed = hidden().filter(|message| message.receipts == 0).count();
        let in_flight = hidden().count() - delayed;
        let visible = self.messages.len() - delayed - in_flight;
        let created = self.created.0 / 1000;
        let QueueConfig {
            name: _,
            visibility_timeout,
            retention,
            delay,
            receive_wait,
            message_bytes_max,
            redrive,
            fifo,
        } = &self.config;
        let redrive = redrive.as_ref().map(|redrive| {
            json!({
                "deadLetterTargetArn": redrive.dead_letters,
                "maxReceiveCount": redrive.receipts_max,
            })
        });
        let entries = [
            ("ApproximateNumberOfMessages", visible.to_string()),
            ("ApproximateNumberOfMessagesDelayed", delayed.to_string()),
            ("ApproximateNumberOfMessagesNotVisible", in_flight.to_string()),
            ("CreatedTimestamp", created.to_string()),
            ("DelaySeconds", delay.as_secs().to_string()),
            ("LastModifiedTimestamp", created.to_string()),
            ("MaximumMessageSize", message_bytes_max.to_string()),
            ("MessageRetentionPeriod", retention.as_secs().to_string()),
            ("QueueArn", self.arn.clone()),
            ("ReceiveMessageWaitTimeSeconds", receive_wait.as_secs().to_string()),
            ("SqsManagedSseEnabled", "true".to_owned()),
            ("VisibilityTimeout", visibility_timeout.as_secs().to_string()),
        ];
        let redrive = redrive.map(|policy| ("RedrivePolicy", policy.to_string()));
        let fifo = fifo.map(|fifo| {
            let scope = if fifo.per_group { "messageGroup" } else { "queue" };
            let limit = if fifo.high_throughput { "perMessageGroupId" } else { "perQueue" };
            [
                ("FifoQueue", "true".to_owned()),
                ("ContentBasedDeduplication", fifo.content_based.to_string()),
                ("DeduplicationScope", scope.to_owned()),
                ("FifoThroughputLimit", limit.to_owned()),
            ]
        });
        let entries = entries.into_iter().chain(redrive).chain(fifo.into_iter().flatten());
        entries.map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
    }
}

/// Attributes that a queue may have; those it has not are left out of the answer.
fn is_known(name: &str) -> bool {
    const KNOWN: &[&str] = &[
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesDelayed",
        "ApproximateNumberOfMessagesNotVisible",
        "ContentBasedDeduplication",
        "CreatedTimestamp",
        "DeduplicationScope",
        "DelaySeconds",
        "FifoQueue",
        "FifoThroughputLimit",
        "KmsDataKeyReusePeriodSeconds",
        "KmsMasterKeyId",
        "LastModifiedTimestamp",
        "MaximumMessageSize",
        "MessageRetentionPeriod",
        "Policy",
        "QueueArn",
        "ReceiveMessageWaitTimeSeconds",
        "RedriveAllowPolicy",
        "RedrivePolicy",
        "SqsManagedSseEnabled",
        "VisibilityTimeout",
    ];
    KNOWN.contains(&name)
}
