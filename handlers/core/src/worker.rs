//! Function `worker`: claims one job and runs it to an end, to a retry, or to the end of its time.
//!
//! While the job runs, this watches beside it: it tells the table that it is alive, learns whether
//! the job is still wanted, tells the user how it gets on, and knows when Lambda would stop it. The
//! job itself is dropped at its next `await` when any of that says so.

mod watch;

use crate::Sender;
use crate::jobs::{self, CHECKPOINT_BYTES_MAX, Claim, HandBack, Job, STOP_EARLY_MS, Verdict};
use crate::jobs::{YIELDS_MAX, claim, finish, hand_back};
use crate::kinds::{Attempt, JobError, Kind, find};
use crate::ports::{Chance, Clock};
use crate::push;
use crate::table::{StoreError, Table};
use futures_util::future::{Either, select};
use herald_contract::Millis;
use herald_contract::payload::RunJob;
use herald_contract::wire::JobState;
use std::pin::pin;
use watch::{Stop, watch};

/// The first pause after a failure that may pass, in milliseconds; it doubles with each attempt.
const TRANSIENT_MS: u64 = 2_000;

/// The same after being asked for patience.
const THROTTLED_MS: u64 = 10_000;

/// The longest pause, in milliseconds.
const PAUSE_MS_MAX: u64 = 5 * 60 * 1000;

/// A pause up to here is waited for in place, where there is time: the table's own round is a
/// minute long.
const WAIT_MS_MAX: u64 = 10_000;

/// What a worker has to work with.
#[derive(Debug)]
pub struct Worker<'a, T, S, C, H> {
    /// The table.
    pub table: &'a T,
    /// The way to clients.
    pub sender: &'a S,
    /// Time.
    pub clock: &'a C,
    /// For jitter.
    pub chance: &'a H,
}

/// What came of an invocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// The job has come to its end.
    Ended(JobState),
    /// It had ended before, or there was nothing left to try.
    Over(JobState),
    /// It is tried again later.
    Later,
    /// Another worker has it.
    Busy,
    /// It was this worker's, and is not any more: what it did counts for nothing.
    LeaseLost,
    /// There is no such job.
    Missing,
}

impl Ran {
    /// A word for a log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ended(state) | Self::Over(state) => state.as_str(),
            Self::Later => "later",
            Self::Busy => "busy",
            Self::LeaseLost => "leaseLost",
            Self::Missing => "missing",
        }
    }
}

/// Runs the job of a payload, until `deadline` at the latest: then Lambda stops the function.
///
/// # Errors
/// Where the table cannot be used. The job is found again when its lease has run out.
pub async fn run<T: Table, S: Sender, C: Clock, H: Chance>(
    worker: &Worker<'_, T, S, C, H>,
    kinds: &[&dyn Kind],
    payload: &RunJob,
    deadline: Millis,
) -> Result<Ran, StoreError> {
    let &Worker { table, clock, chance, .. } = worker;
    let stop_at = deadline.minus(STOP_EARLY_MS);
    let attempts_max = |kind: &str| find(kinds, kind).map_or(1, Kind::attempts_max);
    loop {
        let job = match claim(table, &payload.job_id, attempts_max, clock.now()).await? {
            Claim::Taken(job) => *job,
            Claim::Busy => return Ok(Ran::Busy),
            Claim::Over(state) => return Ok(Ran::Over(state)),
            Claim::Missing => return Ok(Ran::Missing),
        };
        let error = match attempt(worker, kinds, &job, stop_at).await? {
            Attempted::Ran(ran) => return Ok(ran),
            Attempted::Failed(error) => error,
        };
        let (base_ms, why) = match error {
            JobError::Permanent(why) => {
                return end(worker, &job, Verdict::Failed { error: why }).await;
            }
            JobError::Transient(why) => (TRANSIENT_MS, why),
            JobError::Throttled(why) => (THROTTLED_MS, why),
        };
        if job.attempt >= attempts_max(&job.kind) {
            let error = format!("{why} (attempt {} of {0})", job.attempt);
            return end(worker, &job, Verdict::Failed { error }).await;
        }
        let now = clock.now();
        let due = now.plus(full_jitter(base_ms, job.attempt, chance));
        let handed_back = HandBack::Failed { error: why.clone() };
        if !hand_back(table, &job, handed_back, due, now).await? {
            return Ok(Ran::LeaseLost);
        }
        let state = JobState::RetryWait;
        let waiting = Job { state, error: Some(why), updated_at: now, ..job.clone() };
        push::to_user(table, worker.sender, &job.user, None, &waiting.event(), now).await?;
        if due.since(now) > WAIT_MS_MAX || due >= stop_at {
            return Ok(Ran::Later);
        }
        clock.sleep_until(due).await;
    }
}

/// How an attempt went.
enum Attempted {
    Ran(Ran),
    Failed(JobError),
}

/// One attempt at a job that was claimed.
async fn attempt<T: Table, S: Sender, C: Clock, H: Chance>(
    worker: &Worker<'_, T, S, C, H>,
    kinds: &[&dyn Kind],
    job: &Job,
    stop_at: Millis,
) -> Result<Attempted, StoreError> {
    let &Worker { table, sender, clock, .. } = worker;
    if job.cancel {
        return Ok(Attempted::Ran(end(worker, job, Verdict::Cancelled).await?));
    }
    let Some(kind) = find(kinds, &job.kind) else {
        let why = format!("this version has no kind of job `{}`", job.kind);
        return Ok(Attempted::Failed(JobError::Permanent(why)));
    };
    push::to_user(table, sender, &job.user, None, &job.event(), clock.now()).await?;
    let checkpoint = job.checkpoint.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let attempt = Attempt::new(job.attempt, job.percent, checkpoint);
    let stopped = {
        let running = kind.start(&job.input, &attempt);
        let watching = pin!(watch(table, sender, clock, job, &attempt, stop_at));
        match select(running, watching).await {
            Either::Left((Ok(result), _)) => {
                let ran = end(worker, job, Verdict::Succeeded { result }).await?;
                return Ok(Attempted::Ran(ran));
            }
            Either::Left((Err(error), _)) => return Ok(Attempted::Failed(error)),
            Either::Right((stopped, _)) => stopped?,
        }
    };
    let ran = match stopped {
        Stop::Lost => Ran::LeaseLost,
        Stop::Cancelled => end(worker, job, Verdict::Cancelled).await?,
        Stop::OutOfTime if job.yields >= YIELDS_MAX => {
            let error = format!("it did not come to an end in {YIELDS_MAX} runs");
            end(worker, job, Verdict::Failed { error }).await?
        }
        Stop::OutOfTime => {
            let progress = attempt.progress();
            let checkpoint = progress.checkpoint.map(|checkpoint| checkpoint.to_string());
            let checkpoint = checkpoint.filter(|text| text.len() <= CHECKPOINT_BYTES_MAX);
            let why = HandBack::OutOfTime { checkpoint, percent: progress.percent };
            let now = clock.now();
            // Due at once: the stream tells the dispatcher, who invokes another worker.
            if hand_back(table, job, why, now, now).await? { Ran::Later } else { Ran::LeaseLost }
        }
    };
    Ok(Attempted::Ran(ran))
}

async fn end<T: Table, S: Sender, C: Clock, H: Chance>(
    worker: &Worker<'_, T, S, C, H>,
    job: &Job,
    verdict: Verdict,
) -> Result<Ran, StoreError> {
    let state = verdict.state();
    let ended = finish(worker.table, job, verdict, worker.clock.now()).await?;
    Ok(if ended { Ran::Ended(state) } else { Ran::LeaseLost })
}

/// A pause between nothing and a ceiling that doubles with each attempt ("full jitter"), so that
/// what failed together is not tried again together.
fn full_jitter(base_ms: u64, attempt: u64, chance: &impl Chance) -> u64 {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
    let ceiling = (base_ms << doublings).min(PAUSE_MS_MAX);
    chance.next_u64() % (ceiling + 1)
}

/// How long a job may run from `now` on for its lease to matter.
const _: () = assert!(jobs::HEARTBEAT_MS * 2 < jobs::LEASE_MS);

#[cfg(test)]
mod tests;
