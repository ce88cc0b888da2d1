//! A token bucket, as numbers to keep in an item.

use herald_contract::Millis;

/// How much may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    /// So many at once.
    pub(crate) burst: u64,
    /// So many a second in the long run.
    pub(crate) per_second: u64,
}

/// What a bucket holds, in thousandths of a token, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bucket {
    pub(crate) thousandths: u64,
    pub(crate) at: Millis,
}

impl Bucket {
    /// A bucket that nobody has taken from.
    pub(crate) fn full(rate: Rate, now: Millis) -> Self {
        Self { thousandths: rate.burst * 1000, at: now }
    }

    /// The bucket after one token was taken at `now`.
    ///
    /// # Errors
    /// In how many milliseconds there will be one.
    pub(crate) fn take(self, rate: Rate, now: Millis) -> Result<Self, u64> {
        // A thousandth a millisecond is one a second.
        let refilled = self.thousandths + now.since(self.at).saturating_mul(rate.per_second);
        let held = refilled.min(rate.burst * 1000);
        // A clock that is behind takes, and does not fill the same time twice.
        let at = self.at.max(now);
        match held.checked_sub(1000) {
            Some(thousandths) => Ok(Self { thousandths, at }),
            None => Err((1000 - held).div_ceil(rate.per_second)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 3, per_second: 2 };
    const NOW: Millis = Millis::new(1_000_000);

    #[test]
    fn it_gives_its_burst_and_then_as_fast_as_it_fills() {
        let mut bucket = Bucket::full(RATE, NOW);
        for _ in 0..3 {
            bucket = bucket.take(RATE, NOW).unwrap();
        }
        assert_eq!(bucket.take(RATE, NOW), Err(500));
        assert_eq!(bucket.take(RATE, NOW.plus(499)), Err(1));
        bucket = bucket.take(RATE, NOW.plus(500)).unwrap();
        assert_eq!(bucket.take(RATE, NOW.plus(500)), Err(500));
    }

    #[test]
    fn it_never_holds_more_than_its_burst() {
        let mut bucket = Bucket::full(RATE, NOW);
        for _ in 0..3 {
            bucket = bucket.take(RATE, NOW.plus(3_600_000)).unwrap();
        }
        assert!(bucket.take(RATE, NOW.plus(3_600_000)).is_err());
    }

    #[test]
    fn a_clock_that_is_behind_fills_nothing_twice() {
        let late = Bucket::full(RATE, NOW).take(RATE, NOW.plus(1000)).unwrap();
        let early = late.take(RATE, NOW).unwrap();
        assert_eq!(early.at, NOW.plus(1000));
        assert_eq!(early.thousandths, 1000);
    }
}
