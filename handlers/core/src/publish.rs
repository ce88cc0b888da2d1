//! Function `publish`: does what back ends ask for.

use crate::broadcast::{self, BroadcastError};
use crate::content::Content;
use crate::idempotency::Scope;
use crate::jobs::{self, Submission, SubmitError};
use crate::kinds::Kind;
use crate::notify::{Limit, NotifyError, notify};
use crate::ports::{Chance, Closer};
use crate::registry::{self, SignOutError};
use crate::table::{StoreError, Table};
use herald_contract::command::{Answer, CancelJob, Command, CommandError, OfUser, Publish};
use herald_contract::command::{SubmitJob, Target};
use herald_contract::{IdempotencyKey, Millis, Topic, TraceParent};
use serde_json::Value;

/// What it takes to do what is asked for.
pub struct Publisher<'a, T, C, H> {
    /// The table.
    pub table: &'a T,
    /// For signing out.
    pub closer: &'a C,
    /// For names.
    pub chance: &'a H,
    /// What jobs can do.
    pub kinds: &'a [&'a dyn Kind],
}

/// Does what a command says.
///
/// `once` stands in for an idempotency key where the command has none: what is delivered twice has
/// the same request ID both times. `traceparent` does so for the trace it belongs to.
///
/// # Errors
/// Where it is not done. [`PublishError::is_retryable`] says whether it may be later.
pub async fn publish<T: Table, C: Closer, H: Chance>(
    publisher: &Publisher<'_, T, C, H>,
    command: Value,
    once: Option<IdempotencyKey>,
    traceparent: Option<TraceParent>,
    now: Millis,
) -> Result<Answer, PublishError> {
    let &Publisher { table, closer, chance, kinds } = publisher;
    match Command::parse(command)? {
        Command::Publish(mut command) => {
            command.traceparent = command.traceparent.or(traceparent);
            tell(publisher, command, once, now).await
        }
        Command::SubmitJob(command) => {
            let SubmitJob { user, kind, input, idempotency_key, traceparent: own } = command;
            let (key, traceparent) = (idempotency_key.or(once), own.or(traceparent));
            let submission = Submission { user, kind, input, key, traceparent };
            let job = jobs::submit(table, kinds, submission, chance, now).await?;
            Ok(Answer::Job { job_id: job.id, state: job.state })
        }
        Command::CancelJob(CancelJob { user, job_id }) => {
            let job = jobs::cancel(table, &user, &job_id, now).await.map_err(|e| match e {
                jobs::CancelError::NotFound => PublishError::NoSuchJob,
                jobs::CancelError::Store(e) => e.into(),
            })?;
            Ok(Answer::Job { job_id: job.id, state: job.state })
        }
        Command::SignOut(OfUser { user }) => {
            let connections = registry::sign_out(table, closer, &user, now).await?;
            Ok(Answer::SignedOut { connections })
        }
        Command::Presence(OfUser { user }) => {
            let devices = registry::presence(table, &user, now).await?;
            Ok(Answer::Presence { devices })
        }
    }
}

async fn tell<T: Table, C, H: Chance>(
    publisher: &Publisher<'_, T, C, H>,
    command: Publish,
    once: Option<IdempotencyKey>,
    now: Millis,
) -> Result<Answer, PublishError> {
    let &Publisher { table, chance, .. } = publisher;
    let Publish { to, level, title, body, idempotency_key, traceparent } = command;
    if title.trim().is_empty() {
        return Err(PublishError::NoTitle);
    }
    let content = Content { level, title, body, job_id: None, traceparent };
    let key = idempotency_key.or(once);
    let topic = match to {
        Target::User(user) => {
            let key = key.as_ref().map(|key| (Scope::Publish, key));
            let notified = notify(table, &user, &content, key, Limit::Rate, now).await?;
            return Ok(Answer::Notified { seq: notified.seq, repeated: notified.repeated });
        }
        Target::Topic(topic) if topic.is_everyone() => return Err(PublishError::Everyone),
        Target::Topic(topic) => topic,
        Target::Everyone => Topic::everyone(),
    };
    let kept = broadcast::keep(table, &topic, &content, key.as_ref(), chance, now).await?;
    Ok(Answer::Broadcast { id: kept.id, repeated: kept.repeated })
}

/// Why something that was asked for is not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PublishError {
    /// It is no command.
    #[error(transparent)]
    Command(#[from] CommandError),
    /// A notification that says nothing.
    #[error("`title` is empty; it is the one line that everybody sees")]
    NoTitle,
    /// The topic of everyone, spelt as a topic.
    #[error("`$all` is no topic to send to; write \"to\": \"everyone\"")]
    Everyone,
    /// It is not in the inbox.
    #[error(transparent)]
    Notify(#[from] NotifyError),
    /// It is not kept for the topic.
    #[error(transparent)]
    Broadcast(#[from] BroadcastError),
    /// There is no job.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// There is no such job.
    #[error("this user has no job of this name")]
    NoSuchJob,
    /// Not all connections are closed.
    #[error(transparent)]
    SignOut(#[from] SignOutError),
    /// The table cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl PublishError {
    /// A word for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Command(_) | Self::NoTitle | Self::Everyone => "badRequest",
            Self::Notify(NotifyError::TooLarge(_))
            | Self::Broadcast(BroadcastError::TooLarge(_))
            | Self::Submit(SubmitError::TooLarge { .. }) => "tooLarge",
            Self::Notify(NotifyError::RateLimited { .. })
            | Self::Broadcast(BroadcastError::RateLimited { .. }) => "rateLimited",
            Self::Notify(NotifyError::KeyReused)
            | Self::Broadcast(BroadcastError::KeyReused)
            | Self::Submit(SubmitError::KeyReused) => "conflict",
            Self::Submit(SubmitError::UnknownKind { .. } | SubmitError::Input { .. }) => {
                "badRequest"
            }
            Self::NoSuchJob => "notFound",
            Self::Notify(_)
            | Self::Broadcast(_)
            | Self::Submit(SubmitError::Store(_))
            | Self::SignOut(_)
            | Self::Store(_) => "unavailable",
        }
    }

    /// Whether the same command may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Command(_) | Self::NoTitle | Self::Everyone | Self::NoSuchJob => false,
            Self::Notify(e) => e.is_retryable(),
            Self::Broadcast(e) => e.is_retryable(),
            Self::Submit(SubmitError::Store(e)) | Self::Store(e) => e.is_retryable(),
            Self::Submit(_) => false,
            Self::SignOut(SignOutError::Store(e)) => e.is_retryable(),
            Self::SignOut(SignOutError::Close(e)) => e.retryable,
        }
    }
}
