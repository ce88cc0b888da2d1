//! Whether a plan may be carried out: who has to have said so, and how.

use crate::cli::Deploy;
use crate::plan::{Plan, What};
use crate::{Context, Exit, Failure, Result};

/// Passes if the plan may be carried out.
///
/// # Errors
/// Exit code 3 and the flags that would have approved it.
pub async fn approve(args: &Deploy, context: &Context, plan: &Plan) -> Result<()> {
    possible(args, context, plan)?;
    permitted(args, context, plan)?;
    if args.yes {
        return Ok(());
    }
    if !args.approve.is_empty() {
        return approved(&args.approve, context, plan);
    }
    if !context.console.can_ask() {
        let failure = Failure::new(format!("nobody has approved the change of {}", plan.stack));
        return Err(failure.exit(Exit::ApprovalNeeded).hint(command(args, context, plan)));
    }
    match context.console.ask(&format!("Deploy this to {}?", plan.stack)).await? {
        true => Ok(()),
        false => {
            let message = format!("{} was not deployed: you said no", plan.stack);
            Err(Failure::new(message).exit(Exit::ApprovalNeeded))
        }
    }
}

/// Without a rollback CloudFormation replaces nothing, and would say so halfway.
///
/// # Errors
/// What would be replaced.
pub fn possible(args: &Deploy, context: &Context, plan: &Plan) -> Result<()> {
    let replaced = plan.changes.iter().filter(|change| change.what == What::Replace);
    let replaced: Vec<_> = replaced.map(|change| change.id.as_str()).collect();
    if !args.no_rollback || replaced.is_empty() {
        return Ok(());
    }
    let message = format!("--no-rollback cannot replace anything, and {} is", replaced.join(", "));
    Err(Failure::new(message).hint(context.command("deploy", "")))
}

/// Data is lost only where its owner is named: neither a yes nor a digest says that.
///
/// # Errors
/// Exit code 3 and the flags that would have allowed it.
pub fn permitted(args: &Deploy, context: &Context, plan: &Plan) -> Result<()> {
    let missing: Vec<_> = plan
        .losses
        .iter()
        .filter(|loss| loss.needs_permission && !args.allow_replace.contains(&loss.id))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = missing.iter().map(|loss| loss.id.as_str()).collect();
    let mut failure = Failure::new(format!(
        "data of {} would be lost, and nobody has allowed that",
        names.join(", ")
    ));
    for loss in missing {
        failure = failure.detail(format!("{} ({}): {}", loss.id, loss.type_name, loss.holds));
    }
    Err(failure.exit(Exit::ApprovalNeeded).hint(command(args, context, plan)))
}

fn approved(digests: &[String], context: &Context, plan: &Plan) -> Result<()> {
    if digests.contains(&plan.digest) {
        return Ok(());
    }
    let failure = Failure::new(format!("another change of {} was approved", plan.stack))
        .exit(Exit::ApprovalNeeded)
        .detail(format!("approved: {}", digests.join(", ")))
        .detail(format!("this one: {}", plan.digest));
    Err(failure.hint(context.command("diff", "--against deployed")))
}

/// What to type to have exactly this.
fn command(args: &Deploy, context: &Context, plan: &Plan) -> String {
    let allowed = plan.losses.iter().filter(|loss| loss.needs_permission);
    let mut more: Vec<_> = allowed.map(|loss| format!("--allow-replace {}", loss.id)).collect();
    match &args.plan {
        Some(file) => more.insert(0, format!("--plan {}", file.display())),
        None => more.insert(0, format!("--approve {}", plan.digest)),
    }
    context.command("deploy", &more.join(" "))
}
