//! Identifiers in the shapes AWS gives them, drawn from a seed so that a run can be repeated.
//!
//! Not a source of secrets: everything here is meant to be predictable.

use crate::Time;
use base64::{Engine as _, engine::general_purpose::URL_SAFE};
use std::fmt::{self, Write as _};

/// A connection, request or message id: sixteen characters of base64, the last one `=`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id([u8; 11]);

impl Id {
    /// Reads an id; `None` unless it is one the gateway could have given out.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 16 {
            return None;
        }
        let bytes = URL_SAFE.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&URL_SAFE.encode(self.0))
    }
}

/// Draws identifiers.
#[derive(Clone, Debug)]
pub(crate) struct Ids(fastrand::Rng);

impl Ids {
    pub(crate) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    pub(crate) fn id(&mut self) -> Id {
        let mut bytes = [0; 11];
        self.0.fill(&mut bytes);
        Id(bytes)
    }

    /// The form of `x-amzn-RequestId` and of Lambda's request ids.
    pub(crate) fn uuid(&mut self) -> String {
        let bits = self.0.u128(..);
        let hex = format!("{bits:032x}");
        let variant = ["8", "9", "a", "b"][(bits >> 62) as usize & 3];
        format!(
            "{}-{}-4{}-{variant}{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[13..16],
            &hex[17..20],
            &hex[20..]
        )
    }

    /// The form of `X-Amzn-Trace-Id`.
    pub(crate) fn trace(&mut self, now: Time) -> String {
        let tail = self.0.u128(..) >> 32;
        format!("Root=1-{:08x}-{tail:024x}", now.0 / 1000)
    }

    pub(crate) fn hex(&mut self, digits: usize) -> String {
        let mut text = String::with_capacity(digits);
        for _ in 0..digits {
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{:x}", self.0.u8(..16));
        }
        text
    }
}

/// A name that follows from `label` alone: the same in every run, different for different labels.
pub(crate) fn derived(label: &str, alphabet: &[u8], length: usize) -> String {
    // FNV-1a: short, stable between versions, and good enough to tell labels apart.
    let hash = label.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut rng = fastrand::Rng::with_seed(hash);
    (0..length).map(|_| char::from(alphabet[rng.usize(..alphabet.len())])).collect()
}

/// The alphabet of names of log streams.
pub(crate) const HEX: &[u8] = b"0123456789abcdef";
/// The alphabet of API, route and integration ids.
pub(crate) const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// The alphabet of access key ids.
pub(crate) const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// The alphabet of secret access keys.
pub(crate) const MIXED: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_back_and_nothing_else_does() {
        let id = Ids::new(7).id();
        let text = id.to_string();
        assert_eq!(text.len(), 16);
        assert!(text.ends_with('='));
        assert_eq!(Id::parse(&text), Some(id));
        assert!(Id::parse("XDmENcnwIE0CFEQ=").is_some());
        for wrong in
            ["", "x", "XDmENcnwIE0CFEQ", "XDmENcnwIE0CFER=", "XDmENcnwIE0CFE==", "ÄDmENcnwIE0CFEQ"]
        {
            assert_eq!(Id::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn uuids_are_of_version_four() {
        let uuid = Ids::new(1).uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!(matches!(&uuid[19..20], "8" | "9" | "a" | "b"));
    }

    #[test]
    fn derived_names_follow_from_their_label() {
        assert_eq!(derived("a", LOWER, 10), derived("a", LOWER, 10));
        assert_ne!(derived("a", LOWER, 10), derived("b", LOWER, 10));
    }
}
