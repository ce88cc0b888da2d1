//! Asynchronous invocations: queued, tried again when the function fails, and at their end sent to a
//! destination.
//!
//! ```text
//!                 ┌── 1 min, 2 min ──┐
//!           invoke▼                  │failed
//! queued ──────────▶ at the function ┤
//!                 ▲                  │answered ──▶ OnSuccess
//!                 └── 1 s … 5 min ───┤throttled
//!                                    └too often, or too old ──▶ OnFailure, dead letters
//! ```

use super::record::{self, Condition};
use super::{Invocation, Lambda, Outcome, Output, Ticket};
use crate::Time;
use crate::log::Log;
use crate::timers::Timers;
use crate::topology::Asynchronous;
use std::collections::BTreeMap;
use std::time::Duration;

/// Events kept at the same time; one more is refused as throttled.
const EVENTS_MAX: usize = 10_000;
/// Waits before the second and the third attempt after a function error.
const RETRIES: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(120)];
/// Wait before another attempt at a function that is throttled; it doubles with each attempt.
const THROTTLED: Duration = Duration::from_secs(1);
const THROTTLED_MAX: Duration = Duration::from_secs(300);

/// Events that are running or wait for another attempt.
#[derive(Debug)]
pub(super) struct Events {
    last: u64,
    events: BTreeMap<u64, Event>,
    retries: Timers<u64>,
}

#[derive(Debug)]
pub(super) struct Event {
    pub(super) function: String,
    pub(super) invocation: Invocation,
    queued: Time,
    /// Attempts that the function failed.
    pub(super) failures: usize,
    throttles: u32,
    /// What the function said last.
    pub(super) last: Option<Outcome>,
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
        let event = Event {
            function: function.clone(),
            invocation: invocation.clone(),
            queued: now,
            failures: 0,
            throttles: 0,
            last: None,
        };
        self.events.events.insert(number, event);
        self.invoke(now, &function, invocation);
        true
    }

    pub(super) fn event_finished(&mut self, now: Time, number: u64, outcome: Outcome) {
        let Some(event) = self.events.events.get_mut(&number) else { return };
        let settings = settings(&self.topology, &event.function);
        let wait = match &outcome {
            Outcome::Answer(_) => return self.event_succeeded(now, number, &settings, outcome),
            Outcome::Unknown => {
                self.events.events.remove(&number);
                return;
            }
            Outcome::Throttled => {
                let factor = 1_u32.checked_shl(event.throttles).unwrap_or(u32::MAX);
                event.throttles += 1;
                Some(THROTTLED.saturating_mul(factor).min(THROTTLED_MAX))
            }
            Outcome::Failed { .. } => {
                event.failures += 1;
                let again = event.failures <= settings.retry_attempts;
                again.then(|| RETRIES[event.failures.min(RETRIES.len()) - 1])
            }
        };
        let is_failure = matches!(outcome, Outcome::Failed { .. });
        if is_failure {
            event.last = Some(outcome);
        }
        let Some(wait) = wait else {
            return self.give_up(now, number, Condition::RetriesExhausted);
        };
        // Too old before its turn comes: that is found out then.
        let at = (now + wait).min(event.queued + settings.event_age);
        self.events.retries.set(at, number);
        if is_failure {
            let log = Log::EventRetried {
                function: event.function.clone(),
                request_id: event.invocation.request_id.clone(),
                attempts: event.failures,
                after: at - now,
            };
            self.tell(log);
        }
    }

    pub(super) fn retry_events(&mut self, now: Time) {
        while let Some(number) = self.events.retries.pop(now) {
            let Some(event) = self.events.events.get(&number) else { continue };
            if event.queued + settings(&self.topology, &event.function).event_age <= now {
                self.give_up(now, number, Condition::EventAgeExceeded);
                continue;
            }
            let (function, invocation) = (event.function.clone(), event.invocation.clone());
            self.invoke(now, &function, invocation);
        }
    }

    fn event_succeeded(
        &mut self,
        now: Time,
        number: u64,
        settings: &Asynchronous,
        outcome: Outcome,
    ) {
        let Some(mut event) = self.events.events.remove(&number) else { return };
        let Some(destination) = settings.on_success.clone() else { return };
        event.last = Some(outcome);
        let body = self.record(now, &event, Condition::Success);
        self.send(&event, destination, body, BTreeMap::new());
    }

    fn give_up(&mut self, now: Time, number: u64, condition: Condition) {
        let Some(event) = self.events.events.remove(&number) else { return };
        let Asynchronous { on_failure, dead_letters, .. } =
            settings(&self.topology, &event.function);
        self.tell(Log::EventGivenUp {
            function: event.function.clone(),
            request_id: event.invocation.request_id.clone(),
            condition: condition.to_string(),
            kept: on_failure.is_some() || dead_letters.is_some(),
        });
        if let Some(destination) = on_failure {
            let body = self.record(now, &event, condition);
            self.send(&event, destination, body, BTreeMap::new());
        }
        if let Some(destination) = dead_letters {
            let body = String::from_utf8_lossy(&event.invocation.payload).into_owned();
            let attributes = record::dead_letter_attributes(&event);
            self.send(&event, destination, body, attributes);
        }
    }

    fn record(&self, now: Time, event: &Event, condition: Condition) -> String {
        let spec = self.topology.functions.get(&event.function);
        record::record(now, spec.map_or("", |spec| &spec.arn), event, condition)
    }

    fn send(
        &mut self,
        event: &Event,
        destination: String,
        body: String,
        attributes: BTreeMap<String, (&'static str, String)>,
    ) {
        let what = format!("event {} of {}", event.invocation.request_id, event.function);
        self.outputs.push_back(Output::Send { destination, body, attributes, what });
    }
}

fn settings(topology: &crate::topology::Topology, function: &str) -> Asynchronous {
    topology.functions.get(function).map(|spec| spec.asynchronous.clone()).unwrap_or_default()
}
