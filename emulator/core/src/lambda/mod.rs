//! Lambda functions and their execution environments.
//!
//! An environment is one process of the function's own binary. It handles one event at a time, is
//! kept for the next one, and is ended when it times out, misbehaves or idles. This module decides;
//! the shell starts and ends processes and speaks the Runtime API.
//!
//! ```text
//!            next              Deliver              response | error            next
//! Starting ───────▶ Idle ─────────────────▶ Busy ─────────────────▶ Answered ───────▶ Idle
//!     │ init time-out  │ idle too long        │ function time-out       │
//!     └────────────────┴──────── Kill ────────┴─────────────────────────┘──▶ Dying ──▶ gone
//! ```

mod asynchronous;
mod environment;
mod faults;
mod functions_api;
mod invoke_api;
mod lifecycle;
mod lines;
mod manager;
mod pace;
mod record;
mod reply;
mod variables;

pub(crate) use faults::Doom;
pub(crate) use invoke_api::function_name;
pub(crate) use manager::Lambda;
pub use reply::accepted;
pub(crate) use variables::localize;
pub use variables::{Credentials, credentials};

use crate::{CallId, Effect, Time, logs};
use bytes::Bytes;
use std::collections::BTreeMap;

/// What an environment says through its Runtime API, or what becomes of its process.
#[derive(Clone, Debug, PartialEq)]
pub enum RuntimeEvent {
    /// `GET …/invocation/next`: waits for [`crate::Effect::Deliver`].
    Next,
    /// `POST …/invocation/{request_id}/response`: answered by [`crate::Effect::RuntimeReply`].
    Response {
        /// The id in the path.
        request_id: String,
        /// The function's answer.
        body: Bytes,
    },
    /// `POST …/invocation/{request_id}/error`.
    Error {
        /// The id in the path.
        request_id: String,
        /// `Lambda-Runtime-Function-Error-Type`.
        error_type: Option<String>,
        /// `errorMessage`, `errorType`, `stackTrace` as JSON.
        body: Bytes,
    },
    /// `POST …/init/error`.
    InitError {
        /// `Lambda-Runtime-Function-Error-Type`.
        error_type: Option<String>,
        /// As for [`Self::Error`].
        body: Bytes,
    },
    /// The process ended, or could not be started; `status` in plain words (`exit status: 1`).
    Exited {
        /// In plain words.
        status: String,
    },
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

/// The longest payload of a synchronous invocation, in either direction. The Runtime API allows an
/// answer a little more, as AWS does.
pub(crate) const PAYLOAD_MAX: usize = 6 * 1024 * 1024;
const ANSWER_MAX: usize = 6_291_556;

/// Whom an invocation's outcome goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ticket {
    /// An integration or authorizer of the gateway, by its number there.
    Gateway(u64),
    /// A `RequestResponse` call of the Invoke API.
    Call(CallId),
    /// An asynchronous event, by its number in the queue.
    Event(u64),
    /// A batch of an event source mapping, by its number there.
    Batch(u64),
}

/// One thing for a function to do.
#[derive(Clone, Debug)]
pub(crate) struct Invocation {
    pub(crate) ticket: Ticket,
    pub(crate) request_id: String,
    pub(crate) trace_id: String,
    pub(crate) client_context: Option<String>,
    pub(crate) payload: Bytes,
}

/// What became of an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The function answered.
    Answer(Bytes),
    /// The function failed: `errorMessage` and `errorType` as JSON, and the same in plain words.
    Failed { body: Bytes, why: String },
    /// Too much at once.
    Throttled,
    /// There is no such function.
    Unknown,
}

/// What the functions want done.
#[derive(Debug)]
pub(crate) enum Output {
    Effect(Effect),
    /// The outcome of an invocation the gateway asked for.
    Done {
        ticket: u64,
        outcome: Outcome,
    },
    /// The outcome of an invocation an event source mapping asked for.
    BatchDone {
        ticket: u64,
        outcome: Outcome,
    },
    /// To a destination, by its ARN, with message attributes if it is a queue.
    Send {
        destination: String,
        body: String,
        attributes: BTreeMap<String, (&'static str, String)>,
        what: String,
    },
    /// A line for a function's log group.
    Written(logs::Line),
}
