//! An invocation of `sender`: one part of a fan-out.

use crate::failure::payload;
use crate::log::user_hash;
use crate::process::stop_at;
use crate::{Counted, Failure, Metrics};
use herald_contract::TraceParent;
use herald_contract::metric::Metric;
use herald_contract::payload::{Message, SendShard};
use herald_contract::wire::NotificationId;
use herald_core::ports::{Clock, Invoker};
use herald_core::sender::{self, SendError, Sent, shard};
use herald_core::table::Table;
use lambda_runtime::LambdaEvent;
use serde_json::Value;

/// Sends to many.
#[derive(Debug)]
pub struct Sender<T, S, I, C> {
    /// The table.
    pub table: T,
    /// The way to clients.
    pub sender: S,
    /// The way to the next invocation.
    pub invoker: I,
    /// Time.
    pub clock: C,
    /// Its metrics.
    pub metrics: Metrics,
}

impl<T: Table, S: herald_core::Sender, I: Invoker, C: Clock> Sender<T, S, I, C> {
    /// Sends to the targets of a payload, or to those there is time for.
    ///
    /// # Errors
    /// Where all of the payload should come again, or the event is no payload.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<(), Failure> {
        let LambdaEvent { payload: event, context } = event;
        let part: SendShard = payload(event, &context.request_id)?;
        let counted = Counted::new(&self.sender);
        let shards = sender::Shards {
            table: &self.table,
            sender: &counted,
            invoker: &self.invoker,
            clock: &self.clock,
        };
        let sent = shard(&shards, &part, stop_at(context.deadline)).await;
        let (user, notification) = match &part.message {
            Message::Inbox { user, seq } => (Some(user_hash(user)), NotificationId::Inbox(*seq)),
            Message::Broadcast { id, .. } => (None, NotificationId::Broadcast(id.clone())),
        };
        macro_rules! line {
            ($level:ident, $($field:tt)*) => {
                tracing::$level!(
                    target: "herald",
                    requestId = context.request_id,
                    userHash = user,
                    notificationId = notification.to_string(),
                    attempt = part.attempt,
                    traceparent = part.traceparent.as_ref().map(TraceParent::as_str),
                    $($field)*
                )
            };
        }
        match &sent {
            Ok(Sent { sent, gone, parked, handed_on, given_up, lag_ms: _ }) => {
                line!(info, sent, gone, parked, handedOn = handed_on, givenUp = given_up, "handled")
            }
            Err(e) => line!(error, error = e.to_string(), "not handled"),
        }
        let mut values = counted.values();
        if let Ok(Sent { parked, lag_ms, .. }) = &sent {
            if !values.is_empty() {
                values.push((Metric::Slow, vec![(*parked).try_into().unwrap_or(u64::MAX)]));
            }
            values.push((Metric::DeliveryLag, lag_ms.iter().copied().collect()));
        }
        self.metrics.write(self.clock.now(), &context.request_id, values);
        sent.map(|_| ()).map_err(|e| failure(&e))
    }
}

fn failure(error: &SendError) -> Failure {
    let (error_type, retryable) = match error {
        SendError::Store(e) => ("Table", e.is_retryable()),
        SendError::HandOn(e) => ("NotHandedOn", e.retryable),
        SendError::NoTime => ("NoTime", true),
        SendError::Refused(_) => ("NotSent", false),
    };
    Failure { error_type, message: error.to_string(), retryable }
}
