//! Errors in the words of CloudWatch Logs.

use crate::http::Reply;
use serde_json::{Value, json};

/// Why a request fails.
#[derive(Debug)]
pub(super) struct Error {
    kind: &'static str,
    message: String,
}

impl Error {
    pub(super) fn no_such_group() -> Self {
        Self::not_found("The specified log group does not exist.")
    }

    pub(super) fn no_such_stream() -> Self {
        Self::not_found("The specified log stream does not exist.")
    }

    fn not_found(message: &str) -> Self {
        Self { kind: "ResourceNotFoundException", message: message.to_owned() }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self { kind: "InvalidParameterException", message: message.into() }
    }

    pub(super) fn malformed(error: &serde_json::Error) -> Self {
        Self { kind: "SerializationException", message: error.to_string() }
    }

    pub(super) fn unsupported(operation: &str) -> Self {
        let message = format!(
            "{operation} is not emulated: log groups come from the template, and are read by \
             DescribeLogGroups, DescribeLogStreams, FilterLogEvents and GetLogEvents"
        );
        Self { kind: "UnknownOperationException", message }
    }

    pub(super) fn reply(&self) -> Reply {
        reply(400, &json!({ "__type": self.kind, "message": self.message }))
    }
}

pub(super) fn reply(status: u16, body: &Value) -> Reply {
    let headers = vec![("Content-Type".to_owned(), "application/x-amz-json-1.1".to_owned())];
    Reply { status, headers, body: body.to_string().into() }
}
