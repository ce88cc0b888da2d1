//! Why an invocation fails, as Lambda and whoever looks at its errors are told.

use herald_contract::payload::Payload;
use herald_core::SocketError;
use lambda_runtime::Diagnostic;
use serde_json::Value;

/// An invocation that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// A word for programs.
    pub error_type: &'static str,
    /// What, why, and what to do.
    pub message: String,
    /// Whether the same event may succeed later.
    pub retryable: bool,
}

impl Failure {
    /// An event that is none of this function's, and never will be.
    pub(crate) fn malformed(what: impl ToString) -> Self {
        Self { error_type: "MalformedEvent", message: what.to_string(), retryable: false }
    }

    /// The table could not be used.
    pub(crate) fn of_table(error: &herald_core::table::StoreError) -> Self {
        let retryable = error.is_retryable();
        Self { error_type: "Table", message: error.to_string(), retryable }
    }
}

/// Reads the payload of a function that others invoke; one that is none is logged as such.
pub(crate) fn payload<P: Payload>(event: Value, request_id: &str) -> Result<P, Failure> {
    serde_json::from_value(event).map_err(|e| {
        let function = P::FUNCTION;
        let what = format!(
            "this is no payload of function `{function}`: {e}; deploy all functions of the same version"
        );
        logged(Failure::malformed(what), request_id)
    })
}

/// Logs a failure that comes before anything is known about the event.
pub(crate) fn logged(failure: Failure, request_id: &str) -> Failure {
    let Failure { message, retryable, .. } = &failure;
    tracing::error!(
        target: "herald", requestId = request_id, error = message, retryable, "not handled"
    );
    failure
}

impl From<SocketError> for Failure {
    fn from(error: SocketError) -> Self {
        let error_type = match error {
            SocketError::UnknownRoute { .. } => "UnknownRoute",
            SocketError::NotSent { .. } => "NotSent",
            SocketError::NotClosed(_) => "NotClosed",
            SocketError::Store(_) => "Table",
        };
        Self { error_type, message: error.to_string(), retryable: error.is_retryable() }
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self { error_type: failure.error_type.to_owned(), error_message: failure.message }
    }
}
