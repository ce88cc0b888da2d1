//! The headers of an upgrade that anybody needs: whose page it is, and what it would speak.
//!
//! All others are skipped unread: a header in another encoding cannot fail an event, and what is
//! never held is never logged. Only `$connect` and its authorizer have any.

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::fmt;

/// Two headers of an upgrade. One of them may hold a token, hence no `Debug`.
#[derive(Clone, Default)]
pub(crate) struct UpgradeHeaders {
    /// `Origin`.
    pub(crate) origin: Option<String>,
    /// `Sec-WebSocket-Protocol`.
    pub(crate) protocols: Option<String>,
}

impl<'de> Deserialize<'de> for UpgradeHeaders {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Headers)
    }
}

struct Headers;

impl<'de> Visitor<'de> for Headers {
    type Value = UpgradeHeaders;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("headers")
    }

    /// `null`.
    fn visit_unit<E>(self) -> Result<UpgradeHeaders, E> {
        Ok(UpgradeHeaders::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<UpgradeHeaders, A::Error> {
        let mut headers = UpgradeHeaders::default();
        while let Some(name) = map.next_key::<String>()? {
            let kept = if name.eq_ignore_ascii_case("origin") {
                &mut headers.origin
            } else if name.eq_ignore_ascii_case("sec-websocket-protocol") {
                &mut headers.protocols
            } else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if let Value::String(value) = map.next_value()? {
                *kept = Some(value);
            }
        }
        Ok(headers)
    }
}
