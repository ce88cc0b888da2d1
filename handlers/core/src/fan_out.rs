//! One payload to many connections: as many at once as the gateway takes.
//!
//! The gateway says 429 for two things: this client does not read, or the account's rate is used
//! up. One among many means the first, and parks that client, whose inbox holds what it misses. Many
//! of the last few mean the second: then [`Pace`] slows down and those are tried again.

mod pace;

pub use pace::Pace;

use crate::ports::Clock;
use crate::{Delivery, Sender};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use herald_contract::{CallbackUrl, ConnectionId, Millis};
use std::collections::VecDeque;

/// How often one target is posted to in one run.
const ATTEMPTS_MAX: u32 = 3;

/// A connection to post to, from the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Which.
    pub id: ConnectionId,
    /// Where.
    pub url: CallbackUrl,
}

/// What became of the targets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many the gateway has it for.
    pub sent: usize,
    /// Nobody is there.
    pub gone: Vec<ConnectionId>,
    /// It does not read. Its inbox holds what it misses.
    pub parked: Vec<ConnectionId>,
    /// It failed, and may succeed later.
    pub failed: Vec<ConnectionId>,
    /// There was no time for it.
    pub unreached: Vec<ConnectionId>,
    /// What is wrong with the set-up: nothing more was tried.
    pub refused: Option<String>,
}

impl Report {
    /// Whether anything was settled.
    pub fn got_on(&self) -> bool {
        self.sent + self.gone.len() + self.parked.len() > 0
    }
}

struct Try<'a> {
    target: &'a Target,
    attempts: u32,
}

/// Posts `payload` to all targets, or to those there is time for until `stop_at`.
pub async fn run<S: Sender, C: Clock>(
    sender: &S,
    clock: &C,
    pace: &mut Pace,
    targets: &[Target],
    payload: &str,
    stop_at: Millis,
) -> Report {
    let mut report = Report::default();
    let mut queue: VecDeque<_> = targets.iter().map(|target| Try { target, attempts: 0 }).collect();
    // Those that were told 429, until it is clear what it meant.
    let mut suspects: Vec<Try<'_>> = Vec::new();
    let mut in_flight = FuturesUnordered::new();
    loop {
        while report.refused.is_none() && in_flight.len() < pace.width() {
            let now = clock.now();
            if now >= stop_at || !pace.is_due(now) {
                break;
            }
            let Some(next) = queue.pop_front() else {
                break;
            };
            pace.spend(now);
            in_flight.push(async move {
                let Target { id, url } = next.target;
                (sender.send_to_client(url, id, payload.to_owned()).await, next)
            });
        }
        let Some((delivery, Try { target, attempts })) = in_flight.next().await else {
            let now = clock.now();
            if queue.is_empty() || now >= stop_at || report.refused.is_some() {
                break;
            }
            clock.sleep_until(pace.due().min(stop_at)).await;
            continue;
        };
        let again = Try { target, attempts: attempts + 1 };
        match delivery {
            Delivery::Sent => report.sent += 1,
            Delivery::Gone => report.gone.push(target.id.clone()),
            Delivery::Slow => suspects.push(again),
            Delivery::Failed { retryable: true, .. } if again.attempts < ATTEMPTS_MAX => {
                queue.push_back(again);
                continue;
            }
            Delivery::Failed { retryable: true, .. } => report.failed.push(target.id.clone()),
            Delivery::Failed { why, retryable: false } => {
                report.unreached.push(target.id.clone());
                report.refused = Some(why);
                continue;
            }
        }
        let slow = suspects.last().is_some_and(|s| s.target.id == target.id);
        if pace.note(slow, clock.now()) {
            let (again, parked): (Vec<_>, Vec<_>) =
                suspects.drain(..).partition(|s| s.attempts < ATTEMPTS_MAX);
            queue.extend(again);
            report.failed.extend(parked.into_iter().map(|s| s.target.id.clone()));
        }
    }
    report.parked.extend(suspects.into_iter().map(|s| s.target.id.clone()));
    report.unreached.extend(queue.into_iter().map(|t| t.target.id.clone()));
    report
}

#[cfg(test)]
mod tests;
