//! The operations on one queue, other than to wait at it.

use super::Limits;
use super::batch;
use super::error::Error;
use super::handle::Handle;
use super::receive::VISIBILITY_MAX;
use super::send::{Send, seconds_within};
use super::store::Store;
use crate::Time;
use crate::id::Ids;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

const BATCH_BYTES_MAX: usize = 1024 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    ChangeMessageVisibility,
    ChangeMessageVisibilityBatch,
    DeleteMessage,
    DeleteMessageBatch,
    GetQueueAttributes,
    PurgeQueue,
    SendMessage,
    SendMessageBatch,
}

impl Operation {
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "ChangeMessageVisibility" => Self::ChangeMessageVisibility,
            "ChangeMessageVisibilityBatch" => Self::ChangeMessageVisibilityBatch,
            "DeleteMessage" => Self::DeleteMessage,
            "DeleteMessageBatch" => Self::DeleteMessageBatch,
            "GetQueueAttributes" => Self::GetQueueAttributes,
            "PurgeQueue" => Self::PurgeQueue,
            "SendMessage" => Self::SendMessage,
            "SendMessageBatch" => Self::SendMessageBatch,
            _ => return None,
        })
    }

    pub(super) fn run(
        self,
        now: Time,
        store: &mut Store,
        limits: &Limits,
        ids: &mut Ids,
        body: Value,
    ) -> Result<Value, Error> {
        match self {
            Self::ChangeMessageVisibility => parse::<Receipt>(body)?.hide(now, store),
            Self::ChangeMessageVisibilityBatch => {
                let name = "ChangeMessageVisibilityBatchRequestEntry";
                batch::run(body, name, |receipt: Receipt| receipt.hide(now, store))
            }
            Self::DeleteMessage => parse::<Receipt>(body)?.delete(store),
            Self::DeleteMessageBatch => {
                let name = "DeleteMessageBatchRequestEntry";
                batch::run(body, name, |receipt: Receipt| receipt.delete(store))
            }
            Self::GetQueueAttributes => {
                let names = parse::<Attributes>(body)?.attribute_names.unwrap_or_default();
                Ok(json!({"Attributes": store.attributes(now, &names)?}))
            }
            Self::PurgeQueue => {
                store.purge();
                Ok(json!({}))
            }
            Self::SendMessage => parse::<Send>(body)?.run(now, store, limits, ids.uuid()),
            Self::SendMessageBatch => {
                let size = bodies_size(&body);
                if size > BATCH_BYTES_MAX {
                    return Err(Error::batch_too_long(size, BATCH_BYTES_MAX));
                }
                let name = "SendMessageBatchRequestEntry";
                batch::run(body, name, |send: Send| send.run(now, store, limits, ids.uuid()))
            }
        }
    }
}

pub(super) fn parse<T: DeserializeOwned>(body: Value) -> Result<T, Error> {
    serde_json::from_value(body).map_err(|error| Error::malformed(&error))
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    attribute_names: Option<Vec<String>>,
}

/// What acts on one message that was received.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Receipt {
    receipt_handle: Option<String>,
    visibility_timeout: Option<i64>,
}

impl Receipt {
    fn handle(&self) -> Result<Handle, Error> {
        let text = self.receipt_handle.as_deref().ok_or_else(|| Error::missing("ReceiptHandle"))?;
        Handle::parse(text).ok_or_else(|| Error::bad_handle(text))
    }

    fn delete(&self, store: &mut Store) -> Result<Value, Error> {
        store.delete(self.handle()?);
        Ok(json!({}))
    }

    fn hide(&self, now: Time, store: &mut Store) -> Result<Value, Error> {
        let handle = self.handle()?;
        let seconds = self.visibility_timeout.ok_or_else(|| Error::missing("VisibilityTimeout"))?;
        store.hide(now, handle, seconds_within("VisibilityTimeout", seconds, VISIBILITY_MAX)?)?;
        Ok(json!({}))
    }
}

fn bodies_size(body: &Value) -> usize {
    let entries = body.get("Entries").and_then(Value::as_array).into_iter().flatten();
    entries.filter_map(|entry| entry.get("MessageBody")?.as_str()).map(str::len).sum()
}
