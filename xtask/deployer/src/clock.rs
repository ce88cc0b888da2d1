//! The time, as a port: nobody else in this crate asks for it or waits.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

/// A wait in progress.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Tells the time and lets it pass.
pub trait Clock: Send + Sync {
    /// What time it is.
    fn now(&self) -> SystemTime;
    /// Ends when so much time has passed.
    fn sleep(&self, time: Duration) -> Sleep<'_>;
}

/// The time of this machine: the one place that asks for it.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock;

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, time: Duration) -> Sleep<'_> {
        Box::pin(tokio::time::sleep(time))
    }
}
