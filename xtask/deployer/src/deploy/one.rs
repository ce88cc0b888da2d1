//! One stack, from what is there to what the assembly says.

use super::{Done, execute, tell_outputs};
use crate::approval;
use crate::assets::{self, Sums};
use crate::change_set::{self, Draft};
use crate::cli::Deploy;
use crate::cloudformation::{self, ChangeSet, Output, Stack};
use crate::code::{self, Stale};
use crate::context::interrupted;
use crate::news::News;
use crate::plan::{self, Place, Plan};
use crate::preflight;
use crate::prepared::Prepared;
use crate::recover;
use crate::s3::Bucket;
use crate::screen::Screen;
use crate::secrets;
use crate::state::{self, State};
use crate::sts::Identity;
use crate::target::Target;
use crate::{Context, Exit, Failure, Result};
use infra_gen::template_file;
use serde_json::Value;

/// Deploys it, or prepares that; gives its outputs where it is deployed then.
pub(super) async fn deploy(
    args: &Deploy,
    context: &Context,
    identity: &Identity,
    target: &Target,
    prepared: &mut Prepared,
    screen: &mut Screen<'_>,
) -> Result<Vec<Output>> {
    let name = &target.entry.name;
    let stack = recover::ready(context, args, name, screen).await?;
    let bucket = bucket_of(identity, context);
    let look = async {
        let stack = stack.as_ref();
        let mut found = preflight::check(context, target, stack, &bucket, screen).await?;
        let rotated = &args.rotate_secret;
        secrets::rotate(context, target, stack, rotated, &mut found.values, screen).await?;
        for name in found.made {
            screen.note(format!("{name} is made, at random, and kept from now on"));
        }
        Ok::<_, Failure>(found.values)
    };
    let parameters = context.unless_interrupted(Box::pin(look)).await?;
    if let Some(stack) = &stack {
        context.unless_interrupted(change_set::sweep(context, stack)).await?;
    }
    let upload = assets::upload(context, &bucket, preflight::assets(target), screen);
    let sums = context.unless_interrupted(upload).await?;

    let prepares = args.prepare.is_some();
    let draft = Draft::new(context, target, &bucket, &parameters, stack.as_ref(), prepares);
    let place = Place { account: &identity.account, region: context.client.region() };
    let stack = stack.as_ref().filter(|stack| state::of(Some(stack)) != State::Review);
    let step = Step { args, context, target, place, stack, sums: &sums };
    let outcome = match context.interrupts.or(step.propose(&draft, screen)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(interrupted()),
    };
    let Proposal { set, plan, heals } = match outcome {
        Ok(proposal) => proposal,
        Err(failure) => {
            draft.discard(screen).await;
            return Err(failure);
        }
    };
    let Some(set) = set else {
        draft.discard(screen).await;
        if heals.is_empty() {
            screen.note(format!("{name} is as it should be"));
        }
        code::put(context, &bucket, &heals, screen).await?;
        return match prepares {
            true => Ok(Vec::new()),
            false => tell_outputs(context, name, screen).await,
        };
    };
    if prepares {
        let now = cloudformation::describe_stack(&context.client, name).await;
        let now = now
            .map_err(Failure::from)
            .and_then(|now| now.ok_or_else(|| Failure::new(format!("{name} has gone"))));
        return match now {
            Ok(now) => {
                prepared.add(&plan, &set, &now);
                Ok(Vec::new())
            }
            Err(failure) => {
                draft.discard(screen).await;
                Err(failure)
            }
        };
    }
    let begun = match execute::begin(args, context, &plan, &set, screen).await {
        Ok(begun) => begun,
        Err(failure) => {
            draft.discard(screen).await;
            return Err(failure);
        }
    };
    execute::finish(context, target, &plan, &set, begun, screen).await?;
    code::put(context, &bucket, &heals, screen).await?;
    tell_outputs(context, name, screen).await
}

fn bucket_of(identity: &Identity, context: &Context) -> Bucket {
    let name = assets::bucket(&identity.account, context.client.region());
    Bucket { name, account: identity.account.clone() }
}

/// What will be done, approved.
struct Proposal {
    /// None, if CloudFormation has nothing to do.
    set: Option<ChangeSet>,
    plan: Plan,
    heals: Vec<Stale>,
}

/// What a proposal is made from.
struct Step<'a> {
    args: &'a Deploy,
    context: &'a Context,
    target: &'a Target,
    place: Place<'a>,
    stack: Option<&'a Stack>,
    sums: &'a Sums,
}

impl Step<'_> {
    async fn propose(&self, draft: &Draft<'_>, screen: &mut Screen<'_>) -> Result<Proposal> {
        let Self { args, context, target, place, stack, sums } = self;
        let set = draft.create().await?;
        let deployed = deployed(context, *stack).await?;
        let heals = match stack {
            // What CloudFormation changes by itself need not be put back.
            Some(stack) if args.prepare.is_none() => {
                let same = |parameter: &str, key: &str| stack.parameter(parameter) == Some(key);
                code::stale(context, target, stack, sums, same).await?
            }
            _ => Vec::new(),
        };
        let ids = heals.iter().map(|stale| stale.id.clone()).collect();
        let plan = plan::plan(*place, target, deployed.as_ref(), set.as_ref(), ids);
        if set.is_none() && heals.is_empty() {
            return Ok(Proposal { set, plan, heals });
        }
        screen.tell(&News::Plan { plan: Box::new(plan.clone()) });
        if args.prepare.is_none() {
            approval::approve(args, context, &plan).await?;
        }
        Ok(Proposal { set, plan, heals })
    }
}

/// The template of a stack as it is; none, where there is no stack.
pub(crate) async fn deployed(context: &Context, stack: Option<&Stack>) -> Result<Option<Value>> {
    let Some(stack) = stack else { return Ok(None) };
    let text = cloudformation::template(&context.client, &stack.stack_id, None).await?;
    let parse = |text: String| {
        let name = &stack.stack_name;
        template_file::parse(&text).map_err(|e| Failure::new(format!("template of {name}: {e}")))
    };
    text.map(parse).transpose()
}

/// `--code-only`: new code for functions that are there.
pub(super) async fn code_only(
    args: &Deploy,
    context: &Context,
    identity: &Identity,
    targets: &[Target],
    screen: &mut Screen<'_>,
) -> Result<Done> {
    let bucket = bucket_of(identity, context);
    let mut swapped = 0;
    for target in targets {
        screen.stack(&target.entry.name);
        swapped += swap(args, context, &bucket, target, screen).await?;
    }
    let message = match swapped {
        0 => "all functions run the code that is bundled".to_owned(),
        1 => "1 function runs other code than its stack knows of, until the next deployment"
            .to_owned(),
        count => format!(
            "{count} functions run other code than their stack knows of, until the next deployment"
        ),
    };
    Ok((Exit::Done, message))
}

async fn swap(
    args: &Deploy,
    context: &Context,
    bucket: &Bucket,
    target: &Target,
    screen: &mut Screen<'_>,
) -> Result<usize> {
    let name = &target.entry.name;
    let stack = cloudformation::describe_stack(&context.client, name).await?;
    let Some(stack) = stack.filter(|stack| state::of(Some(stack)) == State::Ready) else {
        let message = format!("{name} is not deployed, or not in a state to be changed");
        return Err(Failure::new(message).hint(context.command("deploy", "")));
    };
    let upload = assets::upload(context, bucket, assets::of_functions(target), screen);
    let sums = context.unless_interrupted(upload).await?;
    let find = code::stale(context, target, &stack, &sums, |_, _| true);
    let stale = context.unless_interrupted(find).await?;
    if stale.is_empty() {
        return Ok(0);
    }
    let ids: Vec<_> = stale.iter().map(|stale| stale.id.as_str()).collect();
    let ids = ids.join(", ");
    if !args.yes {
        let question = format!("Put new code into {ids} of {name}, past CloudFormation?");
        if !context.console.can_ask() {
            let failure = Failure::new(format!("nobody has approved new code for {ids}"));
            let hint = context.command("deploy", "--code-only --yes");
            return Err(failure.exit(Exit::ApprovalNeeded).hint(hint));
        }
        if !context.unless_interrupted(context.console.ask(&question)).await? {
            let message = format!("{name} was not changed: you said no");
            return Err(Failure::new(message).exit(Exit::ApprovalNeeded));
        }
    }
    code::put(context, bucket, &stale, screen).await?;
    Ok(stale.len())
}
