//! `sender`: sends a notification to one part of those it is for.

use crate::{Function, Grant, Spec, TableAction};
use serde::{Deserialize, Serialize};

/// The specification of `sender`.
#[derive(Clone, Copy, Debug)]
pub struct Sender;

impl Spec for Sender {
    const FUNCTION: Function = Function::Sender;
    const GRANTS: &'static [Grant] = &[
        Grant::Table(TableAction::GetItem),
        Grant::Table(TableAction::Query),
        Grant::Table(TableAction::DeleteItem),
        Grant::ManageConnections,
        Grant::Invoke(Function::Sender),
        Grant::SendDeadLetters,
    ];
    type Env<T> = SenderEnv<T>;
}

/// The environment of `sender`.
///
/// Its own name, which it hands the rest of its work to, Lambda tells every function; a reference to
/// itself would be a circle in the template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub struct SenderEnv<T> {
    /// The table.
    pub table_name: T,
    /// The dimension `stage` of its metrics; without it, it writes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<T>,
}
