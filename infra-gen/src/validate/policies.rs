//! Policies that allow more than is meant, and permissions open to any API.

use super::Findings;
use super::codes::{ALL_ACTIONS, ALL_BUT, ALL_RESOURCES, ANY_API, ANYONE, MANY_ACTIONS};
use super::web_socket::place;
use crate::grants::{Statement, statements};
use crate::iam::{cloudwatch, xray};
use crate::node::Node;
use crate::parsed::{Parsed, Resource};
use crate::path::Path;

/// Actions that AWS cannot narrow to a resource (Service Authorization Reference), besides those
/// that a policy of ours can express.
const UNSCOPED: &[&str] = &[
    "dynamodb:ListStreams",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "sts:GetCallerIdentity",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
];

pub(super) fn check(template: &Parsed, findings: &mut Findings) {
    for statement in statements(template).iter().filter(|statement| statement.allows()) {
        let at = place(statement.resource, &[]).below(&statement.at);
        actions(statement, &at, findings);
        resources(statement, &at, findings);
        principals(statement, &at, findings);
        for element in ["NotAction", "NotResource", "NotPrincipal"] {
            if statement.node.get(element).is_some() {
                let message = "allows all but what it names";
                findings.report(&ALL_BUT, at.key(element), message, "name what is needed");
            }
        }
    }
    let permissions = template.resources().filter(|r| r.type_name == "AWS::Lambda::Permission");
    permissions.for_each(|resource| permission(resource, findings));
}

fn actions(statement: &Statement<'_>, at: &Path, findings: &mut Findings) {
    for action in statement.values("Action") {
        let at = at.key("Action");
        if matches!(action.as_str(), "*" | "*:*") {
            findings.report(&ALL_ACTIONS, at, "is *", "name the actions that are needed");
        } else if action.contains(['*', '?']) {
            let help = "name the actions that are needed";
            findings.report(&MANY_ACTIONS, at, format!("is {action}"), help);
        }
    }
}

fn resources(statement: &Statement<'_>, at: &Path, findings: &mut Findings) {
    let scoped: Vec<_> =
        statement.values("Action").into_iter().filter(|action| !is_unscoped(action)).collect();
    if statement.values("Resource").iter().any(|resource| resource == "*") && !scoped.is_empty() {
        let message = format!("is * for {}", super::listed(scoped.iter().map(String::as_str)));
        findings.report(&ALL_RESOURCES, at.key("Resource"), message, "name the resources");
    }
}

fn is_unscoped(action: &str) -> bool {
    let ours = [
        cloudwatch::PUT_METRIC_DATA.name(),
        xray::PUT_TELEMETRY_RECORDS.name(),
        xray::PUT_TRACE_SEGMENTS.name(),
    ];
    ours.iter().chain(UNSCOPED).any(|known| known.eq_ignore_ascii_case(action))
}

fn principals(statement: &Statement<'_>, at: &Path, findings: &mut Findings) {
    let anyone = statement.principals().iter().any(|p| p == "*" || p == "AWS:*");
    if anyone
        && statement.node.get("Principal").is_some()
        && statement.node.get("Condition").is_none()
    {
        let help = "name accounts or services, or add a condition";
        findings.report(&ANYONE, at.key("Principal"), "is *", help);
    }
}

fn permission(resource: Resource<'_>, findings: &mut Findings) {
    let principal = resource.property("Principal").map_or_else(String::new, Node::to_line);
    let narrowed = ["SourceArn", "SourceAccount", "PrincipalOrgID"];
    if narrowed.iter().any(|name| resource.property(name).is_some()) {
        return;
    }
    let at = place(resource, &["Properties", "Principal"]);
    // A function URL is open by intent and says so.
    let open_url = resource.text("FunctionUrlAuthType").is_some();
    if principal == "*" && !open_url {
        findings.report(&ANYONE, at, "is *", "name an account or a service");
    } else if principal == "apigateway.amazonaws.com" {
        let help = "give SourceArn: the ARN of the API's stage and route";
        findings.report(&ANY_API, at, "is API Gateway, whosever API it is", help);
    }
}
