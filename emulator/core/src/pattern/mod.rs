//! Event patterns: which JSON events a rule or a filter takes.
//!
//! One matcher serves the rules of [`crate::events`] and the filters of [`crate::stream`]. It only
//! judges; it does not know where an event comes from or goes to. Syntax and meaning are those of
//! "Comparison operators for use in event patterns" in the EventBridge User Guide.

mod matcher;
mod parse;
#[cfg(test)]
mod tests;

use matcher::Matcher;
use serde_json::Value;

/// An event pattern.
///
/// ```
/// use gateway_core::pattern::Pattern;
/// use serde_json::json;
///
/// let pattern = Pattern::parse(r#"{"detail": {"state": ["failed", {"prefix": "time"}]}}"#)?;
/// assert!(pattern.matches(&json!({"detail": {"state": "timed out"}})));
/// assert!(!pattern.matches(&json!({"detail": {"state": "succeeded"}})));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern(Fields);

/// What one object of the event must be like: all of its fields, and one of the alternatives.
#[derive(Clone, Debug, Default, PartialEq)]
struct Fields {
    all: Vec<(String, Node)>,
    /// `$or`; empty when the object has none.
    either: Vec<Self>,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Object(Fields),
    /// One of these is enough.
    Leaf(Vec<Matcher>),
}

impl Pattern {
    /// Reads a pattern from its JSON text.
    ///
    /// # Errors
    ///
    /// In words for the author of the template: where in the pattern, and what is allowed there.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value = serde_json::from_str(text)
            .map_err(|error| format!("the event pattern is not JSON: {error}"))?;
        Self::from_value(&value)
    }

    /// Reads a pattern that is JSON already, as `EventPattern` of a rule is.
    ///
    /// # Errors
    ///
    /// As for [`Self::parse`].
    pub fn from_value(value: &Value) -> Result<Self, String> {
        parse::pattern(value).map(Self)
    }

    /// Whether the pattern takes this event.
    pub fn matches(&self, event: &Value) -> bool {
        self.0.matches(Some(event))
    }
}

impl Fields {
    /// An array stands for each of its elements: one that has everything asked for is enough. What
    /// is missing is looked at too, for `exists` may ask for just that.
    fn matches(&self, event: Option<&Value>) -> bool {
        if let Some(Value::Array(elements)) = event
            && !elements.is_empty()
        {
            return elements.iter().any(|element| self.matches(Some(element)));
        }
        let all = self.all.iter().all(|(name, node)| {
            let value = event.and_then(|event| event.get(name));
            match node {
                Node::Object(fields) => fields.matches(value),
                Node::Leaf(matchers) => matchers.iter().any(|matcher| matcher.matches(value)),
            }
        });
        all && (self.either.is_empty() || self.either.iter().any(|fields| fields.matches(event)))
    }
}
