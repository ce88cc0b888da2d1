//! `$connect`: a client asks to be let in.

use super::SocketError;
use crate::Outcome;
use crate::auth::{Origins, Principal};
use crate::authorizer::chosen;
use crate::ports::Closer;
use crate::registry::{self, Connection};
use crate::table::Table;
use herald_contract::{CallbackUrl, ConnectionId, Millis};

/// What this route may use.
///
/// There is no sender in it: the connection exists only after this route has been answered, and a
/// post before that is answered with 410. So this compiles:
///
/// ```
/// # fn f<T, C>(context: herald_core::socket::connect::Context<'_, T, C>) {
/// let id = context.connection_id;
/// # }
/// ```
///
/// and this does not:
///
/// ```compile_fail
/// # fn f<T, C>(context: herald_core::socket::connect::Context<'_, T, C>) {
/// let sender = context.sender;
/// # }
/// ```
#[derive(Debug)]
pub struct Context<'a, T, C> {
    /// What the connection will be called.
    pub connection_id: &'a ConnectionId,
    /// Where the gateway says that it will be reached.
    pub callback_url: &'a CallbackUrl,
    /// Whose it will be.
    pub principal: &'a Principal,
    /// When the gateway let it in.
    pub connected_at: Millis,
    /// The header `Origin`.
    pub origin: Option<&'a str>,
    /// The header `Sec-WebSocket-Protocol`.
    pub protocols: Option<&'a str>,
    /// Whose pages may connect.
    pub origins: &'a Origins,
    /// Where it is noted.
    pub table: &'a T,
    /// For the oldest connection of a user who has too many.
    pub closer: &'a C,
}

/// Notes the connection, and lets it in.
///
/// # Errors
/// Where it cannot be noted: a connection that is not in the registry would never be told anything.
pub async fn handle<T: Table, C: Closer>(
    context: Context<'_, T, C>,
    now: Millis,
) -> Result<Outcome, SocketError> {
    let Context { connection_id, callback_url, principal, connected_at, .. } = context;
    // The authorizer asks this too; where there is none, this is the only place.
    if !context.origins.allow(context.origin) || principal.token_exp.is_some_and(|end| end <= now) {
        return Ok(Outcome::Refused);
    }
    let connection = Connection {
        id: connection_id.clone(),
        user: principal.user.clone(),
        url: callback_url.clone(),
        device: None,
        connected_at,
        token_exp: principal.token_exp,
    };
    registry::connect(context.table, context.closer, &connection, now).await?;
    Ok(Outcome::Accepted(chosen(context.protocols)))
}
