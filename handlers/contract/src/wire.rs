//! What client and server say to each other, one JSON object a text frame.
//!
//! Shapes only; what is answered to what is decided in `herald-core`. The order of keys on the wire
//! means nothing, and a receiver skips keys that it does not know.

mod event;
mod request;

pub use event::{ErrorCode, Event, JobState, Level, Notification};
pub use request::{Request, RequestError};

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The version of the protocol, the `v` of every event.
pub const VERSION: u32 = 1;

/// The sub-protocol that the server speaks, and the only one it ever echoes.
pub const SUBPROTOCOL: &str = "herald.v1";

/// What stands before a JWT where a client offers it as a sub-protocol.
pub const BEARER_PREFIX: &str = "bearer.";

/// The query parameter of the upgrade that carries a ticket.
pub const TICKET_PARAMETER: &str = "ticket";

/// The route that the gateway answers with [`PONG`] and without a function.
pub const PING: &str = "ping";

/// The answer to [`PING`].
pub const PONG: &str = r#"{"type":"pong","v":1}"#;

/// The longest notification, as a frame, in bytes: it fits one frame of 32 KB with room to spare,
/// and is billed as one message.
pub const NOTIFICATION_BYTES_MAX: usize = 28 * 1024;

/// The place of a notification in the inbox of its user, from 1 on and without gaps.
///
/// At most 2⁵³ − 1: a browser's numbers are exact up to there, and a key of the table has room for
/// its 16 digits.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(try_from = "u64", into = "u64")]
pub struct Seq(u64);

impl Seq {
    /// The last place there can be.
    pub const LAST: Self = Self((1 << 53) - 1);

    /// Before the first notification.
    pub const ZERO: Self = Self(0);

    /// The number itself.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The one after this.
    #[must_use]
    pub const fn next(self) -> Self {
        // A thousand a second would take 285 millennia to get there.
        if self.0 < Self::LAST.0 { Self(self.0 + 1) } else { self }
    }
}

impl TryFrom<u64> for Seq {
    type Error = SeqError;

    fn try_from(number: u64) -> Result<Self, SeqError> {
        if number <= Self::LAST.0 { Ok(Self(number)) } else { Err(SeqError(number)) }
    }
}

impl From<Seq> for u64 {
    fn from(seq: Seq) -> Self {
        seq.0
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A number past the last notification that can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no place in an inbox; the last is 9007199254740991")]
pub struct SeqError(u64);

/// The name of a notification: its place in the inbox, or the broadcast it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum NotificationId {
    /// `n42`: in the inbox of the user who is told.
    Inbox(Seq),
    /// `b01JZ…`: the one copy that all members of a topic are told of.
    Broadcast(crate::BroadcastId),
}

impl FromStr for NotificationId {
    type Err = NotificationIdError;

    fn from_str(text: &str) -> Result<Self, NotificationIdError> {
        let parsed = match text.split_at_checked(1) {
            Some(("n", seq)) if !seq.starts_with('+') => {
                seq.parse::<u64>().ok().and_then(|n| n.try_into().ok()).map(Self::Inbox)
            }
            Some(("b", id)) => id.parse().ok().map(Self::Broadcast),
            _ => None,
        };
        parsed.ok_or_else(|| NotificationIdError(text.chars().take(64).collect()))
    }
}

impl TryFrom<String> for NotificationId {
    type Error = NotificationIdError;

    fn try_from(text: String) -> Result<Self, NotificationIdError> {
        text.parse()
    }
}

impl From<NotificationId> for String {
    fn from(id: NotificationId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for NotificationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Inbox(seq) => write!(f, "n{seq}"),
            Self::Broadcast(id) => write!(f, "b{id}"),
        }
    }
}

/// A text that names no notification.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no notification; it is `n` and a number or `b` and a ULID")]
pub struct NotificationIdError(String);

#[cfg(test)]
mod tests;
