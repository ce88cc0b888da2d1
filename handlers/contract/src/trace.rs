//! The trace that a notification or a job belongs to, carried from function to function.
//!
//! It goes through the table as an attribute, since a stream record has no headers.

use crate::name::is_lower_hex;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The value of a `traceparent` header (W3C Trace Context, version 00).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TraceParent(String);

impl TraceParent {
    /// As it stands in a header.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 32 hexadecimal digits that all spans of the trace share.
    pub fn trace_id(&self) -> &str {
        &self.0[3..35]
    }
}

impl TryFrom<String> for TraceParent {
    type Error = NoTraceParent;

    fn try_from(text: String) -> Result<Self, NoTraceParent> {
        let parts: Vec<_> = text.split('-').collect();
        let holds = matches!(parts[..], ["00", trace, span, flags]
            if is_id(trace, 32) && is_id(span, 16) && is_lower_hex(flags, 2));
        if holds { Ok(Self(text)) } else { Err(NoTraceParent) }
    }
}

impl From<TraceParent> for String {
    fn from(parent: TraceParent) -> Self {
        parent.0
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A text that is no `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no traceparent; it is 00-<32 hex digits>-<16 hex digits>-<2 hex digits>, in lower case"
)]
pub struct NoTraceParent;

fn is_id(text: &str, digits: usize) -> bool {
    is_lower_hex(text, digits) && text.bytes().any(|b| b != b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_has_four_parts_of_fixed_length() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let parent = TraceParent::try_from(good.to_owned()).unwrap();
        assert_eq!(parent.trace_id(), "0af7651916cd43dd8448eb211c80319c");
        for bad in [
            "",
            "00",
            "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        ] {
            assert_eq!(TraceParent::try_from(bad.to_owned()), Err(NoTraceParent), "{bad}");
        }
    }
}
