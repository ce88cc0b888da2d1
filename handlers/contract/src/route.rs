//! Route keys: which event of a connection an invocation is about.

use crate::Action;
use std::fmt;

/// The route that API Gateway chose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// A client asks to connect. The connection exists once this is answered with 200.
    Connect,
    /// A connection has ended. Best effort: API Gateway may never say so.
    Disconnect,
    /// A message that no other route takes.
    Default,
    /// A message of the protocol.
    Action(Action),
    /// A message whose route key the template names and nobody else.
    Other(String),
}

impl Route {
    /// The routes that API Gateway defines.
    pub const PREDEFINED: &'static [Self] = &[Self::Connect, Self::Disconnect, Self::Default];

    /// As templates and events spell it.
    pub fn key(&self) -> &str {
        match self {
            Self::Connect => "$connect",
            Self::Disconnect => "$disconnect",
            Self::Default => "$default",
            Self::Action(action) => action.key(),
            Self::Other(key) => key,
        }
    }
}

impl From<&str> for Route {
    fn from(key: &str) -> Self {
        Self::PREDEFINED
            .iter()
            .find(|route| route.key() == key)
            .cloned()
            .or_else(|| Action::of_key(key).map(Self::Action))
            .unwrap_or_else(|| Self::Other(key.to_owned()))
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_is_found_by_its_key() {
        for route in Route::PREDEFINED {
            assert_eq!(Route::from(route.key()), *route);
        }
    }

    #[test]
    fn an_action_is_a_route() {
        for action in Action::ALL {
            assert_eq!(Route::from(action.key()), Route::Action(*action));
            assert_eq!(Route::Action(*action).to_string(), action.key());
        }
    }

    #[test]
    fn any_other_key_is_a_route_of_the_template() {
        for key in ["ping", "connect", "$Connect", ""] {
            assert_eq!(Route::from(key), Route::Other(key.to_owned()));
            assert_eq!(Route::from(key).to_string(), key);
        }
    }
}
