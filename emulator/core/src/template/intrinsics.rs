//! The intrinsic functions, one by one.

use super::eval::{Evaluator, text};
use super::stand_in;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

impl Evaluator<'_> {
    /// What a function yields; `None` for `AWS::NoValue`.
    pub(super) fn intrinsic(
        &mut self,
        function: &str,
        argument: &Value,
        at: &str,
    ) -> Option<Value> {
        match function {
            "Ref" => match argument.as_str() {
                Some("AWS::NoValue") => None,
                Some(name) => Some(self.reference(name, at)),
                None => Some(self.malformed(function, at)),
            },
            "Fn::GetAtt" => Some(self.get_att(argument, at)),
            "Fn::Sub" => Some(self.sub(argument, at)),
            "Fn::If" => match argument.as_array().map(Vec::as_slice) {
                Some([Value::String(name), yes, no]) => {
                    let chosen = if self.condition(name, at) { yes } else { no };
                    self.eval(chosen, at)
                }
                _ => Some(self.malformed(function, at)),
            },
            "Fn::And" | "Fn::Or" | "Fn::Not" => {
                let Some(conditions) = argument.as_array() else {
                    return Some(self.malformed(function, at));
                };
                let all: Vec<bool> =
                    conditions.iter().map(|value| self.boolean(value, at)).collect();
                Some(Value::Bool(match function {
                    "Fn::And" => all.iter().all(|holds| *holds),
                    "Fn::Or" => all.iter().any(|holds| *holds),
                    _ => all.first().is_some_and(|holds| !holds),
                }))
            }
            _ => {
                let argument = self.eval(argument, at)?;
                Some(
                    self.plain(function, &argument, at)
                        .unwrap_or_else(|| self.malformed(function, at)),
                )
            }
        }
    }

    /// Functions that want their arguments evaluated first; `None` when they do not fit.
    fn plain(&mut self, function: &str, argument: &Value, at: &str) -> Option<Value> {
        let list = argument.as_array().map(Vec::as_slice);
        match function {
            "Fn::Join" => {
                let [Value::String(separator), Value::Array(items)] = list? else { return None };
                Some(items.iter().map(text).collect::<Vec<_>>().join(separator).into())
            }
            "Fn::Split" => {
                let [Value::String(separator), Value::String(whole)] = list? else { return None };
                if separator.is_empty() {
                    return None;
                }
                Some(whole.split(separator.as_str()).map(Value::from).collect::<Vec<_>>().into())
            }
            "Fn::Select" => {
                let [index, Value::Array(items)] = list? else { return None };
                let index: usize = text(index).parse().ok()?;
                match items.get(index) {
                    Some(item) => Some(item.clone()),
                    None => {
                        self.problem(
                            at,
                            format!("Fn::Select cannot select number {index} of {}", items.len()),
                        );
                        Some(Value::String(String::new()))
                    }
                }
            }
            "Fn::FindInMap" => {
                let [map, first, second, ..] = list? else { return None };
                let path = [text(map), text(first), text(second)];
                let found = path.iter().try_fold(self.mappings?, |value, key| value.get(key));
                found.cloned().or_else(|| {
                    self.problem(at, format!("Mappings has nothing at {}", path.join(".")));
                    Some(Value::String(String::new()))
                })
            }
            "Fn::Equals" => {
                let [a, b] = list? else { return None };
                Some(Value::Bool(text(a) == text(b)))
            }
            "Fn::Base64" => Some(STANDARD.encode(text(argument)).into()),
            "Fn::ImportValue" => Some(text(argument).into()),
            "Fn::GetAZs" => {
                let region = &self.place.region;
                Some(
                    ["a", "b", "c"]
                        .map(|zone| Value::from(format!("{region}{zone}")))
                        .to_vec()
                        .into(),
                )
            }
            "Fn::Length" => Some(argument.as_array()?.len().into()),
            "Fn::ToJsonString" => Some(argument.to_string().into()),
            "Fn::Contains" => {
                let [Value::Array(items), item] = list? else { return None };
                Some(Value::Bool(items.contains(item)))
            }
            _ => {
                self.problem(at, format!("{function} is not supported here"));
                Some(Value::String(String::new()))
            }
        }
    }

    fn malformed(&mut self, function: &str, at: &str) -> Value {
        self.problem(at, format!("the arguments of {function} do not fit it"));
        Value::String(String::new())
    }

    /// `Ref`, and `${Name}` in `Fn::Sub`.
    fn reference(&mut self, name: &str, at: &str) -> Value {
        let place = self.place;
        let pseudo = match name {
            "AWS::AccountId" => Some(place.account_id.clone()),
            "AWS::Region" => Some(place.region.clone()),
            "AWS::StackName" => Some(place.stack_name.clone()),
            "AWS::Partition" => Some("aws".into()),
            "AWS::URLSuffix" => Some("amazonaws.com".into()),
            "AWS::StackId" => Some(place.stack_id()),
            _ => None,
        };
        if let Some(value) = pseudo {
            return value.into();
        }
        if name == "AWS::NotificationARNs" {
            return Value::Array(Vec::new());
        }
        if let Some(value) = self.parameters.get(name) {
            return value.clone();
        }
        if self.resources.contains_key(name) {
            return stand_in::reference(self, name).into();
        }
        self.problem(at, format!("{name} is neither a parameter nor a resource of this template"));
        Value::String(String::new())
    }

    fn get_att(&mut self, argument: &Value, at: &str) -> Value {
        let target = match argument {
            Value::String(both) => {
                both.split_once('.').map(|(id, attribute)| (id.to_owned(), attribute.to_owned()))
            }
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(id), attribute] => {
                    self.eval(attribute, at).map(|a| (id.clone(), text(&a)))
                }
                _ => None,
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
        };
        match target {
            Some((id, attribute)) => self.attribute(&id, &attribute, at),
            None => self.malformed("Fn::GetAtt", at),
        }
    }

    fn attribute(&mut self, id: &str, attribute: &str, at: &str) -> Value {
        if !self.resources.contains_key(id) {
            self.problem(at, format!("{id} is not a resource of this template"));
            return Value::String(String::new());
        }
        match stand_in::attribute(self, id, attribute) {
            Some(value) => value.into(),
            None => {
                let kind = self.resources.get(id).map_or("", |resource| resource.kind);
                self.problem(at, format!("{id} ({kind}) has no attribute {attribute}"));
                Value::String(String::new())
            }
        }
    }

    fn sub(&mut self, argument: &Value, at: &str) -> Value {
        let (template, own) = match argument {
            Value::String(template) => (template, None),
            Value::Array(parts) => match parts.as_slice() {
                [Value::String(template), own @ Value::Object(_)] => (template, self.eval(own, at)),
                _ => return self.malformed("Fn::Sub", at),
            },
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => {
                return self.malformed("Fn::Sub", at);
            }
        };
        let mut out = String::with_capacity(template.len());
        for piece in placeholders(template) {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Name(name) => {
                    let value = match own.as_ref().and_then(|own| own.get(name)) {
                        Some(value) => value.clone(),
                        None => match name.split_once('.') {
                            Some((id, attribute)) => self.attribute(id, attribute, at),
                            None => self.reference(name, at),
                        },
                    };
                    out.push_str(&text(&value));
                }
            }
        }
        out.into()
    }
}

/// A part of the text of `Fn::Sub`.
pub(super) enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// Cuts the text of `Fn::Sub` at its placeholders; `${!x}` stands for the text `${x}`.
pub(super) fn placeholders(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, tail)) = after.split_once('}') else { break };
        pieces.push(Piece::Text(before));
        match name.strip_prefix('!') {
            Some(literal) => {
                pieces.extend([Piece::Text("${"), Piece::Text(literal), Piece::Text("}")]);
            }
            None => pieces.push(Piece::Name(name.trim())),
        }
        rest = tail;
    }
    pieces.push(Piece::Text(rest));
    pieces
}
