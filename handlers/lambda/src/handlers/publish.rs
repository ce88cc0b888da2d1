//! An invocation of `publish`: a command of a back end, or an event of a bus with one in it.

use crate::Failure;
use crate::trace::traceparent;
use herald_contract::command::Answer;
use herald_contract::{IdempotencyKey, TraceParent};
use herald_core::kinds::KINDS;
use herald_core::ports::{Chance, Clock, Closer};
use herald_core::publish::{Publisher, publish};
use herald_core::table::Table;
use lambda_runtime::LambdaEvent;
use serde_json::Value;

/// Does what back ends ask for.
#[derive(Debug)]
pub struct Publish<T, L, C, H> {
    /// The table.
    pub table: T,
    /// For signing out.
    pub closer: L,
    /// Time.
    pub clock: C,
    /// For names.
    pub chance: H,
}

impl<T: Table, L: Closer, C: Clock, H: Chance> Publish<T, L, C, H> {
    /// Does what a command says.
    ///
    /// # Errors
    /// Where it is not done; the type of the error is the code for programs.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<Answer, Failure> {
        let LambdaEvent { payload: command, context } = event;
        let publisher = Publisher {
            table: &self.table,
            closer: &self.closer,
            chance: &self.chance,
            kinds: KINDS,
        };
        let once = once(&command, &context.request_id);
        let traceparent = traceparent(context.xray_trace_id.as_deref());
        let trace = traceparent.as_ref().map(TraceParent::to_string);
        let answer = publish(&publisher, command, once, traceparent, self.clock.now()).await;
        let request_id = &context.request_id;
        match &answer {
            Ok(answer) => {
                let (notification, job) = names(answer);
                tracing::info!(
                    target: "herald", requestId = request_id, notificationId = notification,
                    jobId = job, traceparent = trace, "handled"
                );
            }
            Err(e) => {
                let retryable = e.is_retryable();
                tracing::error!(
                    target: "herald", requestId = request_id, traceparent = trace, code = e.code(),
                    error = e.to_string(), retryable, "not handled"
                );
            }
        }
        answer.map_err(|e| Failure {
            error_type: e.code(),
            message: e.to_string(),
            retryable: e.is_retryable(),
        })
    }
}

/// What is the same when an event comes twice: what its bus calls it, or what Lambda calls the
/// request of an asynchronous invocation that it tries again.
fn once(event: &Value, request_id: &str) -> Option<IdempotencyKey> {
    let of_bus = event.get("detail-type").and_then(|_| event.get("id")?.as_str());
    of_bus.unwrap_or(request_id).parse().ok()
}

/// By what name it is found in other lines.
fn names(answer: &Answer) -> (Option<String>, Option<String>) {
    match answer {
        Answer::Notified { seq, .. } => (Some(format!("n{seq}")), None),
        Answer::Broadcast { id, .. } => (Some(format!("b{id}")), None),
        Answer::Job { job_id, .. } => (None, Some(job_id.to_string())),
        Answer::SignedOut { .. } | Answer::Presence { .. } => (None, None),
    }
}
