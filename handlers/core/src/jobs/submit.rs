//! A job is submitted: by its user over a socket, or for a user by a back end.

use super::{INPUT_BYTES_MAX, Job, LOOK_AFTER_MS};
use crate::content::hash;
use crate::idempotency::{self, Replayed, Scope};
use crate::ids;
use crate::kinds::{Kind, find};
use crate::ports::Chance;
use crate::table::ATTEMPTS;
use crate::table::{ItemError, StoreError, Table, Write, WriteError};
use herald_contract::table::{Key, attr};
use herald_contract::wire::JobState;
use herald_contract::{IdempotencyKey, JobId, Millis, TraceParent, UserId};
use serde_json::Value;

/// What is to be done, for whom.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// Whose job it is.
    pub user: UserId,
    /// What is to be done.
    pub kind: String,
    /// With what.
    pub input: Value,
    /// What makes the same request twice one job.
    pub key: Option<IdempotencyKey>,
    /// The trace it belongs to.
    pub traceparent: Option<TraceParent>,
}

/// Puts a job into the table, whose stream brings it to a worker. The same request twice is answered
/// with the same job, as it stands by then.
pub(crate) async fn submit<T: Table>(
    table: &T,
    kinds: &[&dyn Kind],
    submission: Submission,
    chance: &impl Chance,
    now: Millis,
) -> Result<Job, SubmitError> {
    let Submission { user, kind, input, key, traceparent } = submission;
    let Some(known) = find(kinds, &kind) else {
        let known: Vec<_> = kinds.iter().map(|k| format!("`{}`", k.name())).collect();
        let kind = kind.chars().take(64).collect();
        return Err(SubmitError::UnknownKind { kind, known: known.join(", ") });
    };
    // Keys of objects are sorted, so that equal inputs are equal texts.
    let text = input.to_string();
    if text.len() > INPUT_BYTES_MAX {
        return Err(SubmitError::TooLarge { bytes: text.len() });
    }
    known.check(input).map_err(|why| SubmitError::Input { kind: kind.clone(), why })?;
    let hash = hash(&[&kind, &text]);
    let job = Job {
        id: ids::job_id(now, chance),
        user,
        kind,
        state: JobState::Queued,
        attempt: 0,
        fence: 0,
        lease_until: None,
        percent: 0,
        input: text,
        result: None,
        error: None,
        checkpoint: None,
        cancel: false,
        yields: 0,
        updated_at: now,
        traceparent,
    };
    let mut writes =
        vec![Write::insert(Key::job(&job.id), job.to_new_item(now.plus(LOOK_AFTER_MS)))];
    let key = key.map(|key| Scope::SubmitJob.key(Some(&job.user), &key));
    if let Some(key) = &key {
        writes.push(idempotency::claim(key.clone(), &hash, job.id.as_str(), now));
    }
    for _ in 0..ATTEMPTS {
        match (table.transact(writes.clone()).await, &key) {
            (Ok(()), _) => return Ok(job),
            (Err(error), Some(key)) if error.failed_at(1) => {
                match idempotency::replay(table, key, &hash, now).await? {
                    Replayed::Same(id) => return before(table, &id).await,
                    Replayed::Other => return Err(SubmitError::KeyReused),
                    Replayed::Nothing => {}
                }
            }
            (Err(WriteError::Conflict), _) => {}
            (Err(error), _) => return Err(StoreError::from(error).into()),
        }
    }
    Err(StoreError::from(WriteError::Conflict).into())
}

/// The job that the same request made before.
async fn before<T: Table>(table: &T, id: &str) -> Result<Job, SubmitError> {
    let unreadable = || StoreError::from(ItemError::of(attr::RESULT));
    let id: JobId = id.parse().map_err(|_| unreadable())?;
    let item = table.get(&Key::job(&id)).await.map_err(StoreError::from)?;
    let item = item.ok_or_else(unreadable)?;
    Ok(Job::of_item(id, &item).map_err(StoreError::from)?)
}

/// Why there is no job.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// Nobody can do it.
    #[error("there is no kind of job `{kind}`; there is {known}")]
    UnknownKind {
        /// What was asked for.
        kind: String,
        /// What there is.
        known: String,
    },
    /// It cannot be done with this.
    #[error("`input` is none of `{kind}`: {why}")]
    Input {
        /// What is to be done.
        kind: String,
        /// What is wrong with the input.
        why: String,
    },
    /// The input is too long.
    #[error("`input` is {bytes} bytes; at most {INPUT_BYTES_MAX} are taken, so put a link into it")]
    TooLarge {
        /// So long.
        bytes: usize,
    },
    /// The key stands for something else.
    #[error("the idempotency key stands for another job; use a new one")]
    KeyReused,
    /// The table cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}
