//! Who a notification is for: addresses out of the registry, and the frame they are sent.

use crate::broadcast;
use crate::content::event_of;
use crate::fan_out::Target;
use crate::inbox;
use crate::registry;
use crate::table::{Live as _, Page, Position, Query, Range, StoreError, Table};
use herald_contract::payload::Message;
use herald_contract::table::{Key, attr};
use herald_contract::wire::Event;
use herald_contract::{ConnectionId, Millis, Topic};

/// The frame of a notification and when it was written, where it has not expired.
pub(crate) async fn frame<T: Table>(
    table: &T,
    message: &Message,
    now: Millis,
) -> Result<Option<(String, Millis)>, StoreError> {
    let event = match message {
        Message::Inbox { user, seq } => inbox::event(table, user, *seq, now).await?,
        Message::Broadcast { topic, id } => broadcast::event(table, topic, id, now).await?,
    };
    Ok(event.map(|event| match &event {
        Event::Notification(notification) => (event.to_frame(), notification.at),
        _ => (event.to_frame(), now),
    }))
}

/// The addresses of these connections, as far as they are registered and meant.
pub(crate) async fn of_ids<T: Table>(
    table: &T,
    message: &Message,
    ids: &[ConnectionId],
    now: Millis,
) -> Result<Vec<Target>, StoreError> {
    let mut targets = Vec::new();
    for id in ids {
        let Some(connection) = registry::get(table, id, now).await? else {
            continue;
        };
        // The payload names a connection; whose it is, the registry says.
        let is_meant = match message {
            Message::Inbox { user, .. } => connection.user == *user,
            Message::Broadcast { .. } => true,
        };
        if is_meant {
            targets.push(Target { id: connection.id, url: connection.url });
        }
    }
    Ok(targets)
}

/// Some of the members of one part of a topic.
pub(crate) struct Members {
    pub(crate) targets: Vec<Target>,
    /// The last one looked at; none where there are no more.
    pub(crate) next: Option<ConnectionId>,
}

/// The next members of one part of a topic.
pub(crate) async fn members<T: Table>(
    table: &T,
    topic: &Topic,
    shard: u32,
    after: Option<&ConnectionId>,
    limit: u32,
    now: Millis,
) -> Result<Members, StoreError> {
    let partition = Key::topic_partition(topic, shard);
    let after =
        after.map(|id| Position { key: Key::topic_member(topic, shard, id), index_sk: None });
    let query = Query {
        range: Range::BeginsWith(Key::CONNECTIONS.to_owned()),
        after,
        ..Query::of(partition, limit)
    };
    let Page { rows, next } = table.query(&query).await?;
    let next = next.and_then(|next| Key::connection_of_sort(&next.key.sk));
    let mut targets = Vec::new();
    for row in rows.iter().filter(|row| row.item.is_live(now)) {
        if let Some(id) = Key::connection_of_sort(&row.key.sk) {
            targets.push(Target { id, url: row.item.parse(attr::URL)? });
        }
    }
    Ok(Members { targets, next })
}

/// The frame of an item that has just been written.
pub(crate) fn frame_of_item(
    key: &Key,
    item: &crate::table::Item,
) -> Result<String, crate::table::ItemError> {
    Ok(event_of(key, item)?.to_frame())
}
