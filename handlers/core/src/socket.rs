//! Function `socket`: a match on the route key.
//!
//! Each route is a function with a context of its own, and the context is all it can use. So what
//! a route must not do is not a rule but a missing field.

pub mod connect;
pub mod default;
pub mod disconnect;
mod hello;
mod jobs;
mod message;
mod topics;

use crate::auth::{Origins, Principal};
use crate::kinds::Kind;
use crate::ports::{Chance, Closer};
use crate::registry;
use crate::table::{StoreError, Table};
use crate::{Delivery, Event, Outcome, Sender};
use herald_contract::{Millis, Route, TraceParent, UserId};

/// What it takes to answer the routes.
pub struct Socket<'a, T, S, C, H> {
    /// The table.
    pub table: &'a T,
    /// The way to clients.
    pub sender: &'a S,
    /// For connections that must end.
    pub closer: &'a C,
    /// For names and jitter.
    pub chance: &'a H,
    /// Whose pages may connect.
    pub origins: &'a Origins,
    /// What jobs can do.
    pub kinds: &'a [&'a dyn Kind],
}

/// An event of a connection with all that the gateway knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// What happened, to whom.
    pub event: Event,
    /// The text of a message.
    pub body: Option<String>,
    /// Whose connection it is, by the word of the authorizer; nobody's where there is none.
    pub principal: Option<Principal>,
    /// When the gateway let the connection in.
    pub connected_at: Millis,
    /// The header `Origin` of the upgrade.
    pub origin: Option<String>,
    /// The header `Sec-WebSocket-Protocol` of the upgrade.
    pub protocols: Option<String>,
    /// What the gateway calls the request.
    pub request_id: String,
    /// The trace it belongs to.
    pub traceparent: Option<TraceParent>,
}

impl Invocation {
    /// Whose connection it is. One that no authorizer has seen belongs to a user of its own.
    fn principal(&self) -> Principal {
        let anonymous = || Principal::of(UserId::anonymous(&self.event.connection_id));
        self.principal.clone().unwrap_or_else(anonymous)
    }
}

/// Does what the route of an event asks for.
///
/// # Errors
/// What the gateway should count as a failure of the function.
pub async fn handle<T: Table, S: Sender, C: Closer, H: Chance>(
    socket: &Socket<'_, T, S, C, H>,
    invocation: &Invocation,
    now: Millis,
) -> Result<Outcome, SocketError> {
    let &Socket { table, sender, closer, origins, .. } = socket;
    let Event { route, connection_id, callback_url } = &invocation.event;
    match route {
        Route::Connect => {
            let principal = invocation.principal();
            let context = connect::Context {
                connection_id,
                callback_url,
                principal: &principal,
                connected_at: invocation.connected_at,
                origin: invocation.origin.as_deref(),
                protocols: invocation.protocols.as_deref(),
                origins,
                table,
                closer,
            };
            connect::handle(context, now).await
        }
        Route::Disconnect => disconnect::handle(disconnect::Context { connection_id, table }).await,
        Route::Default => {
            default::handle(default::Context { connection_id, callback_url, sender }).await
        }
        Route::Action(action) => {
            let principal = invocation.principal();
            if principal.token_exp.is_some_and(|end| end <= now) {
                // The gateway never asks again whether a connection may go on; we do.
                closer.close(callback_url, connection_id).await?;
                registry::remove(table, connection_id, None).await?;
                return Ok(Outcome::Expired);
            }
            message::handle(socket, invocation, &principal, *action, now).await
        }
        Route::Other(key) => Err(SocketError::UnknownRoute { key: key.clone() }),
    }
}

/// Why an event could not be dealt with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SocketError {
    /// The template has a route that this function does not.
    #[error(
        "function `socket` has no route `{key}`; deploy template and functions of the same version"
    )]
    UnknownRoute {
        /// The route key.
        key: String,
    },
    /// The message could not be posted.
    #[error("failed to post to the connection: {why}")]
    NotSent {
        /// What went wrong.
        why: String,
        /// Whether the same event may succeed later.
        retryable: bool,
    },
    /// The table cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A connection could not be closed.
    #[error(transparent)]
    NotClosed(#[from] crate::ports::PortError),
}

impl SocketError {
    /// Whether the same event may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::UnknownRoute { .. } => false,
            Self::NotSent { retryable, .. } => *retryable,
            Self::Store(e) => e.is_retryable(),
            Self::NotClosed(e) => e.retryable,
        }
    }
}

/// A client that is gone or slow is an ordinary thing: nothing here can mend it, and an alarm for
/// each closed laptop hides the real one. A post that failed is ours to mend, by a grant, by a
/// setting or by looking at the gateway; so it fails the invocation, which the function's `Errors`
/// metric counts and the client is told as `Internal server error`. The connection stays open.
fn answered(delivery: Delivery) -> Result<Outcome, SocketError> {
    match delivery {
        Delivery::Sent => Ok(Outcome::Sent),
        Delivery::Gone => Ok(Outcome::Gone),
        Delivery::Slow => Ok(Outcome::Slow),
        Delivery::Failed { why, retryable } => Err(SocketError::NotSent { why, retryable }),
    }
}

#[cfg(test)]
mod tests;
