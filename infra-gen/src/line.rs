//! A value in one line, for tables and messages: `arn:${AWS::Partition}:sqs:…:${Queue.Arn}`.
//!
//! Two ways of writing the same text (`Ref`, `Fn::Sub`, `Fn::Join`) give the same line.

use crate::node::Node;
use crate::references::attribute;

/// The line.
pub(crate) fn of(node: &Node) -> String {
    match (node.as_function(), node) {
        (None, Node::Text(text)) => text.clone(),
        (None, Node::Bool(b)) => b.to_string(),
        (None, Node::Int(number)) => number.to_string(),
        (None, Node::Float(number)) => number.to_string(),
        (Some((name, argument)), _) => function(name, argument).unwrap_or_else(|| json(node)),
        _ => json(node),
    }
}

fn function(name: &str, argument: &Node) -> Option<String> {
    match (name, argument) {
        ("Ref", Node::Text(id)) => Some(format!("${{{id}}}")),
        ("Fn::GetAtt", _) => {
            attribute(argument).map(|(id, attribute)| format!("${{{id}.{attribute}}}"))
        }
        ("Fn::Sub", Node::Text(text)) => Some(text.clone()),
        ("Fn::Sub", Node::List(arguments)) => match &arguments[..] {
            [Node::Text(text), Node::Map(variables)] => {
                let replace = |text: String, (name, value): &(_, Node)| {
                    text.replace(&format!("${{{name}}}"), &of(value))
                };
                Some(variables.iter().fold(text.clone(), replace))
            }
            _ => None,
        },
        ("Fn::Join", Node::List(arguments)) => match &arguments[..] {
            [Node::Text(separator), Node::List(parts)] => {
                Some(parts.iter().map(of).collect::<Vec<_>>().join(separator))
            }
            _ => None,
        },
        _ => None,
    }
}

fn json(node: &Node) -> String {
    // Strings, finite numbers and string keys are always JSON.
    serde_json::to_string(node).unwrap_or_default()
}
