//! Buses of `EventBridge`, and the rules on them.

use super::destinations;
use super::eval::{Evaluator, text};
use super::properties::Properties;
use super::queue_policies::QueuePolicies;
use super::stand_in;
use crate::events::{DEFAULT_BUS, Rule, Target, TargetInput, Transformer, bus_of};
use crate::lambda::function_name;
use crate::pattern::Pattern;
use crate::schedule::Schedule;
use crate::topology::Topology;
use serde_json::Value;

const BUS: [&str; 8] = [
    "DeadLetterConfig",
    "Description",
    "EventSourceName",
    "KmsKeyIdentifier",
    "LogConfig",
    "Name",
    "Policy",
    "Tags",
];
const RULE: [&str; 9] = [
    "Description",
    "EventBusName",
    "EventPattern",
    "Name",
    "RoleArn",
    "ScheduleExpression",
    "State",
    "Tags",
    "Targets",
];
const TARGETS_MAX: usize = 5;
const STATES: [&str; 3] = ["ENABLED", "DISABLED", "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"];

/// The buses, which others than rules send to as well.
pub(super) fn read_buses(evaluator: &mut Evaluator<'_>, topology: &mut Topology) {
    for id in evaluator.of_kind("AWS::Events::EventBus") {
        let mut properties = Properties::of(evaluator, &id);
        let name = properties.required("Name");
        if name == DEFAULT_BUS {
            properties.problem("Name", "the bus `default` is there already; choose another name");
        }
        topology.messaging.buses.push(name);
        properties.finish(evaluator, &BUS);
    }
}

/// Needs functions, queues and buses.
pub(super) fn read(evaluator: &mut Evaluator<'_>, topology: &mut Topology) {
    let policies = QueuePolicies::read(evaluator);
    for id in evaluator.of_kind("AWS::Events::Rule") {
        let name = stand_in::name(evaluator, &id);
        let arn = stand_in::attribute(evaluator, &id, "Arn").unwrap_or_default();
        let mut properties = Properties::of(evaluator, &id);
        let mut rule = rule(&mut properties, topology, name);
        rule.targets.retain_mut(|target| {
            let forwarded = bus_of(&target.arn)
                .map(|_| format!("{} is a bus, to which no rule forwards here", target.arn));
            if let Some(why) =
                forwarded.or_else(|| destinations::not_emulated(&target.arn, topology))
            {
                evaluator
                    .warnings
                    .push(format!("{id} sends nothing to target {}: {why}", target.id));
                return false;
            }
            let refused = refused(topology, &policies, &target.arn, &arn);
            if let Some(why) = &refused {
                let warning = format!("{id} sends nothing to target {}: {why}", target.id);
                evaluator.warnings.push(warning);
            }
            target.refused = refused;
            if let Some(letters) = &target.dead_letters
                && let Some(why) = destinations::not_emulated(letters, topology)
                    .or_else(|| refused_by_queue(topology, &policies, letters, &arn))
            {
                evaluator
                    .warnings
                    .push(format!("dead letters of target {} of {id} are lost: {why}", target.id));
                target.dead_letters = None;
            }
            target.refused.is_none() || target.dead_letters.is_some()
        });
        topology.messaging.rules.push(rule);
        properties.finish(evaluator, &RULE);
    }
}

fn rule(properties: &mut Properties, topology: &Topology, name: String) -> Rule {
    let given = properties.text("EventBusName").unwrap_or_default();
    let bus = stand_in::bus_name(&given).to_owned();
    if bus != DEFAULT_BUS && !topology.messaging.buses.contains(&bus) {
        let message = format!("event bus {bus} is not in the template");
        properties.problem("EventBusName", message);
    }
    let schedule = properties.text("ScheduleExpression").and_then(|text| {
        Schedule::parse(&text).map_err(|why| properties.problem("ScheduleExpression", why)).ok()
    });
    if bus != DEFAULT_BUS && properties.has("ScheduleExpression") {
        properties.problem("ScheduleExpression", "is supported on the default event bus only");
    }
    if !properties.has("ScheduleExpression") && !properties.has("EventPattern") {
        properties.problem("", "EventPattern or ScheduleExpression is required");
    }
    let pattern = match properties.value("EventPattern") {
        None => None,
        Some(Value::String(text)) => Some(Pattern::parse(text)),
        Some(value) => Some(Pattern::from_value(value)),
    };
    let pattern = pattern
        .and_then(|pattern| pattern.map_err(|why| properties.problem("EventPattern", why)).ok());
    let enabled = properties.choice("State", &STATES).as_deref() != Some("DISABLED");
    let mut items = properties.items("Targets");
    if items.len() > TARGETS_MAX {
        properties.problem("Targets", format!("a rule has at most {TARGETS_MAX} targets"));
    }
    let targets = items.iter_mut().map(target).collect();
    for item in &mut items {
        properties.problems.append(&mut item.problems);
    }
    Rule { name, bus, enabled, pattern, schedule, targets }
}

fn target(properties: &mut Properties) -> Target {
    let id = properties.required("Id");
    let arn = properties.required("Arn");
    let input = match input(properties) {
        Ok(input) => input,
        Err((name, why)) => {
            properties.problem(name, why);
            TargetInput::Event
        }
    };
    let mut retries = properties.within("RetryPolicy");
    retries.number("MaximumRetryAttempts", 0, 185);
    retries.number("MaximumEventAgeInSeconds", 60, 86_400);
    let mut letters = properties.within("DeadLetterConfig");
    let dead_letters = letters.text("Arn");
    properties.problems.append(&mut retries.problems);
    properties.problems.append(&mut letters.problems);
    let group = properties.within("SqsParameters").text("MessageGroupId");
    if group.is_none() && arn.ends_with(".fifo") {
        properties.problem("SqsParameters", "a FIFO queue needs a MessageGroupId");
    }
    Target { id, arn, input, group, dead_letters, refused: None }
}

fn input(properties: &mut Properties) -> Result<TargetInput, (&'static str, String)> {
    const INPUTS: [&str; 3] = ["Input", "InputPath", "InputTransformer"];
    let given: Vec<&str> = INPUTS.into_iter().filter(|name| properties.has(name)).collect();
    match given.as_slice() {
        [] => Ok(TargetInput::Event),
        ["Input"] => {
            let text = properties.value("Input").map(text).unwrap_or_default();
            match serde_json::from_str::<Value>(&text) {
                Ok(_) => Ok(TargetInput::Constant(text)),
                Err(why) => Err(("Input", format!("is not JSON: {why}"))),
            }
        }
        ["InputPath"] => {
            let path = properties.text("InputPath").unwrap_or_default();
            TargetInput::path(&path).map_err(|why| ("InputPath", why))
        }
        ["InputTransformer"] => {
            let mut transformer = properties.within("InputTransformer");
            let paths = transformer.text_map("InputPathsMap");
            let template = transformer.required("InputTemplate");
            properties.problems.append(&mut transformer.problems);
            let paths = paths.iter().map(|(name, path)| (name.as_str(), path.as_str()));
            Transformer::parse(paths, &template)
                .map(TargetInput::Transformed)
                .map_err(|why| ("InputTransformer", why))
        }
        _ => Err(("", format!("only one of {} is allowed", given.join(", ")))),
    }
}

/// Why AWS sends nothing to a target.
fn refused(
    topology: &Topology,
    policies: &QueuePolicies,
    target: &str,
    rule_arn: &str,
) -> Option<String> {
    let function = function_name(target).and_then(|name| topology.functions.get(name));
    let Some(function) = function else {
        return refused_by_queue(topology, policies, target, rule_arn);
    };
    let permitted = function
        .permissions
        .iter()
        .any(|p| p.admits("events.amazonaws.com", rule_arn, &topology.account_id));
    (!permitted).then(|| {
        format!("add an AWS::Lambda::Permission for function {} with Principal events.amazonaws.com and SourceArn {rule_arn}", function.name)
    })
}

fn refused_by_queue(
    topology: &Topology,
    policies: &QueuePolicies,
    queue_arn: &str,
    rule_arn: &str,
) -> Option<String> {
    let account = &topology.account_id;
    let permitted = policies.let_send("events.amazonaws.com", queue_arn, rule_arn, account);
    let queue = queue_arn.rsplit(':').next().unwrap_or_default();
    (!permitted).then(|| format!("add an AWS::SQS::QueuePolicy that allows events.amazonaws.com sqs:SendMessage to queue {queue} for {rule_arn}"))
}
