//! Token buckets of routes: so many requests at once, so many a second.

use super::Time;
use crate::topology::{Stage, Throttle};
use std::collections::BTreeMap;

/// What a limit that is not given counts as: the account's own.
const DEFAULT_RATE: f64 = 10_000.0;
const DEFAULT_BURST: u32 = 5_000;

/// The buckets in use, by API, stage and route.
#[derive(Debug, Default)]
pub(super) struct Buckets(BTreeMap<(String, String, String), Bucket>);

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled: Time,
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
        let bucket = self.0.entry(key).or_insert(Bucket { tokens: burst, filled: now });
        bucket.tokens = (bucket.tokens + rate * (now - bucket.filled).as_secs_f64()).min(burst);
        bucket.filled = now;
        let enough = bucket.tokens >= 1.0;
        if enough {
            bucket.tokens -= 1.0;
        }
        enough
    }

    /// Forgets all buckets; the limits may have changed.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}
