//! From whatever state a stack is in to one that can be deployed.

use crate::cli::Deploy;
use crate::cloudformation::{self, Stack, StackResource};
use crate::estimate::Estimates;
use crate::follow::{self, Since};
use crate::screen::Screen;
use crate::state::{self, State};
use crate::{Context, Exit, Failure, Result, cause, time};
use infra_gen::diff;

/// States that lead to another, at most: attached, rolled back, deleted, and one more.
const STEPS: usize = 6;

/// Brings the stack to where it can be deployed, and gives it as it is then.
///
/// # Errors
/// Exit code 6 where that needs a decision, which is a flag.
pub async fn ready(
    context: &Context,
    args: &Deploy,
    name: &str,
    screen: &mut Screen<'_>,
) -> Result<Option<Stack>> {
    for _ in 0..STEPS {
        let look = cloudformation::describe_stack(&context.client, name);
        let stack = context.unless_interrupted(look).await?;
        let state = state::of(stack.as_ref());
        let Some(stack) = stack else { return Ok(None) };
        match state {
            State::Absent => return Ok(None),
            State::Left if args.recover => roll_back(context, &stack, screen).await?,
            State::Ready | State::Review | State::Left => return Ok(Some(stack)),
            State::Busy => attach(context, &stack, screen).await?,
            State::Dead => delete(context, args, &stack, screen).await?,
            State::DeleteFailed if args.recover => delete(context, args, &stack, screen).await?,
            State::RollbackFailed if args.recover => {
                continue_rollback(context, args, &stack, screen).await?;
            }
            State::RollbackFailed | State::DeleteFailed => {
                return Err(stuck(context, &stack).await);
            }
        }
    }
    Err(Failure::new(format!("{name} does not come to rest")).exit(Exit::NeedsRecovery))
}

/// Follows what somebody else has begun, or we before we were interrupted.
async fn attach(context: &Context, stack: &Stack, screen: &mut Screen<'_>) -> Result<()> {
    let (name, status) = (&stack.stack_name, &stack.stack_status);
    screen.note(format!("{name} is in {status}; following what is going on before anything else"));
    screen.begin(Vec::new(), Estimates::default());
    let end = follow::to_end(context, screen, &stack.stack_id, Since::Operation).await?;
    if let Some(event) = cause::first(&end.events).filter(|_| !state::is_success(&end.status)) {
        let reason = event.resource_status_reason.as_deref().unwrap_or("no reason given");
        screen.note(format!("that failed for {}: {reason}", event.logical_resource_id));
    }
    Ok(())
}

/// Undoes what is going on: `deploy --cancel`.
///
/// # Errors
/// When a call fails, or the end is another than asked for.
pub async fn cancel(context: &Context, name: &str, screen: &mut Screen<'_>) -> Result<String> {
    let stack = cloudformation::describe_stack(&context.client, name).await?;
    let Some(stack) = stack.filter(|s| state::of(Some(s)) == State::Busy) else {
        return Ok(format!("nothing is going on in {name}"));
    };
    let (id, token) = (&stack.stack_id, token(context));
    match stack.stack_status.as_str() {
        "UPDATE_IN_PROGRESS" => cloudformation::cancel_update(&context.client, id, &token).await?,
        "CREATE_IN_PROGRESS" => cloudformation::delete_stack(&context.client, id, &token).await?,
        status => screen.note(format!("{name} is in {status}, which cannot be cancelled")),
    }
    screen.begin(Vec::new(), Estimates::default());
    let end = follow::to_end(context, screen, id, Since::Operation).await?;
    if state::is_failure(&end.status) {
        let message = format!("{name} could not be brought back: {}", end.status);
        let hint = context.command("deploy", "--recover");
        return Err(Failure::new(message).exit(Exit::NeedsRecovery).hint(hint));
    }
    Ok(format!("{name} is in {}", end.status))
}

/// A stack that never came to be is deleted, unless something that holds data was left by it.
async fn delete(
    context: &Context,
    args: &Deploy,
    stack: &Stack,
    screen: &mut Screen<'_>,
) -> Result<()> {
    let (name, status) = (&stack.stack_name, &stack.stack_status);
    let left = holders(context, stack).await?;
    if !left.is_empty() && !args.recover {
        let mut failure =
            Failure::new(format!("{name} is in {status}, and data would be left behind by it"))
                .exit(Exit::NeedsRecovery);
        failure.details.extend(left.iter().map(described));
        return Err(failure.hint(context.command("deploy", "--recover")));
    }
    if stack.enable_termination_protection {
        let message = format!("{name} is in {status} and is protected from being deleted");
        let hint = format!(
            "aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name {name}"
        );
        return Err(Failure::new(message).exit(Exit::NeedsRecovery).hint(hint));
    }
    screen.note(format!("{name} is in {status}, from where it can only be deleted; deleting it"));
    let since = Since::Event(follow::newest_event(context, &stack.stack_id).await?);
    cloudformation::delete_stack(&context.client, &stack.stack_id, &token(context)).await?;
    screen.begin(Vec::new(), Estimates::default());
    let end = follow::to_end(context, screen, &stack.stack_id, since).await?;
    if end.status == "DELETE_COMPLETE" {
        return Ok(());
    }
    let mut failure = Failure::new(format!("{name} could not be deleted: {}", end.status));
    if let Some(event) = cause::first(&end.events) {
        let reason = event.resource_status_reason.as_deref().unwrap_or_default();
        failure = failure.detail(format!("{}: {reason}", event.logical_resource_id));
    }
    Err(failure.exit(Exit::NeedsRecovery).hint(context.command("deploy", "--recover")))
}

/// Resources that are still there and hold data.
async fn holders(context: &Context, stack: &Stack) -> Result<Vec<StackResource>> {
    let resources = cloudformation::stack_resources(&context.client, &stack.stack_id).await?;
    let there = |r: &StackResource| {
        r.resource_status != "DELETE_COMPLETE"
            && r.physical_resource_id.as_ref().is_some_and(|id| !id.is_empty())
            && diff::holds(&r.resource_type).is_some()
    };
    Ok(resources.into_iter().filter(there).collect())
}

fn described(resource: &StackResource) -> String {
    let holds = diff::holds(&resource.resource_type).unwrap_or("data");
    let (id, type_name) = (&resource.logical_resource_id, &resource.resource_type);
    let physical = resource.physical_resource_id.as_deref().unwrap_or_default();
    format!("{id} ({type_name}, {physical}): {holds}")
}

async fn roll_back(context: &Context, stack: &Stack, screen: &mut Screen<'_>) -> Result<()> {
    screen.note(format!("{} is in {}; rolling back", stack.stack_name, stack.stack_status));
    let since = Since::Event(follow::newest_event(context, &stack.stack_id).await?);
    cloudformation::rollback(&context.client, &stack.stack_id, &token(context)).await?;
    screen.begin(Vec::new(), Estimates::default());
    follow::to_end(context, screen, &stack.stack_id, since).await.map(drop)
}

async fn continue_rollback(
    context: &Context,
    args: &Deploy,
    stack: &Stack,
    screen: &mut Screen<'_>,
) -> Result<()> {
    let name = &stack.stack_name;
    match args.skip.join(", ") {
        skip if skip.is_empty() => screen.note(format!("{name}: going on with its rollback")),
        skip => screen.note(format!("{name}: going on with its rollback, without {skip}")),
    }
    let since = Since::Event(follow::newest_event(context, &stack.stack_id).await?);
    let (client, id) = (&context.client, &stack.stack_id);
    cloudformation::continue_rollback(client, id, &args.skip, &token(context)).await?;
    screen.begin(Vec::new(), Estimates::default());
    let end = follow::to_end(context, screen, id, since).await?;
    if !state::is_failure(&end.status) {
        return Ok(());
    }
    Err(stuck(context, stack).await)
}

/// Which resources keep the stack where it is, and what to type.
async fn stuck(context: &Context, stack: &Stack) -> Failure {
    let (name, status) = (&stack.stack_name, &stack.stack_status);
    let mut failure =
        Failure::new(format!("{name} is in {status} and needs recovery")).exit(Exit::NeedsRecovery);
    let resources = cloudformation::stack_resources(&context.client, &stack.stack_id).await;
    let failed: Vec<_> = resources
        .unwrap_or_default()
        .into_iter()
        .filter(|resource| state::is_failure(&resource.resource_status))
        .collect();
    for resource in &failed {
        let reason = resource.resource_status_reason.as_deref().unwrap_or("no reason given");
        let (id, type_name) = (&resource.logical_resource_id, &resource.resource_type);
        failure = failure.detail(format!("{id} ({type_name}): {reason}"));
    }
    failure = failure.hint(context.command("deploy", "--recover"));
    if status == "UPDATE_ROLLBACK_FAILED" && !failed.is_empty() {
        let skip = failed.iter().map(|r| format!("--skip {}", r.logical_resource_id));
        let skip = skip.collect::<Vec<_>>().join(" ");
        let command = context.command("deploy", &format!("--recover {skip}"));
        failure = failure.hint(format!("{command}  # leaves as it is what cannot be mended"));
    }
    failure
}

/// Makes a call that was sent twice do nothing the second time.
fn token(context: &Context) -> String {
    format!("herald-{}", time::compact(context.clock.now()))
}
