//! Why something is not sent, or not done, and what to do about it.

use aws_wire::CallError;
use serde::Deserialize;

/// Why something is not sent, or not done.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SendError {
    /// Function `publish` does not do it: the command is at fault, or the moment.
    #[error("{message}")]
    Refused {
        /// A word for programs, such as `badRequest`, `tooLarge`, `conflict`, `rateLimited`,
        /// `notFound` or `unavailable`.
        code: String,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// Function `publish` has ended without an answer.
    #[error("function `{function}` failed: {message}; its log group has the reason")]
    Failed {
        /// Its name.
        function: String,
        /// What Lambda says of it.
        message: String,
    },
    /// It could not be reached, or does not let us in.
    #[error("{error}{}", advice(error, what))]
    Call {
        /// What was called, with its kind: ``function `herald-prod-publish` ``.
        what: String,
        /// What came of it.
        error: CallError,
    },
    /// It answered with something else than an answer.
    #[error(
        "{what} gave no answer of Herald's: {why}; compare its name with the outputs of the stack"
    )]
    Answer {
        /// What was called.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The command cannot be sent at all.
    #[error("the command cannot be written as JSON: {0}")]
    Command(String),
}

impl SendError {
    /// Whether the same command may succeed later. Without an idempotency key it may by then have
    /// been done twice.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Refused { code, .. } => matches!(code.as_str(), "rateLimited" | "unavailable"),
            Self::Failed { .. } => true,
            Self::Call { error, .. } => error.is_retryable(),
            Self::Answer { .. } | Self::Command(_) => false,
        }
    }

    /// The error that a function has ended with, by the answer of Lambda's Invoke.
    pub(crate) fn of_function(function: &str, body: &[u8]) -> Self {
        /// As the runtimes of Lambda write it.
        #[derive(Default, Deserialize)]
        #[serde(rename_all = "camelCase", default)]
        struct Body {
            error_type: String,
            error_message: String,
        }
        let Body { error_type: code, error_message: message } =
            serde_json::from_slice(body).unwrap_or_default();
        // Codes of ours are words; what ends a function otherwise is `Runtime.ExitError`,
        // `Sandbox.Timedout` or the path of a Rust type.
        let is_ours = code.starts_with(|c: char| c.is_ascii_lowercase())
            && code.bytes().all(|b| b.is_ascii_alphabetic());
        if is_ours {
            return Self::Refused { code, message };
        }
        let message = if message.is_empty() { code } else { message };
        Self::Failed { function: function.to_owned(), message }
    }
}

/// What to type next, after what a service says.
fn advice(error: &CallError, what: &str) -> String {
    match error.code() {
        Some("ResourceNotFoundException") => {
            format!(
                "; is {what} in this account and Region? The outputs of the stack have its name"
            )
        }
        Some("AccessDeniedException") => format!("; allow the caller to use {what}"),
        _ => String::new(),
    }
}
