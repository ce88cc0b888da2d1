//! An invocation of `sweeper`, by the clock.

use crate::{Counted, Failure, Metrics};
use herald_core::Sender;
use herald_core::ports::{Clock, Closer, DeadLetters, Invoker};
use herald_core::sweeper::{self, Swept, sweep};
use herald_core::table::Table;
use lambda_runtime::LambdaEvent;
use serde_json::Value;

/// Looks for what has waited too long.
#[derive(Debug)]
pub struct Sweeper<T, S, I, L, D, C> {
    /// The table.
    pub table: T,
    /// The way to clients.
    pub sender: S,
    /// The way to workers.
    pub invoker: I,
    /// For sockets past their credentials.
    pub closer: L,
    /// Where what was given up goes.
    pub dead_letters: D,
    /// Time.
    pub clock: C,
    /// Its metrics.
    pub metrics: Metrics,
}

impl<T, S, I, L, D, C> Sweeper<T, S, I, L, D, C>
where
    T: Table,
    S: Sender,
    I: Invoker,
    L: Closer,
    D: DeadLetters,
    C: Clock,
{
    /// Deals with what is due. What the event says does not matter.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub async fn handle(&self, event: LambdaEvent<Value>) -> Result<(), Failure> {
        let request_id = &event.context.request_id;
        let sender = Counted::new(&self.sender);
        let sweeper = sweeper::Sweeper {
            table: &self.table,
            sender: &sender,
            invoker: &self.invoker,
            closer: &self.closer,
            dead_letters: &self.dead_letters,
        };
        let swept = sweep(&sweeper, self.clock.now()).await;
        match &swept {
            Ok(Swept { jobs, letters, sockets, problems }) => {
                for problem in problems {
                    tracing::warn!(
                        target: "herald", requestId = request_id, error = problem,
                        "not handled; it is found again"
                    );
                }
                tracing::info!(
                    target: "herald", requestId = request_id, jobs, letters, sockets, "handled"
                );
            }
            Err(e) => tracing::error!(
                target: "herald", requestId = request_id, error = e.to_string(),
                retryable = e.is_retryable(), "not handled"
            ),
        }
        self.metrics.write(self.clock.now(), request_id, sender.values());
        swept.map(|_| ()).map_err(|e| Failure::of_table(&e))
    }
}
