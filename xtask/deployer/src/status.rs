//! `status`: what state the stacks of a stage are in, since when, and what to do about it.

use crate::cli::{Status, TextOrJson};
use crate::cloudformation::{Stack, StackResource, describe_stack, stack_resources};
use crate::state::{self, State};
use crate::{Context, Exit, Result, target};
use serde::Serialize;
use std::fmt::Write as _;

#[derive(Serialize)]
struct Document {
    region: String,
    stacks: Vec<Report>,
}

/// What there is to know of a stack.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    name: String,
    /// `NOT_DEPLOYED`, or as CloudFormation calls it.
    status: String,
    reason: Option<String>,
    /// When it was last changed.
    since: Option<String>,
    is_protected: bool,
    resources: usize,
    /// Those that are not as they should be.
    failed: Vec<Failed>,
    /// What to type; none, where all is well.
    next: Option<String>,
    #[serde(skip)]
    needs_recovery: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failed {
    id: String,
    status: String,
    reason: Option<String>,
}

/// Prints it; exit code 6 where a stack needs recovery.
///
/// # Errors
/// When a call fails.
pub async fn run(args: &Status, context: &Context) -> Result {
    let client = &context.client;
    let (_, targets) = target::read(&context.assembly)?;
    let mut stacks = Vec::new();
    for target in targets {
        let name = &target.entry.name;
        let stack = describe_stack(client, name).await?;
        let resources = match &stack {
            Some(stack) => stack_resources(client, &stack.stack_id).await?,
            None => Vec::new(),
        };
        let command = |name: &str, more: &str| context.command(name, more);
        stacks.push(report(name, stack.as_ref(), &resources, &command));
    }
    let needs_recovery = stacks.iter().any(|stack| stack.needs_recovery);
    let region = client.region().to_owned();
    context.console.print(&match args.format {
        TextOrJson::Text => text(&region, &stacks),
        TextOrJson::Json => {
            // Texts and numbers are always JSON.
            let document = serde_json::to_string_pretty(&Document { region, stacks });
            document.unwrap_or_default() + "\n"
        }
    });
    Ok(if needs_recovery { Exit::NeedsRecovery } else { Exit::Done })
}

fn report(
    name: &str,
    stack: Option<&Stack>,
    resources: &[StackResource],
    command: &dyn Fn(&str, &str) -> String,
) -> Report {
    let state = state::of(stack);
    let next = match state {
        State::Ready => None,
        State::Absent | State::Review => Some(command("deploy", "")),
        // Both are followed by the same command.
        State::Busy if stack.is_some_and(|s| s.stack_status == "DELETE_IN_PROGRESS") => {
            Some(command("destroy", ""))
        }
        State::Busy | State::Dead => Some(command("deploy", "")),
        State::Left | State::RollbackFailed => Some(command("deploy", "--recover")),
        State::DeleteFailed => Some(command("destroy", "")),
    };
    let failed = resources.iter().filter(|r| state::is_failure(&r.resource_status));
    let failed = failed.map(|resource| Failed {
        id: resource.logical_resource_id.clone(),
        status: resource.resource_status.clone(),
        reason: resource.resource_status_reason.clone().filter(|reason| !reason.is_empty()),
    });
    let changed = |stack: &Stack| {
        stack.last_updated_time.clone().unwrap_or_else(|| stack.creation_time.clone())
    };
    Report {
        name: name.to_owned(),
        status: stack.map_or("NOT_DEPLOYED".to_owned(), |stack| stack.stack_status.clone()),
        reason: stack.and_then(|stack| stack.stack_status_reason.clone()),
        since: stack.map(changed),
        is_protected: stack.is_some_and(|stack| stack.enable_termination_protection),
        resources: resources.len(),
        failed: failed.collect(),
        next,
        needs_recovery: matches!(
            state,
            State::Dead | State::Left | State::RollbackFailed | State::DeleteFailed
        ),
    }
}

fn text(region: &str, stacks: &[Report]) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    for stack in stacks {
        _ = write!(out, "{} in {region}: {}", stack.name, stack.status);
        if let Some(since) = &stack.since {
            _ = write!(out, " since {since}, {}", resources(stack.resources));
        }
        if stack.is_protected {
            out.push_str(", protected");
        }
        out.push('\n');
        if let Some(reason) = &stack.reason {
            _ = writeln!(out, "  {reason}");
        }
        for failed in &stack.failed {
            let reason = failed.reason.as_deref().unwrap_or("no reason is given");
            _ = writeln!(out, "  {} {}: {reason}", failed.id, failed.status);
        }
        if let Some(next) = &stack.next {
            _ = writeln!(out, "  next: {next}");
        }
    }
    out
}

/// So many of them.
pub(crate) fn resources(count: usize) -> String {
    if count == 1 { "1 resource".to_owned() } else { format!("{count} resources") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(status: Option<&str>, expected: Expect) {
        let stack = status.map(|status| Stack {
            stack_id: "arn".to_owned(),
            stack_name: "chat".to_owned(),
            creation_time: "2026-11-24T10:00:00Z".to_owned(),
            last_updated_time: None,
            stack_status: status.to_owned(),
            stack_status_reason: None,
            enable_termination_protection: false,
            parameters: Vec::new(),
            outputs: Vec::new(),
        });
        let resource = StackResource {
            logical_resource_id: "Socket".to_owned(),
            physical_resource_id: None,
            resource_type: "AWS::Lambda::Function".to_owned(),
            resource_status: "UPDATE_FAILED".to_owned(),
            resource_status_reason: Some("out of luck".to_owned()),
        };
        let resources = if stack.is_some() { vec![resource] } else { Vec::new() };
        let command =
            |name: &str, more: &str| format!("cargo xtask {name} {more}").trim().to_owned();
        let report = report("chat", stack.as_ref(), &resources, &command);
        let recovery = report.needs_recovery;
        expected.assert_eq(&format!("{}recovery: {recovery}\n", text("eu-west-1", &[report])));
    }

    #[test]
    fn each_state_has_the_command_that_goes_on() {
        check(
            None,
            expect![[r#"
                chat in eu-west-1: NOT_DEPLOYED
                  next: cargo xtask deploy
                recovery: false
            "#]],
        );
        check(
            Some("UPDATE_ROLLBACK_FAILED"),
            expect![[r#"
                chat in eu-west-1: UPDATE_ROLLBACK_FAILED since 2026-11-24T10:00:00Z, 1 resource
                  Socket UPDATE_FAILED: out of luck
                  next: cargo xtask deploy --recover
                recovery: true
            "#]],
        );
        check(
            Some("DELETE_IN_PROGRESS"),
            expect![[r#"
                chat in eu-west-1: DELETE_IN_PROGRESS since 2026-11-24T10:00:00Z, 1 resource
                  Socket UPDATE_FAILED: out of luck
                  next: cargo xtask destroy
                recovery: false
            "#]],
        );
        check(
            Some("UPDATE_COMPLETE"),
            expect![[r#"
                chat in eu-west-1: UPDATE_COMPLETE since 2026-11-24T10:00:00Z, 1 resource
                  Socket UPDATE_FAILED: out of luck
                recovery: false
            "#]],
        );
    }
}
