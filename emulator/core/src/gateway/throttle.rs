//! Token buckets of routes, and those of the account: so many requests at once, so many a second.

use super::{Limits, Time};
use crate::topology::{Stage, Throttle};
use std::collections::BTreeMap;

/// What a limit that is not given counts as: the account's own.
const DEFAULT_RATE: f64 = 10_000.0;
const DEFAULT_BURST: u32 = 5_000;

/// The buckets in use, by API, stage and route.
#[derive(Debug, Default)]
pub(super) struct Buckets(BTreeMap<(String, String, String), Bucket>);

/// A bucket of all APIs together.
#[derive(Debug)]
pub(super) struct Budget {
    rate: f64,
    burst: f64,
    /// Begins with the first request.
    bucket: Option<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Time,
}

impl Bucket {
    fn full(now: Time, burst: f64) -> Self {
        Self { tokens: burst, filled: now }
    }

    fn take(&mut self, now: Time, rate: f64, burst: f64) -> bool {
        self.tokens = (self.tokens + rate * (now - self.filled).as_secs_f64()).min(burst);
        self.filled = now;
        let enough = self.tokens >= 1.0;
        if enough {
            self.tokens -= 1.0;
        }
        enough
    }
}

impl Budget {
    /// Requests, calls of `@connections` included.
    pub(super) fn requests(limits: &Limits) -> Self {
        Self::new(limits.account_rate, limits.account_burst)
    }

    /// New connections.
    pub(super) fn connects(limits: &Limits) -> Self {
        Self::new(limits.connects_per_second, limits.connects_per_second)
    }

    fn new(rate: u32, burst: u32) -> Self {
        Self { rate: f64::from(rate), burst: f64::from(burst), bucket: None }
    }

    /// Takes one token for a request; `false` when there is none.
    pub(super) fn take(&mut self, now: Time) -> bool {
        let (rate, burst) = (self.rate, self.burst);
        self.bucket.get_or_insert_with(|| Bucket::full(now, burst)).take(now, rate, burst)
    }
}

impl Buckets {
    /// Takes one token for a request; `false` when there is none. A route without limits has no
    /// bucket.
    pub(super) fn take(&mut self, now: Time, api: &str, stage: &Stage, route: &str) -> bool {
        let throttle = stage.throttles.get(route).unwrap_or(&stage.default_throttle);
        let Throttle { rate, burst } = *throttle;
        if rate.is_none() && burst.is_none() {
            return true;
        }
        let (rate, burst) =
            (rate.unwrap_or(DEFAULT_RATE), f64::from(burst.unwrap_or(DEFAULT_BURST)));
        let key = (api.to_owned(), stage.name.clone(), route.to_owned());
        self.0.entry(key).or_insert_with(|| Bucket::full(now, burst)).take(now, rate, burst)
    }

    /// Forgets all buckets; the limits may have changed.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
