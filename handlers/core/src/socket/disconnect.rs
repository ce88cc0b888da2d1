//! `$disconnect`: a connection has ended. The gateway ignores the answer.

use crate::Outcome;
use herald_contract::ConnectionId;

/// What this route may use; no sender, since nobody is there to receive.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What the connection was called.
    pub connection_id: &'a ConnectionId,
}

/// Nothing is kept about a connection, so nothing has to be removed.
pub fn handle(_: Context<'_>) -> Outcome {
    Outcome::Closed
}
