//! Everything outside of a function but its table: it answers as it was told to and keeps what it
//! was told.

use herald_contract::payload::Payload;
use herald_contract::{CallbackUrl, ConnectionId};
use herald_core::ports::{Closer, DeadLetter, DeadLetters, Invoker, PortError};
use herald_core::{Delivery, Sender};
use herald_lambda::Failure;
use lambda_runtime::{Context, Diagnostic};
use std::sync::Mutex;

pub(crate) struct Told {
    answer: Delivery,
    lines: Mutex<Vec<String>>,
}

impl Told {
    pub(crate) fn answering(answer: Delivery) -> Self {
        Self { answer, lines: Mutex::default() }
    }

    fn line(&self, line: String) {
        self.lines.lock().unwrap().push(line + "\n");
    }

    /// What it was told, one line each.
    pub(crate) fn lines(&self) -> String {
        self.lines.lock().unwrap().concat()
    }
}

impl Sender for &Told {
    async fn send_to_client(
        &self,
        callback_url: &CallbackUrl,
        connection_id: &ConnectionId,
        payload: String,
    ) -> Delivery {
        self.line(format!("posts {payload}\n   to {connection_id} at {callback_url}"));
        self.answer.clone()
    }
}

impl Closer for &Told {
    async fn close(&self, url: &CallbackUrl, id: &ConnectionId) -> Result<(), PortError> {
        self.line(format!("closes {id} at {url}"));
        Ok(())
    }
}

impl Invoker for &Told {
    async fn invoke<P: Payload>(&self, payload: &P) -> Result<(), PortError> {
        let text = serde_json::to_string(payload).unwrap();
        self.line(format!("invokes {} with {text}", P::FUNCTION));
        Ok(())
    }
}

impl DeadLetters for &Told {
    async fn put(&self, letter: &DeadLetter) -> Result<(), PortError> {
        self.line(format!("gives up {}", serde_json::to_string(letter).unwrap()));
        Ok(())
    }
}

pub(crate) fn request_id() -> &'static str {
    "6bc28136-xmpl-4365-b021-0ce6b2e64ab0"
}

/// What Lambda says about an invocation that ends at 10:01:07, in this trace.
pub(crate) fn context(trace: Option<&str>) -> Context {
    let mut context = Context::default();
    context.request_id = request_id().to_owned();
    context.deadline = 1_795_514_467_000;
    context.xray_trace_id = trace.map(str::to_owned);
    context
}

/// How Lambda is told of a failure.
pub(crate) fn failure(failure: Failure) -> String {
    let Diagnostic { error_type, error_message } = failure.into();
    format!("fails with {error_type}: {error_message}")
}
