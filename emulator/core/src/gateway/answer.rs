//! Reads what a function behind `AWS_PROXY` answered.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A well-formed answer.
#[derive(Debug, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<String>,
}

impl Answer {
    /// The value of a header in any case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}

/// One unknown key makes the whole answer malformed, as it does on AWS.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Proxy {
    status_code: Value,
    headers: Option<BTreeMap<String, Value>>,
    multi_value_headers: Option<BTreeMap<String, Vec<Value>>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

/// Reads an answer.
///
/// # Errors
/// Why it is malformed.
pub(super) fn parse(bytes: &[u8]) -> Result<Answer, String> {
    let proxy: Proxy = serde_json::from_slice(bytes)
        .map_err(|error| format!("malformed answer of the function: {error}"))?;
    let status = match &proxy.status_code {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let status = status
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| (200..600).contains(status))
        .ok_or_else(|| {
            format!(
                "malformed answer of the function: statusCode {} is not a status",
                proxy.status_code
            )
        })?;
    let single = proxy.headers.into_iter().flatten();
    let multi = proxy.multi_value_headers.into_iter().flatten();
    let multi = multi.flat_map(|(name, values)| values.into_iter().map(move |v| (name.clone(), v)));
    let headers = single.chain(multi).map(|(name, value)| (name, text(value))).collect();
    // Base64 is undone on the way to HTTP clients only; a WebSocket message stays text.
    let _: Option<bool> = proxy.is_base64_encoded;
    Ok(Answer { status, headers, body: proxy.body })
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn answers_have_a_status_and_nothing_unknown() {
        let answer = parse(br#"{"statusCode":200,"headers":{"a":1},"multiValueHeaders":{"b":["x","y"]},"body":"hi"}"#).unwrap();
        assert_eq!((answer.status, answer.body.as_deref()), (200, Some("hi")));
        assert_eq!(answer.header("B"), Some("x"));
        assert_eq!(parse(br#"{"statusCode":"201"}"#).unwrap().status, 201);
        for wrong in [
            "null",
            "",
            "\"ok\"",
            "{}",
            r#"{"statusCode":99}"#,
            r#"{"statusCode":101}"#,
            r#"{"statusCode":200,"body":{"not":"text"}}"#,
            r#"{"statusCode":200,"ConnectionId":"x"}"#,
        ] {
            assert!(parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
