//! What a Rust module of a resource type holds: structs, enums, attributes, rules.
//!
//! Plain data between `build`, which makes it of a schema, and `emit`, which writes it down.

use std::collections::{BTreeMap, BTreeSet};

/// One resource type.
#[derive(Debug)]
pub(crate) struct Module {
    pub(crate) type_name: String,
    pub(crate) service: String,
    pub(crate) resource: String,
    /// The resource first, then what it is made of, by name.
    pub(crate) structs: Vec<Struct>,
    pub(crate) enums: BTreeMap<String, Enum>,
    pub(crate) reference: Type,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) create_only: Vec<String>,
    pub(crate) conditional_create_only: Vec<String>,
    /// Ids, names and ARNs this module speaks of.
    pub(crate) texts: BTreeSet<&'static str>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Struct {
    pub(crate) name: String,
    pub(crate) fields: Vec<Field>,
    pub(crate) any_of: Vec<Vec<String>>,
    pub(crate) dependent: Vec<(String, Vec<String>)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Field {
    pub(crate) aws: String,
    pub(crate) rust: String,
    pub(crate) ty: Type,
    pub(crate) required: bool,
    /// A list whose order means nothing.
    pub(crate) unordered: bool,
    /// Rust expressions of `Rule`.
    pub(crate) rules: Vec<String>,
    /// Patterns that only AWS can check, for the documentation.
    pub(crate) unchecked: Vec<String>,
}

/// Variants and the values they stand for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Enum(pub(crate) Vec<(String, String)>);

#[derive(Debug)]
pub(crate) struct Attribute {
    /// `SnapStartResponse.ApplyOn`.
    pub(crate) aws: String,
    pub(crate) method: String,
    pub(crate) ty: Type,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Type {
    String,
    Bool,
    Int,
    Float,
    Json,
    /// A newtype over a string.
    Text(&'static str),
    /// A struct or enum of this module.
    Local(String),
    /// A type written by hand in `infra_gen::iam`.
    Iam(&'static str),
    List(Box<Self>),
    Map(Box<Self>),
}
