//! What AWS accepts of a literal. Tables of these stand in generated source beside the properties.
//!
//! A value that CloudFormation computes is passed over: nobody knows it yet.

use crate::node::Node;
use regex_lite::Regex;

/// The upper end of a length or count that has none.
pub(crate) const NO_LIMIT: u64 = u64::MAX;

/// One rule.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// Characters, least and most.
    Length(u64, u64),
    /// A regular expression that must be found.
    Pattern(&'static str),
    /// The least number.
    Least(f64),
    /// The greatest number.
    Most(f64),
    /// The only numbers.
    OneOf(&'static [i64]),
    /// Items of a list or entries of a map, least and most.
    Count(u64, u64),
    /// No item twice.
    Unique,
    /// Rules for every item of a list and every value of a map.
    Each(&'static [Self]),
    /// A regular expression for the keys of a map.
    Keys(&'static str),
}

impl Rule {
    /// What is wrong with the value, as the rest of a sentence that begins with its place.
    pub(crate) fn broken_by(self, node: &Node) -> Option<String> {
        if node.as_function().is_some() {
            return None;
        }
        match (self, node) {
            (Self::Length(least, most), Node::Text(text)) => {
                let length = text.chars().count() as u64;
                (!(least..=most).contains(&length)).then(|| {
                    format!(
                        "is {}, {length} characters; allowed are {}",
                        quoted(text),
                        between(least, most)
                    )
                })
            }
            (Self::Pattern(pattern), Node::Text(text)) => (!matches(pattern, text))
                .then(|| format!("is {}; it must match {pattern}", quoted(text))),
            (Self::Least(least), Node::Int(_) | Node::Float(_)) => {
                let number = number(node);
                (number < least).then(|| format!("is {number}; the least is {least}"))
            }
            (Self::Most(most), Node::Int(_) | Node::Float(_)) => {
                let number = number(node);
                (number > most).then(|| format!("is {number}; the most is {most}"))
            }
            (Self::OneOf(known), Node::Int(number)) => (!known.contains(number)).then(|| {
                let known: Vec<_> = known.iter().map(i64::to_string).collect();
                format!("is {number}; allowed are {}", known.join(", "))
            }),
            (Self::Count(least, most), Node::List(_) | Node::Map(_)) => {
                let count = children(node).len() as u64;
                (!(least..=most).contains(&count))
                    .then(|| format!("has {count} entries; allowed are {}", between(least, most)))
            }
            (Self::Unique, Node::List(items)) => {
                let twice = items.iter().enumerate().find(|(i, item)| items[..*i].contains(item));
                twice.map(|(i, _)| format!("has item {i} a second time"))
            }
            (Self::Each(rules), Node::List(_) | Node::Map(_)) => {
                children(node).iter().enumerate().find_map(|(i, child)| {
                    let broken = rules.iter().find_map(|rule| rule.broken_by(child))?;
                    Some(format!("has entry {i}, which {broken}"))
                })
            }
            (Self::Keys(pattern), Node::Map(pairs)) => pairs
                .iter()
                .find(|(key, _)| !matches(pattern, key))
                .map(|(key, _)| format!("has the key {}; a key must match {pattern}", quoted(key))),
            _ => None,
        }
    }
}

fn children(node: &Node) -> Vec<&Node> {
    match node {
        Node::List(items) => items.iter().collect(),
        Node::Map(pairs) => pairs.iter().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    }
}

fn number(node: &Node) -> f64 {
    match node {
        Node::Int(number) => *number as f64,
        Node::Float(number) => *number,
        _ => f64::NAN,
    }
}

fn matches(pattern: &str, text: &str) -> bool {
    // The generator refuses a pattern that does not compile, so there is always an answer.
    Regex::new(pattern).is_ok_and(|regex| regex.is_match(text))
}

fn between(least: u64, most: u64) -> String {
    match (least, most) {
        (least, NO_LIMIT) => format!("{least} or more"),
        (least, most) if least == most => format!("exactly {least}"),
        (least, most) => format!("{least} to {most}"),
    }
}

/// The value, cut where a message would become unreadable.
fn quoted(text: &str) -> String {
    const SHOWN: usize = 80;
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{:?} and so on", &text[..end]),
        None => format!("{text:?}"),
    }
}
