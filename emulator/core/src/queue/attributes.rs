//! Message attributes: what they may be, and the digest by which SDKs check them.

use super::error::Error;
use super::message::hex_md5;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ATTRIBUTES_MAX: usize = 10;
const NAME_MAX: usize = 256;

/// Attributes by name; the order of names is that of the digest.
pub(super) type Attributes = BTreeMap<String, Attribute>;

/// A value and its type, as they stand in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attribute {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    /// Base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
    data_type: String,
}

/// The two kinds of value, as the digest numbers them.
enum Bytes {
    Text(Vec<u8>),
    Binary(Vec<u8>),
}

impl Attribute {
    /// The value, if there is just the one that the type asks for.
    fn bytes(&self) -> Option<Bytes> {
        // A type may have a label of the sender's own: `Number.int`.
        let kind = self.data_type.split('.').next().unwrap_or_default();
        match (kind, &self.string_value, &self.binary_value) {
            ("String" | "Number", Some(text), None) if !text.is_empty() => {
                Some(Bytes::Text(text.clone().into_bytes()))
            }
            ("Binary", None, Some(encoded)) if !encoded.is_empty() => {
                STANDARD.decode(encoded).ok().map(Bytes::Binary)
            }
            _ => None,
        }
    }

    /// A `String` or `Number`.
    pub(super) fn text_of(kind: &str, value: String) -> Self {
        Self { string_value: Some(value), binary_value: None, data_type: kind.to_owned() }
    }

    /// As it stands in the event of a function.
    pub(super) fn event_value(&self) -> Value {
        let mut value = json!({ "dataType": self.data_type });
        if let Some(text) = &self.string_value {
            value["stringValue"] = text.as_str().into();
        }
        if let Some(encoded) = &self.binary_value {
            value["binaryValue"] = encoded.as_str().into();
        }
        value
    }

    fn text(&self) -> Option<&str> {
        self.string_value.as_deref()
    }
}

/// Checks attributes and counts their bytes.
pub(super) fn check(attributes: &Attributes) -> Result<usize, Error> {
    if attributes.len() > ATTRIBUTES_MAX {
        return Err(Error::invalid(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [{ATTRIBUTES_MAX}].",
            attributes.len()
        )));
    }
    let mut size = 0;
    for (name, attribute) in attributes {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let lower = name.to_ascii_lowercase();
        let reserved = lower.starts_with("aws.") || lower.starts_with("amazon.");
        let dots = name.starts_with('.') || name.ends_with('.') || name.contains("..");
        if !(1..=NAME_MAX).contains(&name.len())
            || !name.chars().all(is_allowed)
            || reserved
            || dots
        {
            return Err(Error::invalid(format!("The message attribute name '{name}' is invalid.")));
        }
        let Some(Bytes::Text(value) | Bytes::Binary(value)) = attribute.bytes() else {
            return Err(Error::invalid(format!(
                "The message attribute '{name}' with type '{}' must have a non-empty value of that \
                 type, which is String, Number or Binary.",
                attribute.data_type
            )));
        };
        size += name.len() + attribute.data_type.len() + value.len();
    }
    Ok(size)
}

/// The one system attribute a sender may set.
pub(super) fn trace_header(attributes: &Attributes) -> Result<Option<String>, Error> {
    match attributes.iter().find(|(name, _)| *name != "AWSTraceHeader") {
        Some((name, _)) => {
            Err(Error::invalid(format!("Message system attribute name '{name}' is invalid.")))
        }
        None => Ok(attributes.values().next().and_then(Attribute::text).map(str::to_owned)),
    }
}

/// Those that `names` asks for: by name, by prefix (`bar.*`), or all of them (`All`, `.*`).
pub(super) fn select(attributes: &Attributes, names: &[String]) -> Attributes {
    let wanted = |attribute: &str| {
        names.iter().any(|name| match name.as_str() {
            "All" | ".*" => true,
            name => match name.strip_suffix(".*") {
                Some(prefix) => attribute.starts_with(prefix),
                None => attribute == name,
            },
        })
    };
    let selected = attributes.iter().filter(|(name, _)| wanted(name));
    selected.map(|(name, attribute)| (name.clone(), attribute.clone())).collect()
}

/// As "Calculating the MD5 message digest for message attributes" has it; `None` without any.
pub(super) fn md5(attributes: &Attributes) -> Option<String> {
    let mut encoded = Vec::new();
    for (name, attribute) in attributes {
        let (transport, value) = match attribute.bytes()? {
            Bytes::Text(value) => (1, value),
            Bytes::Binary(value) => (2, value),
        };
        put(&mut encoded, name.as_bytes());
        put(&mut encoded, attribute.data_type.as_bytes());
        encoded.push(transport);
        put(&mut encoded, &value);
    }
    (!attributes.is_empty()).then(|| hex_md5(&encoded))
}

fn put(encoded: &mut Vec<u8>, part: &[u8]) {
    // A message is far smaller than `u32` counts.
    encoded.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
    encoded.extend(part);
}
