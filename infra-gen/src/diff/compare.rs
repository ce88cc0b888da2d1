//! Where two values differ, as CloudFormation would see it.
//!
//! Two ways of writing one thing are one thing: `Ref` and `${…}`, one text and a list of it, `1`
//! and `'1'`, a list in another order where order means nothing.

use crate::node::Node;
use crate::path::{Path, Step};
use crate::shape::Shape;
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A place where they differ.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) path: Path,
    pub(super) old: Option<Node>,
    pub(super) new: Option<Node>,
}

/// Elements of a policy whose values are a set, or one value of it.
const SETS: [&str; 6] =
    ["Action", "NotAction", "Resource", "NotResource", "DependsOn", "ManagedPolicyArns"];

/// Keys that tell the items of a list apart.
const IDENTITIES: [&str; 8] =
    ["Key", "Name", "AttributeName", "IndexName", "PolicyName", "ParameterName", "Id", "Sid"];

/// Whether two values mean the same, whatever they are.
pub(super) fn same(old: &Node, new: &Node) -> bool {
    canonical(old, None, false) == canonical(new, None, false)
}

/// All differences below a place.
pub(super) fn differences(
    old: Option<&Node>,
    new: Option<&Node>,
    shape: Option<Shape>,
    at: &Path,
) -> Vec<Difference> {
    let mut found = Vec::new();
    walk(old, new, (shape, false), at, &mut found);
    found
}

/// What is known of a value: its shape, and whether its order means nothing.
type Known = (Option<Shape>, bool);

fn walk(
    old: Option<&Node>,
    new: Option<&Node>,
    known: Known,
    at: &Path,
    found: &mut Vec<Difference>,
) {
    let (Some(a), Some(b)) = (old, new) else {
        if old.is_some() || new.is_some() {
            let [old, new] = [old, new].map(Option::<&Node>::cloned);
            found.push(Difference { path: at.clone(), old, new });
        }
        return;
    };
    if canonical(a, known.0, known.1) == canonical(b, known.0, known.1) {
        return;
    }
    let plain = a.as_function().is_none() && b.as_function().is_none();
    match (a, b) {
        (Node::Map(_), Node::Map(_)) if plain => {
            let pairs = a.pairs().iter().chain(b.pairs());
            let keys: BTreeSet<&str> = pairs.map(|(key, _)| key.as_ref()).collect();
            for key in keys {
                walk(a.get(key), b.get(key), below(known.0, key), &at.key(key), found);
            }
        }
        (Node::List(a), Node::List(b)) => lists(a, b, known.0, at, found),
        _ => {
            found.push(Difference { path: at.clone(), old: Some(a.clone()), new: Some(b.clone()) })
        }
    }
}

fn below(shape: Option<Shape>, key: &str) -> Known {
    match shape {
        Some(Shape::Object(object)) => match object.field(key) {
            Some(field) => (Some(field.shape), field.unordered),
            None => (None, false),
        },
        Some(Shape::Map(values)) => (Some(*values), false),
        _ => (None, SETS.contains(&key)),
    }
}

fn item(shape: Option<Shape>) -> Option<Shape> {
    match shape {
        Some(Shape::List(item)) => Some(*item),
        _ => None,
    }
}

/// Lists by the names of their items, or else what is left between equal beginnings and ends.
fn lists(old: &[Node], new: &[Node], shape: Option<Shape>, at: &Path, found: &mut Vec<Difference>) {
    let known = (item(shape), false);
    if let Some(identity) = identity(old, new) {
        let name = |item: &Node| item.get(identity).map_or_else(String::new, Node::to_line);
        let names: BTreeSet<String> = old.iter().chain(new).map(name).collect();
        for wanted in names {
            let [a, b] = [old, new].map(|items| items.iter().find(|item| name(item) == wanted));
            walk(a, b, known, &at.join(Step::Named(wanted)), found);
        }
        return;
    }
    let equal =
        |(a, b): &(&Node, &Node)| canonical(a, known.0, false) == canonical(b, known.0, false);
    let head = old.iter().zip(new).take_while(equal).count();
    let (old, new) = (&old[head..], &new[head..]);
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(equal).count();
    let (old, new) = (&old[..old.len() - tail], &new[..new.len() - tail]);
    if old.len() == new.len() || old.is_empty() || new.is_empty() {
        for index in 0..old.len().max(new.len()) {
            walk(old.get(index), new.get(index), known, &at.item(head + index), found);
        }
    } else {
        let [old, new] = [old, new].map(|items| Some(Node::List(items.to_vec())));
        found.push(Difference { path: at.clone(), old, new });
    }
}

/// A place with names instead of numbers, where items have names.
pub(super) fn named(node: &Node, path: &Path) -> Path {
    let mut named = Path::default();
    let mut here = Some(node);
    for step in path.steps() {
        let items = here.map_or(&[][..], Node::items);
        let name = match step {
            Step::Item(index) => identity(items, items)
                .and_then(|identity| items.get(*index)?.get(identity)?.as_text()),
            Step::Key(_) | Step::Named(_) => None,
        };
        let step_named = name.map_or_else(|| step.clone(), |name| Step::Named(name.to_owned()));
        named = named.join(step_named);
        here = here.and_then(|here| here.at(&Path::default().join(step.clone())));
    }
    named
}

/// The key by which the items of both lists have names, each its own.
fn identity(old: &[Node], new: &[Node]) -> Option<&'static str> {
    let distinct = |items: &[Node], key: &str| {
        let names: BTreeSet<_> = items.iter().filter_map(|item| item.get(key)?.as_text()).collect();
        names.len() == items.len()
    };
    IDENTITIES
        .into_iter()
        .find(|key| !(old.is_empty() && new.is_empty()) && distinct(old, key) && distinct(new, key))
}

/// One form for all ways of saying it.
fn canonical(node: &Node, shape: Option<Shape>, unordered: bool) -> Node {
    if node.as_function().is_some() {
        return function(node);
    }
    match node {
        Node::Bool(_) | Node::Int(_) | Node::Float(_) => Node::Text(node.to_line()),
        Node::Text(_) => node.clone(),
        Node::List(items) => {
            let mut items: Vec<_> =
                items.iter().map(|i| canonical(i, item(shape), false)).collect();
            if unordered {
                items.sort_by_cached_key(Node::to_line);
            }
            Node::List(items)
        }
        Node::Map(pairs) => Node::Map(pairs.iter().map(|pair| entry(pair, shape)).collect()),
    }
}

fn entry(
    (key, value): &(Cow<'static, str>, Node),
    shape: Option<Shape>,
) -> (Cow<'static, str>, Node) {
    let (shape, unordered) = below(shape, key);
    let value = match value {
        Node::Text(_) if shape.is_none() && SETS.contains(&key.as_ref()) => {
            Node::List(vec![value.clone()])
        }
        value => canonical(value, shape, unordered),
    };
    (key.clone(), value)
}

/// Functions that give a text, by their line; others with canonical arguments.
fn function(node: &Node) -> Node {
    let line = node.to_line();
    // What has no shorter form is written as JSON.
    if !line.starts_with("{\"") {
        return Node::map([("Fn::Sub", Node::Text(line))]);
    }
    let Node::Map(pairs) = node else { return node.clone() };
    Node::Map(
        pairs.iter().map(|(name, value)| (name.clone(), canonical(value, None, false))).collect(),
    )
}
