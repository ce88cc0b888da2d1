//! Messages as functions get them: what Lambda's own poller receives, and the record it makes of it.

use super::Queues;
use super::attributes::Attributes;
use super::fifo::sequence_number;
use super::handle::Handle;
use super::message::{Message, hex_md5};
use super::store::Store;
use crate::Time;
use serde_json::{Map, Value, json};

/// A message that was received for a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Taken {
    /// `messageId`.
    pub id: String,
    /// What deletes it.
    pub receipt_handle: String,
    /// The record of the function's event.
    pub record: Value,
}

impl Queues {
    /// Receives up to `most` messages of the queue of this ARN for a function, and hides them for as
    /// long as the queue says.
    pub fn take(&mut self, now: Time, queue_arn: &str, most: usize) -> Vec<Taken> {
        self.expire(now);
        let Some(name) = self.find(queue_arn).map(|store| store.config.name().to_owned()) else {
            return Vec::new();
        };
        self.redrive(now, &name);
        let (account_id, region) = (self.config.account_id.clone(), self.config.region.clone());
        let Some(store) = self.stores.get_mut(&name) else { return Vec::new() };
        let received = store.receive(now, most, store.config.visibility_timeout);
        let taken = received.into_iter().map(|(handle, message)| {
            let mut record = record(handle, &message, &account_id);
            record["eventSourceARN"] = queue_arn.into();
            record["awsRegion"] = region.as_str().into();
            Taken { id: message.id, receipt_handle: handle.to_string(), record }
        });
        let taken = taken.collect();
        // What went to another queue may be waited for there.
        self.serve(now);
        taken
    }

    /// Deletes a message, unless it has been received once more meanwhile.
    pub fn delete(&mut self, queue_arn: &str, receipt_handle: &str) {
        let Some(handle) = Handle::parse(receipt_handle) else { return };
        if let Some(store) = self.stores.values_mut().find(|store| store.arn == queue_arn) {
            store.delete(handle);
        }
    }

    /// When a message of the queue of this ARN can be received next; the past, if one can be now.
    pub fn next_visible(&self, queue_arn: &str) -> Option<Time> {
        self.find(queue_arn)?.next_visible()
    }

    fn find(&self, queue_arn: &str) -> Option<&Store> {
        self.stores.values().find(|store| store.arn == queue_arn)
    }
}

/// In the event, names begin in lower case.
fn record(handle: Handle, message: &Message, sender_id: &str) -> Value {
    let mut attributes = json!({
        "ApproximateReceiveCount": message.receipts.to_string(),
        "SentTimestamp": message.sent.0.to_string(),
        "SenderId": sender_id,
        "ApproximateFirstReceiveTimestamp":
            message.first_received.unwrap_or(message.sent).0.to_string(),
    });
    if let Some(group) = message.group() {
        attributes["MessageGroupId"] = group.into();
    }
    if let Some(place) = &message.place {
        attributes["MessageDeduplicationId"] = place.deduplication.as_str().into();
        attributes["SequenceNumber"] = sequence_number(handle.number).into();
    }
    if let Some(trace) = &message.trace_header {
        attributes["AWSTraceHeader"] = trace.as_str().into();
    }
    json!({
        "messageId": message.id,
        "receiptHandle": handle.to_string(),
        "body": message.body,
        "attributes": attributes,
        "messageAttributes": message_attributes(&message.attributes),
        "md5OfBody": hex_md5(message.body.as_bytes()),
        "eventSource": "aws:sqs",
    })
}

fn message_attributes(attributes: &Attributes) -> Map<String, Value> {
    let entry = |(name, attribute): (&String, &super::attributes::Attribute)| {
        let mut value = attribute.event_value();
        value["stringListValues"] = json!([]);
        value["binaryListValues"] = json!([]);
        (name.clone(), value)
    };
    attributes.iter().map(entry).collect()
}
