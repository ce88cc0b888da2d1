//! Who may do what: every policy of a template, one row a statement, principal, action and
//! resource.
//!
//! Policies are found by their form, in resources of any type. Whether a row is a good idea is
//! `validate`'s to say, which rows are new is `diff`'s.

use crate::node::Node;
use crate::parsed::{Parsed, Resource};
use crate::path::Path;
use serde::Serialize;
use std::collections::BTreeSet;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Grant {
    /// `Allow`, `Deny`, or `Limit` for a permissions boundary.
    pub effect: String,
    /// Who: a principal, or the role, user or group that the policy is attached to.
    pub principal: String,
    /// `dynamodb:GetItem`; after `not `, all but it.
    pub action: String,
    /// What on; after `not `, all but it.
    pub resource: String,
    /// When; empty: always.
    pub condition: String,
}

/// A statement as it stands in a template.
pub(crate) struct Statement<'t> {
    pub(crate) resource: Resource<'t>,
    /// Below the resource.
    pub(crate) at: Path,
    pub(crate) node: &'t Node,
    /// Conditions of the template under which it is there.
    when: Vec<String>,
}

/// All statements of a template.
pub(crate) fn statements(template: &Parsed) -> Vec<Statement<'_>> {
    let mut found = Vec::new();
    for resource in template.resources() {
        for (name, value) in resource.properties() {
            walk(resource, value, &Path::new(["Properties", name]), &mut found);
        }
    }
    found
}

fn walk<'t>(resource: Resource<'t>, node: &'t Node, at: &Path, found: &mut Vec<Statement<'t>>) {
    for (key, value) in node.pairs() {
        let at = at.key(key);
        if key == "Statement" {
            collect(resource, value, &at, &[], found);
        } else {
            walk(resource, value, &at, found);
        }
    }
    for (index, item) in node.items().iter().enumerate() {
        walk(resource, item, &at.item(index), found);
    }
}

/// A list of statements, one without a list, or either of them under a condition.
fn collect<'t>(
    resource: Resource<'t>,
    node: &'t Node,
    at: &Path,
    when: &[String],
    found: &mut Vec<Statement<'t>>,
) {
    match (node.as_function(), node) {
        (Some(("Fn::If", Node::List(arguments))), _) => {
            if let [condition, then, otherwise] = &arguments[..] {
                for (word, branch) in [("if", then), ("unless", otherwise)] {
                    let when = [when, &[format!("{word} {}", condition.to_line())]].concat();
                    collect(resource, branch, at, &when, found);
                }
            }
        }
        (None, Node::List(items)) => {
            for (index, item) in items.iter().enumerate() {
                collect(resource, item, &at.item(index), when, found);
            }
        }
        (None, Node::Map(_)) => {
            found.push(Statement { resource, at: at.clone(), node, when: when.to_vec() });
        }
        _ => {}
    }
}

impl Statement<'_> {
    /// Values of an element, whether it is a list or not.
    pub(crate) fn values(&self, element: &str) -> Vec<String> {
        self.node.get(element).map_or_else(Vec::new, lines)
    }

    pub(crate) fn allows(&self) -> bool {
        self.node.get("Effect").and_then(Node::as_text) == Some("Allow")
    }

    /// Who it is about: `AWS:…`, `Service:…`, or whoever the policy is attached to.
    pub(crate) fn principals(&self) -> Vec<String> {
        for (element, not) in [("Principal", ""), ("NotPrincipal", "not ")] {
            if let Some(principal) = self.node.get(element) {
                return principals(principal).into_iter().map(|p| format!("{not}{p}")).collect();
            }
        }
        holders(self.resource)
    }

    fn rows(&self) -> Vec<Grant> {
        let either = |positive: &str, negative: &str| match self.node.get(positive) {
            Some(node) => lines(node),
            None => self.values(negative).into_iter().map(|v| format!("not {v}")).collect(),
        };
        let mut resources = either("Resource", "NotResource");
        if resources.is_empty() {
            // A policy of the resource itself, such as who may take on a role.
            resources = vec![format!("${{{}}}", self.resource.id)];
        }
        let mut conditions = self.when.clone();
        conditions.extend(self.node.get("Condition").map(Node::to_line));
        let effect = self.node.get("Effect").map_or_else(String::new, Node::to_line);
        let mut rows = Vec::new();
        for principal in self.principals() {
            for action in either("Action", "NotAction") {
                for resource in &resources {
                    rows.push(Grant {
                        effect: effect.clone(),
                        principal: principal.clone(),
                        action: action.clone(),
                        resource: resource.clone(),
                        condition: conditions.join(" and "),
                    });
                }
            }
        }
        rows
    }
}

fn lines(node: &Node) -> Vec<String> {
    match (node.as_function(), node) {
        (None, Node::List(items)) => items.iter().map(Node::to_line).collect(),
        _ => vec![node.to_line()],
    }
}

fn principals(node: &Node) -> Vec<String> {
    match (node.as_function(), node) {
        (None, Node::Map(kinds)) => {
            let of_kind = |kind: &str, node: &Node| -> Vec<String> {
                // The name of a service says that it is one.
                let prefix = if kind == "Service" { String::new() } else { format!("{kind}:") };
                lines(node).into_iter().map(|name| format!("{prefix}{name}")).collect()
            };
            kinds.iter().flat_map(|(kind, node)| of_kind(kind, node)).collect()
        }
        _ => lines(node),
    }
}

/// Roles, users and groups that a policy is attached to, or the resource that has it.
fn holders(resource: Resource<'_>) -> Vec<String> {
    let attached = ["Roles", "Users", "Groups", "RoleName", "UserName", "GroupName"];
    let of_policy = resource.type_name.ends_with("Policy");
    let held: Vec<_> = attached
        .iter()
        .filter(|_| of_policy)
        .filter_map(|name| resource.property(name))
        .flat_map(lines)
        .collect();
    if held.is_empty() { vec![format!("${{{}}}", resource.id)] } else { held }
}

/// Every row of a template, sorted.
pub(crate) fn grants(template: &Parsed) -> BTreeSet<Grant> {
    let mut rows: BTreeSet<Grant> = statements(template).iter().flat_map(Statement::rows).collect();
    for resource in template.resources() {
        match resource.type_name {
            "AWS::Lambda::Permission" => rows.insert(permission(resource)),
            "AWS::ApiGatewayV2::Route" => {
                rows.extend(connect(resource));
                true
            }
            _ => false,
        };
        if resource.type_name.starts_with("AWS::IAM::") {
            rows.extend(managed(resource));
        }
    }
    rows
}

/// A permission of a function is a statement in other words.
fn permission(resource: Resource<'_>) -> Grant {
    let line = |name: &str| resource.property(name).map_or_else(String::new, Node::to_line);
    let conditions = [
        ("EventSourceToken", "lambda:EventSourceToken"),
        ("FunctionUrlAuthType", "lambda:FunctionUrlAuthType"),
        ("PrincipalOrgID", "aws:PrincipalOrgID"),
        ("SourceAccount", "aws:SourceAccount"),
        ("SourceArn", "aws:SourceArn"),
    ];
    let conditions = conditions.iter().filter(|(name, _)| resource.property(name).is_some());
    let conditions: Vec<_> =
        conditions.map(|(name, key)| format!("{key} is {}", line(name))).collect();
    Grant {
        effect: "Allow".to_owned(),
        principal: line("Principal"),
        action: line("Action"),
        resource: line("FunctionName"),
        condition: conditions.join(" and "),
    }
}

/// Who may open a connection; what it may send afterwards is not asked again.
fn connect(route: Resource<'_>) -> Option<Grant> {
    if route.text("RouteKey") != Some("$connect") {
        return None;
    }
    let line = |name: &str| route.property(name).map(Node::to_line);
    let principal = match line("AuthorizationType").as_deref() {
        None | Some("NONE") => "*".to_owned(),
        Some("AWS_IAM") => "whoever IAM allows".to_owned(),
        Some(_) => {
            format!("whoever {} lets in", line("AuthorizerId").unwrap_or_default())
        }
    };
    Some(Grant {
        effect: "Allow".to_owned(),
        principal,
        action: "execute-api:Invoke".to_owned(),
        resource: format!("{}/*/$connect", line("ApiId").unwrap_or_default()),
        condition: String::new(),
    })
}

/// Policies that stand elsewhere: what they say is not known here, only that they apply.
fn managed(holder: Resource<'_>) -> Vec<Grant> {
    let row = |effect: &str, action: &str, resource: String| Grant {
        effect: effect.to_owned(),
        principal: format!("${{{}}}", holder.id),
        action: action.to_owned(),
        resource,
        condition: String::new(),
    };
    let policies = holder.property("ManagedPolicyArns").map_or_else(Vec::new, lines);
    let boundary = holder.property("PermissionsBoundary").map(Node::to_line);
    policies
        .into_iter()
        .map(|arn| row("Allow", "(managed policy)", arn))
        .chain(boundary.map(|arn| row("Limit", "(permissions boundary)", arn)))
        .collect()
}
