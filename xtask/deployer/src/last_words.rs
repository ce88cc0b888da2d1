//! What a function said before it made its stack fail: the end of its log.

use crate::Context;
use crate::cause;
use crate::cloudformation;
use crate::follow::End;
use crate::target::Target;
use crate::{lambda, logs};
use aws_wire::CallError;
use serde_json::Value;
use std::time::{SystemTime, UNIX_EPOCH};

/// Lines that are told.
const LINES: usize = 10;

/// The last lines of the function that failed, or that answers for the custom resource that did;
/// none, where there is none or its log cannot be read: the failure itself is the news.
pub async fn of(context: &Context, target: &Target, end: &End, began: SystemTime) -> Vec<String> {
    let Some(event) = cause::first(&end.events) else { return Vec::new() };
    let id = match event.resource_type.as_str() {
        "AWS::Lambda::Function" => event.logical_resource_id.clone(),
        kind if kind.starts_with("Custom::") || kind == "AWS::CloudFormation::CustomResource" => {
            let resource = &target.template["Resources"][&event.logical_resource_id];
            match answering(&resource["Properties"]["ServiceToken"]) {
                Some(id) => id,
                None => return Vec::new(),
            }
        }
        _ => return Vec::new(),
    };
    read(context, &event.stack_id, &id, began).await.unwrap_or_default()
}

/// The function that a service token names.
fn answering(token: &Value) -> Option<String> {
    Some(token["Fn::GetAtt"][0].as_str()?.to_owned())
}

async fn read(
    context: &Context,
    stack: &str,
    id: &str,
    began: SystemTime,
) -> Result<Vec<String>, CallError> {
    let client = &context.client;
    let resources = cloudformation::stack_resources(client, stack).await?;
    let found = resources.into_iter().find(|resource| resource.logical_resource_id == id);
    let Some(name) = found.and_then(|resource| resource.physical_resource_id) else {
        return Ok(Vec::new());
    };
    let function = lambda::function(client, &name).await?;
    let group = function.and_then(|function| function.logging_config.log_group);
    let group = group.unwrap_or_else(|| format!("/aws/lambda/{name}"));
    let since = began.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let since = i64::try_from(since).unwrap_or_default();
    let (events, _) = logs::log_events(client, &group, since).await?;
    let lines: Vec<_> = events.iter().flat_map(|e| e.message.lines()).map(str::to_owned).collect();
    Ok(lines[lines.len().saturating_sub(LINES)..].to_vec())
}
