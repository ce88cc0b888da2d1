//! What a worker does beside its job: heartbeats, progress, and the decision to stop.

use crate::Sender;
use crate::jobs::{Beat, HEARTBEAT_MS, Job, PROGRESS_MS, beat};
use crate::kinds::Attempt;
use crate::ports::Clock;
use crate::push;
use crate::table::{StoreError, Table};
use herald_contract::Millis;

/// Why a job is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Its user wants it to end.
    Cancelled,
    /// It is another worker's by now.
    Lost,
    /// Lambda would stop it in the middle.
    OutOfTime,
}

/// Watches until there is a reason to stop the job.
pub(super) async fn watch<T: Table, S: Sender, C: Clock>(
    table: &T,
    sender: &S,
    clock: &C,
    job: &Job,
    attempt: &Attempt,
    stop_at: Millis,
) -> Result<Stop, StoreError> {
    let mut beat_at = clock.now().plus(HEARTBEAT_MS);
    let mut told = job.percent;
    loop {
        clock.sleep_until(clock.now().plus(PROGRESS_MS).min(stop_at)).await;
        let now = clock.now();
        if now >= stop_at {
            return Ok(Stop::OutOfTime);
        }
        let percent = attempt.progress().percent;
        if now >= beat_at {
            // Missed once, it is made up for by the next: a lease is three heartbeats long.
            match beat(table, job, percent, now).await {
                Ok(Beat::GoOn) => {}
                Ok(Beat::Cancelled) => return Ok(Stop::Cancelled),
                Ok(Beat::Lost) => return Ok(Stop::Lost),
                Err(error) if error.is_retryable() => {}
                Err(error) => return Err(error),
            }
            beat_at = now.plus(HEARTBEAT_MS);
        }
        if percent != told {
            told = percent;
            let event = Job { percent, updated_at: now, ..job.clone() }.event();
            push::to_user(table, sender, &job.user, None, &event, now).await?;
        }
    }
}
