//! From a schema to its model: decides names and types.
//!
//! What the schema does not say comes from `facts`; how it is all written down is `emit`'s
//! business.

use crate::model::{Attribute, Enum, Field, Module, Struct, Type};
use crate::rules::{alternatives, rules};
use crate::schema::{Document, Schema};
use crate::{Error, facts, names};
use std::collections::{BTreeMap, BTreeSet};

/// Names of the runtime that a generated type must not hide.
const RESERVED: &[&str] = &[
    "Handle", "Json", "List", "Lower", "Map", "Node", "Option", "Resource", "Rule", "Self",
    "String", "Text", "Val", "Value", "Vec",
];

impl Module {
    pub(crate) fn build(file: &str, document: &Document) -> Result<Self, Error> {
        let mut parts = document.type_name.split("::").skip(1);
        let service = parts.next().unwrap_or_default().to_owned();
        let resource = parts.next().unwrap_or_default().to_owned();
        let mut build = Build {
            file,
            document,
            structs: BTreeMap::new(),
            enums: BTreeMap::new(),
            texts: BTreeSet::new(),
            open: vec![resource.clone()],
        };
        let settable = settable(document);
        let root = build.structure(&resource, &settable, "/properties")?;
        let attributes = build.attributes(&resource)?;
        let reference = match facts::reference(&document.type_name) {
            Some(text) => {
                build.texts.insert(text);
                Type::Text(text)
            }
            None => Type::String,
        };
        let (create_only, conditional_create_only) = create_only(document);
        let structs = [root].into_iter().chain(build.structs.into_values()).collect();
        Ok(Self {
            type_name: document.type_name.clone(),
            service,
            resource,
            structs,
            enums: build.enums,
            reference,
            attributes,
            create_only,
            conditional_create_only,
            texts: build.texts,
        })
    }
}

fn sorted(names: &[String]) -> Vec<String> {
    names.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect()
}

/// Properties whose change replaces the resource, and those whose change may.
fn create_only(document: &Document) -> (Vec<String>, Vec<String>) {
    let of = |facts: &[(&str, &str)]| -> Vec<String> {
        let ours = facts.iter().filter(|(type_name, _)| *type_name == document.type_name);
        ours.map(|(_, property)| (*property).to_owned()).collect()
    };
    let always = sorted(&[&document.create_only[..], &of(facts::CREATE_ONLY)].concat());
    let mut perhaps =
        [&document.conditional_create_only[..], &of(facts::CONDITIONAL_CREATE_ONLY)].concat();
    perhaps.retain(|property| !always.contains(property));
    (always, sorted(&perhaps))
}

/// The properties one can set: all but the read-only ones.
fn settable(document: &Document) -> Schema {
    let mut root = document.root.clone();
    root.properties.retain(|name, _| !document.read_only.contains(name));
    root.required.retain(|name| !document.read_only.contains(name));
    root
}

struct Build<'a> {
    file: &'a str,
    document: &'a Document,
    structs: BTreeMap<String, Struct>,
    enums: BTreeMap<String, Enum>,
    texts: BTreeSet<&'static str>,
    /// Structs that are being built, outermost first: one that holds itself needs a `Box`.
    open: Vec<String>,
}

/// Where a value stands: whose property it is, and what a type made for it would be called.
#[derive(Clone)]
struct Place<'p> {
    owner: &'p str,
    /// `Property`, `Property[]` for its items.
    property: String,
    name: String,
    pointer: String,
}

impl Build<'_> {
    fn error(&self, pointer: &str, message: &str) -> Error {
        Error::schema(self.file, pointer, message)
    }

    fn structure(&mut self, name: &str, schema: &Schema, pointer: &str) -> Result<Struct, Error> {
        let mut fields = Vec::new();
        for (property, schema) in &schema.properties {
            let place = Place {
                owner: name,
                property: property.clone(),
                name: names::pascal(property),
                pointer: format!("{pointer}/{property}"),
            };
            let (resolved, _) = self.resolve(schema, &place)?;
            let rules = rules(&resolved, |inner| Ok(self.resolve(inner, &place)?.0))
                .map_err(|message| self.error(&place.pointer, &message))?;
            fields.push(Field {
                aws: property.clone(),
                rust: names::snake(property),
                ty: self.type_of(schema, place)?,
                required: false,
                unordered: resolved.unordered,
                rules: rules.checked,
                unchecked: rules.unchecked,
            });
        }
        for required in &schema.required {
            let Some(field) = fields.iter_mut().find(|f| &f.aws == required) else {
                return Err(
                    self.error(pointer, &format!("requires {required}, which is not there"))
                );
            };
            field.required = true;
        }
        let mut rust: Vec<_> = fields.iter().map(|f| &f.rust).collect();
        rust.sort();
        if rust.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(self.error(pointer, "has two properties that Rust would spell alike"));
        }
        Ok(Struct {
            name: name.to_owned(),
            fields,
            any_of: schema.any_of.clone(),
            dependent: schema.dependent.clone(),
        })
    }

    /// Follows references; gives the schema, with what stands beside a reference on top, and the
    /// name of the last definition.
    fn resolve(
        &self,
        schema: &Schema,
        place: &Place<'_>,
    ) -> Result<(Schema, Option<String>), Error> {
        let mut schema = schema.clone();
        let mut name = None;
        for _ in 0..8 {
            let Some(reference) = schema.reference.take() else { return Ok((schema, name)) };
            let Some(target) = self.document.definitions.get(&reference) else {
                return Err(self
                    .error(&place.pointer, &format!("points to {reference}, which is not there")));
            };
            schema = schema.over(target);
            name = Some(names::pascal(&reference));
        }
        Err(self.error(&place.pointer, "is a reference that leads to itself"))
    }

    fn type_of(&mut self, schema: &Schema, place: Place<'_>) -> Result<Type, Error> {
        if let Some(name) = facts::by_hand(&self.document.type_name, &place.property) {
            return Ok(Type::Iam(name));
        }
        let (schema, definition) = self.resolve(schema, &place)?;
        let name = definition.unwrap_or_else(|| place.name.clone());
        let place = Place { name, ..place };
        if let Some(format) = schema.format.as_deref().filter(|f| !facts::knows_format(f)) {
            return Err(self.error(&place.pointer, &format!("has the unknown format {format}")));
        }
        let types: Vec<&str> = schema.types.iter().map(String::as_str).collect();
        match types[..] {
            [] | ["object"] if !schema.properties.is_empty() => self.nested(&schema, &place),
            [] | ["object"] if !schema.entries.is_empty() => self.map(&schema, &place),
            ["object"] => Ok(Type::Json),
            ["array"] => self.list(&schema, place),
            ["boolean"] => Ok(Type::Bool),
            ["integer"] => Ok(Type::Int),
            ["number"] => Ok(Type::Float),
            ["string"] => self.string(&schema, &place),
            // Several types: a document, given as an object or as its text.
            [_, _, ..] => Ok(Type::Json),
            _ => Err(self.error(&place.pointer, "has a type this generator does not know")),
        }
    }

    fn nested(&mut self, schema: &Schema, place: &Place<'_>) -> Result<Type, Error> {
        let mut name = place.name.clone();
        if RESERVED.contains(&name.as_str()) || self.open[0] == name {
            name = format!("{}{name}", place.owner);
        }
        if self.open.contains(&name) {
            return Err(self.error(&place.pointer, "is a type that holds itself"));
        }
        self.open.push(name.clone());
        let mut built = self.structure(&name, schema, &place.pointer)?;
        self.open.pop();
        if self.structs.get(&name).is_some_and(|other| *other != built)
            || self.enums.contains_key(&name)
        {
            name = format!("{}{name}", place.owner);
            built.name.clone_from(&name);
        }
        self.structs.insert(name.clone(), built);
        Ok(Type::Local(name))
    }

    fn map(&mut self, schema: &Schema, place: &Place<'_>) -> Result<Type, Error> {
        let [(_, values)] = &schema.entries[..] else {
            return Err(self.error(&place.pointer, "is a map with more than one kind of key"));
        };
        Ok(Type::Map(Box::new(self.type_of(values, place.item())?)))
    }

    fn list(&mut self, schema: &Schema, place: Place<'_>) -> Result<Type, Error> {
        let items = match &schema.items {
            Some(items) => self.type_of(items, place.item())?,
            None => Type::Json,
        };
        Ok(Type::List(Box::new(items)))
    }

    fn string(&mut self, schema: &Schema, place: &Place<'_>) -> Result<Type, Error> {
        let path = format!("{}/{}", place.owner, place.property);
        let type_name = &self.document.type_name;
        if let Some(text) = facts::text(type_name, &path, schema.format.as_deref()) {
            self.texts.insert(text);
            return Ok(Type::Text(text));
        }
        let values = match facts::values(type_name, &path) {
            Some(values) => values.iter().map(|v| (*v).to_owned()).collect(),
            None if schema.enumeration.is_empty() => {
                schema.pattern.as_deref().and_then(alternatives).unwrap_or_default()
            }
            None => {
                let texts = schema.enumeration.iter().map(|v| v.as_str().map(str::to_owned));
                texts.collect::<Option<Vec<_>>>().ok_or_else(|| {
                    self.error(&place.pointer, "lists a value that is not a string")
                })?
            }
        };
        if values.is_empty() {
            return Ok(Type::String);
        }
        self.enumeration(values, place)
    }

    fn enumeration(&mut self, values: Vec<String>, place: &Place<'_>) -> Result<Type, Error> {
        let mut variants = Vec::new();
        for value in values {
            let variant = match value.as_str() {
                "*" => Some("Any".to_owned()),
                value => names::variant(value),
            };
            let Some(variant) = variant.filter(|v| variants.iter().all(|(seen, _)| seen != v))
            else {
                return Err(self
                    .error(&place.pointer, &format!("{value:?} has no name of its own in Rust")));
            };
            variants.push((variant, value));
        }
        let built = Enum(variants);
        let taken = |name: &String, this: &Self| {
            this.structs.contains_key(name)
                || this.open.contains(name)
                || RESERVED.contains(&name.as_str())
                || this.enums.get(name).is_some_and(|other| *other != built)
        };
        let mut name = place.name.clone();
        if taken(&name, self) {
            name = format!("{}{name}", place.owner);
        }
        if taken(&name, self) {
            return Err(self.error(&place.pointer, &format!("{name} would mean two things")));
        }
        self.enums.insert(name.clone(), built);
        Ok(Type::Local(name))
    }

    fn attributes(&mut self, resource: &str) -> Result<Vec<Attribute>, Error> {
        let mut attributes = Vec::new();
        for path in sorted(&self.document.read_only) {
            if facts::NOT_ATTRIBUTES.contains(&(self.document.type_name.as_str(), &path)) {
                continue;
            }
            let pointer = format!("/properties/{path}");
            let mut schema = self.document.root.clone();
            let mut place = Place {
                owner: resource,
                property: String::new(),
                name: String::new(),
                pointer: pointer.clone(),
            };
            for step in path.split('/') {
                let Some(next) = schema.properties.get(step) else {
                    return Err(self.error(&pointer, "is read-only and not there"));
                };
                place.property = step.to_owned();
                place.name = names::pascal(step);
                schema = self.resolve(next, &place)?.0;
            }
            // An object as a whole is no attribute; what it holds is listed on its own.
            if !schema.properties.is_empty() {
                continue;
            }
            let ty = self.type_of(&schema, place)?;
            attributes.push(Attribute {
                method: names::snake(&path),
                aws: path.replace('/', "."),
                ty,
            });
        }
        for name in facts::more_attributes(&self.document.type_name) {
            attributes.push(Attribute {
                method: names::snake(name),
                aws: (*name).to_owned(),
                ty: Type::String,
            });
        }
        Ok(attributes)
    }
}

impl Place<'_> {
    /// An item: of `Tags` one `Tag`.
    fn item(&self) -> Self {
        let name = match self.name.strip_suffix("ies") {
            Some(stem) => format!("{stem}y"),
            None => self.name.strip_suffix('s').unwrap_or(&self.name).to_owned(),
        };
        Self {
            owner: self.owner,
            property: format!("{}[]", self.property),
            name,
            pointer: format!("{}/items", self.pointer),
        }
    }
}
