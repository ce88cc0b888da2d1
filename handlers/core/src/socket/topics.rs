//! `subscribe` and `unsubscribe`: a connection joins and leaves topics.

use super::SocketError;
use super::hello::{replay, send_all};
use super::message::Message;
use crate::ports::{Chance, Closer};
use crate::registry::{self, JoinError};
use crate::table::Table;
use crate::{Outcome, Sender};
use herald_contract::wire::{ErrorCode, Event, Seq};
use herald_contract::{Action, BroadcastId, Topic};

/// Joins, and sends what was missed since. First the one, then the other: what is sent in between
/// comes twice rather than never.
pub(super) async fn join<T: Table, S: Sender, C: Closer, H: Chance>(
    message: &Message<'_, T, S, C, H>,
    topic: &Topic,
    since: Option<BroadcastId>,
) -> Result<Outcome, SocketError> {
    let Message { socket, invocation, principal, now } = message;
    if !principal.may_join(topic) {
        let why = format!("`{topic}` is private; it takes the scope `topic:{topic}`");
        return message.reject(ErrorCode::Forbidden, &why).await;
    }
    let joined = registry::join(socket.table, &invocation.event.connection_id, topic, *now).await;
    match joined {
        Ok(()) => {}
        Err(JoinError::Store(error)) => return Err(error.into()),
        Err(error @ JoinError::Unregistered) => {
            return message.reject(ErrorCode::Unregistered, &error.to_string()).await;
        }
        Err(error @ JoinError::TooMany) => {
            return message.reject(ErrorCode::RateLimited, &error.to_string()).await;
        }
    }
    let mut events = vec![Event::ok(Action::Subscribe)];
    let (since, more) = replay(message, topic, since, &mut events).await?;
    let (since, topic) = (Some(since), Some(topic.clone()));
    events.push(Event::CaughtUp { seq: Seq::ZERO, since, topic, more });
    send_all(message, &events).await
}

pub(super) async fn leave<T: Table, S: Sender, C: Closer, H: Chance>(
    message: &Message<'_, T, S, C, H>,
    topic: &Topic,
) -> Result<Outcome, SocketError> {
    let id = &message.invocation.event.connection_id;
    registry::leave(message.socket.table, id, topic).await?;
    message.answer(&Event::ok(Action::Unsubscribe)).await
}
