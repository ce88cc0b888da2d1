//! How fast to post: a token bucket for the rate, and a width for how many at once.
//!
//! The width grows by a little while all goes well and halves when the gateway pushes back
//! (additive increase, multiplicative decrease). It lives as long as a run of pages.

use herald_contract::Millis;

/// Posts at once in the beginning: at 10 ms a post, enough to keep one processor busy.
const WIDTH_START: usize = 64;
const WIDTH_MIN: usize = 16;
const WIDTH_MAX: usize = 256;

/// What is added after a full width of posts went well.
const WIDTH_STEP: usize = 8;

/// Posts a second of one sender. An account has 10,000 by default, so four senders leave room for
/// everything else.
const PER_SECOND: u64 = 2_000;

/// Posts at once by the bucket.
const BURST: u64 = 500;

/// Of the last 32 posts, so many slow ones mean that it is not the clients.
const SLOW_OF_32: u32 = 8;

/// How long nothing is posted after a push-back; it doubles while they go on, up to the end.
const PAUSE_MS: std::ops::RangeInclusive<u64> = 100..=2_000;

/// How fast to post.
#[derive(Clone, Debug)]
pub struct Pace {
    width: usize,
    well: usize,
    /// The last 32 posts, one bit each; a slow one is 1.
    recent: u32,
    pause_ms: u64,
    paused_until: Millis,
    /// In thousandths of a post.
    credit: u64,
    at: Millis,
}

impl Pace {
    /// The pace at which a function begins.
    pub fn new(now: Millis) -> Self {
        Self {
            width: WIDTH_START,
            well: 0,
            recent: 0,
            pause_ms: *PAUSE_MS.start(),
            paused_until: now,
            credit: BURST * 1000,
            at: now,
        }
    }

    /// How many may be on their way at once.
    pub fn width(&self) -> usize {
        self.width
    }

    pub(super) fn is_due(&self, now: Millis) -> bool {
        now >= self.due()
    }

    /// When the next post may be made.
    pub(super) fn due(&self) -> Millis {
        let missing = 1000_u64.saturating_sub(self.credit);
        self.paused_until.max(self.at.plus(missing.div_ceil(PER_SECOND)))
    }

    /// Takes one post out of the bucket.
    pub(super) fn spend(&mut self, now: Millis) {
        let filled = self.credit + now.since(self.at).saturating_mul(PER_SECOND);
        self.credit = filled.min(BURST * 1000).saturating_sub(1000);
        self.at = self.at.max(now);
    }

    /// Notes how a post went; whether the gateway is pushing back.
    pub(super) fn note(&mut self, slow: bool, now: Millis) -> bool {
        self.recent = self.recent << 1 | u32::from(slow);
        if slow && now < self.paused_until {
            // It was on its way when the gateway pushed back, and tells nothing new.
            return true;
        }
        if slow && self.recent.count_ones() >= SLOW_OF_32 {
            self.recent = 0;
            self.well = 0;
            self.width = (self.width / 2).max(WIDTH_MIN);
            self.paused_until = now.plus(self.pause_ms);
            self.pause_ms = (self.pause_ms * 2).min(*PAUSE_MS.end());
            return true;
        }
        if !slow {
            self.well += 1;
        }
        if self.well >= self.width {
            self.well = 0;
            self.width = (self.width + WIDTH_STEP).min(WIDTH_MAX);
            self.pause_ms = *PAUSE_MS.start();
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis::new(1_000_000);

    #[test]
    fn it_widens_while_all_goes_well_and_has_an_end() {
        let mut pace = Pace::new(NOW);
        assert_eq!(pace.width(), 64);
        for _ in 0..64 {
            pace.note(false, NOW);
        }
        assert_eq!(pace.width(), 72);
        for _ in 0..100_000 {
            pace.note(false, NOW);
        }
        assert_eq!(pace.width(), 256);
    }

    #[test]
    fn one_slow_client_in_five_changes_nothing() {
        let mut pace = Pace::new(NOW);
        assert!((0..1000).all(|i| !pace.note(i % 5 == 0, NOW)));
        assert!(pace.width() > 64);
    }

    #[test]
    fn many_slow_ones_halve_the_width_down_to_its_least() {
        let mut pace = Pace::new(NOW);
        let pushed_back = |pace: &mut Pace, now| (0..64).filter(|_| pace.note(true, now)).count();
        assert_eq!(pushed_back(&mut pace, NOW), 57, "from the eighth on");
        assert_eq!(pace.width(), 32, "all that was on its way is one push-back");
        for minute in 1..4 {
            pushed_back(&mut pace, NOW.plus(minute * 60_000));
        }
        assert_eq!(pace.width(), 16);
    }

    #[test]
    fn a_push_back_is_a_pause_that_grows() {
        let mut pace = Pace::new(NOW);
        let mut pauses = Vec::new();
        for minute in 0..6 {
            let now = NOW.plus(minute * 60_000);
            for _ in 0..8 {
                pace.note(true, now);
            }
            pauses.push(pace.due().since(now));
        }
        assert_eq!(pauses, [100, 200, 400, 800, 1600, 2000]);
    }

    #[test]
    fn the_rate_has_a_burst_and_an_end() {
        let mut pace = Pace::new(NOW);
        let mut at = |now: Millis| {
            let due = pace.is_due(now);
            if due {
                pace.spend(now);
            }
            due
        };
        assert_eq!((0..1000).filter(|_| at(NOW)).count(), 500);
        assert_eq!((1..=1000).filter(|ms| at(NOW.plus(*ms)) | at(NOW.plus(*ms))).count(), 1000);
        assert!(!at(NOW.plus(1000)));
    }
}
