//! Replies of the Runtime API, and the errors a failed environment leaves for its invoker.

use super::Outcome;
use crate::http::Reply;
use bytes::Bytes;
use std::time::Duration;

/// The `202 Accepted` of the Runtime API.
pub fn accepted() -> Reply {
    json(202, "{\"status\":\"OK\"}\n".into())
}

/// The id in the path belongs to no invocation that is running here.
pub(super) fn invalid_request_id() -> Reply {
    json(400, error("InvalidRequestID", "Invalid request ID"))
}

/// The environment said something that does not fit the state it is in.
pub(super) fn invalid_state(what: &str) -> Reply {
    json(403, error("InvalidStateTransition", &format!("{what} is not allowed in this state")))
}

pub(super) fn too_large() -> Reply {
    json(413, error("RequestEntityTooLarge", &too_large_text("Exceeded")))
}

pub(super) fn answer_too_large() -> Outcome {
    failed("Function.ResponseSizeTooLarge", &too_large_text("Response payload size exceeded"))
}

fn too_large_text(start: &str) -> String {
    format!("{start} maximum allowed payload size ({} bytes).", super::ANSWER_MAX)
}

/// What a runtime reported, handed to the invoker as it is.
pub(super) fn reported(error_type: Option<String>, body: Bytes) -> Outcome {
    let told: Option<serde_json::Value> = serde_json::from_slice(&body).ok();
    let text = |key: &str| Some(told.as_ref()?.get(key)?.as_str()?.to_owned());
    let kind = text("errorType").or(error_type).unwrap_or_else(|| "Runtime.Unknown".into());
    match text("errorMessage") {
        Some(message) => Outcome::Failed { body, why: format!("{kind}: {message}") },
        None => failed(&kind, "Unknown application error occurred"),
    }
}

pub(super) fn exited(request_id: &str, status: &str) -> Outcome {
    let message = format!("RequestId: {request_id} Error: Runtime exited with error: {status}");
    failed("Runtime.ExitError", &message)
}

pub(super) fn timed_out(request_id: &str, timeout: Duration) -> Outcome {
    let message = format!(
        "RequestId: {request_id} Error: Task timed out after {:.2} seconds",
        timeout.as_secs_f64()
    );
    failed("Sandbox.Timedout", &message)
}

/// The runtime asked for another event before it had answered the one it has.
pub(super) fn not_answered(request_id: &str) -> Outcome {
    let message = format!(
        "RequestId: {request_id} Error: the runtime asked for the next event without answering this one"
    );
    failed("Runtime.NoResponse", &message)
}

fn failed(kind: &str, message: &str) -> Outcome {
    Outcome::Failed { body: error(kind, message).into(), why: format!("{kind}: {message}") }
}

fn error(kind: &str, message: &str) -> String {
    serde_json::json!({ "errorMessage": message, "errorType": kind }).to_string()
}

fn json(status: u16, body: String) -> Reply {
    let headers = vec![("Content-Type".into(), "application/json".into())];
    Reply { status, headers, body: body.into() }
}
