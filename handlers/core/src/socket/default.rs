//! `$default`: any message, whatever it says, is answered with how to reach this client.

use super::{SocketError, answered};
use crate::{Outcome, Sender};
use herald_contract::{CallbackInfo, CallbackUrl, ConnectionId};

/// What this route may use.
#[derive(Debug)]
pub struct Context<'a, S> {
    /// Who sent the message, and who gets the answer.
    pub connection_id: &'a ConnectionId,
    /// Where the gateway says that the connection is reached.
    pub callback_url: &'a CallbackUrl,
    /// The way to it.
    pub sender: &'a S,
}

/// Posts the connection's ID and callback URL to the connection itself.
///
/// # Errors
/// Where the answer could not be posted though the client is there and reads.
pub async fn handle<S: Sender>(context: Context<'_, S>) -> Result<Outcome, SocketError> {
    let Context { connection_id, callback_url, sender } = context;
    let payload = serde_json::to_string(&CallbackInfo { connection_id, callback_url })
        .expect("two strings are always JSON");
    answered(sender.send_to_client(callback_url, connection_id, payload).await)
}
