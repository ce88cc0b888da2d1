//! The registry of connections: who is where, on how many devices, in which topics.
//!
//! A connection is written in one transaction and removed in one: by `$disconnect`, by a post that
//! finds nobody there, by Time to Live. It is addressed by what the gateway said when it was made,
//! never by what a client says. The first rule of removal: what is younger than [`GRACE_MS`] stays,
//! since a connection cannot be posted to while its `$connect` is still going on.

mod connection;
mod topics;

pub use connection::Connection;
pub(crate) use topics::{JoinError, join, leave};

use crate::ports::{Closer, PortError};
use crate::table::{
    self, ATTEMPTS, Condition, Item, Query, Range, StoreError, TRANSACTION_MAX, Table,
};
use crate::table::{Live as _, Update, Write, WriteError};
use herald_contract::command::Presence;
use herald_contract::table::{Key, attr, topic_shard};
use herald_contract::{ConnectionId, Device, Millis, Topic, UserId};

/// How old a connection is before anybody believes that it is gone, in milliseconds.
pub const GRACE_MS: u64 = 5 * 1000;

/// The most sockets of one user; the oldest makes room for one more.
pub const SOCKETS_PER_USER_MAX: usize = 10;

/// The most topics of one connection.
pub const TOPICS_PER_CONNECTION_MAX: usize = 40;

/// More connections of a user than this are not read: with eviction there are never so many.
const READ_MAX: u32 = 200;

/// Notes a new connection, and closes the oldest ones of a user who has too many.
///
/// # Errors
/// Where it cannot be noted; then the client must not be let in.
pub async fn connect<T: Table, C: Closer>(
    table: &T,
    closer: &C,
    connection: &Connection,
    now: Millis,
) -> Result<(), StoreError> {
    let Connection { id, user, .. } = connection;
    let everyone = Topic::everyone();
    let writes = vec![
        Write::insert(Key::connection(id), connection.to_item()),
        Write::insert(Key::user_connection(user, id), connection.to_item_of_user()),
        Write::insert(
            Key::topic_member(&everyone, topic_shard(id), id),
            connection.to_item_of_topic(),
        ),
    ];
    match transact(table, writes).await {
        // The same event once more.
        Err(WriteError::Failed(_)) => {}
        other => other?,
    }
    // Asked after it was written, so that of two at the same time one sees both.
    let mut all = of_user(table, user, now).await?;
    all.sort_by_key(|c| (c.connected_at, c.id.clone()));
    let too_many = all.len().saturating_sub(SOCKETS_PER_USER_MAX);
    for oldest in all.iter().filter(|c| c.id != *id).take(too_many) {
        // One that cannot be closed now ends by itself within two hours.
        if closer.close(&oldest.url, &oldest.id).await.is_ok() {
            remove(table, &oldest.id, None).await?;
        }
    }
    Ok(())
}

/// The connections of a user.
///
/// # Errors
/// Where the table cannot be read.
pub async fn of_user<T: Table>(
    table: &T,
    user: &UserId,
    now: Millis,
) -> Result<Vec<Connection>, StoreError> {
    let query = Query {
        range: Range::BeginsWith(Key::CONNECTIONS.to_owned()),
        ..Query::of(Key::user_head(user).pk, READ_MAX)
    };
    let mut found = Vec::new();
    for row in table::rows(table, query).await?.0 {
        if let Some(id) = Key::connection_of_sort(&row.key.sk)
            && row.item.is_live(now)
        {
            found.push(Connection::of_item(id, user.clone(), &row.item)?);
        }
    }
    Ok(found)
}

/// A connection, where it is registered.
///
/// # Errors
/// Where the table cannot be read.
pub async fn get<T: Table>(
    table: &T,
    id: &ConnectionId,
    now: Millis,
) -> Result<Option<Connection>, StoreError> {
    let item = table.get(&Key::connection(id)).await?.filter(|item| item.is_live(now));
    let connection = item.map(|item| {
        let user = item.parse::<UserId>(attr::USER)?;
        Connection::of_item(id.clone(), user, &item)
    });
    Ok(connection.transpose()?)
}

/// Notes which browser a connection is from; false where it is not registered.
pub(crate) async fn set_device<T: Table>(
    table: &T,
    id: &ConnectionId,
    user: &UserId,
    device: &Device,
) -> Result<bool, StoreError> {
    let set = |key| {
        let update = Update::of(key).set(attr::DEVICE, device.as_str());
        Write::Update(update.when(Condition::present()))
    };
    let writes = vec![set(Key::connection(id)), set(Key::user_connection(user, id))];
    match transact(table, writes).await {
        Ok(()) => Ok(true),
        Err(WriteError::Failed(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// What became of a connection that was to be removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// It is not registered any more.
    Removed,
    /// It was not registered.
    Absent,
    /// It is too young to be believed gone.
    Young,
}

/// Removes a connection and all that refers to it; where `before` is given, only if the connection
/// is from before then.
///
/// # Errors
/// Where the table cannot be used.
pub async fn remove<T: Table>(
    table: &T,
    id: &ConnectionId,
    before: Option<Millis>,
) -> Result<Removal, StoreError> {
    for _ in 0..ATTEMPTS {
        let (item, writes) = removal(table, id, before).await?;
        let registered = item.is_some();
        let mut result = Ok(());
        for chunk in writes.chunks(TRANSACTION_MAX) {
            result = table.transact(chunk.to_vec()).await;
            if result.is_err() {
                break;
            }
        }
        match result {
            Ok(()) if registered => return Ok(Removal::Removed),
            Ok(()) => return Ok(Removal::Absent),
            Err(WriteError::Failed(_)) => return Ok(Removal::Young),
            Err(WriteError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(WriteError::Conflict.into())
}

/// The item of a connection, and the writes that remove all there is of it; its own stands first.
async fn removal<T: Table>(
    table: &T,
    id: &ConnectionId,
    before: Option<Millis>,
) -> Result<(Option<Item>, Vec<Write>), StoreError> {
    let own = Key::connection(id);
    let delete = |key| Write::Delete { key, condition: None };
    let topics_max = u32::try_from(2 * TOPICS_PER_CONNECTION_MAX).unwrap_or(u32::MAX);
    let (rows, _) = table::rows(table, Query::of(own.pk.clone(), topics_max)).await?;
    let item = rows.iter().find(|row| row.key == own).map(|row| row.item.clone());
    let mut writes = Vec::new();
    if let Some(item) = &item {
        let condition = before.map(|before| Condition::lt(attr::CONNECTED_AT, before));
        writes.push(Write::Delete { key: own, condition });
        let user = item.parse::<UserId>(attr::USER)?;
        writes.push(delete(Key::user_connection(&user, id)));
        writes.push(delete(Key::topic_member(&Topic::everyone(), topic_shard(id), id)));
    }
    for topic in rows.iter().filter_map(|row| Key::topic_of_sort(&row.key.sk)) {
        writes.push(delete(Key::topic_member(&topic, topic_shard(id), id)));
        writes.push(delete(Key::connection_topic(id, &topic)));
    }
    Ok((item, writes))
}

/// Notes that a post found nobody there; `topic` is where the address was found.
///
/// # Errors
/// Where the table cannot be used.
pub(crate) async fn gone<T: Table>(
    table: &T,
    id: &ConnectionId,
    topic: Option<&Topic>,
    now: Millis,
) -> Result<Removal, StoreError> {
    let removal = remove(table, id, Some(now.minus(GRACE_MS))).await?;
    if removal == Removal::Absent
        && let Some(topic) = topic
    {
        // A membership is written together with its connection's check and goes with it, but for
        // one that was joined while the connection was being removed.
        let key = Key::topic_member(topic, topic_shard(id), id);
        table.write(Write::Delete { key, condition: None }).await?;
    }
    Ok(removal)
}

/// Closes every connection of a user.
///
/// # Errors
/// Where the table cannot be used, or a connection cannot be closed. Those before it are closed.
pub async fn sign_out<T: Table, C: Closer>(
    table: &T,
    closer: &C,
    user: &UserId,
    now: Millis,
) -> Result<usize, SignOutError> {
    let all = of_user(table, user, now).await?;
    for connection in &all {
        // Closed before it is forgotten: what is forgotten but open could still ask for things.
        closer.close(&connection.url, &connection.id).await?;
        remove(table, &connection.id, None).await?;
    }
    Ok(all.len())
}

/// Why a user is not, or not everywhere, signed out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignOutError {
    /// The table cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A connection could not be closed.
    #[error(transparent)]
    Close(#[from] PortError),
}

/// Who of a user is there, without the addresses.
///
/// # Errors
/// Where the table cannot be read.
pub async fn presence<T: Table>(
    table: &T,
    user: &UserId,
    now: Millis,
) -> Result<Vec<Presence>, StoreError> {
    let all = of_user(table, user, now).await?;
    let seen = |c: Connection| Presence { device: c.device, connected_at: c.connected_at };
    Ok(all.into_iter().map(seen).collect())
}

/// One transaction, begun again where another is in the way.
async fn transact<T: Table>(table: &T, writes: Vec<Write>) -> Result<(), WriteError> {
    for _ in 0..ATTEMPTS {
        match table.transact(writes.clone()).await {
            Err(WriteError::Conflict) => {}
            other => return other,
        }
    }
    Err(WriteError::Conflict)
}
