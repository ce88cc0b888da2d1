//! A user wants a job to end.

use super::Job;
use super::claim::as_read;
use super::finish::{Verdict, end_writes};
use crate::table::ATTEMPTS;
use crate::table::{Condition, Live as _, StoreError, Table, Update, Write, WriteError};
use herald_contract::table::{Key, attr};
use herald_contract::wire::JobState;
use herald_contract::{JobId, Millis, UserId};

/// Why a job does not end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CancelError {
    /// There is none of this name, or it is another user's, which is the same to this one.
    #[error("there is no job of yours of this name")]
    NotFound,
    /// The table cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Ends a job that waits; asks the worker of one that runs, which learns it at its next heartbeat.
/// One that has ended stays as it is. Answers with the job as it then stands.
pub(crate) async fn cancel<T: Table>(
    table: &T,
    user: &UserId,
    id: &JobId,
    now: Millis,
) -> Result<Job, CancelError> {
    for _ in 0..ATTEMPTS {
        let item = table.get(&Key::job(id)).await.map_err(StoreError::from)?;
        let item = item.filter(|item| item.is_live(now)).ok_or(CancelError::NotFound)?;
        let mut job = Job::of_item(id.clone(), &item).map_err(StoreError::from)?;
        if job.user != *user {
            return Err(CancelError::NotFound);
        }
        let done = match job.state {
            JobState::Succeeded | JobState::Failed | JobState::Cancelled => return Ok(job),
            JobState::Queued | JobState::RetryWait => {
                let writes = end_writes(&job, Verdict::Cancelled, as_read(&job), now);
                job.state = JobState::Cancelled;
                job.updated_at = now;
                table.transact(writes).await
            }
            JobState::Running => {
                // Not under the fence: whoever runs it is meant.
                let running = Condition::eq(attr::STATE, JobState::Running.as_str());
                let update = Update::of(Key::job(id)).set(attr::CANCEL, true).when(running);
                job.cancel = true;
                table.write(Write::Update(update)).await.map(|_| ())
            }
        };
        match done {
            Ok(()) => return Ok(job),
            // It has gone on in the meantime.
            Err(WriteError::Conflict | WriteError::Failed(_)) => {}
            Err(error) => return Err(StoreError::from(error).into()),
        }
    }
    Err(StoreError::from(WriteError::Conflict).into())
}
