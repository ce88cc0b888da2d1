//! The ports, as one function sees them: each call is two moments at which anything may happen, and
//! may fail before it was done, or after.

use super::gateway::url;
use super::state::{Invoke, Shared};
use herald_contract::payload::Payload;
use herald_contract::table::Key;
use herald_contract::{CallbackUrl, ConnectionId, Millis};
use herald_core::ports::{Chance, Clock, Closer, DeadLetter, DeadLetters, Invoker, PortError};
use herald_core::table::{Item, Page, Query, Table, TableError, Write, WriteError};
use herald_core::{Delivery, Sender};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

/// What one invocation is given.
#[derive(Clone)]
pub(super) struct Ports {
    pub(super) shared: Arc<Shared>,
    /// Which invocation this is.
    pub(super) number: usize,
    /// By how much its clock is ahead, or behind.
    pub(super) skew_ms: i64,
}

impl Ports {
    pub(super) fn time(&self) -> Millis {
        let now = self.shared.state().now;
        if self.skew_ms < 0 {
            now.minus(self.skew_ms.unsigned_abs())
        } else {
            now.plus(self.skew_ms.unsigned_abs())
        }
    }

    fn fault(&self, n: u64, what: &'static str) -> bool {
        self.shared.state().fault(n, what)
    }

    /// Done, and only the answer is lost.
    fn unanswered(&self) -> bool {
        self.fault(5, "the answer is lost?")
    }
}

/// Lets the world decide what happens next.
async fn turn() {
    let mut waited = false;
    poll_fn(|context| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

fn unavailable() -> WriteError {
    WriteError::Unavailable { why: "timed out".to_owned(), retryable: true }
}

impl Table for Ports {
    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        turn().await;
        if self.fault(5, "a read fails?") {
            return Err(TableError::Unavailable { why: "timed out".to_owned(), retryable: true });
        }
        Ok(self.shared.table.read(key))
    }

    async fn query(&self, query: &Query) -> Result<Page, TableError> {
        turn().await;
        if self.fault(5, "a query fails?") {
            return Err(TableError::Unavailable { why: "timed out".to_owned(), retryable: true });
        }
        // Fewer rows than asked for, as if they were long.
        let limit = match self.shared.state().fault(50, "a short page?") {
            true => query.limit.min(2),
            false => query.limit,
        };
        Ok(self.shared.table.select(&Query { limit, ..query.clone() }))
    }

    async fn write(&self, write: Write) -> Result<Option<Item>, WriteError> {
        turn().await;
        if self.fault(20, "another transaction?") {
            return Err(WriteError::Conflict);
        }
        let written = self.shared.table.apply(write);
        self.shared.after_write(self.number);
        turn().await;
        if self.unanswered() { Err(unavailable()) } else { written }
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), WriteError> {
        turn().await;
        if self.fault(20, "another transaction?") {
            return Err(WriteError::Conflict);
        }
        let written = self.shared.table.apply_all(writes);
        self.shared.after_write(self.number);
        turn().await;
        if self.unanswered() { Err(unavailable()) } else { written }
    }
}

impl Sender for Ports {
    async fn send_to_client(
        &self,
        callback_url: &CallbackUrl,
        id: &ConnectionId,
        payload: String,
    ) -> Delivery {
        assert_eq!(*callback_url, url(), "only where the gateway said");
        turn().await;
        if self.fault(10, "a post fails?") {
            return Delivery::Failed { why: "503".to_owned(), retryable: true };
        }
        let delivery = self.shared.state().gateway.post(id, payload);
        if self.unanswered() {
            return Delivery::Failed { why: "timed out".to_owned(), retryable: true };
        }
        delivery
    }
}

impl Closer for Ports {
    async fn close(&self, _: &CallbackUrl, id: &ConnectionId) -> Result<(), PortError> {
        turn().await;
        if self.fault(20, "a close fails?") {
            return Err(port_error("close"));
        }
        self.shared.state().gateway.close(id);
        Ok(())
    }
}

impl Invoker for Ports {
    async fn invoke<P: Payload>(&self, payload: &P) -> Result<(), PortError> {
        turn().await;
        if self.fault(10, "an invoke fails?") {
            return Err(port_error("invoke"));
        }
        let text = serde_json::to_string(payload).unwrap();
        let invoke = Invoke { function: P::FUNCTION, payload: text, tries: 0 };
        self.shared.state().queue.push(invoke);
        turn().await;
        if self.unanswered() { Err(port_error("invoke")) } else { Ok(()) }
    }
}

impl DeadLetters for Ports {
    async fn put(&self, letter: &DeadLetter) -> Result<(), PortError> {
        turn().await;
        self.shared.state().dead_letters.push(letter.clone());
        if self.unanswered() { Err(port_error("put the letter")) } else { Ok(()) }
    }
}

impl Clock for Ports {
    fn now(&self) -> Millis {
        self.time()
    }

    async fn sleep_until(&self, until: Millis) {
        poll_fn(|context| {
            if self.time() >= until {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}

impl Chance for Ports {
    fn next_u64(&self) -> u64 {
        self.shared.state().below(0, "a random number")
    }
}

fn port_error(what: &str) -> PortError {
    PortError { what: what.to_owned(), why: "timed out".to_owned(), retryable: true }
}
