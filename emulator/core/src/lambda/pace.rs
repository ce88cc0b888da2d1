//! Whether a call may wait a moment for an environment that is busy, rather than wake another one.
//!
//! On AWS every environment has a processor of its own. Here they share a few: ten that take turns
//! need a third more of them for each event than those that have just run. So when enough of a
//! function's environments run and it has been quick, a call waits for the next one that is free. It
//! never waits long behind slow ones: when none has become free for a moment, it gets an environment
//! of its own, as on AWS.

use super::environment::{Pool, Waiting};
use crate::Time;
use std::time::Duration;

/// The wait for an environment that is busy, when none becomes free …
const PATIENCE: Duration = Duration::from_millis(10);
/// … and while they do. On AWS, another environment would not have started by then.
const LONGEST: Duration = Duration::from_millis(100);
/// A function whose calls take less, on average, is quick.
const QUICK: Duration = Duration::from_millis(4);
/// How much the last call counts.
const WEIGHT: u32 = 8;

/// How long the calls of a function take, the last ones most of all.
#[derive(Debug, Default)]
pub(super) struct Pace(Option<Duration>);

impl Pace {
    pub(super) fn add(&mut self, took: Duration) {
        let before = self.0.unwrap_or(took);
        self.0 = Some(before - before / WEIGHT + took / WEIGHT);
    }

    /// Before its first answer nothing is known, so that it is not.
    fn is_quick(&self) -> bool {
        self.0.is_some_and(|average| average < QUICK)
    }
}

impl Pool {
    /// How many waiting calls are to have an environment now; the others wait for a busy one, the
    /// first of them until the time that is given.
    pub(super) fn due(&self, now: Time, crowd: usize) -> (usize, Option<Time>) {
        if self.running + self.settling < crowd || !self.pace.is_quick() {
            return (self.waiting.len(), None);
        }
        let until = |waiting: &Waiting| {
            let longest = waiting.since + LONGEST;
            longest.min(waiting.since.max(self.freed) + PATIENCE)
        };
        let due = self.waiting.iter().take_while(|waiting| until(waiting) <= now).count();
        (due, self.waiting.get(due).map(until))
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use std::time::Duration;

    #[test]
    fn a_slow_call_is_remembered_for_a_while() {
        let mut pace = Pace::default();
        assert!(!pace.is_quick(), "nothing is known yet");
        pace.add(Duration::ZERO);
        assert!(pace.is_quick());
        pace.add(Duration::from_secs(1));
        let quick_calls = (0..).take_while(|_| {
            let slow = !pace.is_quick();
            pace.add(Duration::from_millis(1));
            slow
        });
        assert_eq!(quick_calls.count(), 28);
    }
}
