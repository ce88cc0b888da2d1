//! What a target is sent: the event, part of it, or something else.

use super::Transformer;
use crate::Time;
use crate::json_path::{Found, Path};
use serde_json::Value;

/// At most one of `Input`, `InputPath` and `InputTransformer`.
#[derive(Clone, Debug, Default)]
pub enum TargetInput {
    /// None of them: the event as it is.
    #[default]
    Event,
    /// `Input`: always this JSON text.
    Constant(String),
    /// `InputPath`: this part of the event.
    Path(EventPath),
    /// `InputTransformer`.
    Transformed(Transformer),
}

/// An event on its way to a target.
#[derive(Debug)]
pub(super) struct Sent<'a> {
    pub(super) event: &'a Value,
    pub(super) rule_arn: &'a str,
    pub(super) rule_name: &'a str,
    pub(super) ingested: Time,
}

impl TargetInput {
    /// Reads an `InputPath`.
    ///
    /// # Errors
    ///
    /// What is wrong with the path.
    pub fn path(text: &str) -> Result<Self, String> {
        EventPath::parse(text).map(Self::Path)
    }

    pub(super) fn payload(&self, sent: &Sent<'_>) -> String {
        match self {
            Self::Event => sent.event.to_string(),
            Self::Constant(text) => text.clone(),
            Self::Path(path) => path.find(sent.event).unwrap_or(Value::Null).to_string(),
            Self::Transformed(transformer) => transformer.render(sent),
        }
    }
}

/// A JSONPath of the kind EventBridge takes: dots, indices and `*`.
#[derive(Clone, Debug)]
pub struct EventPath(Path);

impl EventPath {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if !text.starts_with('$') {
            return Err(format!("the path `{text}` must begin with `$`, such as $.detail.id"));
        }
        if let Some(foreign) = ["'", "\"", "..", "?"].into_iter().find(|part| text.contains(part)) {
            return Err(format!(
                "the path `{text}` has `{foreign}`; EventBridge takes dots, [index] and *, such as $.detail.id"
            ));
        }
        Path::parse(text).map(Self).map_err(|error| error.to_string())
    }

    pub(super) fn find(&self, event: &Value) -> Option<Value> {
        match self.0.evaluate(event).ok()? {
            Found::One(value) => value.cloned(),
            Found::Many(values) => Some(values.into_iter().cloned().collect()),
        }
    }
}
