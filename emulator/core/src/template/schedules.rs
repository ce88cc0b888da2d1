//! Schedules of EventBridge Scheduler, and whether their roles let them call.

use super::destinations;
use super::eval::{Evaluator, text};
use super::properties::Properties;
use super::stand_in;
use crate::Time;
use crate::lambda::function_name;
use crate::permissions::role_allows;
use crate::scheduler::{Timetable, When};
use crate::topology::Topology;

const SCHEDULE: [&str; 11] = [
    "Description",
    "EndDate",
    "FlexibleTimeWindow",
    "GroupName",
    "KmsKeyArn",
    "Name",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "StartDate",
    "State",
    "Target",
];

/// Needs functions, roles and queues.
pub(super) fn read(evaluator: &mut Evaluator<'_>, topology: &mut Topology) {
    for id in evaluator.of_kind("AWS::Scheduler::Schedule") {
        let name = stand_in::name(evaluator, &id);
        let arn = stand_in::attribute(evaluator, &id, "Arn").unwrap_or_default();
        let mut properties = Properties::of(evaluator, &id);
        let mut target = properties.within("Target");
        let expression = properties.required("ScheduleExpression");
        let when = When::parse(&expression);
        let mut date = |name: &str| {
            let given = properties.text(name)?;
            let time = Time::parse_iso8601(&given);
            if time.is_none() {
                let message = format!("`{given}` must be a time such as 2026-11-25T08:15:30Z");
                properties.problem(name, message);
            }
            time
        };
        let (start, end) = (date("StartDate"), date("EndDate"));
        if !properties.has("FlexibleTimeWindow") {
            properties.problem("", "FlexibleTimeWindow is required; write Mode: OFF");
        }
        let zone = properties.text("ScheduleExpressionTimezone").unwrap_or_else(|| "UTC".into());
        if zone != "UTC" {
            evaluator.warnings.push(format!("the times of {id} are in {zone}; here they are UTC"));
        }
        let state = properties.choice("State", &["ENABLED", "DISABLED"]);
        let (target_arn, role) = (target.required("Arn"), target.required("RoleArn"));
        if let Some(why) = not_assumed(topology, &role) {
            target.problem("RoleArn", why);
        }
        match when {
            Err(why) => properties.problem("ScheduleExpression", why),
            Ok(when) => match uncalled(topology, &target_arn, &role) {
                Some(why) => evaluator.warnings.push(format!("{id} calls nothing: {why}")),
                None => topology.messaging.timetables.push(Timetable {
                    name,
                    arn,
                    enabled: state.as_deref() != Some("DISABLED"),
                    when,
                    start,
                    end,
                    target: target_arn,
                    group: target.within("SqsParameters").text("MessageGroupId"),
                    input: target.value("Input").map(text),
                }),
            },
        }
        properties.problems.append(&mut target.problems);
        properties.finish(evaluator, &SCHEDULE);
    }
}

/// Why AWS refuses a role: Scheduler must be able to act in it.
fn not_assumed(topology: &Topology, role: &str) -> Option<String> {
    let known = topology.roles.get(role)?;
    let trusted = known.services.iter().any(|service| service == "scheduler.amazonaws.com");
    (!trusted).then(|| {
        format!("The execution role you provide must allow AWS EventBridge Scheduler to assume the role; allow scheduler.amazonaws.com sts:AssumeRole in {}", known.name)
    })
}

/// Why nothing is called, here or on AWS.
fn uncalled(topology: &Topology, target: &str, role: &str) -> Option<String> {
    if target.starts_with("arn:aws:events:") {
        return Some(format!("{target} is a bus, to which nothing is scheduled here"));
    }
    if let Some(why) = destinations::not_emulated(target, topology) {
        return Some(why);
    }
    let Some(known) = topology.roles.get(role) else {
        return Some(format!("role {role} is not in the template"));
    };
    let is_function = function_name(target).is_some_and(|f| topology.functions.contains_key(f));
    let action = if is_function { "lambda:InvokeFunction" } else { "sqs:SendMessage" };
    let allowed = known.has_unknown_policies || role_allows(known, action, target);
    (!allowed).then(|| format!("role {} does not allow {action} on {target}", known.name))
}
