//! What a client may ask for: the custom routes of the WebSocket API.
//!
//! `ping` is not among them, since the gateway answers it by itself; see [`wire`](crate::wire).

use std::fmt;

/// A route of the client's choosing, by the `action` of its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// Takes up where the client left off.
    Hello,
    /// Joins a topic.
    Subscribe,
    /// Leaves a topic.
    Unsubscribe,
    /// Says how far the client has come.
    Ack,
    /// Says what the user has read.
    Read,
    /// Submits a job.
    SubmitJob,
    /// Asks for the end of a job.
    CancelJob,
}

impl Action {
    /// Every action, in the order of the variants.
    pub const ALL: &'static [Self] = &[
        Self::Hello,
        Self::Subscribe,
        Self::Unsubscribe,
        Self::Ack,
        Self::Read,
        Self::SubmitJob,
        Self::CancelJob,
    ];

    /// The route key in the template and the `action` of the message.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Hello => "hello",
            Self::Subscribe => "subscribe",
            Self::Unsubscribe => "unsubscribe",
            Self::Ack => "ack",
            Self::Read => "read",
            Self::SubmitJob => "job.submit",
            Self::CancelJob => "job.cancel",
        }
    }

    /// The action with this route key.
    pub fn of_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.key() == key)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_found_by_its_key() {
        for action in Action::ALL {
            assert_eq!(Action::of_key(action.key()), Some(*action));
        }
        for other in ["", "Hello", "ping", "$default", "job"] {
            assert_eq!(Action::of_key(other), None, "{other}");
        }
    }
}
