//! What sets functions in motion from outside: the minute, and events of back ends.

use super::functions::Functions;
use crate::constructs::may_invoke;
use herald_contract::command::DETAIL_TYPE;
use infra_gen::aws::events::{Rule, rule::Target};
use infra_gen::aws::lambda::Function;
use infra_gen::iam::Service;
use infra_gen::{Handle, Json, Node, Template, Val, some};

pub(super) fn add(template: &mut Template, functions: &Functions) {
    add_rule(
        template,
        "SweepEveryMinute",
        Rule {
            description: some("Looks for what has waited too long"),
            schedule_expression: some("rate(1 minute)"),
            ..Rule::new()
        },
        &functions.sweeper,
    );
    let pattern = Node::map([("detail-type", Node::List(vec![Node::text(DETAIL_TYPE)]))]);
    add_rule(
        template,
        "PublishEvents",
        Rule {
            description: some("Commands of back ends on the default event bus"),
            event_pattern: Some(Val::Lit(Json(pattern))),
            ..Rule::new()
        },
        &functions.publish,
    );
}

/// A rule that invokes a function, and the permission to.
fn add_rule(template: &mut Template, id: &'static str, rule: Rule, function: &Handle<Function>) {
    let target = Target::new(function.arn(), function.logical_id().as_str());
    let rule = template.add(id, Rule { targets: some([target]), ..rule });
    template.add(format!("{id}Permission"), may_invoke(Service::Events, function, rule.arn()));
}
