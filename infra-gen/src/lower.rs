//! From typed values to nodes, collecting what is wrong with literals on the way.

use crate::node::Node;
use crate::shape::{Object, Shape};
use crate::text::Text;
use crate::value::{Json, List, Map, Val};
use std::borrow::Cow;
use std::fmt;

/// Something AWS would refuse: where, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// For example `Socket.MemorySize`.
    pub at: String,
    /// The rest of a sentence that begins with the place.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.at, self.message)
    }
}

/// What a property can hold.
pub trait Value {
    /// What it is made of.
    const SHAPE: Shape;

    /// As a node.
    fn lower(&self, lower: &mut Lower<'_>) -> Node;
}

/// A property of a generated struct: required, or optional and perhaps not given.
pub trait Property {
    /// As a node, if given.
    fn lower(&self, lower: &mut Lower<'_>) -> Option<Node>;
}

impl<T: Value> Property for Val<T> {
    fn lower(&self, lower: &mut Lower<'_>) -> Option<Node> {
        Some(self.node(lower))
    }
}

impl<T: Value> Property for Option<Val<T>> {
    fn lower(&self, lower: &mut Lower<'_>) -> Option<Node> {
        self.as_ref().map(|value| value.node(lower))
    }
}

/// A rule between properties of one object.
#[derive(Clone, Copy, Debug)]
pub enum Between {
    /// All of one of these must be given.
    Any(&'static [&'static [&'static str]]),
    /// Whoever gives the first must give the others.
    Needs(&'static str, &'static [&'static str]),
}

impl Between {
    /// What is wrong with an object, as rests of sentences that begin with its place.
    pub(crate) fn broken_by(self, pairs: &[(Cow<'static, str>, Node)]) -> Vec<String> {
        let given = |name: &&str| pairs.iter().any(|(key, _)| key == name);
        match self {
            Self::Any(choices) if !choices.iter().any(|names| names.iter().all(given)) => {
                let choices: Vec<_> = choices.iter().map(|names| names.join(" and ")).collect();
                vec![format!("has none of {}; give one", choices.join(", "))]
            }
            Self::Needs(name, needed) if given(&name) => {
                let missing = needed.iter().filter(|needed| !given(needed));
                missing.map(|m| format!("has {name} without {m}, which it needs")).collect()
            }
            Self::Any(_) | Self::Needs(..) => Vec::new(),
        }
    }
}

/// The place one is at, and the problems found so far.
#[derive(Debug)]
pub struct Lower<'a> {
    root: &'a str,
    path: Vec<Cow<'static, str>>,
    problems: Vec<Problem>,
}

impl<'a> Lower<'a> {
    pub(crate) fn new(root: &'a str) -> Self {
        Self { root, path: Vec::new(), problems: Vec::new() }
    }

    pub(crate) fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// An object: the values of its properties, in the order of its table.
    pub(crate) fn object(&mut self, object: &Object, values: &[&dyn Property]) -> Node {
        let mut pairs = Vec::new();
        for (field, property) in object.fields.iter().zip(values) {
            self.path.push(Cow::Borrowed(field.name));
            if let Some(node) = property.lower(self) {
                for broken in field.rules.iter().filter_map(|rule| rule.broken_by(&node)) {
                    self.report(broken);
                }
                pairs.push((Cow::Borrowed(field.name), node));
            }
            self.path.pop();
        }
        for broken in object.between.iter().flat_map(|rule| rule.broken_by(&pairs)) {
            self.report(broken);
        }
        Node::Map(pairs)
    }

    fn report(&mut self, message: String) {
        let mut at = self.root.to_owned();
        for step in &self.path {
            if !step.starts_with('[') && !at.is_empty() {
                at.push('.');
            }
            at.push_str(step);
        }
        self.problems.push(Problem { at, message });
    }

    fn inside<T: Value>(&mut self, step: String, value: &Val<T>) -> Node {
        self.path.push(Cow::Owned(step));
        let node = value.node(self);
        self.path.pop();
        node
    }
}

impl<T: Text> Value for T {
    const SHAPE: Shape = Shape::Text(T::VALUES);

    fn lower(&self, _: &mut Lower<'_>) -> Node {
        Node::text(self.as_str())
    }
}

impl Value for String {
    const SHAPE: Shape = Shape::Text(&[]);

    fn lower(&self, _: &mut Lower<'_>) -> Node {
        Node::text(self)
    }
}

impl Value for bool {
    const SHAPE: Shape = Shape::Bool;

    fn lower(&self, _: &mut Lower<'_>) -> Node {
        Node::Bool(*self)
    }
}

impl Value for i64 {
    const SHAPE: Shape = Shape::Int;

    fn lower(&self, _: &mut Lower<'_>) -> Node {
        Node::Int(*self)
    }
}

impl Value for f64 {
    const SHAPE: Shape = Shape::Float;

    fn lower(&self, lower: &mut Lower<'_>) -> Node {
        if !self.is_finite() {
            lower.report(format!("is {self}, which no template can say"));
            return Node::Int(0);
        }
        Node::number(*self)
    }
}

impl Value for Json {
    const SHAPE: Shape = Shape::Any;

    fn lower(&self, _: &mut Lower<'_>) -> Node {
        self.0.clone()
    }
}

impl<T: Value> Value for List<T> {
    const SHAPE: Shape = Shape::List(&T::SHAPE);

    fn lower(&self, lower: &mut Lower<'_>) -> Node {
        let items = self.0.iter().enumerate();
        Node::List(items.map(|(i, item)| lower.inside(format!("[{i}]"), item)).collect())
    }
}

impl<T: Value> Value for Map<T> {
    const SHAPE: Shape = Shape::Map(&T::SHAPE);

    fn lower(&self, lower: &mut Lower<'_>) -> Node {
        let entries = self.0.iter();
        Node::map(entries.map(|(key, value)| (key.clone(), lower.inside(key.clone(), value))))
    }
}
