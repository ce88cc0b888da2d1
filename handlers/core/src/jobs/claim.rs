//! A worker takes a job, or learns why it must not.

use super::finish::{Verdict, end_writes};
use super::{Job, LEASE_MS};
use crate::table::{Condition, Live as _, StoreError, Table, Update, Write, WriteError};
use herald_contract::table::{Index, Key, attr, due_shard, due_sort};
use herald_contract::wire::JobState;
use herald_contract::{JobId, Millis};

/// What came of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Claim {
    /// The job is this worker's, under this fence.
    Taken(Box<Job>),
    /// Another worker has it.
    Busy,
    /// It has ended, now or before.
    Over(JobState),
    /// There is no such job.
    Missing,
}

/// Claims a job: one that waits, or one whose worker has not been heard of for a lease.
pub(crate) async fn claim<T: Table>(
    table: &T,
    id: &JobId,
    attempts_max: impl Fn(&str) -> u64,
    now: Millis,
) -> Result<Claim, StoreError> {
    let item = table.get(&Key::job(id)).await?.filter(|item| item.is_live(now));
    let Some(item) = item else {
        return Ok(Claim::Missing);
    };
    let job = Job::of_item(id.clone(), &item)?;
    match job.state {
        state if state.is_final() => return Ok(Claim::Over(state)),
        JobState::Running if job.lease_until.is_some_and(|until| until >= now) => {
            return Ok(Claim::Busy);
        }
        _ => {}
    }
    let as_read = as_read(&job);
    let end = |verdict| end_writes(&job, verdict, as_read.clone(), now);
    let verdict = if job.cancel {
        Some(Verdict::Cancelled)
    } else if job.attempt >= attempts_max(&job.kind) {
        let error = job.error.clone().unwrap_or_else(|| "its workers were lost".to_owned());
        Some(Verdict::Failed { error })
    } else {
        None
    };
    if let Some(verdict) = verdict {
        let state = verdict.state();
        return match table.transact(end(verdict)).await {
            Ok(()) => Ok(Claim::Over(state)),
            Err(WriteError::Conflict | WriteError::Failed(_)) => Ok(Claim::Busy),
            Err(error) => Err(error.into()),
        };
    }
    let lease = now.plus(LEASE_MS);
    let update = Update::of(Key::job(id))
        .set(attr::STATE, JobState::Running.as_str())
        .set(attr::LEASE_UNTIL, lease)
        .set(attr::UPDATED_AT, now)
        .set(Index::Due.pk(), due_shard(id.as_str()))
        .set(Index::Due.sk(), due_sort(lease, id.as_str()))
        .add(attr::FENCE, 1)
        .add(attr::ATTEMPT, 1)
        .when(as_read);
    match table.write(Write::Update(update)).await {
        Ok(item) => {
            Ok(Claim::Taken(Box::new(Job::of_item(id.clone(), &item.unwrap_or_default())?)))
        }
        Err(WriteError::Conflict | WriteError::Failed(_)) => Ok(Claim::Busy),
        Err(error) => Err(error.into()),
    }
}

/// Nobody has claimed, handed back or ended the job since it was read, nor is its worker alive.
pub(super) fn as_read(job: &Job) -> Condition {
    let lease = match job.lease_until {
        Some(until) => Condition::eq(attr::LEASE_UNTIL, until),
        None => Condition::lacks(attr::LEASE_UNTIL),
    };
    Condition::And(vec![
        Condition::eq(attr::FENCE, job.fence),
        Condition::eq(attr::STATE, job.state.as_str()),
        lease,
    ])
}
