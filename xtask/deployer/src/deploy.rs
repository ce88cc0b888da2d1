//! `deploy`: a stage brought to what its assembly says.
//!
//! Until a change set is executed nothing is changed that is in use, and whatever ends before that
//! leaves nothing behind but assets. After that CloudFormation goes on by itself, and the same
//! command takes it up again wherever it stands.

mod execute;
mod one;

pub(crate) use one::deployed;

use crate::cli::Deploy;
use crate::cloudformation::Output;
use crate::news::News;
use crate::prepared::Prepared;
use crate::screen::Screen;
use crate::sts::{self, Identity};
use crate::target::{self, Target};
use crate::{Context, Exit, Failure, Result, outputs, policy, recover, secrets};

/// How it ended, in one sentence.
type Done = (Exit, String);

/// Runs it.
///
/// # Errors
/// Whatever keeps the stage from being what its assembly says.
pub async fn run(args: &Deploy, context: &Context) -> Result {
    if args.policy {
        let (_, targets) = target::read(&context.assembly)?;
        let policy = policy::policy(&targets, context.client.region());
        context.console.print(&format!("{policy:#}\n"));
        context.console.say("CloudFormation makes the resources in the name of whoever deploys: what they need comes on top");
        return Ok(Exit::Done);
    }
    let mut screen = Screen::new(context, args.events);
    let done = stage(args, context, &mut screen).await;
    screen.result(&done);
    done.map(|(exit, _)| exit)
}

async fn stage(args: &Deploy, context: &Context, screen: &mut Screen<'_>) -> Result<Done> {
    let (stage, targets) = target::read(&context.assembly)?;
    secrets::known(&args.rotate_secret, &targets)?;
    let identity = context.unless_interrupted(sts::identity(&context.client)).await?;
    let region = context.client.region().to_owned();
    screen.tell(&News::Identity { identity: identity.clone(), region });
    if args.cancel {
        return cancel(context, &targets, screen).await;
    }
    if args.code_only {
        return one::code_only(args, context, &identity, &targets, screen).await;
    }
    let outputs = match &args.plan {
        Some(file) => {
            let prepared = Prepared::read(file)?;
            execute::planned(args, context, &identity, &prepared, &targets, screen).await?
        }
        None => match all(args, context, &identity, &targets, screen).await? {
            Ended::Deployed(outputs) => outputs,
            Ended::Prepared(message) => return Ok((Exit::Done, message)),
        },
    };
    if let Some(file) = &args.outputs_file {
        outputs::write_file(file, &outputs)?;
    }
    Ok((Exit::Done, format!("stage {stage} is deployed")))
}

enum Ended {
    Deployed(Vec<Output>),
    Prepared(String),
}

async fn all(
    args: &Deploy,
    context: &Context,
    identity: &Identity,
    targets: &[Target],
    screen: &mut Screen<'_>,
) -> Result<Ended> {
    let mut prepared = Prepared::new(&identity.account, context.client.region());
    let mut outputs = Vec::new();
    for target in targets {
        screen.stack(&target.entry.name);
        outputs.extend(one::deploy(args, context, identity, target, &mut prepared, screen).await?);
    }
    let Some(file) = &args.prepare else { return Ok(Ended::Deployed(outputs)) };
    prepared.write(file)?;
    let hint = context.command("deploy", &format!("--plan {}", file.display()));
    let message = match prepared.stacks.len() {
        0 => "nothing changes, and the plan says so".to_owned(),
        _ => format!("prepared; `{hint}` deploys it"),
    };
    Ok(Ended::Prepared(message))
}

async fn cancel(context: &Context, targets: &[Target], screen: &mut Screen<'_>) -> Result<Done> {
    let mut last = String::new();
    for target in targets.iter().rev() {
        screen.stack(&target.entry.name);
        last = recover::cancel(context, &target.entry.name, screen).await?;
    }
    Ok((Exit::Done, last))
}

/// The outputs of a stack, told to whoever looks on.
async fn tell_outputs(
    context: &Context,
    stack: &str,
    screen: &mut Screen<'_>,
) -> Result<Vec<Output>> {
    let found = crate::cloudformation::describe_stack(&context.client, stack).await?;
    let found = found.ok_or_else(|| Failure::new(format!("{stack} has gone")))?;
    let by_name = |output: &Output| (output.output_key.clone(), output.output_value.clone());
    screen.tell(&News::Outputs { outputs: found.outputs.iter().map(by_name).collect() });
    Ok(found.outputs)
}
