//! The port through which clients are reached.

use herald_contract::{CallbackUrl, ConnectionId};

/// Posts to connections.
pub trait Sender: Sync {
    /// Sends `payload` as one text message to one connection of the stage behind `callback_url`.
    ///
    /// It answers in bounded time. A message may arrive twice, since an attempt without an answer
    /// is made once more.
    fn send_to_client(
        &self,
        callback_url: &CallbackUrl,
        connection_id: &ConnectionId,
        payload: String,
    ) -> impl Future<Output = Delivery> + Send;
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The gateway has it. Whether the client reads it, nobody knows.
    Sent,
    /// There is no such connection any more, or not yet: within `$connect` there is none.
    Gone,
    /// The gateway takes no more at the moment, because this client does not read or because the
    /// account's rate is used up. It does not say which.
    Slow,
    /// The gateway refused it or could not be asked.
    Failed {
        /// What went wrong, in words for a log.
        why: String,
        /// Whether the same message may succeed later.
        retryable: bool,
    },
}
