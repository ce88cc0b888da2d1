//! Reads evaluated properties of one resource into types, noting what does not fit.

use super::Problem;
use super::eval::{Evaluator, text};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The properties of one resource.
#[derive(Debug)]
pub(super) struct Properties {
    /// The logical id.
    pub(super) id: String,
    pub(super) problems: Vec<Problem>,
    at: String,
    map: Map<String, Value>,
}

impl Properties {
    pub(super) fn of(evaluator: &mut Evaluator<'_>, id: &str) -> Self {
        let at = format!("Resources.{id}.Properties");
        Self { id: id.into(), problems: Vec::new(), map: evaluator.properties(id), at }
    }

    /// A part of the properties that is an object itself, under its own path.
    pub(super) fn within(&self, name: &str) -> Self {
        let map = self.map.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
        Self { id: self.id.clone(), problems: Vec::new(), at: format!("{}.{name}", self.at), map }
    }

    /// The objects in a list, each under its own path; whatever else is in it is a problem.
    pub(super) fn items(&mut self, name: &str) -> Vec<Self> {
        let items = match self.map.get(name) {
            None => return Vec::new(),
            Some(Value::Array(items)) => items.clone(),
            Some(_) => {
                self.problem(name, "must be a list");
                return Vec::new();
            }
        };
        let item = |(n, item): (usize, Value)| {
            let at = format!("{}.{name}.{n}", self.at);
            let mut problems = Vec::new();
            let map = match item {
                Value::Object(map) => map,
                _ => {
                    problems.push(Problem { at: at.clone(), message: "must be an object".into() });
                    Map::new()
                }
            };
            Self { id: self.id.clone(), problems, at, map }
        };
        items.into_iter().enumerate().map(item).collect()
    }

    pub(super) fn problem(&mut self, name: &str, message: impl Into<String>) {
        let at = if name.is_empty() { self.at.clone() } else { format!("{}.{name}", self.at) };
        self.problems.push(Problem { at, message: message.into() });
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.map.get(name)
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        match self.map.get(name)? {
            Value::Array(_) | Value::Object(_) | Value::Null => {
                self.problem(name, "must be text");
                None
            }
            value @ (Value::Bool(_) | Value::Number(_) | Value::String(_)) => Some(text(value)),
        }
    }

    /// Text that must be there; empty, and a problem, when it is not.
    pub(super) fn required(&mut self, name: &str) -> String {
        if !self.has(name) {
            self.problem("", format!("{name} is required"));
            return String::new();
        }
        self.text(name).unwrap_or_default()
    }

    pub(super) fn flag(&mut self, name: &str) -> bool {
        match self.map.get(name).map(text).as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(other) => {
                let message = format!("`{other}` must be true or false");
                self.problem(name, message);
                false
            }
        }
    }

    pub(super) fn number(&mut self, name: &str, least: u64, most: u64) -> Option<u64> {
        let given = text(self.map.get(name)?);
        match given.parse::<u64>() {
            Ok(number) if (least..=most).contains(&number) => Some(number),
            _ => {
                self.problem(name, format!("`{given}` must be a number from {least} to {most}"));
                None
            }
        }
    }

    pub(super) fn rate(&mut self, name: &str) -> Option<f64> {
        let given = text(self.map.get(name)?);
        match given.parse::<f64>() {
            Ok(rate) if rate >= 0.0 && rate.is_finite() => Some(rate),
            _ => {
                self.problem(name, format!("`{given}` must be a number of requests per second"));
                None
            }
        }
    }

    /// One of a closed set of values.
    pub(super) fn choice(&mut self, name: &str, choices: &[&str]) -> Option<String> {
        let given = self.text(name)?;
        if !choices.contains(&given.as_str()) {
            self.problem(name, format!("`{given}` must be one of {}", choices.join(", ")));
            return None;
        }
        Some(given)
    }

    pub(super) fn texts(&mut self, name: &str) -> Vec<String> {
        match self.map.get(name) {
            None => Vec::new(),
            Some(Value::Array(items)) => items.iter().map(text).collect(),
            Some(Value::String(one)) => vec![one.clone()],
            Some(_) => {
                self.problem(name, "must be a list");
                Vec::new()
            }
        }
    }

    pub(super) fn text_map(&mut self, name: &str) -> BTreeMap<String, String> {
        match self.map.get(name) {
            None => BTreeMap::new(),
            Some(Value::Object(map)) => {
                map.iter().map(|(key, value)| (key.clone(), text(value))).collect()
            }
            Some(_) => {
                self.problem(name, "must be an object");
                BTreeMap::new()
            }
        }
    }

    /// A number for which -1 stands for no limit, and so does none at all.
    pub(super) fn limit(&mut self, name: &str, least: u64, most: u64) -> Option<u64> {
        if self.map.get(name).map(text).as_deref() == Some("-1") {
            return None;
        }
        self.number(name, least, most)
    }

    /// All of them, as they were evaluated.
    pub(super) fn into_map(self) -> Map<String, Value> {
        self.map
    }

    /// Notes properties the type does not have, and hands all problems over.
    pub(super) fn finish(mut self, evaluator: &mut Evaluator<'_>, known: &[&str]) {
        let unknown: Vec<String> =
            self.map.keys().filter(|name| !known.contains(&name.as_str())).cloned().collect();
        for name in unknown {
            self.problem(&name, "there is no such property");
        }
        evaluator.problems.append(&mut self.problems);
    }
}
