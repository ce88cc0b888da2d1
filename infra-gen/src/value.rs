//! [`Val`]: a literal or an intrinsic function, of one type; and what literals turn into one.
//!
//! There is one conversion per type and no general one from handles, so that a `Ref` fits where its
//! kind is due and nowhere else.

use crate::expr::{Expr, Pseudo, SubPart};
use crate::lower::{Lower, Value};
use crate::node::Node;
use crate::template::ConditionId;
use crate::text::Text;
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// A property's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Val<T> {
    /// Known now.
    Lit(T),
    /// Known to CloudFormation only.
    Expr(Expr),
}

/// An optional property that is given: `auto_deploy: some(true)`.
pub fn some<T>(value: impl Into<Val<T>>) -> Option<Val<T>> {
    Some(value.into())
}

/// An optional property that is given under a condition: `Fn::If` with `AWS::NoValue`.
pub fn only_if<T: Value>(condition: &ConditionId, value: impl Into<Val<T>>) -> Option<Val<T>> {
    let then = Box::new(Expr::of(value.into()));
    Some(Val::Expr(Expr::If(condition.clone(), then, Box::new(Expr::Pseudo(Pseudo::NoValue)))))
}

impl<T> Val<T> {
    /// `Fn::Sub`: pieces of text and values, one after the other.
    ///
    /// ```
    /// use infra_gen::{Pseudo, Url, Val};
    /// let url: Val<Url> = Val::sub(&[&"https://example.", &Pseudo::UrlSuffix, &"/"]);
    /// ```
    pub fn sub(parts: &[&dyn SubPart]) -> Self {
        Self::Expr(Expr::Sub(parts.iter().map(|part| part.part()).collect()))
    }

    /// Takes an expression for a value of this type. The compiler cannot tell: say why it is one.
    pub fn cast_unchecked(expr: Expr) -> Self {
        Self::Expr(expr)
    }

    /// `Fn::ImportValue`: what another stack exports under this name.
    pub fn import(name: impl Into<Val<String>>) -> Self {
        Self::Expr(Expr::ImportValue(Box::new(Expr::of(name.into()))))
    }
}

impl<T: Value> Val<T> {
    /// `Fn::If`.
    pub fn when(
        condition: &ConditionId,
        then: impl Into<Self>,
        otherwise: impl Into<Self>,
    ) -> Self {
        let [then, otherwise] = [then.into(), otherwise.into()].map(|v| Box::new(Expr::of(v)));
        Self::Expr(Expr::If(condition.clone(), then, otherwise))
    }
}

impl<T: Value> Val<List<T>> {
    /// `Fn::Select`.
    pub fn select(self, index: u32) -> Val<T> {
        Val::Expr(Expr::Select(index, Box::new(Expr::of(self))))
    }
}

impl Val<String> {
    /// `Fn::Join`.
    pub fn join(separator: &str, values: impl IntoIterator<Item = Self>) -> Self {
        let values = values.into_iter().map(Expr::of).collect();
        Self::Expr(Expr::Join(separator.to_owned(), values))
    }

    /// `Fn::Split`.
    pub fn split(self, separator: &str) -> Val<List<String>> {
        Val::Expr(Expr::Split(separator.to_owned(), Box::new(Expr::of(self))))
    }
}

/// A list.
#[derive(Clone, Debug, PartialEq)]
pub struct List<T>(pub Vec<Val<T>>);

/// A map with keys of one's own choice.
#[derive(Clone, Debug, PartialEq)]
pub struct Map<T>(pub BTreeMap<String, Val<T>>);

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

/// A document that has no type here.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub Node);

impl Map<Json> {
    /// The fields of a struct that serde serializes; those that are `None` are left out.
    ///
    /// # Errors
    /// When it is not serialized as a map of strings.
    pub fn of(fields: &impl Serialize) -> Result<Self, serde_json::Error> {
        let fields: BTreeMap<String, serde_json::Value> =
            serde_json::from_value(serde_json::to_value(fields)?)?;
        let nodes =
            fields.into_iter().filter_map(|(name, value)| Some((name, Node::from_json(value)?)));
        Ok(Self(nodes.map(|(name, node)| (name, Val::Lit(Json(node)))).collect()))
    }
}

impl<T: Value> Serialize for Val<T> {
    /// In CloudFormation's long form.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.node(&mut Lower::new("")).serialize(serializer)
    }
}

impl<T: Value> Val<T> {
    pub(crate) fn node(&self, lower: &mut Lower<'_>) -> Node {
        match self {
            Self::Lit(literal) => literal.lower(lower),
            Self::Expr(expr) => expr.node(),
        }
    }
}

impl<T> From<T> for Val<T> {
    fn from(literal: T) -> Self {
        Self::Lit(literal)
    }
}

impl<T: Clone> From<&Self> for Val<T> {
    fn from(value: &Self) -> Self {
        value.clone()
    }
}

impl From<&str> for Val<String> {
    fn from(text: &str) -> Self {
        Self::Lit(text.to_owned())
    }
}

impl From<i32> for Val<i64> {
    fn from(number: i32) -> Self {
        Self::Lit(number.into())
    }
}

impl From<u32> for Val<i64> {
    fn from(number: u32) -> Self {
        Self::Lit(number.into())
    }
}

impl From<i32> for Val<f64> {
    fn from(number: i32) -> Self {
        Self::Lit(number.into())
    }
}

impl From<u32> for Val<f64> {
    fn from(number: u32) -> Self {
        Self::Lit(number.into())
    }
}

impl<T, V: Into<Val<T>>> From<Vec<V>> for Val<List<T>> {
    fn from(items: Vec<V>) -> Self {
        Self::Lit(List(items.into_iter().map(Into::into).collect()))
    }
}

impl<T, V: Into<Val<T>>, const N: usize> From<[V; N]> for Val<List<T>> {
    fn from(items: [V; N]) -> Self {
        Self::Lit(List(items.into_iter().map(Into::into).collect()))
    }
}

impl<T, K: Into<String>, V: Into<Val<T>>, const N: usize> From<[(K, V); N]> for Val<Map<T>> {
    fn from(entries: [(K, V); N]) -> Self {
        Self::Lit(Map(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect()))
    }
}

impl From<&str> for Val<Json> {
    fn from(text: &str) -> Self {
        Self::Lit(Json(Node::text(text)))
    }
}

impl From<Val<String>> for Val<Json> {
    fn from(value: Val<String>) -> Self {
        match value {
            Val::Lit(text) => Self::Lit(Json(Node::Text(text))),
            Val::Expr(expr) => Self::Expr(expr),
        }
    }
}

impl<T: Text> From<Val<T>> for Val<Json> {
    fn from(value: Val<T>) -> Self {
        value.text().into()
    }
}
