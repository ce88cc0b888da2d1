//! How a schema is laid out in the repository: keys sorted, one property a line, so that a diff
//! shows which property changed.

use crate::Error;
use serde_json::Value;

/// The file name of a resource type: `aws-lambda-function.json` for `AWS::Lambda::Function`.
pub fn file_name(type_name: &str) -> String {
    format!("{}.json", type_name.replace("::", "-").to_ascii_lowercase())
}

/// Lays out the text of a schema; says nothing else than it did.
///
/// # Errors
/// When it is not JSON; `file` is named.
pub fn lay_out(file: &str, text: &str) -> Result<String, Error> {
    let schema: Value = serde_json::from_str(text)
        .map_err(|source| Error::Json { file: file.to_owned(), source })?;
    let mut out = String::new();
    write(&schema, Place::Schema, 0, &mut out);
    out.push('\n');
    Ok(out)
}

/// What stands on lines of its own; everything else is one line.
#[derive(Clone, Copy)]
enum Place {
    /// A resource or a definition.
    Schema,
    /// The definitions by name.
    Definitions,
    /// Properties by name.
    Properties,
    Inline,
}

impl Place {
    fn of_member(self, key: &str) -> Self {
        match (self, key) {
            (Self::Schema, "definitions") => Self::Definitions,
            (Self::Schema, "properties") => Self::Properties,
            (Self::Definitions, _) => Self::Schema,
            _ => Self::Inline,
        }
    }
}

fn write(value: &Value, place: Place, depth: usize, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut members: Vec<_> = map.iter().collect();
            members.sort_by_key(|(key, _)| *key);
            let (before, between, after) = match place {
                Place::Inline => (String::new(), ", ".to_owned(), String::new()),
                _ if members.is_empty() => Default::default(),
                _ => {
                    let line = |depth: usize| format!("\n{}", "  ".repeat(depth));
                    (line(depth + 1), format!(",{}", line(depth + 1)), line(depth))
                }
            };
            out.push('{');
            out.push_str(&before);
            for (n, (key, value)) in members.into_iter().enumerate() {
                if n > 0 {
                    out.push_str(&between);
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push_str(": ");
                write(value, place.of_member(key), depth + 1, out);
            }
            out.push_str(&after);
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                if n > 0 {
                    out.push_str(", ");
                }
                write(item, Place::Inline, depth, out);
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}
