//! Intrinsic functions as data, and their form in a template.
//!
//! Untyped: [`Val`] is the typed door to it.

use crate::lower::{Lower, Value};
use crate::node::Node;
use crate::resource::{Handle, LogicalId, Resource};
use crate::template::ConditionId;
use crate::text::Text;
use crate::value::Val;
use std::borrow::Cow;

/// An intrinsic function, or a literal inside one.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// `Ref` of a resource or parameter.
    Ref(LogicalId),
    /// `Ref` of a pseudo parameter.
    Pseudo(Pseudo),
    /// `Fn::GetAtt`.
    GetAtt(LogicalId, Cow<'static, str>),
    /// `Fn::Sub`.
    Sub(Vec<Part>),
    /// `Fn::Join`.
    Join(String, Vec<Self>),
    /// `Fn::Select`.
    Select(u32, Box<Self>),
    /// `Fn::Split`.
    Split(String, Box<Self>),
    /// `Fn::If`.
    If(ConditionId, Box<Self>, Box<Self>),
    /// `Fn::ImportValue`.
    ImportValue(Box<Self>),
    /// A value given literally.
    Literal(Node),
}

/// What CloudFormation knows without being told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pseudo {
    /// `AWS::AccountId`.
    AccountId,
    /// `AWS::NoValue`: as if the property were not there.
    NoValue,
    /// `AWS::Partition`: `aws`, `aws-cn`, `aws-us-gov`.
    Partition,
    /// `AWS::Region`.
    Region,
    /// `AWS::StackId`.
    StackId,
    /// `AWS::StackName`.
    StackName,
    /// `AWS::URLSuffix`: `amazonaws.com`, and `amazonaws.com.cn` in China.
    UrlSuffix,
}

impl Pseudo {
    /// The name one refers to it by.
    pub fn name(self) -> &'static str {
        match self {
            Self::AccountId => "AWS::AccountId",
            Self::NoValue => "AWS::NoValue",
            Self::Partition => "AWS::Partition",
            Self::Region => "AWS::Region",
            Self::StackId => "AWS::StackId",
            Self::StackName => "AWS::StackName",
            Self::UrlSuffix => "AWS::URLSuffix",
        }
    }

    /// As a value.
    pub fn value(self) -> Val<String> {
        Val::Expr(Expr::Pseudo(self))
    }
}

/// A piece of `Fn::Sub`.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Stands as it is.
    Text(String),
    /// Is put in.
    Expr(Expr),
}

/// What may be a piece of [`Val::sub`].
pub trait SubPart {
    /// The piece.
    fn part(&self) -> Part;
}

impl SubPart for &str {
    fn part(&self) -> Part {
        Part::Text((*self).to_owned())
    }
}

impl SubPart for String {
    fn part(&self) -> Part {
        Part::Text(self.clone())
    }
}

impl SubPart for Pseudo {
    fn part(&self) -> Part {
        Part::Expr(Expr::Pseudo(*self))
    }
}

impl<R: Resource> SubPart for Handle<R> {
    fn part(&self) -> Part {
        Part::Expr(Expr::Ref(self.logical_id().clone()))
    }
}

impl<T: Text> SubPart for Val<T> {
    fn part(&self) -> Part {
        self.text().part()
    }
}

impl SubPart for Val<String> {
    fn part(&self) -> Part {
        match self {
            Self::Lit(text) => Part::Text(text.clone()),
            Self::Expr(expr) => Part::Expr(expr.clone()),
        }
    }
}

impl Expr {
    /// In its long form.
    pub fn node(&self) -> Node {
        match self {
            Self::Ref(id) => Node::function("Ref", Node::text(id.as_str())),
            Self::Pseudo(pseudo) => Node::function("Ref", Node::text(pseudo.name())),
            Self::GetAtt(id, attribute) => Node::function(
                "Fn::GetAtt",
                Node::List(vec![Node::text(id.as_str()), Node::text(attribute.as_ref())]),
            ),
            Self::Sub(parts) => sub(parts),
            Self::Join(separator, values) => {
                let values = values.iter().map(Self::node).collect();
                let arguments = vec![Node::text(separator), Node::List(values)];
                Node::function("Fn::Join", Node::List(arguments))
            }
            Self::Select(index, list) => {
                let arguments = vec![Node::Int(i64::from(*index)), list.node()];
                Node::function("Fn::Select", Node::List(arguments))
            }
            Self::Split(separator, text) => {
                Node::function("Fn::Split", Node::List(vec![Node::text(separator), text.node()]))
            }
            Self::If(condition, then, otherwise) => {
                let arguments = vec![Node::text(condition.as_str()), then.node(), otherwise.node()];
                Node::function("Fn::If", Node::List(arguments))
            }
            Self::ImportValue(name) => Node::function("Fn::ImportValue", name.node()),
            Self::Literal(node) => node.clone(),
        }
    }

    /// A value inside a function; what is wrong with a literal is found where it is used itself.
    pub(crate) fn of<T: Value>(value: Val<T>) -> Self {
        match value {
            Val::Expr(expr) => expr,
            Val::Lit(literal) => Self::Literal(literal.lower(&mut Lower::new(""))),
        }
    }
}

/// `Fn::Sub`, in the least form that says it: text alone is a string, one value alone itself.
fn sub(parts: &[Part]) -> Node {
    let mut flat = Vec::new();
    flatten(parts, &mut flat);
    match flat[..] {
        [] => return Node::text(""),
        [Part::Expr(expr)] => return expr.node(),
        _ if flat.iter().all(|part| matches!(part, Part::Text(_))) => {
            let texts = flat.iter().filter_map(|part| match part {
                Part::Text(text) => Some(text.as_str()),
                Part::Expr(_) => None,
            });
            return Node::Text(texts.collect());
        }
        _ => {}
    }
    let mut text = String::new();
    let mut literal = String::new();
    let mut variables = Vec::new();
    for part in flat {
        let expr = match part {
            Part::Text(piece) => {
                literal.push_str(piece);
                continue;
            }
            Part::Expr(expr) => expr,
        };
        push_literal(&mut text, &mut literal);
        match expr {
            Expr::Ref(id) => push_variable(&mut text, id.as_str()),
            Expr::Pseudo(pseudo) => push_variable(&mut text, pseudo.name()),
            Expr::GetAtt(id, attribute) => {
                push_variable(&mut text, &format!("{}.{attribute}", id.as_str()));
            }
            expr => {
                let name = format!("Value{}", variables.len() + 1);
                push_variable(&mut text, &name);
                variables.push((name, expr.node()));
            }
        }
    }
    push_literal(&mut text, &mut literal);
    let argument = match variables.is_empty() {
        true => Node::Text(text),
        false => Node::List(vec![Node::Text(text), Node::map(variables)]),
    };
    Node::function("Fn::Sub", argument)
}

/// `${!` is how `Fn::Sub` is told that `${` is meant. Looked for in all the text between two
/// values, since two pieces can make one.
fn push_literal(text: &mut String, literal: &mut String) {
    text.push_str(&literal.replace("${", "${!"));
    literal.clear();
}

fn push_variable(text: &mut String, name: &str) {
    text.push_str("${");
    text.push_str(name);
    text.push('}');
}

fn flatten<'p>(parts: &'p [Part], flat: &mut Vec<&'p Part>) {
    for part in parts {
        match part {
            Part::Expr(Expr::Sub(inner)) => flatten(inner, flat),
            part => flat.push(part),
        }
    }
}
