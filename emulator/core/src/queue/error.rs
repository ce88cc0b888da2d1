//! Errors in the words of SQS, with the codes of both of its protocols.

use super::handle::Handle;
use crate::http;
use serde_json::{Value, json};

/// Why a request, or one entry of a batch, fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Error {
    /// `__type` without its namespace.
    shape: &'static str,
    /// The code of the older protocol, which SDKs still show.
    code: &'static str,
    message: String,
}

impl Error {
    fn new(shape: &'static str, code: &'static str, message: impl Into<String>) -> Self {
        Self { shape, code, message: message.into() }
    }

    pub(super) fn no_such_queue() -> Self {
        let code = "AWS.SimpleQueueService.NonExistentQueue";
        Self::new("QueueDoesNotExist", code, "The specified queue does not exist.")
    }

    pub(super) fn unsupported(target: &str) -> Self {
        let message = format!(
            "`{target}` is not emulated: queues come from the template, and messages are sent, \
             received and deleted"
        );
        Self::new("UnsupportedOperation", "AWS.SimpleQueueService.UnsupportedOperation", message)
    }

    pub(super) fn missing(name: &str) -> Self {
        let message = format!("The request must contain the parameter {name}.");
        Self::new("MissingRequiredParameterException", "MissingParameter", message)
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new("InvalidParameterValueException", "InvalidParameterValue", message)
    }

    pub(super) fn out_of_range(name: &str, value: i64, least: i64, most: i64) -> Self {
        Self::invalid(format!(
            "Value {value} for parameter {name} is invalid. \
             Reason: Must be between {least} and {most}, if provided."
        ))
    }

    pub(super) fn malformed(error: &serde_json::Error) -> Self {
        Self::new("SerializationException", "MalformedInput", error.to_string())
    }

    pub(super) fn bad_characters() -> Self {
        let code = "InvalidMessageContents";
        Self::new(
            code,
            code,
            "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.",
        )
    }

    pub(super) fn bad_handle(text: &str) -> Self {
        let code = "ReceiptHandleIsInvalid";
        Self::new(
            code,
            code,
            format!("The input receipt handle \"{text}\" is not a valid receipt handle."),
        )
    }

    pub(super) fn stale_handle(handle: Handle) -> Self {
        Self::invalid(format!(
            "Value {handle} for parameter ReceiptHandle is invalid. \
             Reason: Message does not exist or is not available for visibility timeout change."
        ))
    }

    pub(super) fn not_in_flight(handle: Handle) -> Self {
        let code = "AWS.SimpleQueueService.MessageNotInflight";
        let message = format!("The message of receipt handle {handle} is not in flight.");
        Self::new("MessageNotInflight", code, message)
    }

    pub(super) fn no_such_attribute(name: &str) -> Self {
        let code = "InvalidAttributeName";
        Self::new(code, code, format!("Unknown Attribute {name}."))
    }

    pub(super) fn full(queue: &str, what: &str) -> Self {
        Self::new(
            "OverLimit",
            "OverLimit",
            format!(
                "The queue {queue} keeps at most {what} here; receive and delete messages, or purge it."
            ),
        )
    }

    pub(super) fn empty_batch(name: &str) -> Self {
        let code = "AWS.SimpleQueueService.EmptyBatchRequest";
        let message = format!("There should be at least one {name} in the request.");
        Self::new("EmptyBatchRequest", code, message)
    }

    pub(super) fn too_many_entries(entries: usize, most: usize) -> Self {
        let code = "AWS.SimpleQueueService.TooManyEntriesInBatchRequest";
        let message =
            format!("Maximum number of entries per request are {most}. You have sent {entries}.");
        Self::new("TooManyEntriesInBatchRequest", code, message)
    }

    pub(super) fn entry_ids_not_distinct(id: &str) -> Self {
        let code = "AWS.SimpleQueueService.BatchEntryIdsNotDistinct";
        Self::new("BatchEntryIdsNotDistinct", code, format!("Id {id} repeated."))
    }

    pub(super) fn bad_entry_id() -> Self {
        let message = "A batch entry id can only contain alphanumeric characters, hyphens and \
                       underscores. It can be at most 80 letters long.";
        Self::new("InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId", message)
    }

    pub(super) fn batch_too_long(sent: usize, most: usize) -> Self {
        let code = "AWS.SimpleQueueService.BatchRequestTooLong";
        let message = format!(
            "Batch requests cannot be longer than {most} bytes. You have sent {sent} bytes."
        );
        Self::new("BatchRequestTooLong", code, message)
    }

    pub(super) fn into_message(self) -> String {
        self.message
    }

    /// As a whole request fails.
    pub(super) fn reply(&self) -> http::Reply {
        let namespace = if self.shape.ends_with("Exception") {
            "com.amazon.coral.service"
        } else {
            "com.amazonaws.sqs"
        };
        let body =
            json!({"__type": format!("{namespace}#{}", self.shape), "message": self.message});
        let mut reply = json_reply(400, &body);
        reply.headers.push(("x-amzn-query-error".into(), format!("{};Sender", self.code)));
        reply
    }

    /// As one entry of a batch fails.
    pub(super) fn entry(&self, id: &str) -> Value {
        json!({"Id": id, "SenderFault": true, "Code": self.code, "Message": self.message})
    }
}

pub(super) fn json_reply(status: u16, body: &Value) -> http::Reply {
    let headers = vec![("content-type".into(), "application/x-amz-json-1.0".into())];
    http::Reply { status, headers, body: body.to_string().into() }
}
