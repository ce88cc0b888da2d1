//! The letters that ended jobs leave: each is told, then torn up.
//!
//! A letter is written with the end of its job, so there is none without the other. The stream
//! brings it to the [`dispatcher`](crate::dispatcher) at once; one that is still there after a
//! minute is found by the [`sweeper`](crate::sweeper). To tell it twice is to tell it once, since
//! the notification has an idempotency key.

use super::{Job, LOOK_AFTER_MS};
use crate::Sender;
use crate::content::{Content, trace_of};
use crate::idempotency::Scope;
use crate::notify::{Limit, NotifyError, notify};
use crate::ports::{DeadLetter, DeadLetters, PortError};
use crate::push;
use crate::table::{Attribute, Item, ItemError, Live as _, StoreError, Table, Write};
use herald_contract::table::{EXP, Index, Key, attr, due_shard, due_sort, life};
use herald_contract::wire::{JobState, Level};
use herald_contract::{IdempotencyKey, JobId, Millis, UserId};

/// That a job has ended.
pub(super) struct Letter<'a> {
    pub(super) job: &'a Job,
    pub(super) state: JobState,
    pub(super) error: Option<String>,
    pub(super) at: Millis,
}

impl Letter<'_> {
    pub(super) fn key(&self) -> Key {
        Key::outbox(&self.job.id, self.job.attempt)
    }

    pub(super) fn to_item(&self) -> Item {
        let Letter { job, state, error, at } = self;
        let name = self.key().pk;
        let mut item = Item::from([
            (attr::USER.to_owned(), Attribute::from(job.user.as_str())),
            (attr::KIND.to_owned(), job.kind.clone().into()),
            (attr::STATE.to_owned(), state.as_str().into()),
            (attr::ATTEMPT.to_owned(), job.attempt.into()),
            (attr::AT.to_owned(), (*at).into()),
            (EXP.to_owned(), at.plus(life::OUTBOX).seconds().into()),
            (Index::Due.pk().to_owned(), due_shard(&name).into()),
            (Index::Due.sk().to_owned(), due_sort(at.plus(LOOK_AFTER_MS), &name).into()),
        ]);
        if let Some(error) = error {
            item.insert(attr::ERROR.to_owned(), error.as_str().into());
        }
        if let Some(parent) = &job.traceparent {
            item.insert(attr::TRACE.to_owned(), parent.as_str().into());
        }
        item
    }
}

/// Tells the user of a letter, puts what failed where people look, and tears the letter up.
pub(crate) async fn tell<T: Table, S: Sender, D: DeadLetters>(
    table: &T,
    sender: &S,
    dead_letters: &D,
    job_id: &JobId,
    key: &Key,
    now: Millis,
) -> Result<(), TellError> {
    let Some(letter) = table.get(key).await.map_err(StoreError::from)? else {
        return Ok(());
    };
    let user: UserId = letter.parse(attr::USER).map_err(StoreError::from)?;
    let kind: String = letter.parse(attr::KIND).map_err(StoreError::from)?;
    let state = letter.text(attr::STATE).and_then(JobState::of_str);
    let state = state.ok_or(ItemError::of(attr::STATE)).map_err(StoreError::from)?;
    let error = letter.text(attr::ERROR).unwrap_or_default().to_owned();
    let traceparent = trace_of(&letter);
    if state == JobState::Failed {
        let dead = DeadLetter {
            job_id: job_id.clone(),
            kind: kind.clone(),
            user: user.clone(),
            attempts: letter.count(attr::ATTEMPT).map_err(StoreError::from)?,
            error: error.clone(),
            at: letter.millis(attr::AT).map_err(StoreError::from)?,
            traceparent: traceparent.clone(),
        };
        dead_letters.put(&dead).await?;
    }
    let (level, title) = match state {
        JobState::Succeeded => (Level::Success, format!("{kind} is done")),
        JobState::Cancelled => (Level::Info, format!("{kind} was cancelled")),
        _ => (Level::Error, format!("{kind} failed")),
    };
    let content = Content { level, title, body: error, job_id: Some(job_id.clone()), traceparent };
    let once: IdempotencyKey =
        job_id.as_str().parse().expect("a ULID has no characters that a key has not");
    notify(table, &user, &content, Some((Scope::JobEnded, &once)), Limit::None, now).await?;
    // The notification is kept; that the job's own event arrives is only pleasant.
    if let Some(item) = table.get(&Key::job(job_id)).await.map_err(StoreError::from)? {
        let job = Job::of_item(job_id.clone(), &item).map_err(StoreError::from)?;
        push::to_user(table, sender, &user, None, &job.event(), now).await?;
    }
    let torn_up = table.write(Write::Delete { key: key.clone(), condition: None }).await;
    torn_up.map_err(StoreError::from)?;
    Ok(())
}

/// Why nobody was told yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TellError {
    /// The notification could not be written.
    #[error(transparent)]
    Notify(#[from] NotifyError),
    /// The queue of what was given up could not be used.
    #[error(transparent)]
    DeadLetters(#[from] PortError),
    /// The table cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}
