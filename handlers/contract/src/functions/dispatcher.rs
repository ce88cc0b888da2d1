//! `dispatcher`: reads the table's stream and sets in motion what follows from it.

use crate::{Function, Grant, Spec, TableAction};
use serde::{Deserialize, Serialize};

/// The specification of `dispatcher`.
#[derive(Clone, Copy, Debug)]
pub struct Dispatcher;

impl Spec for Dispatcher {
    const FUNCTION: Function = Function::Dispatcher;
    const GRANTS: &'static [Grant] = &[
        Grant::Table(TableAction::GetItem),
        Grant::Table(TableAction::Query),
        Grant::Table(TableAction::PutItem),
        Grant::Table(TableAction::UpdateItem),
        Grant::Table(TableAction::DeleteItem),
        Grant::ManageConnections,
        Grant::ReadStream,
        Grant::Invoke(Function::Worker),
        Grant::Invoke(Function::Sender),
        Grant::SendDeadLetters,
    ];
    type Env<T> = DispatcherEnv<T>;
}

/// The environment of `dispatcher`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub struct DispatcherEnv<T> {
    /// The table.
    pub table_name: T,
    /// Name of the function that runs jobs.
    pub worker_function: T,
    /// Name of the function that sends to many.
    pub sender_function: T,
    /// URL of the queue of what was given up.
    pub dead_letters_url: T,
    /// The dimension `stage` of its metrics; without it, it writes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<T>,
}
