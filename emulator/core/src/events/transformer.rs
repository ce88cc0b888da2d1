//! `InputTransformer`: a text with placeholders that values of the event fill.

use super::target::{EventPath, Sent};
use serde_json::Value;
use std::collections::BTreeMap;

const VARIABLES_MAX: usize = 100;

/// Paths into the event, and the template their values go to.
#[derive(Clone, Debug)]
pub struct Transformer {
    variables: BTreeMap<String, EventPath>,
    template: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    /// `<name>`, and whether it stands within a JSON string.
    Placeholder {
        name: String,
        quoted: bool,
    },
}

impl Transformer {
    /// Reads `InputPathsMap` and `InputTemplate`.
    ///
    /// # Errors
    ///
    /// What is wrong with a name or path.
    pub fn parse<'a>(
        paths: impl IntoIterator<Item = (&'a str, &'a str)>,
        template: &str,
    ) -> Result<Self, String> {
        let mut variables = BTreeMap::new();
        for (name, path) in paths {
            if name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("aws")) {
                return Err(format!("the variable `{name}` begins with `AWS`, which is reserved"));
            }
            variables.insert(name.to_owned(), EventPath::parse(path)?);
        }
        if variables.len() > VARIABLES_MAX {
            return Err(format!("an InputPathsMap has at most {VARIABLES_MAX} variables"));
        }
        Ok(Self { variables, template: pieces(template) })
    }

    /// Within a JSON string a value is inserted as text, elsewhere as JSON. One the event does not
    /// have is the empty string; what is no variable stays as it is.
    pub(super) fn render(&self, sent: &Sent<'_>) -> String {
        let mut text = String::new();
        for piece in &self.template {
            match piece {
                Piece::Text(literal) => text += literal,
                Piece::Placeholder { name, quoted } => {
                    text += &match self.value(name, sent) {
                        None => format!("<{name}>"),
                        Some(value) if *quoted => within_string(value),
                        Some(value) => value.to_string(),
                    }
                }
            }
        }
        text
    }

    fn value(&self, name: &str, sent: &Sent<'_>) -> Option<Value> {
        if let Some(path) = self.variables.get(name) {
            return Some(path.find(sent.event).unwrap_or_else(|| Value::from("")));
        }
        match name {
            "aws.events.rule-arn" => Some(sent.rule_arn.into()),
            "aws.events.rule-name" => Some(sent.rule_name.into()),
            "aws.events.event.ingestion-time" => Some(sent.ingested.iso8601().into()),
            "aws.events.event.json" => Some(sent.event.clone()),
            "aws.events.event" => {
                let mut event = sent.event.clone();
                event.as_object_mut()?.remove("detail");
                Some(event)
            }
            _ => None,
        }
    }
}

/// What is not text is written as JSON; either way quotes are escaped, so that the whole stays JSON.
fn within_string(value: Value) -> String {
    let text = match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn pieces(template: &str) -> Vec<Piece> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let (mut pieces, mut text, mut quoted, mut rest) = (Vec::new(), String::new(), false, template);
    while let Some(c) = rest.chars().next() {
        if let Some((name, after)) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>'))
            && !name.is_empty()
            && name.chars().all(is_name)
        {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
            pieces.push(Piece::Placeholder { name: name.to_owned(), quoted });
            rest = after;
            continue;
        }
        // A quote that is escaped neither opens nor closes a string.
        let taken =
            if c == '\\' { rest.chars().take(2).map(char::len_utf8).sum() } else { c.len_utf8() };
        quoted ^= c == '"';
        text.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    pieces.push(Piece::Text(text));
    pieces
}
