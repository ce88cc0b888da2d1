//! `ReceiveMessage`: what is asked for, and how messages are shown to who asked.

use super::QueueConfig;
use super::attributes;
use super::error::Error;
use super::fifo::sequence_number;
use super::handle::Handle;
use super::message::{Message, hex_md5};
use super::operation::parse;
use super::send::seconds_within;
use super::store::Store;
use crate::Time;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Duration;

const MESSAGES_MAX: i64 = 10;
const WAIT_MAX: i64 = 20;
pub(super) const VISIBILITY_MAX: i64 = 12 * 3600;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Request {
    /// The older name of `MessageSystemAttributeNames`.
    attribute_names: Option<Vec<String>>,
    message_system_attribute_names: Option<Vec<String>>,
    message_attribute_names: Option<Vec<String>>,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
}

/// A receive that has been checked, and can be tried again while it waits.
#[derive(Debug)]
pub(super) struct Receive {
    most: usize,
    hidden: Duration,
    pub(super) wait: Duration,
    system_names: Vec<String>,
    names: Vec<String>,
}

impl Receive {
    pub(super) fn parse(body: Value, config: &QueueConfig) -> Result<Self, Error> {
        let request: Request = parse(body)?;
        let most = request.max_number_of_messages.unwrap_or(1);
        let valid = usize::try_from(most).ok().filter(|_| (1..=MESSAGES_MAX).contains(&most));
        let seconds = |name, given: Option<i64>, most, otherwise| {
            given.map_or(Ok(otherwise), |seconds| seconds_within(name, seconds, most))
        };
        let (visibility, wait) = (request.visibility_timeout, request.wait_time_seconds);
        let mut system_names = request.attribute_names.unwrap_or_default();
        system_names.extend(request.message_system_attribute_names.unwrap_or_default());
        Ok(Self {
            most: valid
                .ok_or_else(|| Error::out_of_range("MaxNumberOfMessages", most, 1, MESSAGES_MAX))?,
            hidden: seconds(
                "VisibilityTimeout",
                visibility,
                VISIBILITY_MAX,
                config.visibility_timeout,
            )?,
            wait: seconds("WaitTimeSeconds", wait, WAIT_MAX, config.receive_wait)?,
            system_names,
            names: request.message_attribute_names.unwrap_or_default(),
        })
    }

    /// The answer, if there is anything to receive.
    pub(super) fn run(&self, now: Time, store: &mut Store, sender_id: &str) -> Option<Value> {
        let received = store.receive(now, self.most, self.hidden);
        let shown = received.iter().map(|(handle, message)| self.show(*handle, message, sender_id));
        let shown: Vec<_> = shown.collect();
        (!shown.is_empty()).then(|| json!({"Messages": shown}))
    }

    fn show(&self, handle: Handle, message: &Message, sender_id: &str) -> Value {
        let mut shown = json!({
            "MessageId": message.id,
            "ReceiptHandle": handle.to_string(),
            "MD5OfBody": hex_md5(message.body.as_bytes()),
            "Body": message.body,
        });
        let system = self.system_attributes(handle, message, sender_id);
        if !system.is_empty() {
            shown["Attributes"] = system.into();
        }
        let attributes = attributes::select(&message.attributes, &self.names);
        if let Some(digest) = attributes::md5(&attributes) {
            shown["MD5OfMessageAttributes"] = digest.into();
            shown["MessageAttributes"] = json!(attributes);
        }
        shown
    }

    fn system_attributes(
        &self,
        handle: Handle,
        message: &Message,
        sender_id: &str,
    ) -> Map<String, Value> {
        let time = |time: Time| time.0.to_string();
        let all = [
            ("ApproximateFirstReceiveTimestamp", message.first_received.map(time)),
            ("ApproximateReceiveCount", Some(message.receipts.to_string())),
            ("AWSTraceHeader", message.trace_header.clone()),
            ("MessageDeduplicationId", message.place.as_ref().map(|p| p.deduplication.clone())),
            ("MessageGroupId", message.group().map(ToOwned::to_owned)),
            ("SenderId", Some(sender_id.to_owned())),
            ("SentTimestamp", Some(time(message.sent))),
            ("SequenceNumber", message.place.as_ref().map(|_| sequence_number(handle.number))),
        ];
        let wanted =
            |name: &str| self.system_names.iter().any(|wanted| wanted == "All" || wanted == name);
        let selected = all.into_iter().filter(|(name, _)| wanted(name));
        selected.filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?)))).collect()
    }
}
