//! What a route came to, and the one place where that becomes a status.

use herald_contract::wire::ErrorCode;
use serde::Serialize;

/// What a route came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The client may connect; with a sub-protocol to speak, where it offered ours.
    Accepted(Option<&'static str>),
    /// The client may not connect.
    Refused,
    /// It is noted that the connection has ended.
    Closed,
    /// The answer is with the gateway.
    Sent,
    /// The answer is with the gateway, and before its end so many missed notifications.
    Replayed(usize),
    /// What was asked for is done, and there is nothing to say.
    Done,
    /// What was asked for is not done, and the client was told why.
    Rejected(ErrorCode),
    /// The credentials of the connection have run out, so it was closed.
    Expired,
    /// The client left before its answer.
    Gone,
    /// The client, or the gateway, takes no more at the moment.
    Slow,
}

impl Outcome {
    /// A word for a log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted(_) => "accepted",
            Self::Refused => "refused",
            Self::Closed => "closed",
            Self::Sent | Self::Replayed(_) => "sent",
            Self::Done => "done",
            Self::Rejected(code) => code.as_str(),
            Self::Expired => "expired",
            Self::Gone => "gone",
            Self::Slow => "slow",
        }
    }

    /// The answer to the gateway.
    pub fn reply(self) -> Reply {
        let protocol = match self {
            Self::Accepted(protocol) => protocol,
            Self::Refused => return Reply { status_code: 403, headers: None },
            Self::Closed | Self::Sent | Self::Replayed(_) | Self::Done => None,
            Self::Rejected(_) | Self::Expired | Self::Gone | Self::Slow => None,
        };
        Reply { status_code: 200, headers: protocol.map(|protocol| Headers { protocol }) }
    }
}

/// The answer to the gateway, as JSON.
///
/// A body would be dropped, and a key that the gateway does not know makes the whole answer
/// malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Reply {
    /// On `$connect`, 200 lets the client in; elsewhere nobody sees it.
    pub status_code: u16,
    /// On `$connect`, headers of the upgrade.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<Headers>,
}

/// Headers of an upgrade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Headers {
    /// The sub-protocol that was chosen.
    #[serde(rename = "Sec-WebSocket-Protocol")]
    pub protocol: &'static str,
}
