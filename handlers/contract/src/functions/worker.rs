//! `worker`: runs one job.

use crate::{Function, Grant, Spec, TableAction};
use serde::{Deserialize, Serialize};

/// The specification of `worker`.
#[derive(Clone, Copy, Debug)]
pub struct Worker;

impl Spec for Worker {
    const FUNCTION: Function = Function::Worker;
    const GRANTS: &'static [Grant] = &[
        Grant::Table(TableAction::GetItem),
        Grant::Table(TableAction::Query),
        Grant::Table(TableAction::PutItem),
        Grant::Table(TableAction::UpdateItem),
        Grant::Table(TableAction::DeleteItem),
        Grant::ManageConnections,
        Grant::SendDeadLetters,
    ];
    type Env<T> = WorkerEnv<T>;
}

/// The environment of `worker`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub struct WorkerEnv<T> {
    /// The table.
    pub table_name: T,
    /// The dimension `stage` of its metrics; without it, it writes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<T>,
}
