//! `SendMessage`, and one entry of `SendMessageBatch`.

use super::attributes::{self, Attribute, Attributes};
use super::error::Error;
use super::fifo::sequence_number;
use super::message::{Message, hex_md5, is_allowed};
use super::store::Store;
use super::{Limits, QueueConfig};
use crate::Time;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

const DELAY_MAX: i64 = 900;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Send {
    message_body: Option<String>,
    delay_seconds: Option<i64>,
    message_attributes: Option<Attributes>,
    message_system_attributes: Option<Attributes>,
    message_deduplication_id: Option<String>,
    message_group_id: Option<String>,
}

impl Send {
    pub(super) fn new(
        body: &str,
        attributes: BTreeMap<String, (&'static str, String)>,
        group: Option<String>,
    ) -> Self {
        let attributes = attributes
            .into_iter()
            .map(|(name, (kind, value))| (name, Attribute::text_of(kind, value)))
            .collect();
        Self {
            message_body: Some(body.to_owned()),
            message_attributes: Some(attributes),
            message_group_id: group,
            ..Self::default()
        }
    }

    /// Puts the message into the queue under this id.
    pub(super) fn run(
        self,
        now: Time,
        store: &mut Store,
        limits: &Limits,
        id: String,
    ) -> Result<Value, Error> {
        let system_md5 = self.message_system_attributes.as_ref().and_then(attributes::md5);
        let mut message = self.into_message(now, &store.config, id)?;
        let known = store.known(now, &message);
        if let Some((id, _)) = &known {
            message.id.clone_from(id);
        }
        let mut sent = json!({
            "MessageId": message.id,
            "MD5OfMessageBody": hex_md5(message.body.as_bytes()),
        });
        let digests = [
            ("MD5OfMessageAttributes", attributes::md5(&message.attributes)),
            ("MD5OfMessageSystemAttributes", system_md5),
        ];
        for (name, digest) in digests {
            if let Some(digest) = digest {
                sent[name] = digest.into();
            }
        }
        let is_fifo = message.place.is_some();
        let number = match known {
            Some((_, number)) => number,
            None => store.put_new(now, message, limits)?,
        };
        if is_fifo {
            sent["SequenceNumber"] = sequence_number(number).into();
        }
        Ok(sent)
    }

    fn into_message(self, now: Time, config: &QueueConfig, id: String) -> Result<Message, Error> {
        let body = self.message_body.filter(|body| !body.is_empty());
        let body = body.ok_or_else(|| Error::missing("MessageBody"))?;
        if config.fifo.is_none() && self.message_deduplication_id.is_some() {
            return Err(Error::invalid(
                "MessageDeduplicationId is for FIFO queues, and this is a standard queue.",
            ));
        }
        if !is_allowed(&body) {
            return Err(Error::bad_characters());
        }
        let attributes = self.message_attributes.unwrap_or_default();
        let size = body.len() + attributes::check(&attributes)?;
        let most = config.message_bytes_max;
        if size > most {
            return Err(Error::invalid(format!(
                "One or more parameters are invalid. Reason: Message must be shorter than {most} bytes."
            )));
        }
        let (place, group_id) = match config.fifo {
            Some(fifo) => {
                let ids = (self.message_group_id, self.message_deduplication_id);
                (Some(fifo.place(ids.0, ids.1, &body)?), None)
            }
            None => (None, self.message_group_id),
        };
        let delay = match self.delay_seconds {
            None | Some(0) if place.is_some() => config.delay,
            Some(seconds) if place.is_some() => {
                return Err(Error::invalid(format!(
                    "Value {seconds} for parameter DelaySeconds is invalid. Reason: The request include parameter that is not valid for this queue type."
                )));
            }
            None => config.delay,
            Some(seconds) => seconds_within("DelaySeconds", seconds, DELAY_MAX)?,
        };
        let trace_header =
            attributes::trace_header(&self.message_system_attributes.unwrap_or_default())?;
        Ok(Message {
            id,
            body,
            attributes,
            trace_header,
            group_id,
            place,
            size,
            sent: now,
            visible_at: now + delay,
            receipts: 0,
            first_received: None,
        })
    }
}

/// A number of seconds from 0 to `most`.
pub(super) fn seconds_within(name: &str, seconds: i64, most: i64) -> Result<Duration, Error> {
    let valid = u64::try_from(seconds).ok().filter(|_| seconds <= most);
    valid.map(Duration::from_secs).ok_or_else(|| Error::out_of_range(name, seconds, 0, most))
}
