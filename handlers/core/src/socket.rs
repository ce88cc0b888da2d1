//! Function `socket`: a match on the route key.
//!
//! Each route is a function with a context of its own, and the context is all it can use. So what
//! a route must not do is not a rule but a missing field.

pub mod connect;
pub mod default;
pub mod disconnect;

use crate::{Delivery, Event, Outcome, Sender};
use herald_contract::Route;

/// Does what the route of `event` asks for.
///
/// # Errors
/// What the gateway should count as a failure of the function.
pub async fn handle<S: Sender>(event: &Event, sender: &S) -> Result<Outcome, SocketError> {
    let Event { route, connection_id, callback_url } = event;
    match route {
        Route::Connect => Ok(connect::handle(connect::Context { connection_id })),
        Route::Disconnect => Ok(disconnect::handle(disconnect::Context { connection_id })),
        Route::Default => {
            default::handle(default::Context { connection_id, callback_url, sender }).await
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
}

impl SocketError {
    /// Whether the same event may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::UnknownRoute { .. } => false,
            Self::NotSent { retryable, .. } => *retryable,
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
