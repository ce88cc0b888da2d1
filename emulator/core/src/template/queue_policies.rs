//! Policies of queues: which service of AWS they let send, for whom.

use super::eval::Evaluator;
use super::properties::Properties;
use crate::iam::{Decision, Policy, Request, evaluate};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What is said of each queue: to whom, and what.
#[derive(Debug, Default)]
pub(super) struct QueuePolicies(BTreeMap<String, Vec<(Principals, Policy)>>);

/// Whom a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Principals {
    Everybody,
    Services(Vec<String>),
}

impl QueuePolicies {
    pub(super) fn read(evaluator: &mut Evaluator<'_>) -> Self {
        let mut policies = Self::default();
        for id in evaluator.of_kind("AWS::SQS::QueuePolicy") {
            let mut properties = Properties::of(evaluator, &id);
            let document = properties.value("PolicyDocument").cloned().unwrap_or_default();
            let statements = list(document.get("Statement"));
            let queues = properties.texts("Queues");
            for (n, statement) in statements.into_iter().enumerate() {
                // Others than services need no permission of a queue in their own account.
                let Some(principals) = principals(&statement) else { continue };
                match policy(statement) {
                    Ok(policy) => {
                        for queue in queues.iter().filter_map(|url| url.rsplit('/').next()) {
                            let known = policies.0.entry(queue.to_owned()).or_default();
                            known.push((principals.clone(), policy.clone()));
                        }
                    }
                    Err(why) => {
                        let why = format!("Statement[{n}]: {why}");
                        properties.problem("PolicyDocument", why);
                    }
                }
            }
            properties.finish(evaluator, &["PolicyDocument", "Queues"]);
        }
        policies
    }

    /// Whether a service that acts for something of this ARN may send to a queue.
    pub(super) fn let_send(
        &self,
        service: &str,
        queue_arn: &str,
        source_arn: &str,
        account_id: &str,
    ) -> bool {
        let queue = queue_arn.rsplit(':').next().unwrap_or_default();
        let about = |principals: &Principals| match principals {
            Principals::Everybody => true,
            Principals::Services(services) => services.iter().any(|name| name == service),
        };
        let known = self.0.get(queue).into_iter().flatten();
        let policies = known.filter(|(principals, _)| about(principals)).map(|(_, policy)| policy);
        let request = Request {
            action: "sqs:SendMessage",
            resource: queue_arn,
            context: BTreeMap::from(
                [
                    ("aws:sourcearn", source_arn),
                    ("aws:sourceaccount", account_id),
                    ("aws:principalisawsservice", "true"),
                    ("aws:principalservicename", service),
                    ("aws:securetransport", "true"),
                ]
                .map(|(key, value)| (key.to_owned(), vec![value.to_owned()])),
            ),
        };
        evaluate(policies, &request) == Decision::Allowed
    }
}

fn list(value: Option<&Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(all)) => all.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    }
}

fn principals(statement: &Value) -> Option<Principals> {
    let principal = statement.get("Principal")?;
    let everybody = |value: Option<&Value>| list(value).iter().any(|name| name == "*");
    if everybody(Some(principal)) || everybody(principal.get("AWS")) {
        return Some(Principals::Everybody);
    }
    let services = list(principal.get("Service"));
    let names = services.iter().filter_map(|name| name.as_str().map(ToOwned::to_owned));
    let names: Vec<String> = names.collect();
    (!names.is_empty()).then_some(Principals::Services(names))
}

/// The statement by itself, as it is evaluated when its principal is known to be meant.
fn policy(mut statement: Value) -> Result<Policy, String> {
    if let Some(statement) = statement.as_object_mut() {
        statement.remove("Principal");
    }
    Policy::parse(&json!({ "Statement": [statement] }))
}
