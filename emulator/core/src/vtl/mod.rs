//! Mapping templates: the part of the Velocity Template Language that API Gateway offers.
//!
//! ```text
//! text ─▶ parse (cursor, expression) ─▶ syntax ─▶ render ─▶ text
//!                                                  ├─ reference ─▶ aws, text, collection: methods
//!                                                  └─ value, operator: what values are and do
//! ```
//!
//! Velocity 1.7 is the yardstick, with API Gateway's own turn: a member that is not there is an empty
//! text, which prints nothing and counts as true in `#if`. Only a variable that nobody set and a
//! method that does not exist print themselves, as Velocity has it. Which template is rendered with
//! what is the gateway's to say; paths into the body are read by [`crate::json_path`].
//!
//! ```
//! use gateway_core::vtl::{Scope, Template};
//! use serde_json::json;
//!
//! let template = Template::parse(r#"{"user": $input.json('$.name'), "on": "$context.stage"}"#)?;
//! let text = template.render(&Scope {
//!     body: r#"{"name": "ada"}"#,
//!     context: &json!({ "stage": "dev" }),
//!     stage_variables: &json!({}),
//!     params: &json!({}),
//! })?;
//! assert_eq!(text, r#"{"user": "ada", "on": "dev"}"#);
//! # Ok::<(), gateway_core::vtl::Error>(())
//! ```

mod aws;
mod collection;
mod cursor;
mod expression;
mod operator;
mod parse;
mod reference;
mod render;
mod syntax;
#[cfg(test)]
mod tests;
mod text;
mod value;

use serde_json::Value;

/// Bytes of one template: API Gateway's quota.
pub const TEMPLATE_BYTES_MAX: usize = 300 * 1024;

/// Bytes a template may render to, and bytes of any text it makes on the way.
pub const OUTPUT_BYTES_MAX: usize = 6 * 1024 * 1024;

/// Steps one rendering may take: nodes visited, plus one for every 64 bytes of text made.
pub const STEPS_MAX: usize = 1_000_000;

/// Blocks, parentheses, lists and texts within each other.
pub const NESTING_MAX: usize = 64;

/// A parsed template.
#[derive(Clone, Debug)]
pub struct Template {
    nodes: Vec<syntax::Node>,
}

/// What a template can look at.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// `$input.body`: the message, or the integration's answer.
    pub body: &'a str,
    /// `$context`.
    pub context: &'a Value,
    /// `$stageVariables`.
    pub stage_variables: &'a Value,
    /// `$input.params()`: `{"path": {…}, "querystring": {…}, "header": {…}}` of the handshake.
    pub params: &'a Value,
}

/// Why a template cannot be read or rendered, and where; both counts begin at 1.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} (line {line}, column {column})")]
pub struct Error {
    pub line: usize,
    pub column: usize,
    pub message: String,
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// The first thing that Velocity would not read.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > TEMPLATE_BYTES_MAX {
            let message =
                format!("a template of {} bytes; {TEMPLATE_BYTES_MAX} is the limit", text.len());
            return Err(Error { line: 1, column: 1, message });
        }
        Ok(Self { nodes: parse::template(text)? })
    }

    /// Renders the template. Nothing of one rendering is seen by the next.
    ///
    /// # Errors
    /// A method that Velocity would let fail (an index out of range, a path that is none), a body
    /// that is not JSON where JSON is asked for, or one of the limits.
    pub fn render(&self, scope: &Scope<'_>) -> Result<String, Error> {
        render::render(&self.nodes, scope)
    }
}
