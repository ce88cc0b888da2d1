//! From typed values to nodes, collecting what is wrong with literals on the way.

use crate::node::Node;
use crate::rule::Rule;
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

    /// An object: its properties in order, each with its rules, and the rules between them.
    pub fn object(
        &mut self,
        properties: &[(&'static str, &dyn Property, &[Rule])],
        between: &[Between],
    ) -> Node {
        let mut pairs = Vec::new();
        for (name, property, rules) in properties {
            self.path.push(Cow::Borrowed(name));
            if let Some(node) = property.lower(self) {
                for broken in rules.iter().filter_map(|rule| rule.broken_by(&node)) {
                    self.report(broken);
                }
                pairs.push((Cow::Borrowed(*name), node));
            }
            self.path.pop();
        }
        for rule in between {
            self.between(*rule, &pairs);
        }
        Node::Map(pairs)
    }

    fn between(&mut self, rule: Between, pairs: &[(Cow<'static, str>, Node)]) {
        let given = |name: &&str| pairs.iter().any(|(key, _)| key == name);
        match rule {
            Between::Any(choices) if !choices.iter().any(|names| names.iter().all(given)) => {
                let choices: Vec<_> = choices.iter().map(|names| names.join(" and ")).collect();
                self.report(format!("has none of {}; give one", choices.join(", ")));
            }
            Between::Needs(name, needed) if given(&name) => {
                for missing in needed.iter().filter(|needed| !given(needed)) {
                    self.report(format!("has {name} without {missing}, which it needs"));
                }
            }
            Between::Any(_) | Between::Needs(..) => {}
        }
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
    fn lower(&self, _: &mut Lower<'_>) -> Node {
        Node::text(self.as_str())
    }
}

impl Value for String {
    fn lower(&self, _: &mut Lower<'_>) -> Node {
        Node::text(self)
    }
}

impl Value for bool {
    fn lower(&self, _: &mut Lower<'_>) -> Node {
        Node::Bool(*self)
    }
}

impl Value for i64 {
    fn lower(&self, _: &mut Lower<'_>) -> Node {
        Node::Int(*self)
    }
}

impl Value for f64 {
    fn lower(&self, lower: &mut Lower<'_>) -> Node {
        if !self.is_finite() {
            lower.report(format!("is {self}, which no template can say"));
            return Node::Int(0);
        }
        Node::number(*self)
    }
}

impl Value for Json {
    fn lower(&self, _: &mut Lower<'_>) -> Node {
        self.0.clone()
    }
}

impl<T: Value> Value for List<T> {
    fn lower(&self, lower: &mut Lower<'_>) -> Node {
        let items = self.0.iter().enumerate();
        Node::List(items.map(|(i, item)| lower.inside(format!("[{i}]"), item)).collect())
    }
}

impl<T: Value> Value for Map<T> {
    fn lower(&self, lower: &mut Lower<'_>) -> Node {
        let entries = self.0.iter();
        Node::map(entries.map(|(key, value)| (key.clone(), lower.inside(key.clone(), value))))
    }
}
