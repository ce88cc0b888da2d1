//! What CloudFormation would tell about the stack: parameters, outputs, resources.

use super::eval::{Evaluator, text};
use super::stand_in;
use crate::topology::{Output, Stack, StackResource};
use serde_json::Value;

/// What stands for a value that is not to be shown.
const MASKED: &str = "****";

pub(super) fn read(evaluator: &mut Evaluator<'_>, template: &Value) -> Stack {
    let place = evaluator.place;
    let ids: Vec<String> = evaluator.resources.keys().map(|id| (*id).to_owned()).collect();
    let resource = |id: String| StackResource {
        physical_id: stand_in::reference(evaluator, &id),
        kind: evaluator.resources.get(id.as_str()).map_or("", |resource| resource.kind).to_owned(),
        logical_id: id,
    };
    let resources = ids.into_iter().map(resource).collect();
    Stack {
        name: place.stack_name.clone(),
        id: place.stack_id(),
        description: template.get("Description").and_then(Value::as_str).map(ToOwned::to_owned),
        parameters: parameters(evaluator, template),
        outputs: outputs(evaluator, template),
        tags: place.tags.clone(),
        resources,
        // A value that was read from JSON is written as JSON.
        template: serde_json::to_string_pretty(template).unwrap_or_default(),
    }
}

fn parameters(evaluator: &Evaluator<'_>, template: &Value) -> Vec<(String, String)> {
    let shown = |(name, value): (&String, &Value)| {
        let declared = template.get("Parameters").and_then(|parameters| parameters.get(name));
        let is_secret = declared.and_then(|p| p.get("NoEcho")).map(text).as_deref() == Some("true");
        let value = match value {
            _ if is_secret => MASKED.to_owned(),
            Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
            value => text(value),
        };
        (name.clone(), value)
    };
    evaluator.parameters.iter().map(shown).collect()
}

fn outputs(evaluator: &mut Evaluator<'_>, template: &Value) -> Vec<Output> {
    let mut outputs = Vec::new();
    for (name, output) in template.get("Outputs").and_then(Value::as_object).into_iter().flatten() {
        let included = output.get("Condition").and_then(Value::as_str);
        if included.is_some_and(|name| !evaluator.condition(name, "Outputs")) {
            continue;
        }
        let mut part = |value: Option<&Value>, of: &str| {
            let at = format!("Outputs.{name}.{of}");
            value.and_then(|value| evaluator.eval(value, &at)).map(|value| text(&value))
        };
        let export = part(output.get("Export").and_then(|export| export.get("Name")), "Export");
        if let Some(value) = part(output.get("Value"), "Value") {
            let description = output.get("Description").and_then(Value::as_str);
            let description = description.map(ToOwned::to_owned);
            outputs.push(Output { key: name.clone(), value, description, export });
        }
    }
    outputs
}
