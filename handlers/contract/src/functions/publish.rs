//! `publish`: does what back ends ask for.

use crate::{Function, Grant, Spec, TableAction};
use serde::{Deserialize, Serialize};

/// The specification of `publish`.
#[derive(Clone, Copy, Debug)]
pub struct Publish;

impl Spec for Publish {
    const FUNCTION: Function = Function::Publish;
    const GRANTS: &'static [Grant] = &[
        Grant::Table(TableAction::GetItem),
        Grant::Table(TableAction::Query),
        Grant::Table(TableAction::PutItem),
        Grant::Table(TableAction::UpdateItem),
        Grant::Table(TableAction::DeleteItem),
        Grant::ManageConnections,
        Grant::SendDeadLetters,
    ];
    type Env<T> = PublishEnv<T>;
}

/// The environment of `publish`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub struct PublishEnv<T> {
    /// The table.
    pub table_name: T,
    /// The dimension `stage` of its metrics; without it, it writes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<T>,
}
