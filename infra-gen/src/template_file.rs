//! Reading a template's text, JSON or YAML, whoever wrote it.
//!
//! Short-form functions become long-form ones, so that a reader has one form to know. Knows no
//! resource type.

use serde_json::{Map, Value};
use serde_yaml::value::{Tag, TaggedValue};
use std::fmt;

/// Why a text is no template.
#[derive(Debug, PartialEq, Eq)]
pub struct Error {
    /// Line and column, from 1.
    pub position: Option<(usize, usize)>,
    /// What is wrong.
    pub message: String,
}

/// Something the parser let pass.
#[derive(Debug)]
struct Refused {
    /// As it stands in the text.
    written: String,
    message: String,
}

impl Refused {
    /// With the place of its first occurrence, since the parser no longer knows its own.
    fn placed_in(self, text: &str) -> Error {
        let position = text.find(&self.written).filter(|_| !self.written.is_empty()).map(|start| {
            let before = &text[..start];
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            (before.matches('\n').count() + 1, column)
        });
        Error { position, message: self.message }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.position {
            Some((line, column)) => write!(f, "line {line}, column {column}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}

/// Parses a template: JSON if it begins with `{`, else YAML.
///
/// # Errors
/// When the text is neither, a key stands twice in YAML, or a tag is no function of CloudFormation.
pub fn parse(text: &str) -> Result<Value, Error> {
    let value = if text.trim_start().starts_with('{') {
        match serde_json::from_str(text) {
            Ok(value) => value,
            // A flow mapping of YAML begins so, too; JSON's word is the better one if it is none.
            Err(error) => yaml(text).map_err(|_| Error {
                position: Some((error.line(), error.column())),
                message: without_position(&error.to_string()),
            })?,
        }
    } else {
        yaml(text)?
    };
    match value {
        Value::Object(_) => Ok(value),
        _ => Err(Error {
            position: None,
            message: "a template is a map of sections; this is not a map".to_owned(),
        }),
    }
}

fn without_position(message: &str) -> String {
    message.split_once(" at line ").map_or(message, |(text, _)| text).to_owned()
}

fn yaml(text: &str) -> Result<Value, Error> {
    let value: serde_yaml::Value = serde_yaml::from_str(text).map_err(|error| Error {
        position: error.location().map(|at| (at.line(), at.column())),
        message: without_position(&error.to_string()),
    })?;
    json(value).map_err(|error| error.placed_in(text))
}

fn json(value: serde_yaml::Value) -> Result<Value, Refused> {
    use serde_yaml::Value as Yaml;
    Ok(match value {
        Yaml::Null => Value::Null,
        Yaml::Bool(b) => Value::Bool(b),
        Yaml::Number(n) => match (n.as_i64(), n.as_u64(), n.as_f64()) {
            (Some(whole), _, _) => whole.into(),
            (_, Some(whole), _) => whole.into(),
            (_, _, float) => float.into(),
        },
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => {
            Value::Array(items.into_iter().map(json).collect::<Result<_, _>>()?)
        }
        Yaml::Mapping(pairs) => {
            let mut map = Map::new();
            for (key, value) in pairs {
                map.insert(self::key(key)?, json(value)?);
            }
            Value::Object(map)
        }
        Yaml::Tagged(tagged) => function(*tagged)?,
    })
}

/// A key is a string; account ids and the like, without quotes, are taken for one.
fn key(key: serde_yaml::Value) -> Result<String, Refused> {
    match json(key)? {
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(b) => Ok(b.to_string()),
        other => Err(Refused {
            written: String::new(),
            message: format!("{other} is no key; a key is a string"),
        }),
    }
}

/// `!GetAtt A.B` as `{"Fn::GetAtt": ["A", "B"]}`.
fn function(TaggedValue { tag, value }: TaggedValue) -> Result<Value, Refused> {
    let name = long_name(&tag)?;
    let mut argument = json(value)?;
    if name == "Fn::GetAtt"
        && let Value::String(path) = &argument
    {
        let Some((id, attribute)) = path.split_once('.') else {
            let written = format!("!GetAtt {path}");
            let message = format!("{written} names no attribute; write Id.Attribute");
            return Err(Refused { written, message });
        };
        argument = vec![id, attribute].into();
    }
    Ok(Value::Object(Map::from_iter([(name, argument)])))
}

fn long_name(tag: &Tag) -> Result<String, Refused> {
    let tag = tag.to_string();
    let name = tag.trim_start_matches('!');
    match name {
        "Ref" | "Condition" => Ok(name.to_owned()),
        _ if FUNCTIONS.contains(&name) => Ok(format!("Fn::{name}")),
        _ => Err(Refused {
            written: format!("!{name}"),
            message: format!("!{name} is no function of CloudFormation"),
        }),
    }
}

const FUNCTIONS: &[&str] = &[
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
];
