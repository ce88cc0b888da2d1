//! A resource schema as read: strict, so that nothing a schema says is lost by accident.
//!
//! Every keyword is either kept here or listed as one that changes no type and no check. What a
//! keyword becomes in Rust is `model`'s business.

use crate::Error;
use serde_json::Value;
use std::collections::BTreeMap;

/// One schema file.
#[derive(Debug)]
pub(crate) struct Document {
    /// `AWS::Lambda::Function`.
    pub(crate) type_name: String,
    pub(crate) definitions: BTreeMap<String, Schema>,
    /// The resource's own properties, and what is required of them.
    pub(crate) root: Schema,
    /// Paths below the properties: `Arn`, `SnapStartResponse/ApplyOn`.
    pub(crate) read_only: Vec<String>,
    pub(crate) create_only: Vec<String>,
    pub(crate) conditional_create_only: Vec<String>,
}

/// A schema of one value.
#[derive(Clone, Debug, Default)]
pub(crate) struct Schema {
    pub(crate) types: Vec<String>,
    /// The definition this stands for.
    pub(crate) reference: Option<String>,
    pub(crate) format: Option<String>,
    pub(crate) enumeration: Vec<Value>,
    pub(crate) pattern: Option<String>,
    pub(crate) length: Bounds,
    pub(crate) range: Bounds,
    /// How many items of an array, or entries of a map.
    pub(crate) count: Bounds,
    pub(crate) unique: bool,
    /// Of an array: its order means nothing.
    pub(crate) unordered: bool,
    pub(crate) properties: BTreeMap<String, Self>,
    pub(crate) required: Vec<String>,
    pub(crate) items: Option<Box<Self>>,
    /// Values of a map, by the pattern of their keys.
    pub(crate) entries: Vec<(String, Self)>,
    pub(crate) any_of: Vec<Vec<String>>,
    /// If the first is given, the others must be, too.
    pub(crate) dependent: Vec<(String, Vec<String>)>,
}

/// The least and the most, in the digits of the schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bounds {
    pub(crate) least: Option<String>,
    pub(crate) most: Option<String>,
}

/// Keywords at the top of a file that change no type and no check of a literal.
const TOP_IGNORED: &[&str] = &[
    "$schema",
    "additionalIdentifiers",
    "additionalProperties",
    "description",
    "handlers",
    "primaryIdentifier",
    "propertyTransform",
    "replacementStrategy",
    "resourceLink",
    "sourceUrl",
    "taggable",
    "tagging",
    "writeOnlyProperties",
    // Rules between properties: left to the service, which words them better.
    "allOf",
    "dependentExcluded",
    "requiredOr",
    "requiredXor",
];

/// The same for a value.
const IGNORED: &[&str] = &[
    "$comment",
    "default",
    "dependentExcluded",
    "description",
    "maxUniqueItems",
    "requiredOr",
    "requiredXor",
    // The order HASH, RANGE of a key schema: the service says it.
    "prefixItems",
    "uniqueKeys",
];

impl Document {
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, Error> {
        let value: Value = serde_json::from_str(text)
            .map_err(|source| Error::Json { file: file.to_owned(), source })?;
        let at = At { file, path: String::new() };
        let mut root = Schema::default();
        let mut document = Self {
            type_name: String::new(),
            definitions: BTreeMap::new(),
            root: Schema::default(),
            read_only: Vec::new(),
            create_only: Vec::new(),
            conditional_create_only: Vec::new(),
        };
        for (key, value) in at.object(&value)? {
            let at = at.below(key);
            match key.as_str() {
                "typeName" => document.type_name = at.text(value)?,
                "definitions" => document.definitions = schemas(value, &at)?,
                "readOnlyProperties" => document.read_only = at.pointers(value)?,
                "createOnlyProperties" => document.create_only = at.pointers(value)?,
                "conditionalCreateOnlyProperties" => {
                    document.conditional_create_only = at.pointers(value)?;
                }
                "properties" | "required" | "anyOf" | "dependentRequired" | "dependencies" => {
                    root.keyword(key, value, &at)?;
                }
                _ if TOP_IGNORED.contains(&key.as_str()) => {}
                _ => return Err(at.error("is a keyword this generator does not know")),
            }
        }
        document.root = root;
        match document.type_name.split("::").collect::<Vec<_>>()[..] {
            ["AWS", service, resource] if !service.is_empty() && !resource.is_empty() => {}
            _ => return Err(at.below("typeName").error("is not of the form AWS::Service::Type")),
        }
        Ok(document)
    }
}

impl Schema {
    fn parse(value: &Value, at: &At<'_>) -> Result<Self, Error> {
        let mut schema = Self::default();
        for (key, value) in at.object(value)? {
            schema.keyword(key, value, &at.below(key))?;
        }
        Ok(schema)
    }

    /// This schema, completed by the definition it refers to.
    pub(crate) fn over(self, target: &Self) -> Self {
        let first = |a: Bounds, b: &Bounds| Bounds {
            least: a.least.or_else(|| b.least.clone()),
            most: a.most.or_else(|| b.most.clone()),
        };
        Self {
            format: self.format.or_else(|| target.format.clone()),
            pattern: self.pattern.or_else(|| target.pattern.clone()),
            length: first(self.length, &target.length),
            range: first(self.range, &target.range),
            count: first(self.count, &target.count),
            unique: self.unique || target.unique,
            unordered: self.unordered || target.unordered,
            ..target.clone()
        }
    }

    fn keyword(&mut self, key: &str, value: &Value, at: &At<'_>) -> Result<(), Error> {
        match key {
            "type" => {
                self.types = if value.is_array() { at.texts(value)? } else { vec![at.text(value)?] }
            }
            "$ref" => {
                let pointer = at.text(value)?;
                let Some(name) = pointer.strip_prefix("#/definitions/") else {
                    return Err(at.error("does not point into #/definitions/"));
                };
                self.reference = Some(name.to_owned());
            }
            "format" => self.format = Some(at.text(value)?),
            "enum" => self.enumeration = at.array(value)?.clone(),
            "const" => self.enumeration = vec![value.clone()],
            "pattern" => self.pattern = Some(at.text(value)?),
            "minLength" => self.length.least = Some(at.number(value)?),
            "maxLength" => self.length.most = Some(at.number(value)?),
            "minimum" => self.range.least = Some(at.number(value)?),
            "maximum" => self.range.most = Some(at.number(value)?),
            "minItems" | "minProperties" => self.count.least = Some(at.number(value)?),
            "maxItems" | "maxProperties" => self.count.most = Some(at.number(value)?),
            "insertionOrder" => self.unordered = value == &Value::Bool(false),
            "uniqueItems" => self.unique = value == &Value::Bool(true),
            "properties" => self.properties = schemas(value, at)?,
            "required" => self.required = at.texts(value)?,
            "items" => self.items = Some(Box::new(Self::parse(value, at)?)),
            "patternProperties" => self.entries = schemas(value, at)?.into_iter().collect(),
            "additionalProperties" if value.is_boolean() => {}
            "additionalProperties" => {
                self.entries.push((String::new(), Self::parse(value, at)?));
            }
            "dependentRequired" | "dependencies" => {
                for (name, needs) in at.object(value)? {
                    self.dependent.push((name.clone(), at.below(name).texts(needs)?));
                }
            }
            "anyOf" => self.any_of(value, at)?,
            "oneOf" => self.one_of(value, at)?,
            _ if IGNORED.contains(&key) => {}
            _ => return Err(at.error("is a keyword this generator does not know")),
        }
        Ok(())
    }

    /// `anyOf` is either a choice of required properties or of things one string may be.
    fn any_of(&mut self, value: &Value, at: &At<'_>) -> Result<(), Error> {
        for (index, choice) in at.array(value)?.iter().enumerate() {
            let at = at.below(&index.to_string());
            let choice = at.object(choice)?;
            let mut keys = choice.keys().map(String::as_str);
            match (keys.next(), keys.next()) {
                (Some("required"), None) => self.any_of.push(at.texts(&choice["required"])?),
                (Some("format" | "relationshipRef"), None) => {}
                _ => return Err(at.error("is a choice this generator does not know")),
            }
        }
        Ok(())
    }

    /// `oneOf` gives an older JSON form beside the typed one; the typed one is taken.
    fn one_of(&mut self, value: &Value, at: &At<'_>) -> Result<(), Error> {
        let choices = at.array(value)?;
        let typed: Vec<_> = choices.iter().filter(|c| c["format"] != "json").collect();
        let [typed] = typed[..] else {
            return Err(at.error("is not one typed form beside a JSON one"));
        };
        *self = Self::parse(typed, &at.below("typed"))?;
        Ok(())
    }
}

fn schemas(value: &Value, at: &At<'_>) -> Result<BTreeMap<String, Schema>, Error> {
    at.object(value)?
        .iter()
        .map(|(name, value)| Ok((name.clone(), Schema::parse(value, &at.below(name))?)))
        .collect()
}

/// A place in a file, for messages.
struct At<'a> {
    file: &'a str,
    path: String,
}

impl<'a> At<'a> {
    fn below(&self, key: &str) -> Self {
        Self { file: self.file, path: format!("{}/{key}", self.path) }
    }

    fn error(&self, message: &str) -> Error {
        Error::schema(self.file, &self.path, message)
    }

    fn object<'v>(&self, value: &'v Value) -> Result<&'v serde_json::Map<String, Value>, Error> {
        value.as_object().ok_or_else(|| self.error("is not an object"))
    }

    fn array<'v>(&self, value: &'v Value) -> Result<&'v Vec<Value>, Error> {
        value.as_array().ok_or_else(|| self.error("is not an array"))
    }

    fn text(&self, value: &Value) -> Result<String, Error> {
        value.as_str().map(str::to_owned).ok_or_else(|| self.error("is not a string"))
    }

    fn texts(&self, value: &Value) -> Result<Vec<String>, Error> {
        self.array(value)?.iter().map(|v| self.text(v)).collect()
    }

    fn number(&self, value: &Value) -> Result<String, Error> {
        match value {
            Value::Number(n) => Ok(n.to_string()),
            _ => Err(self.error("is not a number")),
        }
    }

    /// `/properties/A/B` as `A/B`.
    fn pointers(&self, value: &Value) -> Result<Vec<String>, Error> {
        self.texts(value)?
            .iter()
            .map(|pointer| match pointer.strip_prefix("/properties/") {
                Some(path) => Ok(path.to_owned()),
                None => Err(self.error("holds a pointer that does not start with /properties/")),
            })
            .collect()
    }
}
