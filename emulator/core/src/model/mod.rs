//! Models: the JSON Schemas (draft 4) that API Gateway checks messages against.
//!
//! ```text
//! schema as JSON ─▶ parse ─▶ Model ─▶ check(message) ─▶ fits, or the first thing that does not
//! ```
//!
//! Nothing is fetched: a `$ref` leads within its own schema. `format` is passed over, as are keywords
//! that draft 4 does not know. Which model a message is checked against is the gateway's to say.
//!
//! ```
//! use gateway_core::model::Model;
//! use serde_json::json;
//! let model = Model::parse(&json!({ "properties": { "ttl": { "minimum": 1 } } }))?;
//! let misfit = model.check(&json!({ "ttl": 0 })).unwrap_err();
//! assert!(misfit.starts_with("/ttl: numeric instance is lower than the required minimum"));
//! # Ok::<(), String>(())
//! ```

mod check;
mod number;
mod parse;
#[cfg(test)]
mod tests;

use number::Number;
use regex_lite::Regex;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Schemas in one model.
pub const SCHEMAS_MAX: usize = 10_000;

/// Schemas and values within each other.
pub const NESTING_MAX: usize = 128;

/// Schemas one check may look into, and values it may compare.
pub const STEPS_MAX: usize = 1_000_000;

/// A parsed schema.
#[derive(Clone, Debug)]
pub struct Model {
    /// They name each other by their place, because they may go round in circles.
    schemas: Vec<Schema>,
    root: SchemaId,
}

impl Model {
    /// Reads a schema.
    ///
    /// # Errors
    /// What is wrong with it and where, as `#/properties/a: …`.
    pub fn parse(schema: &Value) -> Result<Self, String> {
        parse::model(schema)
    }

    /// Whether the value fits.
    ///
    /// # Errors
    /// The first thing that does not fit, in the words of API Gateway's own validator, behind the
    /// JSON pointer of the value concerned unless that is the whole.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        check::check(self, value)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SchemaId(usize);

/// One schema. What its keywords do not mention is allowed.
#[derive(Clone, Debug, Default)]
struct Schema {
    /// `$ref`; all other keywords beside it are passed over.
    reference: Option<SchemaId>,
    types: Option<Vec<Type>>,
    /// As [`check::canonical`] writes the values.
    one_of_values: Option<BTreeSet<String>>,
    /// `enum` as it was written, for people.
    values_written: String,
    all_of: Vec<SchemaId>,
    any_of: Vec<SchemaId>,
    one_of: Vec<SchemaId>,
    not: Option<SchemaId>,
    numbers: Numbers,
    texts: Texts,
    lists: Lists,
    objects: Objects,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

/// Smallest and largest count allowed.
#[derive(Clone, Copy, Debug)]
struct Count {
    min: usize,
    max: usize,
}

impl Default for Count {
    fn default() -> Self {
        Self { min: 0, max: usize::MAX }
    }
}

/// What is asked of numbers.
#[derive(Clone, Debug, Default)]
struct Numbers {
    minimum: Option<Bound>,
    maximum: Option<Bound>,
    multiple_of: Option<Number>,
}

#[derive(Clone, Copy, Debug)]
struct Bound {
    limit: Number,
    exclusive: bool,
}

/// What is asked of texts.
#[derive(Clone, Debug, Default)]
struct Texts {
    length: Count,
    pattern: Option<Regex>,
}

/// What is asked of lists.
#[derive(Clone, Debug, Default)]
struct Lists {
    length: Count,
    /// `items` as a list: one schema for each place.
    places: Vec<SchemaId>,
    /// What all other elements must be.
    others: Others,
    unique: bool,
}

/// What is asked of objects.
#[derive(Clone, Debug, Default)]
struct Objects {
    size: Count,
    required: Vec<String>,
    properties: BTreeMap<String, SchemaId>,
    patterns: Vec<(Regex, SchemaId)>,
    /// What all other properties must be.
    others: Others,
    dependencies: BTreeMap<String, Dependency>,
}

/// `additionalProperties`, `additionalItems`.
#[derive(Clone, Copy, Debug, Default)]
enum Others {
    #[default]
    Allowed,
    Forbidden,
    Fit(SchemaId),
}

/// What an object with a certain property must have besides.
#[derive(Clone, Debug)]
enum Dependency {
    Properties(Vec<String>),
    Schema(SchemaId),
}
