//! The text messages the gateway itself sends when a message could not be handled.
//!
//! The blanks are AWS's: clients have been seen to compare these messages as text.

use super::Id;

/// Why a message was not handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No route takes it.
    Forbidden,
    /// The integration failed.
    Internal,
    /// The integration took too long.
    TimedOut,
    /// Too many messages.
    TooMany,
    /// No model of the route fits it.
    BadBody,
}

impl Trouble {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Forbidden => "Forbidden",
            Self::Internal => "Internal server error",
            Self::TimedOut => "Endpoint request timed out",
            Self::TooMany => "Too Many Requests",
            Self::BadBody => "Bad request body",
        }
    }

    /// The status an access log gives it.
    pub(super) fn status(self) -> u16 {
        match self {
            Self::Forbidden => 403,
            Self::Internal => 500,
            Self::TimedOut => 504,
            Self::TooMany => 429,
            Self::BadBody => 400,
        }
    }
}

pub(super) fn error(trouble: Trouble, connection: Id, request: Id, message: Id) -> String {
    let text = trouble.text();
    if trouble == Trouble::BadBody {
        return format!(
            r#"{{"message" : "{text}", "connectionId": "{connection}", "messageId": "{message}"}}"#
        );
    }
    format!(r#"{{"message": "{text}", "connectionId":"{connection}", "requestId":"{request}"}}"#)
}
