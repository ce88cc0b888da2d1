//! JSONPath as `$input.path` and `$input.json` of mapping templates read it.
//!
//! `$`, `.a`, `['a']`, `[0]`, `[-1]`, `[0,2]`, `[1:3]`, `[*]`, `.*`, `..a`, `[?(@.x == 1 && @.y)]`.
//! As in the Java library behind API Gateway, a path that can name one value only gives that value
//! or nothing, and any other path gives a list. Routes are chosen by the smaller paths of
//! [`crate::selection`], not by these.
//!
//! ```
//! use gateway_core::json_path::{Found, Path};
//! let document = serde_json::json!({ "users": [{ "id": 1 }, { "id": 2 }] });
//! let Found::Many(ids) = Path::parse("$.users[*].id")?.evaluate(&document)? else { panic!() };
//! assert_eq!(ids, [&1, &2]);
//! # Ok::<(), gateway_core::json_path::Error>(())
//! ```

mod filter;
mod parse;
#[cfg(test)]
mod tests;

use filter::Filter;

/// A parsed path.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    text: String,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Member(String),
    /// Negative ones count from the end.
    Element(i64),
    Elements(Vec<i64>),
    Slice(Option<i64>, Option<i64>),
    Children,
    /// The node and everything below it.
    Descend,
    Filter(Filter),
}

/// What a path found.
#[derive(Clone, Debug, PartialEq)]
pub enum Found<T> {
    /// The path can name one value only: that value, if it is there.
    One(Option<T>),
    /// The path can name any number of values.
    Many(Vec<T>),
}

/// Why a path has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is not a path of the kind read here.
    #[error("`{path}` is not a JSONPath: {what} at character {at}")]
    Malformed { path: String, what: String, at: usize },
    /// Wildcards and `..` lead to too many nodes.
    #[error("`{path}` visits more than {NODES_MAX} nodes; name the members instead of `..`")]
    TooMuch { path: String },
}

/// Nodes one evaluation may visit.
pub const NODES_MAX: usize = 200_000;

/// A JSON value as a path sees it.
pub trait Tree: Copy {
    /// What it is.
    fn kind(&self) -> Kind<'_>;
    /// The value of this key, if it is an object that has it.
    fn member(self, key: &str) -> Option<Self>;
    /// The elements of a list or the values of an object; nothing of anything else.
    fn children(self) -> Vec<Self>;
    /// How many elements a list has, and `None` of anything else.
    fn length(self) -> Option<usize>;
    /// The element of a list.
    fn element(self, index: usize) -> Option<Self>;
}

/// What a [`Tree`] is, with its value where it has no children.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind<'a> {
    Null,
    Bool(bool),
    Number(f64),
    Text(&'a str),
    List,
    Object,
}

impl Path {
    /// Reads a path. The leading `$.` may be missing.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let steps = parse::steps(text).map_err(|(what, at)| Error::Malformed {
            path: text.chars().take(100).collect(),
            what,
            at,
        })?;
        Ok(Self { text: text.to_owned(), steps })
    }

    /// Follows the path from `root`.
    ///
    /// # Errors
    /// [`Error::TooMuch`] when it leads to more than [`NODES_MAX`] nodes.
    pub fn evaluate<T: Tree>(&self, root: T) -> Result<Found<T>, Error> {
        let mut nodes = vec![root];
        let mut visited = 0;
        for step in &self.steps {
            let mut next = Vec::new();
            for node in nodes {
                step.follow(node, &mut next, &mut visited)
                    .ok_or_else(|| Error::TooMuch { path: self.text.clone() })?;
            }
            nodes = next;
        }
        Ok(if self.is_definite() { Found::One(nodes.first().copied()) } else { Found::Many(nodes) })
    }

    fn is_definite(&self) -> bool {
        self.steps.iter().all(|step| matches!(step, Step::Member(_) | Step::Element(_)))
    }
}

impl Step {
    /// Adds what this step leads to from `node`; `None` when too many nodes have been visited.
    fn follow<T: Tree>(&self, node: T, next: &mut Vec<T>, visited: &mut usize) -> Option<()> {
        let before = next.len();
        match self {
            Self::Member(key) => next.extend(node.member(key)),
            Self::Element(index) => next.extend(element(node, *index)),
            Self::Elements(list) => next.extend(list.iter().filter_map(|i| element(node, *i))),
            Self::Slice(from, to) => {
                let length = node.length().unwrap_or(0);
                let bound = |bound: Option<i64>, otherwise| match bound {
                    None => otherwise,
                    Some(n) if n < 0 => length.saturating_sub(size(n)),
                    Some(n) => size(n).min(length),
                };
                let range = bound(*from, 0)..bound(*to, length);
                next.extend(range.filter_map(|i| node.element(i)));
            }
            Self::Children => next.extend(node.children()),
            Self::Descend => descend(node, next, visited)?,
            Self::Filter(filter) if node.length().is_some() => {
                let elements = node.children();
                *visited += elements.len();
                next.extend(elements.into_iter().filter(|element| filter.admits(*element)));
            }
            Self::Filter(filter) => next.extend(Some(node).filter(|n| filter.admits(*n))),
        }
        *visited += 1 + next.len() - before;
        (*visited <= NODES_MAX).then_some(())
    }
}

/// The node and all below it, parents first. A list of what is still to do instead of recursion, so
/// that depth costs no stack.
fn descend<T: Tree>(node: T, next: &mut Vec<T>, visited: &mut usize) -> Option<()> {
    let mut waiting = vec![node];
    while let Some(node) = waiting.pop() {
        next.push(node);
        let mut children = node.children();
        *visited += 1 + children.len();
        if *visited > NODES_MAX {
            return None;
        }
        children.reverse();
        waiting.append(&mut children);
    }
    Some(())
}

fn element<T: Tree>(node: T, index: i64) -> Option<T> {
    if index < 0 {
        return node.element(node.length()?.checked_sub(size(index))?);
    }
    node.element(size(index))
}

/// The distance of an index from the end it counts from.
fn size(index: i64) -> usize {
    usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX)
}

impl Tree for &serde_json::Value {
    fn kind(&self) -> Kind<'_> {
        use serde_json::Value;
        match self {
            Value::Null => Kind::Null,
            Value::Bool(b) => Kind::Bool(*b),
            Value::Number(n) => Kind::Number(n.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => Kind::Text(text),
            Value::Array(_) => Kind::List,
            Value::Object(_) => Kind::Object,
        }
    }

    fn member(self, key: &str) -> Option<Self> {
        self.as_object()?.get(key)
    }

    fn children(self) -> Vec<Self> {
        match self {
            serde_json::Value::Array(list) => list.iter().collect(),
            serde_json::Value::Object(map) => map.values().collect(),
            _ => Vec::new(),
        }
    }

    fn length(self) -> Option<usize> {
        self.as_array().map(Vec::len)
    }

    fn element(self, index: usize) -> Option<Self> {
        self.as_array()?.get(index)
    }
}
