//! Values for the parameters of a stack: what the assembly gives, what the stack has already, and
//! secrets, which are made where there is none.

use crate::assets::BUCKET_PARAMETER;
use crate::cloudformation::Stack;
use crate::s3::Bucket;
use crate::state::{self, State};
use crate::target::Target;
use crate::{Result, secrets};
use std::collections::BTreeMap;
use std::fmt;

/// What a parameter is given.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// This.
    Text(String),
    /// This, which nobody is to see.
    Secret(String),
    /// The one it has.
    Previous,
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({text:?})"),
            Self::Secret(_) => f.write_str("Secret"),
            Self::Previous => f.write_str("Previous"),
        }
    }
}

/// Values by the name of the parameter.
pub type Parameters = BTreeMap<String, Value>;

/// What was found for a template.
#[derive(Debug, Default)]
pub struct Found {
    /// What there is to give; a parameter that takes its default is not here.
    pub values: Parameters,
    /// Secrets that are new.
    pub made: Vec<String>,
    /// Parameters that have no value, no default and no previous value.
    pub missing: Vec<String>,
}

/// Values for all parameters of a stack's template.
///
/// # Errors
/// When there is no chance to make a secret of.
pub fn find(target: &Target, stack: Option<&Stack>, bucket: &Bucket) -> Result<Found> {
    // Of a stack that only has a change set there is nothing to be kept.
    let stack = stack.filter(|stack| state::of(Some(stack)) != State::Review);
    let is_code = |name: &String| target.entry.functions.iter().any(|f| f.code_parameter == *name);
    let mut found = Found::default();
    for (name, declared) in target.template["Parameters"].as_object().into_iter().flatten() {
        let value = if let Some(text) = target.entry.parameters.get(name) {
            Value::Text(text.clone())
        } else if name == BUCKET_PARAMETER {
            Value::Text(bucket.name.clone())
        } else if stack.is_some_and(|stack| stack.parameter(name).is_some()) {
            Value::Previous
        } else if target.entry.secrets.contains(name) {
            found.made.push(name.clone());
            Value::Secret(secrets::make()?)
        } else {
            // Of code that was never bundled others tell.
            if declared.get("Default").is_none() && !is_code(name) {
                found.missing.push(name.clone());
            }
            continue;
        };
        found.values.insert(name.clone(), value);
    }
    Ok(found)
}
