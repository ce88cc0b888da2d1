//! The time that the core is told.

use gateway_core::Time;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

/// The system's clock, kept from running backwards.
///
/// Not a monotonic clock: after a laptop has slept, the time in events and signatures must still be
/// the real one.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    latest_ms: AtomicU64,
}

impl Clock {
    pub(crate) fn now(&self) -> Time {
        let since_epoch =
            SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let now_ms = u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX);
        let before = self.latest_ms.fetch_max(now_ms, Ordering::Relaxed);
        Time(now_ms.max(before))
    }
}
