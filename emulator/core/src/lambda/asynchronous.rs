//! Asynchronous invocations: queued, and tried again when the function fails.

use super::{Invocation, Lambda, Outcome, Ticket};
use crate::Time;
use crate::log::Log;
use crate::timers::Timers;
use std::collections::BTreeMap;
use std::time::Duration;

/// Events kept at the same time; one more is refused as throttled.
const EVENTS_MAX: usize = 10_000;
/// Waits before the second and the third attempt after a function error.
const RETRIES: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(120)];
/// Wait before another attempt at a function that is throttled.
const THROTTLED: Duration = Duration::from_secs(1);

/// Events that are running or wait for another attempt.
#[derive(Debug)]
pub(super) struct Events {
    last: u64,
    events: BTreeMap<u64, Event>,
    retries: Timers<u64>,
}

#[derive(Debug)]
struct Event {
    function: String,
    invocation: Invocation,
    failures: usize,
}

impl Events {
    pub(super) fn new() -> Self {
        Self { last: 0, events: BTreeMap::new(), retries: Timers::new() }
    }

    pub(super) fn next(&self) -> Option<Time> {
        self.retries.next()
    }
}

impl Lambda {
    /// Queues an event; `false` when the queue is full.
    pub(crate) fn invoke_later(
        &mut self,
        now: Time,
        function: String,
        invocation: Invocation,
    ) -> bool {
        if self.events.events.len() >= EVENTS_MAX {
            return false;
        }
        self.events.last += 1;
        let number = self.events.last;
        let invocation = Invocation { ticket: Ticket::Event(number), ..invocation };
        let event =
            Event { function: function.clone(), invocation: invocation.clone(), failures: 0 };
        self.events.events.insert(number, event);
        self.invoke(now, &function, invocation);
        true
    }

    pub(super) fn event_finished(&mut self, now: Time, number: u64, outcome: Outcome) {
        let Some(event) = self.events.events.get_mut(&number) else { return };
        let wait = match outcome {
            Outcome::Answer(_) | Outcome::Unknown => None,
            Outcome::Throttled => Some(THROTTLED),
            Outcome::Failed { .. } => {
                event.failures += 1;
                RETRIES.get(event.failures - 1).copied()
            }
        };
        if let Some(wait) = wait {
            return self.events.retries.set(now + wait, number);
        }
        let Some(event) = self.events.events.remove(&number) else { return };
        if event.failures > 0 && !matches!(outcome, Outcome::Answer(_)) {
            let what = format!(
                "asynchronous event {} of {} is given up after {} attempts",
                event.invocation.request_id, event.function, event.failures
            );
            self.tell(Log::Warning { what });
        }
    }

    pub(super) fn retry_events(&mut self, now: Time) {
        while let Some(number) = self.events.retries.pop(now) {
            let Some(event) = self.events.events.get(&number) else { continue };
            let (function, invocation) = (event.function.clone(), event.invocation.clone());
            self.invoke(now, &function, invocation);
        }
    }
}
