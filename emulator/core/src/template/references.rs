//! Which resource needs which, and whether they can be made in any order at all.

use super::eval::{Evaluator, intrinsic};
use super::intrinsics::{Piece, placeholders};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Finds references to resources that do not exist (`DependsOn`) and circles.
pub(super) fn check(evaluator: &mut Evaluator<'_>) {
    let mut needs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut missing = Vec::new();
    for (id, resource) in &evaluator.resources {
        let mut found = BTreeSet::new();
        if let Some(value) = resource.properties {
            collect(value, &mut found);
        }
        for name in depends_on(resource.depends_on) {
            if !evaluator.resources.contains_key(name.as_str()) {
                missing.push((format!("Resources.{id}.DependsOn"), name.clone()));
            }
            found.insert(name);
        }
        found.retain(|name| evaluator.resources.contains_key(name.as_str()));
        needs.insert((*id).to_owned(), found);
    }
    for (at, name) in missing {
        evaluator.problem(&at, format!("{name} is not a resource of this template"));
    }
    let circle = circle(&needs);
    if !circle.is_empty() {
        let message = format!("circular dependency between resources: {}", circle.join(", "));
        evaluator.problem("Resources", message);
    }
}

/// The names under `DependsOn`: one, or a list.
pub(super) fn depends_on(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(name)) => vec![name.clone()],
        Some(Value::Array(names)) => {
            names.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
        }
        _ => Vec::new(),
    }
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => match intrinsic(map) {
            Some(("Ref", Value::String(name))) => {
                found.insert(name.clone());
            }
            Some(("Fn::GetAtt", Value::String(both))) => {
                found.insert(both.split('.').next().unwrap_or_default().to_owned());
            }
            Some(("Fn::GetAtt", Value::Array(parts))) => {
                found.extend(parts.first().and_then(Value::as_str).map(ToOwned::to_owned));
            }
            Some(("Fn::Sub", argument)) => {
                let template =
                    argument.as_str().or_else(|| argument.get(0).and_then(Value::as_str));
                for piece in placeholders(template.unwrap_or_default()) {
                    if let Piece::Name(name) = piece {
                        found.insert(name.split('.').next().unwrap_or_default().to_owned());
                    }
                }
                if let Value::Array(parts) = argument {
                    parts.iter().for_each(|part| collect(part, found));
                }
            }
            _ => map.values().for_each(|value| collect(value, found)),
        },
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What remains when everything that can be made has been made, less what only waits for it.
fn circle(needs: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut left = needs.clone();
    loop {
        let ready: Vec<String> = left
            .iter()
            .filter(|(_, needs)| needs.iter().all(|n| !left.contains_key(n)))
            .map(|(id, _)| id.clone())
            .collect();
        let needed: BTreeSet<String> = left.values().flatten().cloned().collect();
        let unneeded: Vec<String> =
            left.keys().filter(|id| !needed.contains(*id)).cloned().collect();
        if ready.is_empty() && unneeded.is_empty() {
            return left.into_keys().collect();
        }
        for id in ready.iter().chain(&unneeded) {
            left.remove(id);
        }
    }
}
