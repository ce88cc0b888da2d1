//! `$input`, `$context`, `$stageVariables` and `$util`: what API Gateway adds to Velocity.

use super::render::Renderer;
use super::value::{Fault, Value};
use crate::json_path::{Found, Path};
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::engine::{DecodePaddingMode, Engine as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::fmt::Write as _;

impl<'t> Renderer<'t, '_> {
    /// The value of one of API Gateway's variables. Made when first asked for, and kept: what a
    /// template sets below `$context` or in the body, it sees again.
    pub(super) fn aws_variable(&mut self, name: &str) -> Result<Option<Value<'t>>, Fault> {
        Ok(Some(match name {
            "input" => Value::Input,
            "util" => Value::Util,
            "context" => self.heap.import(self.scope.context)?,
            "stageVariables" => self.heap.import(self.scope.stage_variables)?,
            _ => return Ok(None),
        }))
    }

    pub(super) fn input_member(&mut self, name: &str) -> Result<Value<'t>, Fault> {
        match name {
            // As API Gateway has it, no body is an empty object.
            "body" if self.scope.body.trim().is_empty() => self.heap.new_text("{}"),
            "body" => self.heap.new_text(self.scope.body),
            _ => Ok(Value::Null),
        }
    }

    pub(super) fn call_input(
        &mut self,
        name: &str,
        arguments: &[Value<'t>],
    ) -> Result<Option<Value<'t>>, Fault> {
        Ok(Some(match (name, arguments) {
            ("path", [path]) => self.find(path)?.unwrap_or(Value::Null),
            ("json", [path]) => {
                let found = self.find(path)?;
                let mut text = String::new();
                match found {
                    Some(value) => self.heap.print_json(&value, &mut text)?,
                    None if self.scope.body.trim().is_empty() => text.push_str("{}"),
                    None => text.push_str("\"\""),
                }
                self.heap.new_text(&text)?
            }
            ("params", []) => self.params()?,
            ("params", [name]) => {
                let name = self.heap.text_of(name)?;
                self.param(&name)?.unwrap_or(Value::Null)
            }
            _ => return Ok(None),
        }))
    }

    /// What a JSONPath finds in the body; `None` when nothing, or when there is no body.
    fn find(&mut self, path: &Value<'t>) -> Result<Option<Value<'t>>, Fault> {
        let path = self.heap.text_of(path)?;
        self.heap.spend(path.len())?;
        let path = Path::parse(&path).map_err(|e| e.to_string())?;
        let Some(document) = self.document()? else { return Ok(None) };
        let found = path.evaluate(self.heap.tree(&document)).map_err(|e| e.to_string())?;
        match found {
            Found::One(node) => Ok(node.map(|node| node.value.clone())),
            Found::Many(nodes) => {
                let items = nodes.into_iter().map(|node| node.value.clone()).collect();
                self.heap.new_json_list(items).map(Some)
            }
        }
    }

    fn document(&mut self) -> Result<Option<Value<'t>>, Fault> {
        if self.document.is_none() && !self.scope.body.trim().is_empty() {
            let read = self.heap.read_json(self.scope.body);
            let document = read.map_err(|e| format!("the body is not JSON: {e}"))?;
            self.document = Some(document);
        }
        Ok(self.document.clone())
    }

    fn params(&mut self) -> Result<Value<'t>, Fault> {
        if let Some(params) = &self.params {
            return Ok(params.clone());
        }
        let params = self.heap.import(self.scope.params)?;
        self.params = Some(params.clone());
        Ok(params)
    }

    /// The first parameter of this name; headers are found in any case, as HTTP has it.
    fn param(&mut self, name: &str) -> Result<Option<Value<'t>>, Fault> {
        let Value::Map(groups) = self.params()? else { return Ok(None) };
        self.heap.spend(self.heap.map(groups).len())?;
        let group = |group: &str| match self.heap.map(groups).get(group) {
            Some(Value::Map(id)) => Some(self.heap.map(*id)),
            _ => None,
        };
        let exact = ["path", "querystring", "header"].into_iter().find_map(|g| group(g)?.get(name));
        let in_any_case =
            || group("header")?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        Ok(exact.or_else(|| in_any_case().map(|(_, value)| value)).cloned())
    }

    pub(super) fn call_util(
        &mut self,
        name: &str,
        arguments: &[Value<'t>],
    ) -> Result<Option<Value<'t>>, Fault> {
        let [argument] = arguments else { return Ok(None) };
        if matches!(argument, Value::Null) {
            return Ok(Some(Value::Null));
        }
        let text = self.heap.text_of(argument)?;
        let made = match name {
            "escapeJavaScript" => escape_java_script(&text),
            "urlEncode" => url_encode(&text),
            "urlDecode" => {
                percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
            }
            "base64Encode" => STANDARD.encode(text.as_bytes()),
            "base64Decode" => base64_decode(&text),
            // What is not JSON is an empty text on API Gateway, not an error.
            "parseJson" => return Ok(Some(self.heap.read_json(&text).unwrap_or(Value::Null))),
            _ => return Ok(None),
        };
        self.heap.new_text(&made).map(Some)
    }
}

/// As Apache Commons Lang does it: both quotes, `\` and `/` get a `\`, and all that is not printable
/// ASCII is written as an escape of UTF-16 units.
fn escape_java_script(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '\'' | '"' | '\\' | '/' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04X}");
                }
            }
        }
    }
    out
}

/// As `java.net.URLEncoder`: what HTML forms send.
fn url_encode(text: &str) -> String {
    const KEPT: AsciiSet =
        NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'*').remove(b'_').remove(b' ');
    utf8_percent_encode(text, &KEPT).to_string().replace(' ', "+")
}

/// As Apache Commons Codec: both alphabets, padding or not, other characters passed over.
fn base64_decode(text: &str) -> String {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, lenient);
    let in_alphabet = text.chars().filter_map(|c| match c {
        '-' => Some('+'),
        '_' => Some('/'),
        c if c.is_ascii_alphanumeric() || c == '+' || c == '/' => Some(c),
        _ => None,
    });
    let mut digits: String = in_alphabet.collect();
    // A digit on its own holds less than a byte.
    if digits.len() % 4 == 1 {
        digits.pop();
    }
    String::from_utf8_lossy(&engine.decode(digits).unwrap_or_default()).into_owned()
}
