//! `sweeper`: looks for what has waited too long.

use crate::table::Index;
use crate::{Function, Grant, Spec, TableAction};
use serde::{Deserialize, Serialize};

/// The specification of `sweeper`.
#[derive(Clone, Copy, Debug)]
pub struct Sweeper;

impl Spec for Sweeper {
    const FUNCTION: Function = Function::Sweeper;
    const GRANTS: &'static [Grant] = &[
        Grant::Table(TableAction::GetItem),
        Grant::Table(TableAction::Query),
        Grant::Table(TableAction::PutItem),
        Grant::Table(TableAction::UpdateItem),
        Grant::Table(TableAction::DeleteItem),
        Grant::ManageConnections,
        Grant::QueryIndex(Index::Due),
        Grant::Invoke(Function::Worker),
        Grant::SendDeadLetters,
    ];
    type Env<T> = SweeperEnv<T>;
}

/// The environment of `sweeper`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub struct SweeperEnv<T> {
    /// The table.
    pub table_name: T,
    /// Name of the function that runs jobs.
    pub worker_function: T,
    /// URL of the queue of what was given up.
    pub dead_letters_url: T,
    /// The dimension `stage` of its metrics; without it, it writes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<T>,
}
