//! Buses of `EventBridge`, and the rules on them.

use super::destinations;
use super::eval::{Evaluator, text};
use super::properties::Properties;
use super::stand_in;
use crate::events::{DEFAULT_BUS, Rule, Target, TargetInput, Transformer};
use crate::lambda::function_name;
use crate::pattern::Pattern;
use crate::schedule::Schedule;
use crate::topology::Topology;
use crate::wildcard;
use serde_json::Value;
use std::collections::BTreeSet;

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

/// Needs functions and queues.
pub(super) fn read(evaluator: &mut Evaluator<'_>, topology: &mut Topology) {
    for id in evaluator.of_kind("AWS::Events::EventBus") {
        let mut properties = Properties::of(evaluator, &id);
        let name = properties.required("Name");
        if name == DEFAULT_BUS {
            properties.problem("Name", "the bus `default` is there already; choose another name");
        }
        topology.messaging.buses.push(name);
        properties.finish(evaluator, &BUS);
    }
    let open_queues = open_queues(evaluator);
    for id in evaluator.of_kind("AWS::Events::Rule") {
        let name = stand_in::name(evaluator, &id);
        let arn = stand_in::attribute(evaluator, &id, "Arn").unwrap_or_default();
        let mut properties = Properties::of(evaluator, &id);
        let mut rule = rule(&mut properties, topology, name);
        rule.targets.retain(|target| match undelivered(topology, &open_queues, target, &arn) {
            None => true,
            Some(why) => {
                evaluator
                    .warnings
                    .push(format!("{id} sends nothing to target {}: {why}", target.id));
                false
            }
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
    Target { id, arn, input }
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

/// Why AWS, or this local cloud, sends nothing to a target.
fn undelivered(
    topology: &Topology,
    open_queues: &BTreeSet<String>,
    target: &Target,
    rule_arn: &str,
) -> Option<String> {
    if let Some(why) = destinations::not_emulated(&target.arn, topology) {
        return Some(why);
    }
    let Some(function) = function_name(&target.arn).and_then(|name| topology.functions.get(name))
    else {
        let queue = target.arn.rsplit(':').next().unwrap_or_default();
        let closed = !open_queues.contains(queue);
        return closed.then(|| format!("add an AWS::SQS::QueuePolicy that allows events.amazonaws.com sqs:SendMessage to queue {queue}"));
    };
    let permitted = function
        .permissions
        .iter()
        .any(|p| p.admits("events.amazonaws.com", rule_arn, &topology.account_id));
    (!permitted).then(|| {
        format!("add an AWS::Lambda::Permission for function {} with Principal events.amazonaws.com and SourceArn {rule_arn}", function.name)
    })
}

/// Names of queues with a policy that lets `EventBridge` send to them. Its conditions are not looked
/// at.
fn open_queues(evaluator: &mut Evaluator<'_>) -> BTreeSet<String> {
    let mut open = BTreeSet::new();
    for id in evaluator.of_kind("AWS::SQS::QueuePolicy") {
        let mut properties = Properties::of(evaluator, &id);
        let statements = match properties.value("PolicyDocument").and_then(|d| d.get("Statement")) {
            Some(Value::Array(statements)) => statements.clone(),
            Some(one) => vec![one.clone()],
            None => Vec::new(),
        };
        let queues = properties.texts("Queues");
        if statements.iter().any(lets_events_send) {
            open.extend(queues.iter().filter_map(|url| url.rsplit('/').next()).map(Into::into));
        }
        properties.finish(evaluator, &["PolicyDocument", "Queues"]);
    }
    open
}

fn lets_events_send(statement: &Value) -> bool {
    let has = |value: Option<&Value>, wanted: &dyn Fn(&str) -> bool| match value {
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).any(wanted),
        Some(Value::String(one)) => wanted(one),
        _ => false,
    };
    let principal = statement.get("Principal");
    let service = principal.and_then(|principal| principal.get("Service"));
    let anybody = |name: &str| name == "*";
    let sends = |action: &str| wildcard::matches_ignoring_case(action, "sqs:SendMessage");
    statement.get("Effect").is_some_and(|effect| effect == "Allow")
        && has(statement.get("Action"), &sends)
        && (has(principal, &anybody)
            || has(principal.and_then(|p| p.get("AWS")), &anybody)
            || has(service, &|name| name == "events.amazonaws.com"))
}
