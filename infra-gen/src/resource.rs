//! Resources, the ids they have in a template, and the handles one gets for adding them.

use crate::expr::Expr;
use crate::lower::Value;
use crate::value::Val;
use std::any::Any;
use std::borrow::Cow;
use std::fmt::Debug;
use std::marker::PhantomData;

/// A resource type.
pub trait Resource: Value + Any + Debug {
    /// What `Ref` gives.
    type Ref;
    /// `AWS::Lambda::Function`.
    const TYPE: &'static str;
    /// Properties whose change replaces the resource; `A/B` is `B` inside `A`.
    const CREATE_ONLY: &'static [&'static str];
    /// Properties whose change may replace the resource; `*` is any item of a list.
    const CONDITIONAL_CREATE_ONLY: &'static [&'static str] = &[];
    /// What `Fn::GetAtt` gives; `A.B` is `B` inside `A`.
    const ATTRIBUTES: &'static [&'static str] = &[];
}

/// The name of something in a template: letters and digits, at most 255.
/// `Template::check` reports one that is not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogicalId(Cow<'static, str>);

impl LogicalId {
    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_valid(&self) -> bool {
        (1..=255).contains(&self.0.len()) && self.0.bytes().all(|b| b.is_ascii_alphanumeric())
    }
}

impl From<&'static str> for LogicalId {
    fn from(id: &'static str) -> Self {
        Self(Cow::Borrowed(id))
    }
}

impl From<String> for LogicalId {
    fn from(id: String) -> Self {
        Self(Cow::Owned(id))
    }
}

impl std::fmt::Display for LogicalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A resource of a template, to refer to it.
#[derive(Debug)]
pub struct Handle<R> {
    id: LogicalId,
    kind: PhantomData<fn() -> R>,
}

impl<R> Clone for Handle<R> {
    fn clone(&self) -> Self {
        Self { id: self.id.clone(), kind: PhantomData }
    }
}

impl<R: Resource> Handle<R> {
    pub(crate) fn new(id: LogicalId) -> Self {
        Self { id, kind: PhantomData }
    }

    /// Its id in the template.
    pub fn logical_id(&self) -> &LogicalId {
        &self.id
    }

    /// `Ref`.
    pub fn reference(&self) -> Val<R::Ref> {
        Val::Expr(Expr::Ref(self.id.clone()))
    }

    /// `Fn::GetAtt`; generated source says which attributes there are, and of which type.
    pub(crate) fn attribute<T>(&self, name: &'static str) -> Val<T> {
        Val::Expr(Expr::GetAtt(self.id.clone(), Cow::Borrowed(name)))
    }
}
