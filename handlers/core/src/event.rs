//! What happens to a connection.

use herald_contract::{CallbackUrl, ConnectionId, Route};

/// One event of one connection, as far as a route may know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The route the gateway chose.
    pub route: Route,
    /// The connection it is about.
    pub connection_id: ConnectionId,
    /// Where the gateway, not the client, says that the connection is reached.
    pub callback_url: CallbackUrl,
}
