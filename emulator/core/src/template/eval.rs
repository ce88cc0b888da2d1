//! Evaluates values of a template: walks them, and hands each function to `intrinsics`.

use super::{Place, Problem, parameters};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Deeper than any template nests.
const DEPTH_MAX: usize = 64;

/// A resource that is part of the stack.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resource<'a> {
    pub(super) kind: &'a str,
    pub(super) properties: Option<&'a Value>,
    pub(super) depends_on: Option<&'a Value>,
}

/// Knows everything an intrinsic function may ask for.
#[derive(Debug)]
pub(super) struct Evaluator<'a> {
    pub(super) place: &'a Place,
    pub(super) parameters: BTreeMap<String, Value>,
    pub(super) mappings: Option<&'a Value>,
    pub(super) resources: BTreeMap<&'a str, Resource<'a>>,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<String>,
    conditions: Option<&'a Map<String, Value>>,
    known_conditions: BTreeMap<String, bool>,
    /// Names that are being found out: one that turns up again is defined by itself.
    under_way: Vec<String>,
    depth: usize,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(template: &'a Value, place: &'a Place) -> Self {
        let mut evaluator = Self {
            place,
            parameters: BTreeMap::new(),
            mappings: template.get("Mappings"),
            resources: BTreeMap::new(),
            problems: Vec::new(),
            warnings: Vec::new(),
            conditions: template.get("Conditions").and_then(Value::as_object),
            known_conditions: BTreeMap::new(),
            under_way: Vec::new(),
            depth: 0,
        };
        parameters::read(&mut evaluator, template);
        let Some(resources) = template.get("Resources").and_then(Value::as_object) else {
            evaluator.problem("Resources", "the template has no resources");
            return evaluator;
        };
        for (id, resource) in resources {
            let at = format!("Resources.{id}");
            let Some(kind) = resource.get("Type").and_then(Value::as_str) else {
                evaluator.problem(&at, "the resource has no Type");
                continue;
            };
            let condition = resource.get("Condition").and_then(Value::as_str);
            if condition.is_none_or(|name| evaluator.condition(name, &at)) {
                let properties = resource.get("Properties");
                let depends_on = resource.get("DependsOn");
                evaluator.resources.insert(id, Resource { kind, properties, depends_on });
            }
        }
        evaluator
    }

    pub(super) fn problem(&mut self, at: &str, message: impl Into<String>) {
        self.problems.push(Problem { at: at.into(), message: message.into() });
    }

    /// The value with its functions evaluated; `None` when it is `AWS::NoValue`.
    pub(super) fn eval(&mut self, value: &Value, at: &str) -> Option<Value> {
        if self.depth >= DEPTH_MAX {
            self.problem(at, format!("nested deeper than {DEPTH_MAX} levels"));
            return None;
        }
        self.depth += 1;
        let result = match value {
            Value::Object(map) => match intrinsic(map) {
                Some((function, argument)) => self.intrinsic(function, argument, at),
                None => Some(Value::Object(self.object(map, at))),
            },
            Value::Array(items) => Some(Value::Array(
                items
                    .iter()
                    .enumerate()
                    .filter_map(|(i, item)| self.eval(item, &format!("{at}.{i}")))
                    .collect(),
            )),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                Some(value.clone())
            }
        };
        self.depth -= 1;
        result
    }

    fn object(&mut self, map: &Map<String, Value>, at: &str) -> Map<String, Value> {
        map.iter()
            .filter_map(|(key, value)| {
                Some((key.clone(), self.eval(value, &format!("{at}.{key}"))?))
            })
            .collect()
    }

    /// The properties of a resource, evaluated.
    pub(super) fn properties(&mut self, id: &str) -> Map<String, Value> {
        let properties = self.resources.get(id).and_then(|resource| resource.properties);
        let Some(Value::Object(properties)) = properties else { return Map::new() };
        self.object(properties, &format!("Resources.{id}.Properties"))
    }

    /// One property of a resource as text, if it has it. Used for names, which other resources'
    /// properties may be made of, so a name made of itself is caught here.
    pub(super) fn name_property(&mut self, id: &str, property: &str) -> Option<String> {
        let value = self.resources.get(id)?.properties?.get(property)?;
        let at = format!("Resources.{id}.Properties.{property}");
        if self.under_way.contains(&at) {
            self.problem(&at, "is defined by itself");
            return None;
        }
        self.under_way.push(at.clone());
        let name = self.eval(value, &at).map(|value| text(&value));
        self.under_way.pop();
        name
    }

    /// Whether a condition holds.
    pub(super) fn condition(&mut self, name: &str, at: &str) -> bool {
        if let Some(known) = self.known_conditions.get(name) {
            return *known;
        }
        let Some(definition) = self.conditions.and_then(|conditions| conditions.get(name)) else {
            self.problem(at, format!("condition {name} is not defined under Conditions"));
            return false;
        };
        let own = format!("Conditions.{name}");
        if self.under_way.contains(&own) {
            self.problem(&own, "is defined by itself");
            return false;
        }
        self.under_way.push(own.clone());
        let holds = self.boolean(definition, &own);
        self.under_way.pop();
        self.known_conditions.insert(name.into(), holds);
        holds
    }

    /// A condition expression.
    pub(super) fn boolean(&mut self, value: &Value, at: &str) -> bool {
        if let Some(name) = value.get("Condition").and_then(Value::as_str) {
            return self.condition(name, at);
        }
        match self.eval(value, at) {
            Some(Value::Bool(holds)) => holds,
            Some(Value::String(text)) if text == "true" => true,
            Some(Value::String(text)) if text == "false" => false,
            _ => {
                self.problem(at, "is not a condition; use Fn::Equals, Fn::And, Fn::Or or Fn::Not");
                false
            }
        }
    }

    /// Ids of resources of a type, in order.
    pub(super) fn of_kind(&self, kind: &str) -> Vec<String> {
        let of_kind = self.resources.iter().filter(|(_, resource)| resource.kind == kind);
        of_kind.map(|(id, _)| (*id).to_owned()).collect()
    }
}

/// A function call: an object whose only key names a function.
pub(super) fn intrinsic(map: &Map<String, Value>) -> Option<(&str, &Value)> {
    let (key, argument) = map.iter().next().filter(|_| map.len() == 1)?;
    (key == "Ref" || key.starts_with("Fn::")).then_some((key.as_str(), argument))
}

/// A value as text, as CloudFormation turns numbers and booleans into it.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}
