//! What a function's specification grants it, as statements of its role's policy.

use super::Base;
use crate::constructs::stage_name;
use herald_contract::table::Index;
use herald_contract::{Function, Grant, Spec, TableAction};
use infra_gen::api_gateway::connections_arn;
use infra_gen::aws::iam::{Role, RolePolicy};
use infra_gen::aws::ids::TableArn;
use infra_gen::aws::lambda;
use infra_gen::iam::{Action, Policy, Statement, dynamodb, execute_api, lambda as actions, sqs};
use infra_gen::{Handle, Problem, Template, Val};
use std::collections::BTreeMap;

/// Functions that are there already.
pub(super) type Added = BTreeMap<Function, Handle<lambda::Function>>;

/// The statements of a function. What it may do with the table stands in one of them.
pub(super) fn statements<S: Spec>(
    template: &mut Template,
    base: &Base<'_>,
    added: &Added,
) -> Vec<Statement> {
    let on_table: Vec<_> = S::GRANTS
        .iter()
        .filter_map(|grant| match grant {
            Grant::Table(action) => Some(table_action(*action)),
            _ => None,
        })
        .collect();
    let on_table = (!on_table.is_empty()).then(|| Statement::allow(on_table, base.table.arn()));
    let others = S::GRANTS.iter().filter_map(|grant| match *grant {
        // Above; and for itself, in `allow_itself`.
        Grant::Table(_) => None,
        Grant::Invoke(function) if function == S::FUNCTION => None,
        Grant::Invoke(function) => {
            let Some(function) = added.get(&function) else {
                template.report(Problem {
                    at: S::FUNCTION.logical_id().to_owned(),
                    message: format!("invokes {function}, which is not added before it"),
                });
                return None;
            };
            Some(Statement::allow([actions::INVOKE_FUNCTION], function.arn()))
        }
        Grant::ManageConnections => Some(Statement::allow(
            [execute_api::MANAGE_CONNECTIONS],
            connections_arn(&base.api, &stage_name(base.stage)),
        )),
        Grant::QueryIndex(index) => {
            Some(Statement::allow([dynamodb::QUERY], index_arn(base, index)))
        }
        Grant::ReadStream => Some(Statement::allow(
            [
                dynamodb::DESCRIBE_STREAM,
                dynamodb::GET_RECORDS,
                dynamodb::GET_SHARD_ITERATOR,
                dynamodb::LIST_STREAMS,
            ],
            base.table.stream_arn(),
        )),
        Grant::SendDeadLetters => {
            Some(Statement::allow([sqs::SEND_MESSAGE], base.dead_letters.arn()))
        }
    });
    on_table.into_iter().chain(others).collect()
}

/// Whether a function's specification lets it hand work on to itself.
pub(super) fn invokes_itself<S: Spec>() -> bool {
    S::GRANTS.contains(&Grant::Invoke(S::FUNCTION))
}

/// Lets a function invoke itself, where its specification says so: by a policy beside the role,
/// since the function waits for the role and the policy for the function.
pub(super) fn allow_itself<S: Spec>(
    template: &mut Template,
    role: &Handle<Role>,
    function: &Handle<lambda::Function>,
) {
    if invokes_itself::<S>() {
        let statement = Statement::allow([actions::INVOKE_FUNCTION], function.arn());
        let id = format!("{}InvokesItself", S::FUNCTION.logical_id());
        template.add(
            id.clone(),
            RolePolicy {
                policy_document: Some(Policy::new([statement]).into()),
                ..RolePolicy::new(id, role)
            },
        );
    }
}

fn table_action(action: TableAction) -> Action<TableArn> {
    match action {
        TableAction::GetItem => dynamodb::GET_ITEM,
        TableAction::Query => dynamodb::QUERY,
        TableAction::PutItem => dynamodb::PUT_ITEM,
        TableAction::UpdateItem => dynamodb::UPDATE_ITEM,
        TableAction::DeleteItem => dynamodb::DELETE_ITEM,
        TableAction::ConditionCheckItem => dynamodb::CONDITION_CHECK_ITEM,
    }
}

/// An index is named below its table.
fn index_arn(base: &Base<'_>, index: Index) -> Val<TableArn> {
    Val::sub(&[&base.table.arn(), &"/index/", &index.name()])
}
