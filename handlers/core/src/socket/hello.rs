//! `hello`: the client takes up where it left off.
//!
//! `welcome`, then what was missed in the inbox, in order; then what was sent to everyone; then
//! `caughtUp`, which is only said where all of it was taken by the gateway. Then how the latest jobs
//! stand. One after the other, since posts at the same time may arrive in any order.

use super::message::Message;
use super::{SocketError, answered};
use crate::content::event_of;
use crate::ports::{Chance, Closer};
use crate::table::{Live as _, Row, StoreError, Table};
use crate::{Delivery, Outcome, Sender, broadcast, ids, inbox, jobs, registry};
use herald_contract::table::{Kind, life};
use herald_contract::wire::{ErrorCode, Event, Seq};
use herald_contract::{BroadcastId, Device, Topic};

/// The gateway closes what was silent for 10 minutes; a `ping` in this time keeps it, and is
/// cheaper the later it comes.
const HEARTBEAT_MS: std::ops::Range<u64> = 8 * 60 * 1000..9 * 60 * 1000;

/// The gateway closes what is two hours old; so a client connects anew at this age, not all of them
/// in the same minute.
const RENEW_AT_MS: std::ops::Range<u64> = 100 * 60 * 1000..115 * 60 * 1000;

pub(super) async fn handle<T: Table, S: Sender, C: Closer, H: Chance>(
    message: &Message<'_, T, S, C, H>,
    cursor: Option<Seq>,
    since: Option<BroadcastId>,
    device: Option<Device>,
) -> Result<Outcome, SocketError> {
    let Message { socket, invocation, principal, now } = message;
    let (table, user, id) = (socket.table, &principal.user, &invocation.event.connection_id);
    let registered = match &device {
        Some(device) => registry::set_device(table, id, user, device).await?,
        None => registry::get(table, id, *now).await?.is_some(),
    };
    if !registered {
        let why = "this connection is not registered any more; connect again";
        return message.reject(ErrorCode::Unregistered, why).await;
    }
    let cursor = match (cursor, &device) {
        (Some(cursor), _) => cursor,
        (None, Some(device)) => {
            inbox::acknowledged(table, user, device, *now).await?.unwrap_or_default()
        }
        (None, None) => Seq::ZERO,
    };
    let missed = inbox::missed(table, user, cursor, *now).await?;
    let welcome = Event::Welcome {
        connection_id: id.clone(),
        seq: missed.head,
        unread: missed.unread,
        heartbeat_ms: within(HEARTBEAT_MS, socket.chance),
        renew_after_ms: renew_after_ms(message),
    };
    let mut events = vec![welcome];
    events.extend(missed.events);
    let everyone = Topic::everyone();
    let (since, more) = replay(message, &everyone, since, &mut events).await?;
    events.push(Event::CaughtUp {
        seq: missed.upto,
        since: Some(since),
        topic: None,
        more: more || missed.more,
    });
    events.extend(jobs::latest(table, user, *now).await?.iter().map(jobs::Job::event));
    let replayed = events.iter().filter(|e| matches!(e, Event::Notification(_))).count();
    Ok(match send_all(message, &events).await? {
        Outcome::Sent => Outcome::Replayed(replayed),
        other => other,
    })
}

/// Adds what a topic was sent since; the cursor to go on from, and whether there is more.
///
/// The cursor moves here and nowhere else: that a client has seen one broadcast does not mean that
/// it has seen those before.
pub(super) async fn replay<T: Table, S: Sender, C: Closer, H: Chance>(
    message: &Message<'_, T, S, C, H>,
    topic: &Topic,
    since: Option<BroadcastId>,
    events: &mut Vec<Event>,
) -> Result<(BroadcastId, bool), SocketError> {
    let Message { socket, now, .. } = message;
    let here = ids::first_broadcast_at(*now);
    let Some(since) = since else {
        return Ok((here, false));
    };
    let missed = broadcast::since(socket.table, topic, &since).await;
    let broadcast::Missed { rows, more } = missed.map_err(StoreError::from)?;
    let mut last = since;
    for Row { key, item } in &rows {
        if let Kind::Broadcast(_, id) = key.kind() {
            last = last.max(id);
            if item.is_live(*now) {
                events.push(event_of(key, item).map_err(StoreError::from)?);
            }
        }
    }
    Ok((if more { last } else { here }, more))
}

/// Sends one event after the other, and stops at the first that does not get through: what comes
/// after it would look as if nothing were missing.
pub(super) async fn send_all<T: Table, S: Sender, C: Closer, H: Chance>(
    message: &Message<'_, T, S, C, H>,
    events: &[Event],
) -> Result<Outcome, SocketError> {
    for event in events {
        match message.send(event).await {
            Delivery::Sent => {}
            other => return answered(other),
        }
    }
    Ok(Outcome::Sent)
}

/// When to open the next connection: before the gateway, or the end of the credentials, closes
/// this one.
fn renew_after_ms<T, S, C, H: Chance>(message: &Message<'_, T, S, C, H>) -> u64 {
    let Message { socket, invocation, principal, now } = message;
    let at = invocation.connected_at.plus(within(RENEW_AT_MS, socket.chance));
    let end = invocation.connected_at.plus(life::CONNECTION);
    let end = principal.token_exp.map_or(end, |token_exp| token_exp.min(end));
    at.min(end).since(*now)
}

fn within(range: std::ops::Range<u64>, chance: &impl Chance) -> u64 {
    range.start + chance.next_u64() % (range.end - range.start)
}
