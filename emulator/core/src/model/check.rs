//! A value against schemas.

use super::parse::escaped;
use super::{
    Bound, Dependency, Model, NESTING_MAX, Number, Others, STEPS_MAX, Schema, SchemaId, Type,
};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Characters of a value that a message repeats.
const SHOWN_MAX: usize = 200;

pub(super) fn check(model: &Model, value: &Value) -> Result<(), String> {
    let mut checker = Checker { model, path: Vec::new(), steps_left: STEPS_MAX, depth: 0 };
    match checker.fits(model.root, value) {
        Ok(()) => Ok(()),
        Err(Misfit::Value(text) | Misfit::TooMuch(text)) => Err(text),
    }
}

/// Why a value does not fit.
enum Misfit {
    Value(String),
    /// Looking has become too much work: not to be taken for an answer by `anyOf` or `not`.
    TooMuch(String),
}

struct Checker<'m> {
    model: &'m Model,
    /// From the whole to the value being looked at.
    path: Vec<String>,
    steps_left: usize,
    depth: usize,
}

type Fits = Result<(), Misfit>;

impl<'m> Checker<'m> {
    fn misfit(&self, what: String) -> Fits {
        if self.path.is_empty() {
            return Err(Misfit::Value(what));
        }
        let pointer: String = self.path.iter().map(|name| format!("/{}", escaped(name))).collect();
        Err(Misfit::Value(format!("{pointer}: {what}")))
    }

    fn spend(&mut self, steps: usize) -> Fits {
        match self.steps_left.checked_sub(steps) {
            Some(left) => self.steps_left = left,
            None => {
                return Err(Misfit::TooMuch(format!("takes more than {STEPS_MAX} steps to check")));
            }
        }
        Ok(())
    }

    fn fits(&mut self, id: SchemaId, value: &Value) -> Fits {
        self.spend(1)?;
        if self.depth == NESTING_MAX {
            let what = format!("more than {NESTING_MAX} schemas or values within each other");
            return Err(Misfit::TooMuch(what));
        }
        let Some(schema) = self.model.schemas.get(id.0) else { return Ok(()) };
        self.depth += 1;
        let fits = match schema.reference {
            Some(target) => self.fits(target, value),
            None => self.fits_keywords(schema, value),
        };
        self.depth -= 1;
        fits
    }

    /// As [`Self::fits`], for a value below this one.
    fn fits_below(&mut self, name: impl Into<String>, id: SchemaId, value: &Value) -> Fits {
        self.path.push(name.into());
        let fits = self.fits(id, value);
        self.path.pop();
        fits
    }

    fn fits_keywords(&mut self, schema: &'m Schema, value: &Value) -> Fits {
        if let Some(types) = &schema.types
            && !types.iter().any(|t| t.admits(value))
        {
            let mut names: Vec<_> = types.iter().map(|t| format!("\"{}\"", t.name())).collect();
            names.sort_unstable();
            return self.misfit(format!(
                "instance type ({}) does not match any allowed primitive type (allowed: [{}])",
                kind(value),
                names.join(",")
            ));
        }
        if let Some(values) = &schema.one_of_values {
            let written = canonical(value);
            self.spend(written.len() / 64)?;
            if !values.contains(&written) {
                let value = value.to_string();
                return self.misfit(format!(
                    "instance value ({}) not found in enum (possible values: {})",
                    shown(&value),
                    shown(&schema.values_written)
                ));
            }
        }
        match value {
            Value::Number(number) => self.fits_number(schema, Number::new(number))?,
            Value::String(text) => self.fits_text(schema, text)?,
            Value::Array(list) => self.fits_list(schema, list)?,
            Value::Object(object) => self.fits_object(schema, value, object)?,
            Value::Null | Value::Bool(_) => {}
        }
        self.fits_combinations(schema, value)
    }

    fn fits_number(&mut self, schema: &Schema, number: Number) -> Fits {
        let beyond = |bound: Bound, side| {
            let order = number.compare(bound.limit);
            order == Some(side) || (bound.exclusive && order == Some(Ordering::Equal))
        };
        if let Some(bound) = schema.numbers.minimum.filter(|b| beyond(*b, Ordering::Less)) {
            let limit = bound.limit;
            return self.misfit(if bound.exclusive {
                format!("numeric instance is not strictly greater than the required minimum {limit}")
            } else {
                format!("numeric instance is lower than the required minimum (minimum: {limit}, found: {number})")
            });
        }
        if let Some(bound) = schema.numbers.maximum.filter(|b| beyond(*b, Ordering::Greater)) {
            let limit = bound.limit;
            return self.misfit(if bound.exclusive {
                format!("numeric instance is not strictly lower than the required maximum {limit}")
            } else {
                format!("numeric instance is greater than the required maximum (maximum: {limit}, found: {number})")
            });
        }
        if let Some(divisor) = schema.numbers.multiple_of.filter(|d| !number.is_multiple_of(*d)) {
            return self
                .misfit(format!("remainder of division is not zero ({number} / {divisor})"));
        }
        Ok(())
    }

    fn fits_text(&mut self, schema: &Schema, text: &str) -> Fits {
        self.spend(text.len() / 64)?;
        let length = text.chars().count();
        let (min, max) = (schema.texts.length.min, schema.texts.length.max);
        let shown = shown(text);
        if length < min {
            return self.misfit(format!(
                "string {shown:?} is too short (length: {length}, required minimum: {min})"
            ));
        }
        if length > max {
            return self.misfit(format!(
                "string {shown:?} is too long (length: {length}, maximum allowed: {max})"
            ));
        }
        if let Some(pattern) = schema.texts.pattern.as_ref().filter(|p| !p.is_match(text)) {
            let pattern = pattern.as_str();
            return self.misfit(format!(
                "ECMA 262 regex {pattern:?} does not match input string {shown:?}"
            ));
        }
        Ok(())
    }

    fn fits_list(&mut self, schema: &'m Schema, list: &[Value]) -> Fits {
        let lists = &schema.lists;
        let (length, min, max) = (list.len(), lists.length.min, lists.length.max);
        if length < min {
            return self.misfit(format!(
                "array is too short: must have at least {min} elements but instance has {length} elements"
            ));
        }
        if length > max {
            return self.misfit(format!(
                "array is too long: must have at most {max} elements but instance has {length} elements"
            ));
        }
        if lists.unique {
            let mut seen = BTreeSet::new();
            for item in list {
                let written = canonical(item);
                self.spend(1 + written.len() / 64)?;
                if !seen.insert(written) {
                    return self.misfit("array must not contain duplicate elements".to_owned());
                }
            }
        }
        for (n, item) in list.iter().enumerate() {
            match (lists.places.get(n), lists.others) {
                (Some(id), _) => self.fits_below(n.to_string(), *id, item)?,
                (None, Others::Fit(id)) => self.fits_below(n.to_string(), id, item)?,
                (None, Others::Allowed) => {}
                (None, Others::Forbidden) => {
                    let most = lists.places.len();
                    return self.misfit(format!(
                        "array only allows {most} elements, but has {length}: additional items are not allowed"
                    ));
                }
            }
        }
        Ok(())
    }

    fn fits_object(
        &mut self,
        schema: &'m Schema,
        value: &Value,
        object: &Map<String, Value>,
    ) -> Fits {
        let objects = &schema.objects;
        let (size, min, max) = (object.len(), objects.size.min, objects.size.max);
        if size < min {
            return self.misfit(format!(
                "object has too few properties (found {size} but schema requires at least {min})"
            ));
        }
        if size > max {
            return self.misfit(format!(
                "object has too many properties (found {size} but schema requires at most {max})"
            ));
        }
        self.has_all(&objects.required, object)?;
        for (name, value) in object {
            let mut known = false;
            if let Some(id) = objects.properties.get(name) {
                known = true;
                self.fits_below(name, *id, value)?;
            }
            self.spend(objects.patterns.len())?;
            for (pattern, id) in &objects.patterns {
                if pattern.is_match(name) {
                    known = true;
                    self.fits_below(name, *id, value)?;
                }
            }
            match objects.others {
                Others::Fit(id) if !known => self.fits_below(name, id, value)?,
                Others::Forbidden if !known => {
                    return self.misfit(format!(
                        "object instance has properties which are not allowed by the schema: [{name:?}]"
                    ));
                }
                Others::Fit(_) | Others::Forbidden | Others::Allowed => {}
            }
        }
        for (name, dependency) in &objects.dependencies {
            if object.contains_key(name) {
                match dependency {
                    Dependency::Properties(names) => self.has_all(names, object)?,
                    Dependency::Schema(id) => self.fits(*id, value)?,
                }
            }
        }
        Ok(())
    }

    fn has_all(&self, names: &[String], object: &Map<String, Value>) -> Fits {
        let mut missing: Vec<_> = names.iter().filter(|name| !object.contains_key(*name)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        missing.sort_unstable();
        let missing: Vec<_> = missing.into_iter().map(|name| format!("{name:?}")).collect();
        self.misfit(format!("object has missing required properties ([{}])", missing.join(",")))
    }

    fn fits_combinations(&mut self, schema: &'m Schema, value: &Value) -> Fits {
        for id in &schema.all_of {
            self.fits(*id, value)?;
        }
        if !schema.any_of.is_empty() && self.count(&schema.any_of, value)? == 0 {
            let schemas = schema.any_of.len();
            return self.misfit(format!(
                "instance failed to match at least one required schema among {schemas}"
            ));
        }
        if !schema.one_of.is_empty() {
            let (matched, schemas) = (self.count(&schema.one_of, value)?, schema.one_of.len());
            if matched != 1 {
                return self.misfit(format!(
                    "instance failed to match exactly one schema (matched {matched} out of {schemas})"
                ));
            }
        }
        if let Some(id) = &schema.not
            && self.count(std::slice::from_ref(id), value)? == 1
        {
            return self.misfit("instance matched a schema which it should not have".to_owned());
        }
        Ok(())
    }

    /// How many of the schemas the value fits.
    fn count(&mut self, schemas: &[SchemaId], value: &Value) -> Result<usize, Misfit> {
        let (depth, path) = (self.depth, self.path.len());
        let mut matched = 0;
        for id in schemas {
            match self.fits(*id, value) {
                Ok(()) => matched += 1,
                Err(Misfit::Value(_)) => {}
                Err(too_much) => return Err(too_much),
            }
            self.depth = depth;
            self.path.truncate(path);
        }
        Ok(matched)
    }
}

impl Type {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Null, "null"),
        (Self::Boolean, "boolean"),
        (Self::Integer, "integer"),
        (Self::Number, "number"),
        (Self::String, "string"),
        (Self::Array, "array"),
        (Self::Object, "object"),
    ];

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, n)| *n == name).map(|(t, _)| t)
    }

    fn name(self) -> &'static str {
        Self::ALL.into_iter().find(|(t, _)| *t == self).map_or("", |(_, name)| name)
    }

    fn admits(self, value: &Value) -> bool {
        self.name() == kind(value) || (self == Self::Number && value.is_number())
    }
}

/// As much of a text as a message should hold.
fn shown(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// The type a value has by draft 4: `1.0` is a number, but no integer.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A value as a text that equal values share: keys in order, `1.0` as `1`.
pub(super) fn canonical(value: &Value) -> String {
    match value {
        Value::Number(number) => Number::new(number).canonical().to_string(),
        Value::Array(list) => {
            let items: Vec<_> = list.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(object) => {
            let mut entries: Vec<_> = object
                .iter()
                .map(|(key, value)| format!("{}:{}", Value::from(key.as_str()), canonical(value)))
                .collect();
            entries.sort_unstable();
            format!("{{{}}}", entries.join(","))
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value.to_string(),
    }
}
