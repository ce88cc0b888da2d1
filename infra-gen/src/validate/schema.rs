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

/// Only services whose types are all known can be said to lack one.
fn unknown_type(type_name: &str, at: &Path, findings: &mut Findings) {
    let service = type_name.rsplit_once("::").map_or("", |(service, _)| service);
    let of_service =
        |known: &&ResourceType| known.name.rsplit_once("::").is_some_and(|(of, _)| of == service);
    // Of these, every type there is was taken up; of others, some.
    const WHOLE: [&str; 4] = ["AWS::ApiGatewayV2", "AWS::DynamoDB", "AWS::IAM", "AWS::Lambda"];
    let nearest = {
        let known = ResourceType::all().iter().map(|known| known.name);
        super::nearest(type_name, known)
    };
    let near = nearest.filter(|known| strsim::levenshtein(known, type_name) <= 2);
    if WHOLE.contains(&service) {
        let known = ResourceType::all().iter().filter(of_service);
        let help = match nearest {
            Some(near) => format!("did you mean {near}?"),
            None => format!("known are {}", listed(known.map(|known| known.name))),
        };
        findings.report(
            &UNKNOWN_TYPE,
            at.key("Type"),
            format!("is {type_name}, which {service} does not have"),
            help,
        );
    } else if let Some(near) = near {
        let help = format!("did you mean {near}?");
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
