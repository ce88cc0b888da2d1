//! Points in time, as every function and the browser writes them.
//!
//! Nothing here asks what time it is; whoever has a clock says so.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Millis(u64);

impl Millis {
    /// So many milliseconds after the beginning of 1970.
    pub const fn new(since_epoch_ms: u64) -> Self {
        Self(since_epoch_ms)
    }

    /// Milliseconds since the beginning of 1970.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The point so many milliseconds later.
    #[must_use]
    pub const fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }

    /// The point so many milliseconds earlier.
    #[must_use]
    pub const fn minus(self, ms: u64) -> Self {
        Self(self.0.saturating_sub(ms))
    }

    /// Milliseconds from `earlier` to here; none where it is not earlier, as clocks differ.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Whole seconds, rounded up: what DynamoDB's Time to Live compares with, never too early.
    pub const fn seconds(self) -> u64 {
        self.0.div_ceil(1000)
    }
}

impl fmt::Display for Millis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_in_which_something_ends_is_never_too_early() {
        let seconds = [0, 1, 999, 1000, 1001].map(|ms| Millis::new(ms).seconds());
        assert_eq!(seconds, [0, 1, 1, 1, 2]);
    }

    #[test]
    fn less_than_no_time_is_no_time() {
        assert_eq!(Millis::new(5).since(Millis::new(7)), 0);
        assert_eq!(Millis::new(5).minus(7), Millis::new(0));
        assert_eq!(Millis::new(u64::MAX).plus(1), Millis::new(u64::MAX));
    }
}
