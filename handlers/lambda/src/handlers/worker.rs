//! An invocation of `worker`: one job.

use crate::failure::payload;
use crate::{Counted, Failure, Metrics};
use herald_contract::metric::Metric;
use herald_contract::payload::RunJob;
use herald_contract::{Millis, TraceParent};
use herald_core::Sender;
use herald_core::jobs::submitted_at;
use herald_core::kinds::KINDS;
use herald_core::ports::{Chance, Clock};
use herald_core::table::Table;
use herald_core::worker::{self, Ran, run};
use lambda_runtime::LambdaEvent;
use serde_json::Value;

/// Runs jobs.
#[derive(Debug)]
pub struct Worker<T, S, C, H> {
    /// The table.
    pub table: T,
    /// The way to clients.
    pub sender: S,
    /// Time.
    pub clock: C,
    /// For jitter.
    pub chance: H,
    /// Its metrics.
    pub metrics: Metrics,
}

impl<T: Table, S: Sender, C: Clock, H: Chance> Worker<T, S, C, H> {
    /// Runs the job of a payload, or as much of it as there is time for.
    ///
    /// # Errors
    /// Where the table cannot be used, or the event is no payload.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<(), Failure> {
        let LambdaEvent { payload: event, context } = event;
        let job: RunJob = payload(event, &context.request_id)?;
        let sender = Counted::new(&self.sender);
        let worker = worker::Worker {
            table: &self.table,
            sender: &sender,
            clock: &self.clock,
            chance: &self.chance,
        };
        let ran = run(&worker, KINDS, &job, Millis::new(context.deadline)).await;
        let now = self.clock.now();
        macro_rules! line {
            ($level:ident, $($field:tt)*) => {
                tracing::$level!(
                    target: "herald",
                    requestId = context.request_id,
                    jobId = job.job_id.as_str(),
                    traceparent = job.traceparent.as_ref().map(TraceParent::as_str),
                    $($field)*
                )
            };
        }
        match &ran {
            Ok(ran @ (Ran::LeaseLost | Ran::Missing)) => {
                line!(warn, outcome = ran.as_str(), "nothing has come of it");
            }
            Ok(ran) => line!(info, outcome = ran.as_str(), "handled"),
            Err(e) => {
                line!(error, error = e.to_string(), retryable = e.is_retryable(), "not handled");
            }
        }
        let mut values = sender.values();
        match ran {
            Ok(Ran::Ended(_)) => {
                values.push((Metric::JobAge, vec![now.since(submitted_at(&job.job_id))]));
            }
            Ok(Ran::LeaseLost) => values.push((Metric::LeaseLost, vec![1])),
            _ => {}
        }
        self.metrics.write(now, &context.request_id, values);
        ran.map(|_| ()).map_err(|e| Failure::of_table(&e))
    }
}
