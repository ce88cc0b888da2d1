//! What becomes of asynchronous invocations: `AWS::Lambda::EventInvokeConfig`, and the
//! `DeadLetterConfig` of a function.

use super::destinations;
use super::eval::Evaluator;
use super::properties::Properties;
use crate::lambda::function_name;
use crate::topology::Topology;
use std::time::Duration;

const INVOKE_CONFIG: [&str; 5] = [
    "DestinationConfig",
    "FunctionName",
    "MaximumEventAgeInSeconds",
    "MaximumRetryAttempts",
    "Qualifier",
];

/// Needs functions, roles and queues.
pub(super) fn read(evaluator: &mut Evaluator<'_>, topology: &mut Topology) {
    for id in evaluator.of_kind("AWS::Lambda::Function") {
        let function = topology.functions.values().find(|function| function.logical_id == id);
        let Some(function) = function.cloned() else { continue };
        let mut letters = Properties::of(evaluator, &id).within("DeadLetterConfig");
        let target = destinations::read(&mut letters, "TargetArn", &function, topology);
        evaluator.problems.append(&mut letters.problems);
        warn(evaluator, topology, &id, target.as_deref());
        if let Some(function) = topology.functions.get_mut(&function.name) {
            function.asynchronous.dead_letters = target;
        }
    }
    for id in evaluator.of_kind("AWS::Lambda::EventInvokeConfig") {
        let mut properties = Properties::of(evaluator, &id);
        properties.required("Qualifier");
        let given = properties.required("FunctionName");
        let function = function_name(&given).and_then(|name| topology.functions.get(name)).cloned();
        let Some(function) = function else {
            let message = format!("function {given} is not in the template");
            properties.problem("FunctionName", message);
            properties.finish(evaluator, &INVOKE_CONFIG);
            continue;
        };
        let attempts = properties.number("MaximumRetryAttempts", 0, 2);
        let age = properties.number("MaximumEventAgeInSeconds", 60, 21_600);
        let config = properties.within("DestinationConfig");
        let mut destination = |on: &str| {
            let mut part = config.within(on);
            let destination = destinations::read(&mut part, "Destination", &function, topology);
            properties.problems.append(&mut part.problems);
            warn(evaluator, topology, &id, destination.as_deref());
            destination
        };
        let (on_success, on_failure) = (destination("OnSuccess"), destination("OnFailure"));
        if let Some(function) = topology.functions.get_mut(&function.name) {
            let asynchronous = &mut function.asynchronous;
            if let Some(attempts) = attempts.and_then(|attempts| usize::try_from(attempts).ok()) {
                asynchronous.retry_attempts = attempts;
            }
            if let Some(age) = age {
                asynchronous.event_age = Duration::from_secs(age);
            }
            (asynchronous.on_success, asynchronous.on_failure) = (on_success, on_failure);
        }
        properties.finish(evaluator, &INVOKE_CONFIG);
    }
}

fn warn(evaluator: &mut Evaluator<'_>, topology: &Topology, id: &str, destination: Option<&str>) {
    if let Some(why) = destination.and_then(|arn| destinations::not_emulated(arn, topology)) {
        evaluator.warnings.push(format!("what {id} sends to its destination is lost: {why}"));
    }
}
