//! `destroy`: the stacks of a stage, the last first, once it is clear what goes with them.

use crate::bootstrap::agree;
use crate::cli::Destroy;
use crate::cloudformation::{
    self, Stack, StackResource, delete_stack, describe_stack, stack_resources,
};
use crate::estimate::Estimates;
use crate::follow::{self, End, Since};
use crate::screen::Screen;
use crate::state::{self, State};
use crate::status::resources;
use crate::{Context, Exit, Failure, Result, target, time};
use infra_gen::diff::{Fate, diff};
use infra_gen::template_file;
use serde_json::json;

/// A stack that is there, and what becomes of what is in it.
struct Doomed {
    stack: Stack,
    resources: Vec<StackResource>,
    /// Sentences: what is lost, what stays.
    lost: Vec<String>,
    kept: Vec<String>,
}

/// Says what goes, asks, deletes, follows.
///
/// # Errors
/// When a stack is protected or busy, nobody agrees, or something cannot be deleted.
pub async fn run(args: &Destroy, context: &Context) -> Result {
    let (_, targets) = target::read(&context.assembly)?;
    let mut doomed = Vec::new();
    for target in targets.into_iter().rev() {
        if let Some(stack) = look(&target.entry.name, context).await? {
            doomed.push(stack);
        }
    }
    if doomed.is_empty() {
        context.console.say(format_args!("nothing is deployed in {}", context.client.region()));
        return Ok(Exit::Done);
    }
    let resumed = doomed.iter().all(|doomed| doomed.stack.stack_status == "DELETE_IN_PROGRESS");
    for doomed in &doomed {
        describe(doomed, context);
    }
    if !resumed {
        let agreed = context.command("destroy", "--yes");
        agree(args.yes, &agreed, "Delete all of this?", context).await?;
    }
    for doomed in doomed {
        delete(&doomed, context).await?;
    }
    Ok(Exit::Done)
}

/// A stack that can be deleted, or none.
async fn look(name: &str, context: &Context) -> Result<Option<Doomed>> {
    let client = &context.client;
    let Some(stack) = describe_stack(client, name).await? else { return Ok(None) };
    match state::of(Some(&stack)) {
        State::Absent => return Ok(None),
        State::Busy if stack.stack_status != "DELETE_IN_PROGRESS" => {
            return Err(Failure::new(format!("{name} is busy: {}", stack.stack_status)).hint(
                format!("wait for it, or watch it with: {}", context.command("deploy", "")),
            ));
        }
        _ => {}
    }
    if stack.enable_termination_protection {
        return Err(Failure::new(format!("{name} is protected against being deleted")).hint(
            format!(
                "aws cloudformation update-termination-protection --no-enable-termination-protection --region {} --stack-name {name}",
                client.region()
            ),
        ));
    }
    let resources = stack_resources(client, &stack.stack_id).await?;
    let template = cloudformation::template(client, &stack.stack_id, None).await?;
    let template = match template.as_deref().map(template_file::parse) {
        Some(Ok(template)) => template,
        // Of one that cannot be read, nothing can be said but that it goes.
        Some(Err(_)) | None => json!({}),
    };
    let (mut lost, mut kept) = (Vec::new(), Vec::new());
    for change in diff(name, &template, &json!({})).resources {
        let physical = resources.iter().find(|r| r.logical_resource_id == change.id);
        let physical = physical.and_then(|resource| resource.physical_resource_id.as_deref());
        // What was never made holds nothing.
        let Some(physical) = physical else { continue };
        let what = format!("{} ({}) {physical}", change.id, change.type_name);
        match change.data {
            Some(data) if data.fate == Fate::Lost => {
                lost.push(format!("{what}: its {} are lost", data.holds));
            }
            Some(data) if data.fate == Fate::Kept => {
                kept.push(format!("{what}: stays, with its {}", data.holds));
            }
            Some(data) => {
                kept.push(format!("{what}: goes; of its {}, a snapshot stays", data.holds))
            }
            None => {}
        }
    }
    Ok(Some(Doomed { stack, resources, lost, kept }))
}

fn describe(doomed: &Doomed, context: &Context) {
    let console = &context.console;
    let Stack { stack_name, stack_status, .. } = &doomed.stack;
    let there = doomed.resources.iter().filter(|r| r.resource_status != "DELETE_COMPLETE").count();
    console.say(format_args!(
        "{stack_name} in {}: {}, {stack_status}",
        context.client.region(),
        resources(there)
    ));
    if !doomed.lost.is_empty() {
        console.say(console.paint("1;31", "DATA LOSS"));
    }
    for line in &doomed.lost {
        console.say(format_args!("  ! {line}"));
    }
    for line in &doomed.kept {
        console.say(format_args!("    {line}"));
    }
}

async fn delete(doomed: &Doomed, context: &Context) -> Result<()> {
    let client = &context.client;
    let stack = &doomed.stack;
    let since = if stack.stack_status == "DELETE_IN_PROGRESS" {
        Since::Operation
    } else {
        let newest = follow::newest_event(context, &stack.stack_id).await?;
        let token = format!("destroy-{}", time::compact(context.clock.now()));
        delete_stack(client, &stack.stack_id, &token).await?;
        Since::Event(newest)
    };
    let mut screen = Screen::new(context, None);
    screen.stack(&stack.stack_name);
    let all = doomed.resources.iter();
    let expected = all.map(|r| (r.logical_resource_id.clone(), r.resource_type.clone())).collect();
    screen.begin(expected, Estimates::default());
    let end = follow::to_end(context, &mut screen, &stack.stack_id, since).await;
    let end = end.map_err(|failure| resume(failure, context))?;
    if end.status == "DELETE_COMPLETE" {
        context.console.say(format_args!("{} is gone", stack.stack_name));
        return Ok(());
    }
    Err(failed(&end, stack, context))
}

/// Nothing stops a deletion; the same command goes on watching.
fn resume(mut failure: Failure, context: &Context) -> Failure {
    if failure.exit == Exit::Detached {
        failure.hints = vec![context.command("destroy", "")];
    }
    failure
}

fn failed(end: &End, stack: &Stack, context: &Context) -> Failure {
    let mut failure = Failure::new(format!("{} is not deleted: {}", stack.stack_name, end.status));
    failure.details.extend(end.reason.clone());
    for event in &end.events {
        if event.resource_status == "DELETE_FAILED" && !event.is_of_stack() {
            failure.details.push(format!(
                "{} ({}): {}",
                event.logical_resource_id,
                event.resource_type,
                event.resource_status_reason.as_deref().unwrap_or("no reason is given")
            ));
        }
    }
    failure
        .hint(format!("remove what is in the way, then: {}", context.command("destroy", "")))
        .exit(Exit::NeedsRecovery)
}
