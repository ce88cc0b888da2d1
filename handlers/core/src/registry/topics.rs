//! Which connections are in which topics.

use super::{TOPICS_PER_CONNECTION_MAX, get, transact};
use crate::table::{self, Condition, Item, Query, Range, StoreError, Table, Write, WriteError};
use herald_contract::table::{EXP, Key, topic_shard};
use herald_contract::{ConnectionId, Millis, Topic};

/// Why a connection is not in a topic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum JoinError {
    /// It is not registered.
    #[error("this connection is not registered any more; connect again")]
    Unregistered,
    /// It is in as many as it may be.
    #[error(
        "a connection is in at most {TOPICS_PER_CONNECTION_MAX} topics; leave one before you join another"
    )]
    TooMany,
    /// The table cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Puts a connection into a topic. To be in it twice is to be in it.
pub(crate) async fn join<T: Table>(
    table: &T,
    id: &ConnectionId,
    topic: &Topic,
    now: Millis,
) -> Result<(), JoinError> {
    let connection = get(table, id, now).await?.ok_or(JoinError::Unregistered)?;
    let own = Key::connection_topic(id, topic);
    let limit = u32::try_from(TOPICS_PER_CONNECTION_MAX).unwrap_or(u32::MAX);
    let query = Query {
        range: Range::BeginsWith(Key::TOPICS.to_owned()),
        ..Query::of(own.pk.clone(), limit)
    };
    let (rows, _) = table::rows(table, query).await.map_err(StoreError::from)?;
    let is_in = rows.iter().any(|row| row.key == own);
    if !is_in && rows.len() >= TOPICS_PER_CONNECTION_MAX {
        return Err(JoinError::TooMany);
    }
    let mirror = Item::from([(EXP.to_owned(), connection.exp().into())]);
    let writes = vec![
        Write::Check { key: Key::connection(id), condition: Condition::present() },
        Write::Put { key: own, item: mirror, condition: None },
        Write::Put {
            key: Key::topic_member(topic, topic_shard(id), id),
            item: connection.to_item_of_topic(),
            condition: None,
        },
    ];
    match transact(table, writes).await {
        Ok(()) => Ok(()),
        Err(WriteError::Failed(_)) => Err(JoinError::Unregistered),
        Err(error) => Err(StoreError::from(error).into()),
    }
}

/// Takes a connection out of a topic. Not to be in it is to have left.
pub(crate) async fn leave<T: Table>(
    table: &T,
    id: &ConnectionId,
    topic: &Topic,
) -> Result<(), StoreError> {
    let keys = [Key::connection_topic(id, topic), Key::topic_member(topic, topic_shard(id), id)];
    let writes = keys.map(|key| Write::Delete { key, condition: None });
    Ok(transact(table, writes.to_vec()).await?)
}
