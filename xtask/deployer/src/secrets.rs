//! Parameters whose value is random: made here, sent to CloudFormation, kept nowhere else.
//!
//! A value never leaves this process but in a change set, which does not show it where the template
//! says `NoEcho`; nothing here is printed, and what holds a value has no `Debug` that tells it.

use crate::cloudformation::{self, Stack};
use crate::deploy::deployed;
use crate::lambda::{self, Environment};
use crate::parameters::{Parameters, Value};
use crate::screen::Screen;
use crate::target::Target;
use crate::{Context, Failure, Result};
use serde_json::json;
use std::fmt::Write as _;

/// How many bytes of chance a value has.
const BYTES: usize = 32;

/// What the parameter is called that takes the value before, behind the name of the secret.
const BEFORE: &str = "Before";

/// A new value, in hexadecimal: the system's own chance.
///
/// # Errors
/// When the system gives none.
pub fn make() -> Result<String> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes)
        .map_err(|e| Failure::new(format!("the system gives no random bytes: {e}")))?;
    Ok(bytes.iter().fold(String::with_capacity(2 * BYTES), |mut text, byte| {
        // Writing to a string never fails.
        _ = write!(text, "{byte:02x}");
        text
    }))
}

/// Passes if each of the names is a secret of one of the stacks.
///
/// # Errors
/// The first that is none, and those that are.
pub fn known(names: &[String], targets: &[Target]) -> Result<()> {
    let all = || targets.iter().flat_map(|target| &target.entry.secrets);
    let Some(name) = names.iter().find(|name| !all().any(|secret| secret == *name)) else {
        return Ok(());
    };
    let all: Vec<_> = all().map(String::as_str).collect();
    Err(Failure::new(format!("the stage has no secret {name}")).detail(match all.is_empty() {
        true => "it has none at all".to_owned(),
        false => format!("it has {}", all.join(", ")),
    }))
}

/// Gives the secrets of these names new values, and the ones they have to the parameters that take
/// the values before, so that what was made with them holds a while longer.
///
/// # Errors
/// When there is nothing to rotate, or the present value cannot be read.
pub async fn rotate(
    context: &Context,
    target: &Target,
    stack: Option<&Stack>,
    names: &[String],
    parameters: &mut Parameters,
    screen: &mut Screen<'_>,
) -> Result<()> {
    for name in names.iter().filter(|name| target.entry.secrets.contains(name)) {
        let (Some(stack), Some(Value::Previous)) = (stack, parameters.get(name)) else {
            let message = format!("{} has no {name} that could be rotated", target.entry.name);
            return Err(Failure::new(message)
                .detail("the first deployment makes one by itself")
                .hint(context.command("deploy", "")));
        };
        let before = format!("{name}{BEFORE}");
        if target.template["Parameters"].get(&before).is_some() {
            let present = present(context, stack, name).await?;
            parameters.insert(before.clone(), Value::Secret(present));
            screen.note(format!("{name} is made anew; what it was becomes {before}"));
        } else {
            let text = format!("{name} is made anew; what was made with it does not hold any more");
            screen.note(text);
        }
        parameters.insert(name.clone(), Value::Secret(make()?));
    }
    Ok(())
}

/// The value that a secret has. CloudFormation tells it to nobody; a function that has it among its
/// variables does.
async fn present(context: &Context, stack: &Stack, name: &str) -> Result<String> {
    let unread = |why: String| {
        Failure::new(format!("the present value of {name} cannot be read"))
            .detail(why)
            .detail("without it, whatever was made with it would be refused at once")
    };
    let template = deployed(context, Some(stack)).await?.unwrap_or_default();
    let Some((id, variable)) = reader(&template, name) else {
        let why = "no function that is deployed has it in its environment, and CloudFormation does not tell it";
        return Err(unread(why.to_owned()));
    };
    let resources = cloudformation::stack_resources(&context.client, &stack.stack_id).await?;
    let resource = resources.into_iter().find(|resource| resource.logical_resource_id == id);
    let function = match resource.and_then(|resource| resource.physical_resource_id) {
        Some(physical_id) => lambda::function(&context.client, &physical_id).await?,
        None => None,
    };
    let function = function.ok_or_else(|| unread(format!("{id} has gone")))?;
    let Environment { mut variables, error } = function.environment.unwrap_or_default();
    if let Some(error) = error {
        return Err(unread(format!("{id} does not show its environment: {}", error.message)));
    }
    let value = variables.remove(&variable).filter(|value| !value.is_empty());
    value.ok_or_else(|| unread(format!("{id} has no {variable} in its environment")))
}

/// The function that has a parameter among its variables, and as which.
fn reader(template: &serde_json::Value, name: &str) -> Option<(String, String)> {
    let reference = json!({ "Ref": name });
    for (id, resource) in template["Resources"].as_object()? {
        let variables = resource["Properties"]["Environment"]["Variables"].as_object();
        let mut variables = variables.into_iter().flatten();
        if resource["Type"] == "AWS::Lambda::Function"
            && let Some((variable, _)) = variables.find(|(_, value)| **value == reference)
        {
            return Some((id.clone(), variable.clone()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_another_of_32_bytes() {
        let (Ok(first), Ok(second)) = (make(), make()) else { panic!("there is no chance") };
        assert_ne!(first, second);
        assert!(first.len() == 64 && first.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
