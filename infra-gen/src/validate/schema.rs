//! Properties against the schemas of their resource types.
//!
//! A value that CloudFormation computes is passed over, except that both branches of `Fn::If` are
//! looked into.

use super::codes::{
    BETWEEN, KIND, MISSING_PROPERTY, RULE, UNKNOWN_PROPERTY, UNKNOWN_TYPE, UNKNOWN_VALUE,
};
use super::{Findings, did_you_mean, listed};
use crate::node::Node;
use crate::parsed::{Parsed, Resource};
use crate::path::Path;
use crate::rule::Rule;
use crate::shape::{Object, ResourceType, Shape};

pub(super) fn check(template: &Parsed, findings: &mut Findings) {
    for resource in template.resources() {
        let at = Path::new(["Resources", resource.id]);
        match resource.known() {
            Some(known) => properties(resource, known, &at, findings),
            None => unknown_type(resource.type_name, &at, findings),
        }
    }
}

fn properties(resource: Resource<'_>, known: &ResourceType, at: &Path, findings: &mut Findings) {
    let none = Node::Map(Vec::new());
    let (properties, at) = match resource.body.get("Properties") {
        Some(properties) => (properties, at.key("Properties")),
        None => (&none, at.clone()),
    };
    value(properties, known.shape, &[], &at, findings);
}

/// Services of which every type was taken up; of others, some.
const WHOLE: [&str; 4] = ["AWS::ApiGatewayV2", "AWS::DynamoDB", "AWS::IAM", "AWS::Logs"];

/// Only a service whose types are all known can be said to lack one; of another, only what looks
/// like a slip is reported.
fn unknown_type(type_name: &str, at: &Path, findings: &mut Findings) {
    const SLIPS_MOST: usize = 3;
    let service = |name: &str| name.rsplit_once("::").map_or("", |(of, _)| of).to_owned();
    let ours = service(type_name);
    let siblings: Vec<_> =
        ResourceType::all().iter().map(|k| k.name).filter(|name| service(name) == ours).collect();
    let slips = |name: &&str| strsim::osa_distance(name, type_name);
    let near = siblings.iter().copied().min_by_key(slips).filter(|name| slips(name) <= SLIPS_MOST);
    if near.is_some() || WHOLE.contains(&ours.as_str()) {
        let help = match near {
            Some(near) => format!("did you mean {near}?"),
            None => format!("known are {}", listed(siblings)),
        };
        findings.report(&UNKNOWN_TYPE, at.key("Type"), format!("is {type_name}"), help);
    }
}

fn value(node: &Node, shape: Shape, rules: &[Rule], at: &Path, findings: &mut Findings) {
    if let Some((name, argument)) = node.as_function() {
        if let ("Fn::If", [_, then, otherwise]) = (name, argument.items()) {
            for (index, branch) in [(1, then), (2, otherwise)] {
                value(branch, shape, rules, &at.key(name).item(index), findings);
            }
        }
        return;
    }
    if node.pairs().iter().any(|(key, _)| key.starts_with("Fn::")) {
        return;
    }
    for broken in rules.iter().filter_map(|rule| rule.broken_by(node)) {
        findings.report(&RULE, at.clone(), broken, "");
    }
    match (shape, node) {
        (Shape::Object(shape), Node::Map(_)) => object(node, shape, at, findings),
        (Shape::List(item), Node::List(items)) => {
            for (index, node) in items.iter().enumerate() {
                value(node, *item, &[], &at.item(index), findings);
            }
        }
        (Shape::Map(entry), Node::Map(pairs)) => {
            for (key, node) in pairs {
                value(node, *entry, &[], &at.key(key), findings);
            }
        }
        (Shape::Text(known), Node::Text(text)) => text_value(text, known, at, findings),
        _ => kind(node, shape, at, findings),
    }
}

fn object(node: &Node, shape: &Object, at: &Path, findings: &mut Findings) {
    for (key, node) in node.pairs() {
        match shape.field(key) {
            Some(field) => value(node, field.shape, field.rules, &at.key(key), findings),
            None => {
                let names = || shape.fields.iter().map(|field| field.name);
                let help = match did_you_mean(key, names()) {
                    help if help.is_empty() => format!("known are {}", listed(names())),
                    help => help,
                };
                findings.report(&UNKNOWN_PROPERTY, at.key(key), "is no property here", help);
            }
        }
    }
    for field in shape.fields.iter().filter(|field| field.required) {
        if node.get(field.name).is_none() {
            let message = format!("has no {}, which is required", field.name);
            findings.report(&MISSING_PROPERTY, at.clone(), message, "");
        }
    }
    for broken in shape.between.iter().flat_map(|rule| rule.broken_by(node.pairs())) {
        findings.report(&BETWEEN, at.clone(), broken, "");
    }
}

fn text_value(text: &str, known: &[&str], at: &Path, findings: &mut Findings) {
    if known.is_empty() || known.contains(&text) {
        return;
    }
    let help = match did_you_mean(text, known.iter().copied()) {
        help if help.is_empty() => format!("known are {}", listed(known.iter().copied())),
        help => help,
    };
    findings.report(&UNKNOWN_VALUE, at.clone(), format!("is {text:?}"), help);
}

/// CloudFormation takes a text that reads as a number for one, and the other way round.
fn kind(node: &Node, shape: Shape, at: &Path, findings: &mut Findings) {
    let reads_as = |test: fn(&str) -> bool| node.as_text().is_some_and(test);
    let whole = |number: &f64| number.fract() == 0.0;
    let (fits, wanted) = match shape {
        Shape::Any => (true, "anything"),
        Shape::Bool => (
            matches!(node, Node::Bool(_)) || reads_as(|text| matches!(text, "true" | "false")),
            "true or false",
        ),
        Shape::Int => (
            matches!(node, Node::Int(_))
                || matches!(node, Node::Float(number) if whole(number))
                || reads_as(|text| text.parse::<i64>().is_ok()),
            "a whole number",
        ),
        Shape::Float => (
            matches!(node, Node::Int(_) | Node::Float(_))
                || reads_as(|text| text.parse::<f64>().is_ok()),
            "a number",
        ),
        Shape::Text(_) => (!matches!(node, Node::List(_) | Node::Map(_)), "a text"),
        Shape::List(_) => (false, "a list"),
        Shape::Map(_) => (false, "a map"),
        Shape::Object(_) => (false, "a map of properties"),
    };
    if !fits {
        let found = match node {
            Node::Bool(_) => "true or false",
            Node::Int(_) | Node::Float(_) => "a number",
            Node::Text(_) => "a text",
            Node::List(_) => "a list",
            Node::Map(_) => "a map",
        };
        findings.report(&KIND, at.clone(), format!("is {found}; it must be {wanted}"), "");
    }
}
