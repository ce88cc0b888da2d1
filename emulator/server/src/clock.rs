//! The time that the core is told.

use crate::dynamodb;
use gateway_core::Time;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// The system's clock, kept from running backwards.
///
/// Not a monotonic clock: after a laptop has slept, the time in events and signatures must still be
/// the real one. It can be moved ahead, for tests; then it is ahead for good.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    latest_ms: AtomicU64,
    ahead_ms: AtomicU64,
}

impl dynamodb::Clock for Clock {
    fn now_unix_secs(&self) -> u64 {
        self.now().0 / 1000
    }

    fn now_unix_secs_f64(&self) -> f64 {
        Duration::from_millis(self.now().0).as_secs_f64()
    }
}

impl Clock {
    pub(crate) fn now(&self) -> Time {
        let since_epoch =
            SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now_ms = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
        let before = self.latest_ms.fetch_max(now_ms, Ordering::Relaxed);
        Time(now_ms.max(before)) + self.ahead()
    }

    /// Moves it ahead.
    pub(crate) fn advance(&self, by: Duration) {
        let by_ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.ahead_ms.fetch_add(by_ms, Ordering::Relaxed);
    }

    /// When the rest of the world has this time.
    pub(crate) fn real(&self, time: Time) -> Time {
        time - self.ahead()
    }

    fn ahead(&self) -> Duration {
        Duration::from_millis(self.ahead_ms.load(Ordering::Relaxed))
    }
}
