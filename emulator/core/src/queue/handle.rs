//! Receipt handles: which message, and which receipt of it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use std::fmt;

/// Given out with each receipt of a message; only the latest one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Handle {
    /// The message's number in its queue.
    pub(super) number: u64,
    pub(super) receipt: u32,
}

impl Handle {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let decoded = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
        let (number, receipt) = decoded.strip_prefix("receipt:")?.split_once(':')?;
        Some(Self { number: number.parse().ok()?, receipt: receipt.parse().ok()? })
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&STANDARD.encode(format!("receipt:{}:{}", self.number, self.receipt)))
    }
}
