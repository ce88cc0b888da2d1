//! Who refers to whom, wherever the reference stands: in properties, in text, in untyped JSON.
//!
//! Knows the functions that refer to something and no resource type.

use crate::node::Node;
use crate::path::Path;
use std::collections::{BTreeMap, BTreeSet};

/// What `Ref` gives without being told of ("Pseudo parameters reference").
pub(crate) const PSEUDO_PARAMETERS: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// What is referred to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Target {
    /// A resource or parameter, by `Ref` or `Fn::Sub`.
    Ref(String),
    /// An attribute of a resource.
    Attribute(String, String),
    /// A condition, by `Fn::If`.
    Condition(String),
    /// A mapping, by `Fn::FindInMap`.
    Mapping(String),
}

impl Target {
    /// The resource or parameter.
    pub(crate) fn id(&self) -> Option<&str> {
        match self {
            Self::Ref(id) | Self::Attribute(id, _) => Some(id),
            Self::Condition(_) | Self::Mapping(_) => None,
        }
    }
}

/// A reference and its place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reference {
    /// The place of the outermost function it is in.
    pub(crate) at: Path,
    pub(crate) target: Target,
}

/// All references of a node; pseudo parameters are none.
pub(crate) fn references(node: &Node) -> Vec<Reference> {
    let mut found = Vec::new();
    walk(node, &Path::default(), &mut found);
    found
}

fn walk(node: &Node, at: &Path, found: &mut Vec<Reference>) {
    match (node.as_function(), node) {
        (Some((name, argument)), _) => {
            let mut targets = BTreeSet::new();
            function(name, argument, &mut targets);
            found.extend(targets.into_iter().map(|target| Reference { at: at.clone(), target }));
        }
        (None, Node::List(items)) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &at.item(index), found);
            }
        }
        (None, Node::Map(pairs)) => {
            for (key, value) in pairs {
                walk(value, &at.key(key), found);
            }
        }
        _ => {}
    }
}

/// What is inside a function has the function's place.
fn inside(node: &Node, targets: &mut BTreeSet<Target>) {
    match (node.as_function(), node) {
        (Some((name, argument)), _) => function(name, argument, targets),
        (None, Node::List(items)) => items.iter().for_each(|item| inside(item, targets)),
        (None, Node::Map(pairs)) => pairs.iter().for_each(|(_, value)| inside(value, targets)),
        _ => {}
    }
}

fn function(name: &str, argument: &Node, targets: &mut BTreeSet<Target>) {
    match (name, argument) {
        ("Ref", Node::Text(id)) => reference(id, targets),
        ("Fn::GetAtt", _) => {
            targets.extend(attribute(argument).map(|(id, name)| Target::Attribute(id, name)));
        }
        ("Fn::Sub", Node::Text(text)) => sub(text, &[], targets),
        ("Fn::Sub", Node::List(arguments)) => {
            if let [Node::Text(text), Node::Map(variables)] = &arguments[..] {
                let own: Vec<_> = variables.iter().map(|(name, _)| name.as_ref()).collect();
                sub(text, &own, targets);
                variables.iter().for_each(|(_, value)| inside(value, targets));
            }
        }
        ("Fn::If", Node::List(arguments)) => {
            let condition = arguments.first().and_then(Node::as_text);
            targets.extend(condition.map(|id| Target::Condition(id.to_owned())));
            arguments.iter().skip(1).for_each(|argument| inside(argument, targets));
        }
        ("Fn::FindInMap", Node::List(arguments)) => {
            let mapping = arguments.first().and_then(Node::as_text);
            targets.extend(mapping.map(|id| Target::Mapping(id.to_owned())));
            arguments.iter().for_each(|argument| inside(argument, targets));
        }
        _ => inside(argument, targets),
    }
}

/// Id and attribute of `Fn::GetAtt`, in either of its forms; an attribute that is computed is
/// empty.
pub(crate) fn attribute(argument: &Node) -> Option<(String, String)> {
    match argument {
        Node::Text(path) => {
            let (id, name) = path.split_once('.')?;
            Some((id.to_owned(), name.to_owned()))
        }
        Node::List(parts) => match &parts[..] {
            [Node::Text(id), name] => {
                Some((id.clone(), name.as_text().unwrap_or_default().to_owned()))
            }
            _ => None,
        },
        _ => None,
    }
}

fn reference(id: &str, targets: &mut BTreeSet<Target>) {
    if !PSEUDO_PARAMETERS.contains(&id) {
        targets.insert(Target::Ref(id.to_owned()));
    }
}

fn sub(text: &str, own: &[&str], targets: &mut BTreeSet<Target>) {
    for piece in text.split("${").skip(1) {
        let Some((name, _)) = piece.split_once('}') else { continue };
        let name = name.trim();
        match name.split_once('.') {
            _ if name.starts_with('!') || own.contains(&name) => {}
            Some((id, attribute)) => {
                targets.insert(Target::Attribute(id.to_owned(), attribute.to_owned()));
            }
            None => reference(name, targets),
        }
    }
}

/// The first circle found, from some member back to it.
pub(crate) fn circle(edges: &BTreeMap<&str, BTreeSet<String>>) -> Option<Vec<String>> {
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for start in edges.keys() {
        // A walk in depth, with its own stack: the next edges to follow from each step.
        let mut path: Vec<&str> = vec![start];
        let mut stack = vec![edges[start].iter()];
        while let Some(next) = stack.last_mut() {
            match next.next().and_then(|id| edges.get_key_value(id.as_str())) {
                Some((id, _)) if path.contains(id) => {
                    let from = path.iter().position(|step| step == id).unwrap_or_default();
                    let steps = path[from..].iter().chain([id]);
                    return Some(steps.map(|step| (*step).to_owned()).collect());
                }
                Some((id, targets)) if !done.contains(id) => {
                    path.push(id);
                    stack.push(targets.iter());
                }
                // Done with, or no resource.
                Some(_) => {}
                None => {
                    stack.pop();
                    done.extend(path.pop());
                }
            }
        }
    }
    None
}
