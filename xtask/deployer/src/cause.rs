//! Why a deployment failed: the first failure that is not the consequence of another, in AWS's
//! words, with the line of the source and what is known to help.

use crate::cloudformation::{Event, OperationEvent};
use crate::follow::End;
use crate::target::Target;
use crate::{Context, Exit, Failure, state};

/// Words by which CloudFormation tells that something failed since something else did.
const CONSEQUENCES: [&str; 4] = [
    "Resource creation cancelled",
    "Resource update cancelled",
    "The following resource(s) failed to",
    "Resource deletion cancelled",
];

/// The first failure by time that is not the consequence of another.
pub fn first(events: &[Event]) -> Option<&Event> {
    failures(events).next()
}

fn failures(events: &[Event]) -> impl Iterator<Item = &Event> {
    events.iter().filter(|event| {
        let reason = event.resource_status_reason.as_deref().unwrap_or_default();
        let own = !CONSEQUENCES.iter().any(|words| reason.starts_with(words));
        state::is_failure(&event.resource_status) && own && !event.is_of_stack()
    })
}

/// What is told of a deployment that failed; `log` is what the failing function said.
pub fn failure(context: &Context, target: &Target, end: &End, log: &[String]) -> Failure {
    let stack = &target.entry.name;
    let cause = first(&end.events);
    let mut failure = match cause {
        Some(event) => Failure::new(format!(
            "{stack} was not deployed: {} ({}) failed",
            event.logical_resource_id, event.resource_type
        )),
        None => Failure::new(format!("{stack} was not deployed")),
    };
    let words = cause.map_or(&end.reason, |event| &event.resource_status_reason);
    if let Some(reason) = words.as_ref().filter(|reason| !reason.is_empty()) {
        failure = failure.detail(format!("AWS says: {reason}"));
        failure.hints.extend(hint(context, reason));
    }
    if let Some(event) = cause {
        let source = target.sources.get(&event.logical_resource_id);
        failure.details.extend(source.map(|place| format!("source: {place}")));
    }
    let others: Vec<_> = failures(&end.events)
        .skip(1)
        .filter(|event| Some(&event.logical_resource_id) != cause.map(|c| &c.logical_resource_id))
        .map(|event| event.logical_resource_id.as_str())
        .collect();
    if !others.is_empty() {
        failure = failure.detail(format!("failed, too: {}", others.join(", ")));
    }
    if !log.is_empty() {
        failure = failure.detail("its log:");
        failure.details.extend(log.iter().map(|line| format!("  {line}")));
    }
    after(context, failure, &end.status)
}

/// What state the stack is in, and the one command to go on.
fn after(context: &Context, failure: Failure, status: &str) -> Failure {
    let again = context.command("deploy", "");
    let (means, exit, hint) = match status {
        "UPDATE_ROLLBACK_COMPLETE" => ("as it was before", Exit::Failed, again),
        "ROLLBACK_COMPLETE" => {
            ("nothing of it is in use; the next deployment begins anew", Exit::Failed, again)
        }
        "DELETE_COMPLETE" => ("nothing is left of it", Exit::Failed, again),
        "CREATE_FAILED" | "UPDATE_FAILED" => {
            let failure = failure
                .detail(format!("the stack is in {status}: left as it failed"))
                .hint(format!("{again}  # goes on from there"));
            let back = context.command("deploy", "--recover");
            return failure.hint(format!("{back}  # goes back first"));
        }
        _ => ("stuck", Exit::NeedsRecovery, context.command("deploy", "--recover")),
    };
    failure.detail(format!("the stack is in {status}: {means}")).exit(exit).hint(hint)
}

/// What a change set that could not be made is told with.
pub fn of_change_set(
    context: &Context,
    target: &Target,
    reason: &str,
    events: &[OperationEvent],
) -> Failure {
    let stack = &target.entry.name;
    let mut failure = Failure::new(format!("CloudFormation refuses this change of {stack}"))
        .detail(format!("AWS says: {reason}"));
    for event in events {
        let id = event.logical_resource_id.as_deref().unwrap_or(stack);
        let words = [
            &event.validation_status_reason,
            &event.hook_status_reason,
            &event.resource_status_reason,
        ];
        let words = words.into_iter().flatten().next().map_or("no reason given", String::as_str);
        let type_name = event.resource_type.as_deref().unwrap_or("AWS::CloudFormation::Stack");
        failure = failure.detail(format!("{id} ({type_name}): {words}"));
        failure.hints.extend(hint(context, words));
        if let Some(path) = &event.validation_path {
            failure = failure.detail(format!("  at {path}"));
        }
        let source = target.sources.get(id);
        failure.details.extend(source.map(|place| format!("  source: {place}")));
    }
    failure.hints.extend(hint(context, reason));
    failure.hints.dedup();
    failure.hint(context.command("validate", ""))
}

/// What helps against what AWS is known to say.
fn hint(context: &Context, reason: &str) -> Option<String> {
    let has = |words: &[&str]| words.iter().all(|word| reason.contains(word));
    let text = if has(&["CloudWatch Logs role ARN"]) {
        format!("{} gives API Gateway a role for its logs", context.command("bootstrap", ""))
    } else if has(&["is not authorized to perform"]) || has(&["AccessDenied"]) {
        "whoever deploys must also be allowed what the stack's resources need; the message names the action".to_owned()
    } else if has(&["NoSuchKey"]) || has(&["NoSuchBucket"]) || has(&["S3 Error Code"]) {
        "the asset is not in the bucket of this Region; the next deployment uploads it".to_owned()
    } else if has(&["already exists"]) {
        "something else has this name; delete or rename it, or leave the name to CloudFormation"
            .to_owned()
    } else if has(&["UnreservedConcurrentExecution"]) {
        "reserve fewer concurrent executions, or ask for a higher quota of Lambda (L-B99A9384)"
            .to_owned()
    } else if has(&["Rate exceeded"]) || has(&["Throttling"]) {
        "the service is asked too often; try again in a minute".to_owned()
    } else if has(&["LimitExceeded"]) || has(&["quota"]) {
        "look at Service Quotas in the console; a quota can be raised, or used less".to_owned()
    } else if has(&["cannot be assumed by Lambda"]) {
        "the role is too new to be known everywhere; try again".to_owned()
    } else {
        return None;
    };
    Some(text)
}
