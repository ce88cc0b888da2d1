//! When a call is made again: with full jitter, and only where it can do no harm.

use crate::{CallError, Operation};
use std::time::Duration;

/// How often and how soon a call is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retries {
    /// Attempts in all, at least 1.
    pub attempts: u32,
    /// The longest pause before the second attempt; each later one may be twice as long.
    pub pause: Duration,
    /// The longest pause of all.
    pub pause_max: Duration,
}

impl Default for Retries {
    /// As the SDKs do it: three attempts, up to 50 ms, 100 ms … between them, at most 20 s.
    fn default() -> Self {
        Self { attempts: 3, pause: Duration::from_millis(50), pause_max: Duration::from_secs(20) }
    }
}

impl Retries {
    /// How long to wait before the attempt after this one (the first is 1); none where there is none.
    pub(crate) fn pause(
        &self,
        operation: &Operation,
        error: &CallError,
        attempt: u32,
        chance: f64,
    ) -> Option<Duration> {
        let safe = error.is_undone() || (operation.is_idempotent && error.is_retryable());
        if !safe || attempt >= self.attempts {
            return None;
        }
        let doubled = self.pause.saturating_mul(1 << (attempt - 1).min(16));
        Some(doubled.min(self.pause_max).mul_f64(chance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Protocol, Service};

    const SERVICE: Service = Service::regional("s", "S", Protocol::Rest);

    fn no_answer(unsent: bool) -> CallError {
        CallError::NoAnswer { operation: "Ask", host: "h".into(), why: "w".into(), unsent }
    }

    fn service(status: u16, code: &str) -> CallError {
        CallError::Service {
            operation: "Ask",
            status,
            code: code.to_owned(),
            message: String::new(),
            request_id: String::new(),
            body: bytes::Bytes::new(),
        }
    }

    #[track_caller]
    fn check(error: &CallError, reads: bool, writes: bool) {
        let retries = Retries::default();
        let read = Operation::idempotent(SERVICE, "Ask", "s:Ask");
        let write = Operation::once(SERVICE, "Do", "s:Do");
        assert_eq!(retries.pause(&read, error, 1, 1.0).is_some(), reads, "what reads");
        assert_eq!(retries.pause(&write, error, 1, 1.0).is_some(), writes, "what writes");
    }

    #[test]
    fn what_may_have_been_done_is_not_done_again() {
        check(&no_answer(true), true, true);
        check(&no_answer(false), true, false);
        check(&service(500, "InternalServerError"), true, false);
        check(&service(400, "ThrottlingException"), true, true);
        check(&service(400, "ValidationException"), false, false);
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_come_to_an_end() {
        let retries =
            Retries { attempts: 5, pause_max: Duration::from_millis(150), ..Retries::default() };
        let read = Operation::idempotent(SERVICE, "Ask", "s:Ask");
        let pause = |n, chance| retries.pause(&read, &no_answer(true), n, chance);
        let ms = |n| Some(Duration::from_millis(n));
        assert_eq!((pause(1, 1.0), pause(2, 1.0), pause(3, 1.0)), (ms(50), ms(100), ms(150)));
        assert_eq!((pause(1, 0.0), pause(5, 1.0)), (ms(0), None));
    }
}
