//! The IAM policy of whoever deploys: made from the list of what is called.

use crate::calls::{ALL, By, On};
use crate::target::Target;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The least that `deploy` has to be allowed, as JSON; what the resources of the stacks need comes on
/// top, since CloudFormation makes them in the name of whoever deploys.
pub fn policy(targets: &[Target], region: &str) -> Value {
    let mut by_place: BTreeMap<On, BTreeSet<&str>> = BTreeMap::new();
    for call in ALL.iter().filter(|call| call.by.contains(&By::Deploy)) {
        by_place.entry(call.on).or_default().insert(call.operation.action);
    }
    let statement = |(on, actions): (On, BTreeSet<&str>)| {
        json!({
            "Effect": "Allow",
            "Action": actions.into_iter().collect::<Vec<_>>(),
            "Resource": resources(on, targets, region),
        })
    };
    let statements: Vec<_> = by_place.into_iter().map(statement).collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}

fn resources(on: On, targets: &[Target], region: &str) -> Vec<String> {
    let partition = match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    };
    let arn = |rest: String| format!("arn:{partition}:{rest}");
    let names = || targets.iter().map(|target| &target.entry.name);
    match on {
        On::Stacks => {
            names().map(|n| arn(format!("cloudformation:{region}:*:stack/{n}/*"))).collect()
        }
        On::Functions => {
            names().map(|n| arn(format!("lambda:{region}:*:function:{n}-*"))).collect()
        }
        On::LogGroups => vec![arn(format!("logs:{region}:*:log-group:*"))],
        On::Bucket => vec![arn(format!("s3:::herald-assets-*-{region}"))],
        On::Objects => vec![arn(format!("s3:::herald-assets-*-{region}/*"))],
        On::ApiGatewayAccount => vec![arn(format!("apigateway:{region}::/account"))],
        _ => vec!["*".to_owned()],
    }
}
