//! Log groups: those the template declares, and the one a stage's access log goes to.

use super::eval::Evaluator;
use super::properties::Properties;
use super::stand_in;
use crate::topology::Topology;

const GROUP: [&str; 9] = [
    "BearerTokenAuthenticationEnabled",
    "DataProtectionPolicy",
    "DeletionProtectionEnabled",
    "FieldIndexPolicies",
    "KmsKeyId",
    "LogGroupClass",
    "LogGroupName",
    "RetentionInDays",
    "Tags",
];

pub(super) fn read(evaluator: &mut Evaluator<'_>, topology: &mut Topology) {
    for id in evaluator.of_kind("AWS::Logs::LogGroup") {
        let name = stand_in::name(evaluator, &id);
        let mut properties = Properties::of(evaluator, &id);
        let days = properties.number("RetentionInDays", 1, 3653);
        topology.log_groups.insert(name, days);
        // A resource policy may stand here as well; whoever writes is let in by a role.
        let known: Vec<&str> = GROUP.into_iter().chain(["ResourcePolicyDocument"]).collect();
        properties.finish(evaluator, &known);
    }
}

/// The name in the ARN of a log group, with or without the `:*` at its end.
pub(super) fn group_of_arn(arn: &str) -> Option<&str> {
    let (_, name) = arn.split_once(":log-group:").filter(|_| arn.starts_with("arn:aws:logs:"))?;
    Some(name.strip_suffix(":*").unwrap_or(name))
}
