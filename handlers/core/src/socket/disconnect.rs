//! `$disconnect`: a connection has ended. The gateway ignores the answer, and may never ask.

use super::SocketError;
use crate::Outcome;
use crate::registry;
use crate::table::Table;
use herald_contract::ConnectionId;

/// What this route may use; no sender, since nobody is there to receive.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a, T> {
    /// What the connection was called.
    pub connection_id: &'a ConnectionId,
    /// Where it was noted.
    pub table: &'a T,
}

/// Removes the connection, however young: the gateway itself says that it is gone.
///
/// # Errors
/// Where the table cannot be used. Then a post, or Time to Live, finds it gone.
pub async fn handle<T: Table>(context: Context<'_, T>) -> Result<Outcome, SocketError> {
    registry::remove(context.table, context.connection_id, None).await?;
    Ok(Outcome::Closed)
}
