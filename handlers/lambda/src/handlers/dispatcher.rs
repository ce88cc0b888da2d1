//! An invocation of `dispatcher`: a batch of the table's stream.

use crate::failure::logged;
use crate::log::user_hash;
use crate::process::stop_at;
use crate::{Counted, Failure, Metrics, stream};
use herald_contract::metric::Metric;
use herald_contract::table::{Kind, attr};
use herald_contract::wire::NotificationId;
use herald_contract::{JobId, UserId};
use herald_core::Sender;
use herald_core::dispatcher::{self, Batch, Record, batch};
use herald_core::ports::{Clock, DeadLetters, Invoker};
use herald_core::table::{Live as _, Table};
use lambda_runtime::LambdaEvent;
use serde::Serialize;
use serde_json::Value;

/// Reads the table's stream.
#[derive(Debug)]
pub struct Dispatcher<T, S, I, D, C> {
    /// The table.
    pub table: T,
    /// The way to clients.
    pub sender: S,
    /// The way to other functions.
    pub invoker: I,
    /// Where what was given up goes.
    pub dead_letters: D,
    /// Time.
    pub clock: C,
    /// Its metrics.
    pub metrics: Metrics,
}

/// The records that come again (Lambda, "Reporting batch item failures").
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchAnswer {
    batch_item_failures: Vec<ItemFailure>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    item_identifier: String,
}

impl<T: Table, S: Sender, I: Invoker, D: DeadLetters, C: Clock> Dispatcher<T, S, I, D, C> {
    /// Does what follows from each record.
    ///
    /// # Errors
    /// Where the event is none of a stream.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<BatchAnswer, Failure> {
        let LambdaEvent { payload, context } = event;
        let request_id = &context.request_id;
        let (mut records, mut failed) = (Vec::new(), Vec::new());
        let parsed = stream::parse(payload);
        for record in parsed.map_err(|why| logged(Failure::malformed(why), request_id))? {
            match record {
                Ok(record) => records.push(record),
                Err(stream::Unreadable { sequence, why }) => failed.push((sequence, why)),
            }
        }
        let sender = Counted::new(&self.sender);
        let dispatcher = dispatcher::Dispatcher {
            table: &self.table,
            sender: &sender,
            invoker: &self.invoker,
            dead_letters: &self.dead_letters,
            clock: &self.clock,
        };
        let Batch { failed: undone, parked, lags_ms } =
            batch(&dispatcher, &records, stop_at(context.deadline)).await;
        for record in &records {
            let why = undone.iter().find(|(sequence, _)| *sequence == record.sequence);
            log(record, why.map(|(_, why)| why.as_str()), request_id);
        }
        for (sequence, why) in &failed {
            tracing::error!(
                target: "herald", requestId = request_id, sequenceNumber = sequence, error = why,
                "a record cannot be read"
            );
        }
        let mut values = sender.values();
        if !values.is_empty() {
            values.push((Metric::Slow, vec![parked.try_into().unwrap_or(u64::MAX)]));
        }
        values.push((Metric::DeliveryLag, lags_ms));
        self.metrics.write(self.clock.now(), request_id, values);
        failed.extend(undone);
        let item_failure = |(item_identifier, _)| ItemFailure { item_identifier };
        Ok(BatchAnswer { batch_item_failures: failed.into_iter().map(item_failure).collect() })
    }
}

/// One line for each record that something follows from.
fn log(record: &Record, why: Option<&str>, request_id: &str) {
    let Some(item) = &record.new else {
        return;
    };
    let (user, notification, job): (Option<UserId>, Option<NotificationId>, Option<JobId>) =
        match record.key.kind() {
            Kind::Notification(user, seq) => (Some(user), Some(NotificationId::Inbox(seq)), None),
            Kind::Broadcast(_, id) => (None, Some(NotificationId::Broadcast(id)), None),
            Kind::Job(job) | Kind::Outbox(job, _) => (item.parse(attr::USER).ok(), None, Some(job)),
            Kind::Connection(_) | Kind::Other => return,
        };
    let user_hash = user.map(|user| user_hash(&user));
    let notification = notification.map(|id| id.to_string());
    macro_rules! line {
        ($level:ident, $($field:tt)*) => {
            tracing::$level!(
                target: "herald",
                requestId = request_id,
                sequenceNumber = record.sequence,
                userHash = user_hash,
                notificationId = notification,
                jobId = job.as_ref().map(JobId::as_str),
                traceparent = item.text(attr::TRACE),
                isUpdate = record.is_update,
                $($field)*
            )
        };
    }
    match why {
        None => line!(info, "handled"),
        Some(why) => line!(error, error = why, "not handled; it comes again"),
    }
}
