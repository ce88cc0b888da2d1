//! What a worker writes about its job: that it is alive, that it is done, that it gives it back.
//!
//! Each is under the fence of its claim.

use super::outbox::Letter;
use super::{ERROR_CHARS_MAX, Job, LEASE_MS};
use crate::table::{Attribute, Condition, StoreError, Table, Update, Write, WriteError};
use herald_contract::Millis;
use herald_contract::table::{EXP, Index, Key, attr, due_sort, life};
use herald_contract::wire::JobState;

/// How a job ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Succeeded { result: String },
    Failed { error: String },
    Cancelled,
}

impl Verdict {
    pub(crate) fn state(&self) -> JobState {
        match self {
            Self::Succeeded { .. } => JobState::Succeeded,
            Self::Failed { .. } => JobState::Failed,
            Self::Cancelled => JobState::Cancelled,
        }
    }
}

/// The worker's claim still holds.
fn under_fence(job: &Job) -> Condition {
    Condition::eq(attr::FENCE, job.fence)
        .and(Condition::eq(attr::STATE, JobState::Running.as_str()))
}

/// The two writes that end a job: itself, and the letter to its user.
pub(super) fn end_writes(
    job: &Job,
    verdict: Verdict,
    condition: Condition,
    now: Millis,
) -> Vec<Write> {
    let state = verdict.state();
    let mut update = Update::of(Key::job(&job.id))
        .set(attr::STATE, state.as_str())
        .set(attr::UPDATED_AT, now)
        .set(EXP, now.plus(life::JOB).seconds())
        .remove(attr::LEASE_UNTIL)
        .remove(attr::CHECKPOINT)
        .remove(Index::Due.pk())
        .remove(Index::Due.sk())
        .when(condition);
    let mut error = None;
    match verdict {
        Verdict::Succeeded { result } => {
            update = update.set(attr::RESULT, result).set(attr::PERCENT, 100_u64);
        }
        Verdict::Failed { error: why } => {
            let why: String = why.chars().take(ERROR_CHARS_MAX).collect();
            update = update.set(attr::ERROR, why.clone());
            error = Some(why);
        }
        Verdict::Cancelled => {}
    }
    let letter = Letter { job, state, error, at: now };
    vec![Write::Update(update), Write::insert(letter.key(), letter.to_item())]
}

/// Ends a job; false where the claim does not hold any more.
pub(crate) async fn finish<T: Table>(
    table: &T,
    job: &Job,
    verdict: Verdict,
    now: Millis,
) -> Result<bool, StoreError> {
    let writes = end_writes(job, verdict, under_fence(job), now);
    for _ in 0..crate::table::ATTEMPTS {
        match table.transact(writes.clone()).await {
            Ok(()) => return Ok(true),
            Err(WriteError::Failed(_)) => return Ok(false),
            // The user is asking for its end, or somebody looks whether we are alive.
            Err(WriteError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(WriteError::Conflict.into())
}

/// Gives a job back, to be tried at `due`; false where the claim does not hold any more.
pub(crate) async fn hand_back<T: Table>(
    table: &T,
    job: &Job,
    why: HandBack,
    due: Millis,
    now: Millis,
) -> Result<bool, StoreError> {
    let mut update = Update::of(Key::job(&job.id))
        .set(attr::STATE, JobState::RetryWait.as_str())
        .set(attr::UPDATED_AT, now)
        .set(Index::Due.sk(), due_sort(due, job.id.as_str()))
        .remove(attr::LEASE_UNTIL)
        .when(under_fence(job));
    match why {
        HandBack::Failed { error } => {
            let error: String = error.chars().take(ERROR_CHARS_MAX).collect();
            update = update.set(attr::ERROR, error);
        }
        HandBack::OutOfTime { checkpoint, percent } => {
            // It did not fail, so it is not counted as if it had.
            update = update
                .add(attr::ATTEMPT, -1)
                .add(attr::YIELDS, 1)
                .set(attr::PERCENT, u64::from(percent));
            if let Some(checkpoint) = checkpoint {
                update = update.set(attr::CHECKPOINT, checkpoint);
            }
        }
    }
    match write(table, update).await {
        Ok(_) => Ok(true),
        Err(WriteError::Failed(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Why a job is given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum HandBack {
    /// It failed, and may succeed later.
    Failed { error: String },
    /// Lambda would have stopped it in the middle.
    OutOfTime { checkpoint: Option<String>, percent: u8 },
}

/// What a worker learns when it says that it is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beat {
    /// Go on.
    GoOn,
    /// The user wants the job to end.
    Cancelled,
    /// The job is somebody else's by now.
    Lost,
}

/// Says that the worker is alive, and learns in the same reply whether it is wanted.
pub(crate) async fn beat<T: Table>(
    table: &T,
    job: &Job,
    percent: u8,
    now: Millis,
) -> Result<Beat, StoreError> {
    let lease = now.plus(LEASE_MS);
    let update = Update::of(Key::job(&job.id))
        .set(attr::LEASE_UNTIL, lease)
        .set(attr::PERCENT, u64::from(percent))
        .set(Index::Due.sk(), due_sort(lease, job.id.as_str()))
        .when(under_fence(job));
    match write(table, update).await {
        Ok(Some(item)) if item.get(attr::CANCEL) == Some(&Attribute::Bool(true)) => {
            Ok(Beat::Cancelled)
        }
        Ok(_) => Ok(Beat::GoOn),
        Err(WriteError::Failed(_)) => Ok(Beat::Lost),
        Err(error) => Err(error.into()),
    }
}

async fn write<T: Table>(
    table: &T,
    update: Update,
) -> Result<Option<crate::table::Item>, WriteError> {
    for _ in 0..crate::table::ATTEMPTS {
        match table.write(Write::Update(update.clone())).await {
            Err(WriteError::Conflict) => {}
            other => return other,
        }
    }
    Err(WriteError::Conflict)
}
