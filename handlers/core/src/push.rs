//! Events to the devices of one user, which nobody keeps: how a job gets on, what was read
//! elsewhere. What must arrive goes through the inbox instead.

use crate::registry::{self, Connection};
use crate::table::{StoreError, Table};
use crate::{Delivery, Sender};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use herald_contract::wire::Event;
use herald_contract::{ConnectionId, Millis, UserId};

/// Sends an event to all connections of a user but one.
///
/// # Errors
/// Where the table cannot be used. That a device cannot be reached is none.
pub(crate) async fn to_user<T: Table, S: Sender>(
    table: &T,
    sender: &S,
    user: &UserId,
    except: Option<&ConnectionId>,
    event: &Event,
    now: Millis,
) -> Result<(), StoreError> {
    let mut connections = registry::of_user(table, user, now).await?;
    connections.retain(|connection| Some(&connection.id) != except);
    for id in to_connections(sender, &connections, event).await {
        registry::gone(table, &id, None, now).await?;
    }
    Ok(())
}

/// Sends an event to these, of which there are not many; those that are gone.
pub(crate) async fn to_connections<S: Sender>(
    sender: &S,
    connections: &[Connection],
    event: &Event,
) -> Vec<ConnectionId> {
    let frame = event.to_frame();
    let mut posts: FuturesUnordered<_> = connections
        .iter()
        .map(|connection| {
            let frame = frame.clone();
            async move {
                let delivery = sender.send_to_client(&connection.url, &connection.id, frame).await;
                (delivery, &connection.id)
            }
        })
        .collect();
    let mut gone = Vec::new();
    while let Some((delivery, id)) = posts.next().await {
        if delivery == Delivery::Gone {
            gone.push(id.clone());
        }
    }
    gone
}
