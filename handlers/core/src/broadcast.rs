//! Notifications to a topic, or to everyone: stored once, whoever reads them.
//!
//! There is no sequence, since one number for all who write to a topic would make them wait for
//! each other. Their names sort by time; one that is written late may sort before one that has been
//! read. So whoever takes up at a name is given what is from [`OVERLAP_MS`] before it on, and drops
//! what it knows by name.

use crate::bucket::{Bucket, Rate};
use crate::content::{Content, TooLarge, check_size, event_of};
use crate::idempotency::{self, Replayed, Scope};
use crate::ids;
use crate::ports::Chance;
use crate::table::ATTEMPTS;
use crate::table::{
    self, Attribute, Condition, ItemError, Live as _, Position, Query, Row, StoreError,
};
use crate::table::{Table, TableError, Update, Write, WriteError};
use herald_contract::table::{EXP, Key, attr, life};
use herald_contract::wire::{Event, NotificationId};
use herald_contract::{BroadcastId, IdempotencyKey, Millis, Topic};

/// What one topic may be sent.
const RATE: Rate = Rate { burst: 30, per_second: 1 };

/// How much a function's clock and the time of a write may be off together, in milliseconds: no
/// function that publishes runs for so long.
pub(crate) const OVERLAP_MS: u64 = 60 * 1000;

/// The most broadcasts that are replayed at once.
pub(crate) const REPLAY_MAX: u32 = 200;

/// With an overlap longer than a page, a reader would never get on.
const _: () = assert!(RATE.burst + RATE.per_second * OVERLAP_MS / 1000 < REPLAY_MAX as u64);

/// Where a notification is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) id: BroadcastId,
    pub(crate) repeated: bool,
}

/// Keeps a notification for a topic. The table's stream brings it to the
/// [`dispatcher`](crate::dispatcher).
pub(crate) async fn keep<T: Table>(
    table: &T,
    topic: &Topic,
    content: &Content,
    key: Option<&IdempotencyKey>,
    chance: &impl Chance,
    now: Millis,
) -> Result<Kept, BroadcastError> {
    let id = ids::broadcast_id(now, chance);
    check_size(content, NotificationId::Broadcast(id.clone()), Some(topic))?;
    let hash = idempotency_hash(topic, content);
    let key = key.map(|key| Scope::Publish.key(None, key));
    for _ in 0..ATTEMPTS {
        let mut writes = vec![
            take(table, topic, now).await?,
            Write::insert(Key::broadcast(topic, &id), content.to_item(now, life::BROADCAST)),
        ];
        if let Some(key) = &key {
            writes.push(idempotency::claim(key.clone(), &hash, id.as_str(), now));
        }
        match (table.transact(writes).await, &key) {
            (Ok(()), _) => return Ok(Kept { id, repeated: false }),
            (Err(error), Some(key)) if error.failed_at(2) => {
                match idempotency::replay(table, key, &hash, now).await? {
                    Replayed::Same(id) => {
                        let id = id.parse().map_err(|_| ItemError::of(attr::RESULT));
                        return Ok(Kept { id: id.map_err(StoreError::from)?, repeated: true });
                    }
                    Replayed::Other => return Err(BroadcastError::KeyReused),
                    Replayed::Nothing => {}
                }
            }
            (Err(WriteError::Conflict | WriteError::Failed(_)), _) => {}
            (Err(error), _) => return Err(StoreError::from(error).into()),
        }
    }
    Err(BroadcastError::Busy)
}

fn idempotency_hash(topic: &Topic, content: &Content) -> String {
    crate::content::hash(&[topic.as_str(), &content.hash()])
}

/// The write that takes one from the rate of a topic, under what was read of it.
async fn take<T: Table>(table: &T, topic: &Topic, now: Millis) -> Result<Write, BroadcastError> {
    let key = Key::topic_head(topic);
    let head = table.get(&key).await.map_err(StoreError::from)?;
    let read = head.as_ref().and_then(|head| {
        let at = Millis::new(head.number(attr::BUCKET_AT)?);
        Some(Bucket { thousandths: head.number(attr::BUCKET)?, at })
    });
    let same = match read {
        None => Condition::lacks(attr::BUCKET),
        Some(read) => Condition::eq(attr::BUCKET, read.thousandths)
            .and(Condition::eq(attr::BUCKET_AT, read.at)),
    };
    let taken = read.unwrap_or(Bucket::full(RATE, now)).take(RATE, now);
    let taken = taken.map_err(|retry_after_ms| BroadcastError::RateLimited { retry_after_ms })?;
    let update = Update::of(key)
        .set(attr::BUCKET, taken.thousandths)
        .set(attr::BUCKET_AT, taken.at)
        // A bucket that is full again need not be kept.
        .set(EXP, Attribute::from(now.plus(life::BROADCAST).seconds()))
        .when(same);
    Ok(Write::Update(update))
}

/// What was sent to a topic since a reader was last there, and before.
pub(crate) struct Missed {
    /// The items, in order; among them some that the reader may know, and some that have expired.
    pub(crate) rows: Vec<Row>,
    /// Whether there is more.
    pub(crate) more: bool,
}

pub(crate) async fn since<T: Table>(
    table: &T,
    topic: &Topic,
    since: &BroadcastId,
) -> Result<Missed, TableError> {
    let from = ids::first_broadcast_at(ids::time_of(since.as_str()).minus(OVERLAP_MS));
    let after = Key::broadcast(topic, &from);
    let mut query = Query::of(after.pk.clone(), REPLAY_MAX);
    query.after = Some(Position { key: after, index_sk: None });
    let (rows, more) = table::rows(table, query).await?;
    Ok(Missed { rows, more })
}

/// The event of a notification to a topic, where it still is.
pub(crate) async fn event<T: Table>(
    table: &T,
    topic: &Topic,
    id: &BroadcastId,
    now: Millis,
) -> Result<Option<Event>, StoreError> {
    let key = Key::broadcast(topic, id);
    let item = table.get(&key).await?.filter(|item| item.is_live(now));
    Ok(item.map(|item| event_of(&key, &item)).transpose()?)
}

/// Why a notification is not kept for a topic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BroadcastError {
    /// It does not fit a frame.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// The topic is being sent too much.
    #[error("this topic is sent too much at the moment; try again in {retry_after_ms} ms")]
    RateLimited {
        /// When it may succeed.
        retry_after_ms: u64,
    },
    /// The key stands for something else.
    #[error("the idempotency key stands for another notification; use a new one")]
    KeyReused,
    /// Others write to the same topic all the time.
    #[error("the topic is being written by others; try again")]
    Busy,
    /// The table cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BroadcastError {
    /// Whether the same may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::TooLarge(_) | Self::KeyReused => false,
            Self::RateLimited { .. } | Self::Busy => true,
            Self::Store(e) => e.is_retryable(),
        }
    }
}
