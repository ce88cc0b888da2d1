//! What can be known before anything is touched: all that is missing, at once.

use crate::assets;
use crate::cloudformation::Stack;
use crate::parameters::{self, Found};
use crate::s3::Bucket;
use crate::screen::Screen;
use crate::target::Target;
use crate::{Context, Failure, Result, apigateway, lambda};
use serde_json::Value;

/// The longest template there may be, in bytes (CloudFormation User Guide, quotas).
const TEMPLATE_MOST: usize = 1_000_000;

/// Entries that a template may have (the same page).
const SECTIONS: [(&str, usize); 3] = [("Resources", 500), ("Parameters", 200), ("Outputs", 200)];

/// Concurrent executions that nobody may reserve (Lambda Developer Guide, reserved concurrency).
const UNRESERVED_LEAST: u64 = 100;
/// The same in a new account, whose quota is below that: the least that has been seen.
const UNRESERVED_LEAST_OF_NEW: u64 = 10;

/// What was found.
#[derive(Debug, Default)]
struct Findings {
    problems: Vec<String>,
    hints: Vec<String>,
}

impl Findings {
    fn add(&mut self, problem: impl Into<String>, hint: impl Into<String>) {
        let hint = hint.into();
        self.problems.push(problem.into());
        if !hint.is_empty() && !self.hints.contains(&hint) {
            self.hints.push(hint);
        }
    }
}

/// Looks whether a stack can be deployed; gives the values of its parameters.
///
/// # Errors
/// All that is missing, with what mends it.
pub async fn check(
    context: &Context,
    target: &Target,
    deployed: Option<&Stack>,
    bucket: &Bucket,
    screen: &mut Screen<'_>,
) -> Result<Found> {
    let mut findings = Findings::default();
    limits(target, &mut findings);
    functions(context, target, &mut findings);
    let parameters = parameters::find(target, deployed, bucket)?;
    for name in &parameters.missing {
        let hint = "give it in `parameters` of the stack in manifest.json, or give it a default in the template";
        findings.add(format!("parameter {name} has no value"), hint);
    }
    let looks = tokio::try_join!(
        bucket_exists(context, bucket),
        log_role(context, target),
        concurrency(context, target, deployed)
    );
    let (bucket, log_role, concurrency) = looks?;
    for look in [bucket, log_role, concurrency] {
        match look {
            Look::Fine => {}
            Look::Unknown(text) => screen.note(text),
            Look::Missing(problem, hint) => findings.add(problem, hint),
        }
    }
    if findings.problems.is_empty() {
        return Ok(parameters);
    }
    let mut failure = Failure::new(format!("{} cannot be deployed yet", target.entry.name));
    failure.details = findings.problems;
    failure.hints = findings.hints;
    Err(failure)
}

fn limits(target: &Target, findings: &mut Findings) {
    let length = target.text.len();
    if length > TEMPLATE_MOST {
        findings.add(
            format!("the template has {length} bytes; CloudFormation takes {TEMPLATE_MOST}"),
            "split the stack",
        );
    }
    for (section, most) in SECTIONS {
        let count = target.template[section].as_object().map_or(0, serde_json::Map::len);
        if count > most {
            let problem =
                format!("the template has {count} {section}; CloudFormation takes {most}");
            findings.add(problem, "split the stack");
        }
    }
}

fn functions(context: &Context, target: &Target, findings: &mut Findings) {
    for function in &target.entry.functions {
        if !target.entry.parameters.contains_key(&function.code_parameter) {
            let problem = format!("function {} has no bundle", function.name);
            findings.add(problem, context.command("bundle", ""));
        }
    }
}

/// What a look at the account gives.
enum Look {
    Fine,
    /// Only AWS can tell, and it does when the resource is made.
    Unknown(String),
    /// The problem, and what mends it.
    Missing(String, String),
}

async fn bucket_exists(context: &Context, bucket: &Bucket) -> Result<Look> {
    let name = &bucket.name;
    Ok(match bucket.exists(&context.client).await {
        Ok(true) => Look::Fine,
        Ok(false) => Look::Missing(
            format!("there is no asset bucket {name}"),
            context.command("bootstrap", ""),
        ),
        Err(error) if error.status() == Some(403) => Look::Missing(
            format!("bucket {name} may not be used, or belongs to another account"),
            context.command("deploy", "--policy"),
        ),
        Err(error) => return Err(error.into()),
    })
}

/// API Gateway refuses a stage that logs where the account has no role for it.
async fn log_role(context: &Context, target: &Target) -> Result<Look> {
    if !target.resources("AWS::ApiGatewayV2::Stage").any(|(_, stage)| logs(stage)) {
        return Ok(Look::Fine);
    }
    Ok(match apigateway::log_role(&context.client).await {
        Ok(Some(_)) => Look::Fine,
        Ok(None) => Look::Missing(
            "API Gateway has no role to write logs with in this account, and refuses a stage that logs".to_owned(),
            context.command("bootstrap", ""),
        ),
        Err(error) if error.status().is_some() => {
            Look::Unknown(format!("API Gateway's role for logs could not be looked at: {error}"))
        }
        Err(error) => return Err(error.into()),
    })
}

/// Lambda lets nobody reserve the last hundred concurrent executions, and a new account may have
/// fewer than that in all. Asked for a first deployment only: later ones have theirs.
async fn concurrency(context: &Context, target: &Target, deployed: Option<&Stack>) -> Result<Look> {
    let functions = target.resources("AWS::Lambda::Function");
    let reserved = functions.filter_map(|(_, f)| f["ReservedConcurrentExecutions"].as_u64());
    let reserved: u64 = reserved.sum();
    if reserved == 0 || deployed.is_some() {
        return Ok(Look::Fine);
    }
    Ok(match lambda::unreserved_concurrency(&context.client).await {
        Ok(free) if free >= reserved + UNRESERVED_LEAST => Look::Fine,
        Ok(free) if free >= reserved + UNRESERVED_LEAST_OF_NEW => Look::Unknown(format!(
            "the functions reserve {reserved} of {free} concurrent executions, which Lambda may refuse"
        )),
        Ok(free) => Look::Missing(
            format!(
                "the functions reserve {reserved} concurrent executions, and there are {free} in this account and Region, some of which have to stay free"
            ),
            "ask Service Quotas for more: quota L-B99A9384 of Lambda".to_owned(),
        ),
        Err(error) if error.status().is_some() => {
            Look::Unknown(format!("Lambda's concurrency could not be looked at: {error}"))
        }
        Err(error) => return Err(error.into()),
    })
}

fn logs(stage: &Value) -> bool {
    let level = &stage["DefaultRouteSettings"]["LoggingLevel"];
    stage.get("AccessLogSettings").is_some() || level.as_str().is_some_and(|level| level != "OFF")
}

/// What CloudFormation wants to be told that the template may do.
pub fn capabilities(template: &Value) -> Vec<&'static str> {
    let resources: Vec<_> = template["Resources"].as_object().into_iter().flatten().collect();
    let type_of = |resource: &Value| resource["Type"].as_str().unwrap_or_default().to_owned();
    let iam = resources.iter().any(|(_, resource)| type_of(resource).starts_with("AWS::IAM::"));
    let mut capabilities = Vec::new();
    if iam {
        // It covers roles with names of their own and those without.
        capabilities.push("CAPABILITY_NAMED_IAM");
    }
    let macros = |value: &Value| value.to_string().contains("\"Fn::Transform\"");
    if template.get("Transform").is_some() || macros(template) {
        capabilities.push("CAPABILITY_AUTO_EXPAND");
    }
    capabilities
}

/// The bucket of a stack's assets, and all of them.
pub fn assets(target: &Target) -> Vec<assets::Asset> {
    let template = assets::of_template(target);
    assets::of_functions(target).into_iter().chain(template).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_what_the_template_needs_is_conceded() {
        let template = |type_name: &str| json!({"Resources": {"A": {"Type": type_name}}});
        assert_eq!(capabilities(&template("AWS::SQS::Queue")), [""; 0]);
        assert_eq!(capabilities(&template("AWS::IAM::Role")), ["CAPABILITY_NAMED_IAM"]);
        let mut macros = template("AWS::SQS::Queue");
        macros["Transform"] = json!("AWS::LanguageExtensions");
        assert_eq!(capabilities(&macros), ["CAPABILITY_AUTO_EXPAND"]);
    }
}
