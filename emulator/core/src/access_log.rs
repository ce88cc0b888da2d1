//! The format of access logs: a line of text with `$context.…` variables.
//!
//! JSON, CSV, XML and CLF are text all alike; nothing is escaped, as API Gateway does not either.
//! What a variable holds is the gateway's to say.
//!
//! ```
//! let format = gateway_core::access_log::Format::parse("$context.routeKey $context.status")?;
//! let line = format.render(|name| (name == "routeKey").then(|| "$connect".to_owned()));
//! assert_eq!(line, "$connect -");
//! # Ok::<(), String>(())
//! ```

/// Bytes of one format: API Gateway's quota.
pub const FORMAT_BYTES_MAX: usize = 3 * 1024;

/// Bytes of one line: what CloudWatch Logs takes as one event. Longer lines are cut.
pub const LINE_BYTES_MAX: usize = 256 * 1024;

/// What API Gateway writes for a variable that has no value.
const UNDEFINED: &str = "-";

/// A parsed format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Format {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// The name without `$context.`.
    Variable(String),
    /// `$context.error.messageString`: the message in double quotes.
    QuotedMessage,
}

impl Format {
    /// Reads a format.
    ///
    /// # Errors
    /// When it is longer than API Gateway takes.
    pub fn parse(format: &str) -> Result<Self, String> {
        if format.len() > FORMAT_BYTES_MAX {
            let length = format.len();
            return Err(format!(
                "an access log format of {length} bytes; {FORMAT_BYTES_MAX} is the limit"
            ));
        }
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = format;
        while let Some((before, after)) = rest.split_once("$context.") {
            text.push_str(before);
            let name = &after[..name_length(after)];
            if name.is_empty() {
                text.push_str("$context.");
            } else {
                if !text.is_empty() {
                    parts.push(Part::Text(std::mem::take(&mut text)));
                }
                parts.push(match name {
                    "error.messageString" => Part::QuotedMessage,
                    name => Part::Variable(name.to_owned()),
                });
            }
            rest = &after[name.len()..];
        }
        text.push_str(rest);
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Self { parts })
    }

    /// Writes one line, without a line end. `lookup` gives the value of a variable by its name
    /// without `$context.`, for example `identity.sourceIp`.
    pub fn render(&self, lookup: impl Fn(&str) -> Option<String>) -> String {
        let mut line = String::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => line.push_str(text),
                Part::Variable(name) => {
                    line.push_str(lookup(name).as_deref().unwrap_or(UNDEFINED));
                }
                Part::QuotedMessage => match lookup("error.message") {
                    Some(message) => line.extend(["\"", &message, "\""]),
                    None => line.push_str(UNDEFINED),
                },
            }
            if line.len() > LINE_BYTES_MAX {
                line.truncate(line.floor_char_boundary(LINE_BYTES_MAX));
                break;
            }
        }
        line
    }
}

/// Words of letters, digits and `_`, joined by full stops; the full stop of a sentence stays outside.
fn name_length(text: &str) -> usize {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = text.find(|c| !is_word(c) && c != '.').unwrap_or(text.len());
    let dotted = &text[..end];
    // Two full stops in a row do not join words.
    let joined = dotted.find("..").map_or(dotted, |at| &dotted[..at]);
    if joined.starts_with('.') { 0 } else { joined.trim_end_matches('.').len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(format: &str, expected: &str) {
        let lookup = |name: &str| {
            let value = match name {
                "requestId" => "K1=",
                "identity.sourceIp" => "10.0.0.7",
                "requestTime" => "25/Nov/2026:08:15:30 +0000",
                "routeKey" => "$connect",
                "status" => "200",
                "error.message" => "Forbidden",
                "authorizer.org_id" => "7",
                _ => return None,
            };
            Some(value.to_owned())
        };
        assert_eq!(Format::parse(format).unwrap().render(lookup), expected);
    }

    #[test]
    fn every_layout_is_text_with_variables() {
        check(
            r#"{"ip":"$context.identity.sourceIp","status":"$context.status"}"#,
            r#"{"ip":"10.0.0.7","status":"200"}"#,
        );
        check(
            r#"$context.identity.sourceIp [$context.requestTime] "$context.routeKey" $context.status"#,
            r#"10.0.0.7 [25/Nov/2026:08:15:30 +0000] "$connect" 200"#,
        );
        check("$context.requestId,$context.status,$context.routeKey", "K1=,200,$connect");
        check("<s>$context.status</s>$context.authorizer.org_id", "<s>200</s>7");
    }

    #[test]
    fn what_has_no_value_is_a_dash() {
        check("$context.messageId $context.authorizer.error", "- -");
    }

    #[test]
    fn the_message_string_is_the_message_in_quotes() {
        check(r#"{"e":$context.error.messageString}"#, r#"{"e":"Forbidden"}"#);
        let format = Format::parse("$context.error.messageString").unwrap();
        assert_eq!(format.render(|_| None), "-");
    }

    #[test]
    fn values_are_not_read_again() {
        let format = Format::parse("$context.a").unwrap();
        assert_eq!(format.render(|_| Some("$context.a".to_owned())), "$context.a");
    }

    #[test]
    fn anything_else_stays_text() {
        for text in
            ["", "$", "$context", "$context.", "$context..status", "$other.x ${context.x} ü"]
        {
            check(text, text);
        }
        check("$context.status. $context.status..x", "200. 200..x");
    }

    #[test]
    fn formats_and_lines_are_bounded() {
        assert!(Format::parse(&"x".repeat(FORMAT_BYTES_MAX)).is_ok());
        let error = Format::parse(&"x".repeat(FORMAT_BYTES_MAX + 1)).unwrap_err();
        assert_eq!(error, "an access log format of 3073 bytes; 3072 is the limit");
        let format = Format::parse("$context.a$context.a").unwrap();
        let line = format.render(|_| Some("ü".repeat(100_000)));
        assert_eq!(line.len(), LINE_BYTES_MAX);
    }
}
