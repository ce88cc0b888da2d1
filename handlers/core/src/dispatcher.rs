//! Function `dispatcher`: reads the table's stream and sets in motion what follows from it.
//!
//! A new notification is sent, to few at once and to many by [`sender`](crate::sender); a job that
//! is due gets a worker; the letter of an ended job is told. Everything here may happen twice, since
//! the stream delivers at least once, and each record for itself, since one that fails must not
//! hold up the others for longer than it takes to say so.

use crate::audience::{self, Members};
use crate::content::trace_of;
use crate::fan_out::{self, Pace, Report, Target};
use crate::jobs::outbox::{self, TellError};
use crate::ports::{Clock, DeadLetters, Invoker, PortError};
use crate::table::{Item, Live as _, StoreError, Table};
use crate::{Sender, registry};
use futures_util::{StreamExt as _, stream};
use herald_contract::payload::{Message, RunJob, SendShard, Targets};
use herald_contract::table::{Index, Key, Kind, TOPIC_SHARDS, attr, due_sort};
use herald_contract::wire::JobState;
use herald_contract::{ConnectionId, JobId, Millis, Topic, TraceParent};
use std::collections::BTreeSet;

/// The most members of a topic that are sent to from here.
pub const DIRECT_MAX: usize = 50;

/// Records at once.
const RECORDS_AT_ONCE: usize = 16;

/// A retry that is due so soon gets its worker from here, in milliseconds.
const DUE_SOON_MS: u64 = 1000;

/// What it takes to set things in motion.
#[derive(Debug)]
pub struct Dispatcher<'a, T, S, I, D, C> {
    /// The table.
    pub table: &'a T,
    /// The way to clients.
    pub sender: &'a S,
    /// The way to other functions.
    pub invoker: &'a I,
    /// Where what was given up goes.
    pub dead_letters: &'a D,
    /// Time.
    pub clock: &'a C,
}

/// One record of the stream.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its sequence number, by which a failure is reported.
    pub sequence: String,
    /// Which item.
    pub key: Key,
    /// Whether there was an item before.
    pub is_update: bool,
    /// The item; none where it was removed.
    pub new: Option<Item>,
}

/// What came of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Sequence number and reason, in the order of the batch. The stream goes on from the first.
    pub failed: Vec<(String, String)>,
    /// How many connections do not read at the moment.
    pub parked: usize,
    /// Of each notification that was sent from here, how long ago it was written, in milliseconds.
    pub lags_ms: Vec<u64>,
}

/// What came of one record that did not fail.
#[derive(Clone, Copy, Debug, Default)]
struct Done {
    parked: usize,
    lag_ms: Option<u64>,
}

/// Does what follows from each record; what is not done by `stop_at` is left to
/// [`sender`](crate::sender).
pub async fn batch<T, S, I, D, C>(
    dispatcher: &Dispatcher<'_, T, S, I, D, C>,
    records: &[Record],
    stop_at: Millis,
) -> Batch
where
    T: Table,
    S: Sender,
    I: Invoker,
    D: DeadLetters,
    C: Clock,
{
    let mut all = stream::iter(records)
        .map(|record| async move { (record, dispatcher.record(record, stop_at).await) })
        .buffered(RECORDS_AT_ONCE);
    let mut batch = Batch::default();
    while let Some((record, done)) = all.next().await {
        match done {
            Ok(Done { parked, lag_ms }) => {
                batch.parked += parked;
                batch.lags_ms.extend(lag_ms);
            }
            Err(error) => batch.failed.push((record.sequence.clone(), error.to_string())),
        }
    }
    batch
}

/// Why a record comes again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
enum DispatchError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Port(#[from] PortError),
    #[error(transparent)]
    Tell(#[from] TellError),
    #[error("the gateway refuses to post: {0}")]
    Refused(String),
}

impl<T, S, I, D, C> Dispatcher<'_, T, S, I, D, C>
where
    T: Table,
    S: Sender,
    I: Invoker,
    D: DeadLetters,
    C: Clock,
{
    async fn record(&self, record: &Record, stop_at: Millis) -> Result<Done, DispatchError> {
        let Some(item) = &record.new else {
            return Ok(Done::default());
        };
        match (record.key.kind(), record.is_update) {
            (Kind::Notification(user, seq), false) => {
                let now = self.clock.now();
                let connections = registry::of_user(self.table, &user, now).await?;
                let targets: Vec<_> =
                    connections.into_iter().map(|c| Target { id: c.id, url: c.url }).collect();
                let message = Message::Inbox { user, seq };
                self.send(&record.key, item, message, &targets, stop_at).await
            }
            (Kind::Broadcast(topic, id), false) => {
                let message = Message::Broadcast { topic: topic.clone(), id };
                match self.few(&topic).await? {
                    Some(targets) => self.send(&record.key, item, message, &targets, stop_at).await,
                    None => self.shard(message, trace_of(item)).await.map(|()| Done::default()),
                }
            }
            (Kind::Job(id), is_update) if self.wants_worker(&id, item, is_update) => {
                let payload = RunJob { job_id: id, traceparent: trace_of(item) };
                self.invoker.invoke(&payload).await?;
                Ok(Done::default())
            }
            (Kind::Outbox(job_id, _), false) => {
                let &Self { table, sender, dead_letters, clock, .. } = self;
                let now = clock.now();
                outbox::tell(table, sender, dead_letters, &job_id, &record.key, now).await?;
                Ok(Done::default())
            }
            _ => Ok(Done::default()),
        }
    }

    /// A new job, or one that was given back to be gone on with at once. Whatever is due later is
    /// the sweeper's.
    fn wants_worker(&self, id: &JobId, item: &Item, is_update: bool) -> bool {
        match item.text(attr::STATE).and_then(JobState::of_str) {
            Some(JobState::Queued) => !is_update,
            Some(JobState::RetryWait) => {
                let soon = due_sort(self.clock.now().plus(DUE_SOON_MS), id.as_str());
                item.text(Index::Due.sk()).is_some_and(|due| due <= soon.as_str())
            }
            _ => false,
        }
    }

    /// The members of a topic, where there are few.
    async fn few(&self, topic: &Topic) -> Result<Option<Vec<Target>>, StoreError> {
        let now = self.clock.now();
        let limit = u32::try_from(DIRECT_MAX + 1).unwrap_or(u32::MAX);
        let mut shards = stream::iter(0..TOPIC_SHARDS)
            .map(|shard| audience::members(self.table, topic, shard, None, limit, now))
            .buffered(RECORDS_AT_ONCE);
        let mut targets = Vec::new();
        while let Some(members) = shards.next().await {
            let Members { targets: some, next } = members?;
            targets.extend(some);
            if next.is_some() || targets.len() > DIRECT_MAX {
                return Ok(None);
            }
        }
        Ok(Some(targets))
    }

    /// Hands each part of a topic to a sender.
    async fn shard(
        &self,
        message: Message,
        traceparent: Option<TraceParent>,
    ) -> Result<(), DispatchError> {
        for shard in 0..TOPIC_SHARDS {
            let targets = Targets::Shard { shard, after: None };
            let payload = SendShard {
                message: message.clone(),
                targets,
                attempt: 0,
                traceparent: traceparent.clone(),
            };
            self.invoker.invoke(&payload).await?;
        }
        Ok(())
    }

    /// Sends from here; what failed, and it alone, goes on in a sender.
    async fn send(
        &self,
        key: &Key,
        item: &Item,
        message: Message,
        targets: &[Target],
        stop_at: Millis,
    ) -> Result<Done, DispatchError> {
        let &Self { table, sender, clock, .. } = self;
        if !item.is_live(clock.now()) || targets.is_empty() {
            return Ok(Done::default());
        }
        let lag_ms = item.number(attr::AT).map(|at| clock.now().since(Millis::new(at)));
        let frame = audience::frame_of_item(key, item).map_err(StoreError::from)?;
        let mut pace = Pace::new(clock.now());
        let report = fan_out::run(sender, clock, &mut pace, targets, &frame, stop_at).await;
        forget(table, &message, &report, clock.now()).await?;
        if let Some(why) = report.refused {
            return Err(DispatchError::Refused(why));
        }
        let done = Done { parked: report.parked.len(), lag_ms };
        let left: Vec<_> = report.failed.into_iter().chain(report.unreached).collect();
        for ids in left.chunks(Targets::ONLY_MAX) {
            let payload = SendShard {
                message: message.clone(),
                targets: Targets::Only(ids.to_vec()),
                attempt: 1,
                traceparent: trace_of(item),
            };
            self.invoker.invoke(&payload).await?;
        }
        Ok(done)
    }
}

/// Removes the connections that were found gone.
pub(crate) async fn forget<T: Table>(
    table: &T,
    message: &Message,
    report: &Report,
    now: Millis,
) -> Result<(), StoreError> {
    let topic = match message {
        Message::Inbox { .. } => None,
        Message::Broadcast { topic, .. } => Some(topic),
    };
    let gone: BTreeSet<&ConnectionId> = report.gone.iter().collect();
    let mut removals = stream::iter(gone)
        .map(|id| registry::gone(table, id, topic, now))
        .buffer_unordered(RECORDS_AT_ONCE);
    let mut result = Ok(());
    while let Some(removal) = removals.next().await {
        result = result.and(removal.map(|_| ()));
    }
    result
}
