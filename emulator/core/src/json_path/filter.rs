//! The condition of a `[?( … )]` step.

use super::{Kind, Step, Tree, element};
use std::cmp::Ordering;

/// A condition on one node.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Filter {
    Exists(Operand),
    Compare(Operand, Comparison, Operand),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operand {
    /// `@.a[0]`: members and elements only.
    Node(Vec<Step>),
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Filter {
    /// Whether the condition holds for `node`. As deep as it is nested, which its parser bounds.
    pub(super) fn admits<T: Tree>(&self, node: T) -> bool {
        match self {
            Self::Exists(operand) => match operand {
                Operand::Node(steps) => at(node, steps).is_some(),
                Operand::Bool(b) => *b,
                Operand::Null | Operand::Number(_) | Operand::Text(_) => true,
            },
            Self::Compare(left, comparison, right) => {
                let (l, r) = (left.at(node), right.at(node));
                let equal = match (&l, &r) {
                    (Some(l), Some(r)) => l.kind(left) == r.kind(right),
                    (None, None) => true,
                    _ => false,
                };
                let order = match (&l, &r) {
                    (Some(l), Some(r)) => order(l.kind(left), r.kind(right)),
                    _ => None,
                };
                match comparison {
                    Comparison::Equal => equal,
                    Comparison::NotEqual => !equal,
                    Comparison::Less => order == Some(Ordering::Less),
                    Comparison::Greater => order == Some(Ordering::Greater),
                    Comparison::LessOrEqual => order.is_some_and(Ordering::is_le),
                    Comparison::GreaterOrEqual => order.is_some_and(Ordering::is_ge),
                }
            }
            Self::Not(filter) => !filter.admits(node),
            Self::All(filters) => filters.iter().all(|filter| filter.admits(node)),
            Self::Any(filters) => filters.iter().any(|filter| filter.admits(node)),
        }
    }
}

/// Where an operand's value stands: in the document or in the filter itself.
enum Place<T> {
    Document(T),
    Literal,
}

impl<T: Tree> Place<T> {
    fn kind<'a>(&'a self, operand: &'a Operand) -> Kind<'a> {
        match (self, operand) {
            (Self::Document(node), _) => node.kind(),
            (Self::Literal, Operand::Bool(b)) => Kind::Bool(*b),
            (Self::Literal, Operand::Number(n)) => Kind::Number(*n),
            (Self::Literal, Operand::Text(text)) => Kind::Text(text),
            (Self::Literal, Operand::Null | Operand::Node(_)) => Kind::Null,
        }
    }
}

impl Operand {
    fn at<T: Tree>(&self, node: T) -> Option<Place<T>> {
        match self {
            Self::Node(steps) => at(node, steps).map(Place::Document),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => Some(Place::Literal),
        }
    }
}

fn at<T: Tree>(node: T, steps: &[Step]) -> Option<T> {
    steps.iter().try_fold(node, |node, step| match step {
        Step::Member(key) => node.member(key),
        Step::Element(index) => element(node, *index),
        _ => None,
    })
}

fn order(left: Kind<'_>, right: Kind<'_>) -> Option<Ordering> {
    match (left, right) {
        (Kind::Number(l), Kind::Number(r)) => l.partial_cmp(&r),
        (Kind::Text(l), Kind::Text(r)) => Some(l.cmp(r)),
        _ => None,
    }
}
