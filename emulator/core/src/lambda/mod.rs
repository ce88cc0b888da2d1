//! Lambda functions and their execution environments.

use crate::{Time, http};
use bytes::Bytes;

/// What an environment says through its Runtime API, or what becomes of its process.
#[derive(Clone, Debug, PartialEq)]
pub enum RuntimeEvent {
    /// `GET …/invocation/next`: waits for [`crate::Effect::Deliver`].
    Next,
    /// `POST …/invocation/{request_id}/response`: answered by [`crate::Effect::RuntimeReply`].
    Response { request_id: String, body: Bytes },
    /// `POST …/invocation/{request_id}/error`.
    Error { request_id: String, error_type: Option<String>, body: Bytes },
    /// `POST …/init/error`.
    InitError { error_type: Option<String>, body: Bytes },
    /// The process ended, or could not be started; `status` in plain words (`exit status: 1`).
    Exited { status: String },
}

/// One event on its way to an environment, with the Runtime API's headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// `Lambda-Runtime-Aws-Request-Id`.
    pub request_id: String,
    /// `Lambda-Runtime-Deadline-Ms`.
    pub deadline: Time,
    /// `Lambda-Runtime-Invoked-Function-Arn`.
    pub function_arn: String,
    /// `Lambda-Runtime-Trace-Id`.
    pub trace_id: String,
    /// `Lambda-Runtime-Client-Context`, if the invoker gave one.
    pub client_context: Option<String>,
    /// The event.
    pub payload: Bytes,
}

/// The `202 Accepted` of the Runtime API.
pub fn accepted() -> http::Reply {
    http::Reply { status: 202, headers: Vec::new(), body: Bytes::from_static(b"{\"status\":\"OK\"}\n") }
}
