//! One message.

use super::attributes::Attributes;
use super::fifo::Place;
use crate::Time;
use md5::{Digest as _, Md5};

#[derive(Clone, Debug)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) body: String,
    pub(super) attributes: Attributes,
    pub(super) trace_header: Option<String>,
    /// Of a message in a standard queue, which keeps no order.
    pub(super) group_id: Option<String>,
    /// In a FIFO queue.
    pub(super) place: Option<Place>,
    /// Bytes of body and attributes.
    pub(super) size: usize,
    pub(super) sent: Time,
    /// When it can be received, for the first time or again.
    pub(super) visible_at: Time,
    pub(super) receipts: u32,
    pub(super) first_received: Option<Time>,
}

impl Message {
    /// `MessageGroupId`.
    pub(super) fn group(&self) -> Option<&str> {
        self.place.as_ref().map(|place| place.group.as_str()).or(self.group_id.as_deref())
    }
}

/// In SQS a digest is a check against accidents, and its kind is part of the protocol.
pub(super) fn hex_md5(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether XML could carry the text, as SQS demands.
pub(super) fn is_allowed(text: &str) -> bool {
    text.chars().all(|c| {
        matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
    })
}
