//! A change set carried out, and followed to its end.

use super::one::deployed;
use super::tell_outputs;
use crate::approval;
use crate::cause;
use crate::cli::Deploy;
use crate::cloudformation::{self, ChangeSet, Output};
use crate::estimate::{self, Estimates};
use crate::follow::{self, Since};
use crate::news::News;
use crate::plan::{self, Place, Plan};
use crate::prepared::Prepared;
use crate::screen::Screen;
use crate::state;
use crate::sts::Identity;
use crate::target::Target;
use crate::{Context, Failure, Result, time};
use aws_wire::CallError;
use infra_gen::template_file;
use std::time::SystemTime;

/// What CloudFormation has begun.
pub(super) struct Begun {
    since: Since,
    estimates: Estimates,
    at: SystemTime,
}

/// Begins to execute it. Where that fails, nothing was changed.
pub(super) async fn begin(
    args: &Deploy,
    context: &Context,
    plan: &Plan,
    set: &ChangeSet,
    screen: &Screen<'_>,
) -> Result<Begun> {
    let client = &context.client;
    let at = context.clock.now();
    // The newest says what is older than this; many say how long it takes.
    let mut left = if screen.shows_estimates() { estimate::EVENTS } else { 1 };
    let until = |_: &cloudformation::Event| {
        let enough = left == 0;
        left = left.saturating_sub(1);
        enough
    };
    let before = context
        .unless_interrupted(cloudformation::stack_events(client, &set.stack_id, until))
        .await?;
    let kind = if plan.is_new { "CREATE" } else { "UPDATE" };
    let estimates = Estimates::of_events(&before, kind);
    let since = Since::Event(before.into_iter().next().map(|event| event.event_id));
    // The end of the ARN is unlike that of any other; a token may be 128 characters long.
    let token = set.change_set_id.rsplit('/').next().unwrap_or_default();
    let (stack, id) = (&set.stack_id, &set.change_set_id);
    let done = cloudformation::execute_change_set(client, stack, id, token, args.no_rollback);
    match done.await {
        Ok(()) => Ok(Begun { since, estimates, at }),
        Err(error) if is_overtaken(&error) => {
            let message = format!("somebody else has deployed {} in the meantime", plan.stack);
            let failure = Failure::new(message).detail(error.to_string());
            Err(failure.hint(context.command("deploy", "")))
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether a change set is no longer of the stack it was made of, or that is busy.
fn is_overtaken(error: &CallError) -> bool {
    match error.code() {
        Some("ChangeSetNotFound" | "InvalidChangeSetStatus") => true,
        Some("ValidationError") => error.message().contains("_IN_PROGRESS"),
        _ => false,
    }
}

/// Follows it to its end.
pub(super) async fn finish(
    context: &Context,
    target: &Target,
    plan: &Plan,
    set: &ChangeSet,
    begun: Begun,
    screen: &mut Screen<'_>,
) -> Result<()> {
    let Begun { since, estimates, at } = begun;
    let expected = plan.changes.iter().map(|c| (c.id.clone(), c.type_name.clone())).collect();
    screen.begin(expected, estimates);
    let end = follow::to_end(context, screen, &set.stack_id, since).await?;
    if !state::is_success(&end.status) {
        let log = crate::last_words::of(context, target, &end, at).await;
        return Err(cause::failure(context, target, &end, &log));
    }
    let took = time::clock(time::between(at, context.clock.now()));
    screen.note(format!("{} is deployed, in {took}", plan.stack));
    Ok(())
}

/// `--plan FILE`: executes what was prepared, if nothing has happened since.
pub(super) async fn planned(
    args: &Deploy,
    context: &Context,
    identity: &Identity,
    prepared: &Prepared,
    targets: &[Target],
    screen: &mut Screen<'_>,
) -> Result<Vec<Output>> {
    let (account, region) = (identity.account.as_str(), context.client.region());
    if (prepared.account.as_str(), prepared.region.as_str()) != (account, region) {
        let message = format!(
            "the plan is for account {} in {}, and this is {account} in {region}",
            prepared.account, prepared.region
        );
        return Err(Failure::new(message));
    }
    let client = &context.client;
    let mut outputs = Vec::new();
    for planned in &prepared.stacks {
        screen.stack(&planned.name);
        let Some(target) = targets.iter().find(|target| target.entry.name == planned.name) else {
            let message = format!("the assembly has no stack {}", planned.name);
            return Err(Failure::new(message).hint("give the assembly that the plan was made of"));
        };
        let stack = cloudformation::describe_stack(client, &planned.name).await?;
        planned.check(context, stack.as_ref())?;
        let (stack_id, id) = (&planned.stack_id, &planned.change_set_id);
        let set = cloudformation::describe_change_set(client, stack_id, id).await?;
        let available = |set: &ChangeSet| set.execution_status.as_deref() == Some("AVAILABLE");
        let Some(set) = set.filter(available) else {
            let message = format!("the change set of {} is gone or was executed", planned.name);
            let hint = context.command("deploy", "--prepare FILE");
            return Err(Failure::new(message).hint(hint));
        };
        // What is approved is what the change set holds, whatever this checkout holds.
        let text = cloudformation::template(client, stack_id, Some(id)).await?;
        let template = template_file::parse(&text.unwrap_or_default())
            .map_err(|e| Failure::new(format!("template of the change set: {e}")))?;
        let target = Target { template, ..target.clone() };
        let existing = stack.as_ref().filter(|s| state::of(Some(s)) != state::State::Review);
        let old = deployed(context, existing).await?;
        let place = Place { account, region };
        let plan = plan::plan(place, &target, old.as_ref(), Some(&set), Vec::new());
        screen.tell(&News::Plan { plan: Box::new(plan.clone()) });
        if plan.digest != planned.digest {
            let message = format!("{} is not what was planned any more", planned.name);
            let hint = context.command("deploy", "--prepare FILE");
            return Err(Failure::new(message).hint(hint));
        }
        approval::possible(args, context, &plan)?;
        approval::permitted(args, context, &plan)?;
        let begun = begin(args, context, &plan, &set, screen).await?;
        finish(context, &target, &plan, &set, begun, screen).await?;
        outputs.extend(tell_outputs(context, &planned.name, screen).await?);
    }
    Ok(outputs)
}
