//! What is left of many measurements of one thing.

use serde::Serialize;
use std::time::Duration;

/// The least disturbed one, and an ordinary one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(crate) struct MinMedian {
    pub(crate) min: f64,
    pub(crate) median: f64,
}

impl MinMedian {
    /// Of these; zeros of nothing.
    pub(crate) fn of(mut values: Vec<f64>) -> Self {
        values.sort_unstable_by(f64::total_cmp);
        Self {
            min: values.first().copied().unwrap_or_default(),
            median: percentile(&values, 50).unwrap_or_default(),
        }
    }
}

/// How long something took, as people quote it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Spread {
    pub(crate) count: usize,
    pub(crate) p50_ms: u64,
    pub(crate) p99_ms: u64,
    pub(crate) max_ms: u64,
}

impl Spread {
    /// Of these milliseconds.
    pub(crate) fn of(mut values: Vec<u64>) -> Self {
        values.sort_unstable();
        let at = |percent| percentile(&values, percent).unwrap_or_default();
        Self { count: values.len(), p50_ms: at(50), p99_ms: at(99), max_ms: at(100) }
    }
}

/// The smallest value that so many percent do not exceed (nearest rank).
fn percentile<T: Copy>(sorted: &[T], percent: usize) -> Option<T> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

pub(crate) fn microseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::{MinMedian, Spread};

    #[test]
    fn figures_are_values_that_were_measured() {
        let check = |values: &[f64], min, median| {
            assert_eq!(MinMedian::of(values.to_vec()), MinMedian { min, median }, "{values:?}");
        };
        check(&[3.0, 1.0, 2.0], 1.0, 2.0);
        check(&[4.0, 1.0, 2.0, 3.0], 1.0, 2.0);
        check(&[7.5], 7.5, 7.5);
        check(&[], 0.0, 0.0);
    }

    #[test]
    fn one_slow_one_in_a_hundred_shows_in_the_maximum_only() {
        let values = (0..99).map(|_| 5).chain([900]).rev().collect();
        let want = Spread { count: 100, p50_ms: 5, p99_ms: 5, max_ms: 900 };
        assert_eq!(Spread::of(values), want);
        assert_eq!(Spread::of(Vec::new()), Spread::default());
    }
}
