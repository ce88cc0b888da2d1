//! `$connect`: a client asks to be let in.

use crate::Outcome;
use herald_contract::ConnectionId;

/// What this route may use.
///
/// There is no sender in it: the connection exists only after this route has been answered, and a
/// post before that is answered with 410. So this compiles:
///
/// ```
/// # fn f(context: herald_core::socket::connect::Context<'_>) {
/// let id = context.connection_id;
/// # }
/// ```
///
/// and this does not:
///
/// ```compile_fail
/// # fn f(context: herald_core::socket::connect::Context<'_>) {
/// let sender = context.sender;
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// What the connection will be called.
    pub connection_id: &'a ConnectionId,
}

/// Lets everybody in.
pub fn handle(_: Context<'_>) -> Outcome {
    Outcome::Accepted
}
