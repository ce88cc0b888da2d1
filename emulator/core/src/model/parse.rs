//! JSON to schemas.

use super::{
    Bound, Count, Dependency, Lists, Model, NESTING_MAX, Number, Numbers, Objects, Others,
    SCHEMAS_MAX, Schema, SchemaId, Texts, Type, check,
};
use regex_lite::{Regex, RegexBuilder};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Bytes a compiled pattern may take.
const PATTERN_BYTES_MAX: usize = 1 << 18;

pub(super) fn model(document: &Value) -> Result<Model, String> {
    let mut parser = Parser { document, schemas: Vec::new(), known: BTreeMap::new() };
    let root = parser.schema(document, "#", 0)?;
    Ok(Model { schemas: parser.schemas, root })
}

struct Parser<'d> {
    document: &'d Value,
    schemas: Vec<Schema>,
    /// Schemas by pointer, entered before they are read: a schema may refer to itself.
    known: BTreeMap<String, SchemaId>,
}

impl<'d> Parser<'d> {
    fn schema(&mut self, value: &'d Value, at: &str, nesting: usize) -> Result<SchemaId, String> {
        if let Some(id) = self.known.get(at) {
            return Ok(*id);
        }
        let Value::Object(map) = value else {
            return Err(format!("{at}: a schema is an object, not {}", check::kind(value)));
        };
        if nesting == NESTING_MAX || self.schemas.len() == SCHEMAS_MAX {
            return Err(format!(
                "{at}: more than {SCHEMAS_MAX} schemas, or more than {NESTING_MAX} within each other"
            ));
        }
        let id = SchemaId(self.schemas.len());
        self.known.insert(at.to_owned(), id);
        self.schemas.push(Schema::default());
        self.schemas[id.0] = Keywords { parser: self, map, at, nesting: nesting + 1 }.read()?;
        Ok(id)
    }
}

/// The keywords of one schema.
struct Keywords<'p, 'd> {
    parser: &'p mut Parser<'d>,
    map: &'d Map<String, Value>,
    at: &'p str,
    nesting: usize,
}

impl<'d> Keywords<'_, 'd> {
    fn read(&mut self) -> Result<Schema, String> {
        if let Some(reference) = self.map.get("$ref") {
            return Ok(Schema { reference: Some(self.reference(reference)?), ..Schema::default() });
        }
        let values = match self.map.get("enum") {
            None => None,
            Some(Value::Array(values)) => Some(values),
            Some(_) => return Err(self.wrong("enum", "a list")),
        };
        Ok(Schema {
            reference: None,
            types: self.types()?,
            one_of_values: values.map(|values| values.iter().map(check::canonical).collect()),
            values_written: self.map.get("enum").map(Value::to_string).unwrap_or_default(),
            all_of: self.schemas("allOf")?,
            any_of: self.schemas("anyOf")?,
            one_of: self.schemas("oneOf")?,
            not: self.child("not")?,
            numbers: Numbers {
                minimum: self.bound("minimum", "exclusiveMinimum")?,
                maximum: self.bound("maximum", "exclusiveMaximum")?,
                multiple_of: match self.number("multipleOf")? {
                    Some(number) if !number.is_positive() => {
                        return Err(self.wrong("multipleOf", "a number greater than 0"));
                    }
                    number => number,
                },
            },
            texts: Texts {
                length: self.count("minLength", "maxLength")?,
                pattern: match self.map.get("pattern") {
                    None => None,
                    Some(Value::String(pattern)) => Some(self.regex("pattern", pattern)?),
                    Some(_) => return Err(self.wrong("pattern", "a text")),
                },
            },
            lists: self.lists()?,
            objects: Objects {
                size: self.count("minProperties", "maxProperties")?,
                required: self.names("required")?,
                properties: self.properties()?,
                patterns: self.patterns()?,
                others: self.others("additionalProperties")?,
                dependencies: self.dependencies()?,
            },
        })
    }

    fn wrong(&self, keyword: &str, expected: &str) -> String {
        format!("{}/{keyword}: must be {expected}", self.at)
    }

    fn below(&mut self, path: &str, value: &'d Value) -> Result<SchemaId, String> {
        let at = format!("{}/{path}", self.at);
        self.parser.schema(value, &at, self.nesting)
    }

    fn reference(&mut self, reference: &Value) -> Result<SchemaId, String> {
        let Some(reference) = reference.as_str() else { return Err(self.wrong("$ref", "a text")) };
        let Some(pointer) = reference.strip_prefix('#') else {
            return Err(format!(
                "{}/$ref: `{reference}` leads to another document, which is not read here; put that \
                 schema below `definitions` and refer to `#/definitions/…`",
                self.at
            ));
        };
        let Some(target) = self.parser.document.pointer(pointer) else {
            return Err(format!("{}/$ref: the model has no `{reference}`", self.at));
        };
        self.parser.schema(target, reference, self.nesting)
    }

    fn types(&self) -> Result<Option<Vec<Type>>, String> {
        let list = match self.map.get("type") {
            None => return Ok(None),
            Some(Value::Array(list)) => list.as_slice(),
            Some(one) => std::slice::from_ref(one),
        };
        let types: Option<_> = list.iter().map(|name| Type::named(name.as_str()?)).collect();
        types.map(Some).ok_or_else(|| {
            self.wrong(
                "type",
                "one or more of null, boolean, integer, number, string, array, object",
            )
        })
    }

    fn child(&mut self, keyword: &str) -> Result<Option<SchemaId>, String> {
        self.map.get(keyword).map(|schema| self.below(keyword, schema)).transpose()
    }

    fn schemas(&mut self, keyword: &str) -> Result<Vec<SchemaId>, String> {
        match self.map.get(keyword) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) if !list.is_empty() => list
                .iter()
                .enumerate()
                .map(|(n, schema)| self.below(&format!("{keyword}/{n}"), schema))
                .collect(),
            Some(_) => Err(self.wrong(keyword, "a list of schemas")),
        }
    }

    fn object(&self, keyword: &str) -> Result<Option<&'d Map<String, Value>>, String> {
        match self.map.get(keyword) {
            None => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(_) => Err(self.wrong(keyword, "an object")),
        }
    }

    fn number(&self, keyword: &str) -> Result<Option<Number>, String> {
        match self.map.get(keyword) {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(Number::new(number))),
            Some(_) => Err(self.wrong(keyword, "a number")),
        }
    }

    fn flag(&self, keyword: &str) -> Result<bool, String> {
        match self.map.get(keyword) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(self.wrong(keyword, "true or false, as draft 4 has it")),
        }
    }

    fn bound(&self, keyword: &str, exclusive: &str) -> Result<Option<Bound>, String> {
        let exclusive = self.flag(exclusive)?;
        Ok(self.number(keyword)?.map(|limit| Bound { limit, exclusive }))
    }

    fn count(&self, min: &str, max: &str) -> Result<Count, String> {
        let count = |keyword: &str| match self.map.get(keyword) {
            None => Ok(None),
            Some(value) => match value.as_u64() {
                Some(count) => Ok(Some(usize::try_from(count).unwrap_or(usize::MAX))),
                None => Err(self.wrong(keyword, "a whole number, 0 or more")),
            },
        };
        Ok(Count { min: count(min)?.unwrap_or(0), max: count(max)?.unwrap_or(usize::MAX) })
    }

    fn names(&self, keyword: &str) -> Result<Vec<String>, String> {
        match self.map.get(keyword) {
            None => Ok(Vec::new()),
            Some(names) => names_in(names).ok_or_else(|| self.wrong(keyword, "a list of names")),
        }
    }

    fn regex(&self, keyword: &str, pattern: &str) -> Result<Regex, String> {
        RegexBuilder::new(pattern).size_limit(PATTERN_BYTES_MAX).build().map_err(|e| {
            format!(
                "{}/{keyword}: `{pattern}` is not a pattern that can be checked here (no look-around, \
                 no back-references, no `\\p`): {e}",
                self.at
            )
        })
    }

    fn others(&mut self, keyword: &str) -> Result<Others, String> {
        Ok(match self.map.get(keyword) {
            None | Some(Value::Bool(true)) => Others::Allowed,
            Some(Value::Bool(false)) => Others::Forbidden,
            Some(schema) => Others::Fit(self.below(keyword, schema)?),
        })
    }

    fn lists(&mut self) -> Result<Lists, String> {
        let (places, others) = match self.map.get("items") {
            None => (Vec::new(), Others::Allowed),
            Some(Value::Array(list)) if list.is_empty() => {
                (Vec::new(), self.others("additionalItems")?)
            }
            Some(Value::Array(_)) => (self.schemas("items")?, self.others("additionalItems")?),
            Some(schema) => (Vec::new(), Others::Fit(self.below("items", schema)?)),
        };
        let length = self.count("minItems", "maxItems")?;
        Ok(Lists { length, places, others, unique: self.flag("uniqueItems")? })
    }

    fn properties(&mut self) -> Result<BTreeMap<String, SchemaId>, String> {
        let properties = self.object("properties")?.into_iter().flatten();
        properties
            .map(|(name, schema)| {
                let path = format!("properties/{}", escaped(name));
                Ok((name.clone(), self.below(&path, schema)?))
            })
            .collect()
    }

    fn patterns(&mut self) -> Result<Vec<(Regex, SchemaId)>, String> {
        let patterns = self.object("patternProperties")?.into_iter().flatten();
        patterns
            .map(|(pattern, schema)| {
                let path = format!("patternProperties/{}", escaped(pattern));
                Ok((self.regex("patternProperties", pattern)?, self.below(&path, schema)?))
            })
            .collect()
    }

    fn dependencies(&mut self) -> Result<BTreeMap<String, Dependency>, String> {
        let dependencies = self.object("dependencies")?.into_iter().flatten();
        dependencies
            .map(|(name, value)| {
                let path = format!("dependencies/{}", escaped(name));
                let dependency = match value {
                    Value::Array(_) => Dependency::Properties(
                        names_in(value).ok_or_else(|| self.wrong(&path, "a list of names"))?,
                    ),
                    schema => Dependency::Schema(self.below(&path, schema)?),
                };
                Ok((name.clone(), dependency))
            })
            .collect()
    }
}

fn names_in(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|name| Some(name.as_str()?.to_owned())).collect()
}

/// A name as a JSON pointer spells it.
pub(super) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
