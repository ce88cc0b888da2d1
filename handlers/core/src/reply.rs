//! What a route came to, and the one place where that becomes a status.

use serde::Serialize;

/// What a route came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The client may connect.
    Accepted,
    /// It is noted that the connection has ended.
    Closed,
    /// The answer is with the gateway.
    Sent,
    /// The client left before its answer.
    Gone,
    /// The client, or the gateway, takes no more at the moment.
    Slow,
}

impl Outcome {
    /// A word for a log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Closed => "closed",
            Self::Sent => "sent",
            Self::Gone => "gone",
            Self::Slow => "slow",
        }
    }

    /// The answer to the gateway.
    pub fn reply(self) -> Reply {
        let status_code = match self {
            Self::Accepted | Self::Closed | Self::Sent | Self::Gone | Self::Slow => 200,
        };
        Reply { status_code }
    }
}

/// The answer to the gateway, as JSON.
///
/// A status and nothing else: a body would be dropped, and a key that the gateway does not know
/// makes the whole answer malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    /// On `$connect`, 200 lets the client in; elsewhere nobody sees it.
    pub status_code: u16,
}
