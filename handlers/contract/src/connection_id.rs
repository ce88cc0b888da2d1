//! The name of a connection.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What API Gateway calls a connection, for example `PJqB0fHsqRcCHlw=`.
///
/// It is opaque: it holds `=` and may hold `-` and `_`, so it is encoded wherever it stands in a
/// path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ConnectionId(String);

impl ConnectionId {
    /// As it stands in events.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConnectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for ConnectionId {
    type Error = EmptyConnectionId;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.is_empty() { Err(EmptyConnectionId) } else { Ok(Self(text)) }
    }
}

impl From<ConnectionId> for String {
    fn from(id: ConnectionId) -> Self {
        id.0
    }
}

/// An empty string names no connection; in a path it would name all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a connection ID is not empty")]
pub struct EmptyConnectionId;
