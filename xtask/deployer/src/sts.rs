//! Who calls.

use crate::calls;
use aws_wire::{CallError, Client};
use serde::{Deserialize, Serialize};

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all(deserialize = "PascalCase"))]
pub struct Identity {
    /// The account, 12 digits.
    pub account: String,
    /// The user or role.
    pub arn: String,
}

/// Asks AWS who it takes us for.
///
/// # Errors
/// When the call fails.
pub async fn identity(client: &Client) -> Result<Identity, CallError> {
    client.query(&calls::GET_CALLER_IDENTITY, &[]).await
}
