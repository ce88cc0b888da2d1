//! The smaller ports: time, chance, other functions, the queue of what was given up.

mod chance;
mod dead_letters;
mod functions;

pub use chance::{NoChance, OsChance};
pub use dead_letters::Queue;
pub use functions::Functions;

use aws_wire::CallError;
use herald_contract::Millis;
use herald_core::ports::{Clock, PortError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The clock of the system, and the timers of tokio.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis::new(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }

    async fn sleep_until(&self, until: Millis) {
        tokio::time::sleep(Duration::from_millis(until.since(self.now()))).await;
    }
}

fn failed(what: String, error: &CallError) -> PortError {
    PortError { what, why: error.to_string(), retryable: error.is_retryable() }
}
