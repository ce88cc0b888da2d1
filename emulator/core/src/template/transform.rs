//! Templates that are not CloudFormation yet: SAM's, until its transform has been applied.

use super::Problem;
use serde_json::Value;

const SAM: &str = "AWS::Serverless::";

/// What to do about a template of SAM's. Every other problem would only follow from this one.
pub(super) fn untransformed(template: &Value) -> Option<Problem> {
    let resources = template.get("Resources")?.as_object()?;
    let mut found: Vec<&str> = resources
        .iter()
        .filter(|(_, resource)| {
            let kind = resource.get("Type").and_then(Value::as_str);
            kind.is_some_and(|kind| kind.starts_with(SAM))
        })
        .map(|(id, _)| id.as_str())
        .collect();
    if found.is_empty() {
        return None;
    }
    found.sort_unstable();
    let message = format!(
        "{} {} of SAM's types; CloudFormation knows only what SAM's transform makes of them, so run that. \
         For a stack that is deployed: aws cloudformation get-template --stack-name NAME --template-stage Processed \
         --query TemplateBody > processed.json. Without AWS: see docs/foreign-templates.md",
        found.join(", "),
        if found.len() == 1 { "is" } else { "are" },
    );
    Some(Problem { at: "Transform".into(), message })
}
