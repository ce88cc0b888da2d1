//! What is left of many measurements.

use serde::Serialize;
use std::time::Duration;

/// Durations of the same thing.
#[derive(Debug, Default)]
pub(crate) struct Durations(Vec<u32>);

impl Durations {
    /// In microseconds; more than an hour counts as an hour.
    pub(crate) fn push(&mut self, duration: Duration) {
        self.0.push(u32::try_from(duration.as_micros()).unwrap_or(u32::MAX));
    }

    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    pub(crate) fn summary(mut self) -> Summary {
        self.0.sort_unstable();
        let at = |percent| milliseconds(percentile(&self.0, percent));
        Summary {
            count: self.0.len(),
            p50_ms: at(50),
            p90_ms: at(90),
            p99_ms: at(99),
            max_ms: at(100),
        }
    }
}

/// Durations as people quote them.
#[derive(Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    pub(crate) count: usize,
    pub(crate) p50_ms: f64,
    pub(crate) p90_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
}

/// The smallest value that so many percent do not exceed (nearest rank); 0 of nothing.
fn percentile(sorted: &[u32], percent: usize) -> u32 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

fn milliseconds(microseconds: u32) -> f64 {
    f64::from(microseconds) / 1000.0
}

#[cfg(test)]
mod tests {
    use super::{Durations, Summary, percentile};
    use std::time::Duration;

    fn check(values: &[u32], percents_and_values: &[(usize, u32)]) {
        for (percent, expected) in percents_and_values {
            assert_eq!(percentile(values, *percent), *expected, "{percent} % of {values:?}");
        }
    }

    #[test]
    fn a_percentile_is_one_of_the_values() {
        check(&[15, 20, 35, 40, 50], &[(5, 15), (30, 20), (40, 20), (50, 35), (100, 50)]);
        check(&[1, 2], &[(0, 1), (50, 1), (51, 2), (99, 2), (100, 2)]);
        check(&[7], &[(1, 7), (50, 7), (100, 7)]);
        check(&[], &[(50, 0), (100, 0)]);
    }

    #[test]
    fn one_slow_message_in_a_hundred_shows_in_the_maximum_only() {
        let values: Vec<u32> = (1..=100).collect();
        check(&values, &[(50, 50), (90, 90), (99, 99), (100, 100)]);
    }

    #[test]
    fn a_summary_is_of_everything_that_was_measured() {
        let mut all = Durations::default();
        all.push(Duration::from_micros(2500));
        let mut others = Durations::default();
        others.push(Duration::from_millis(1));
        others.push(Duration::from_secs(7200));
        all.append(others);
        let max_ms = f64::from(u32::MAX) / 1000.0;
        let expected = Summary { count: 3, p50_ms: 2.5, p90_ms: max_ms, p99_ms: max_ms, max_ms };
        assert_eq!(all.summary(), expected);
    }
}
