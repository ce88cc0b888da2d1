//! `deployed`: what is deployed of an assembly's stacks, as one JSON document for whoever compares.
//!
//! `cargo xtask diff --against deployed` is that; nothing is compared here.

use crate::cli::Deployed;
use crate::cloudformation::{
    self, ResourceDrift, Stack, describe_stack, detect_drift, drift_detection, resource_drifts,
};
use crate::s3::Bucket;
use crate::state::{self, State};
use crate::target::{self, Target};
use crate::{Context, Exit, Failure, Result, assets, sts};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

#[derive(Serialize)]
struct Document {
    stacks: Vec<DeployedStack>,
}

#[derive(Serialize)]
struct DeployedStack {
    name: String,
    /// None, where there is no such stack.
    template: Option<String>,
    /// Zips that its parameters name, by parameter.
    code: BTreeMap<String, Zip>,
    drift: Vec<Drifted>,
}

#[derive(Serialize)]
struct Zip {
    key: String,
    /// None, where it is no longer in the bucket.
    bytes: Option<u64>,
}

#[derive(Serialize)]
struct Drifted {
    id: String,
    #[serde(rename = "type")]
    type_name: String,
    status: String,
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Property {
    path: String,
    expected: Option<String>,
    actual: Option<String>,
}

/// Prints it.
///
/// # Errors
/// When a call fails, or drift cannot be detected.
pub async fn run(args: &Deployed, context: &Context) -> Result {
    let client = &context.client;
    let (_, targets) = target::read(&context.assembly)?;
    let account = sts::identity(client).await?.account;
    let bucket = Bucket { name: assets::bucket(&account, client.region()), account };
    let mut stacks = Vec::new();
    for target in targets {
        let name = target.entry.name.clone();
        let stack = describe_stack(client, &name).await?;
        let there = stack.filter(|stack| {
            !matches!(state::of(Some(stack)), State::Absent | State::Review | State::Dead)
        });
        let Some(stack) = there else {
            let (code, drift) = (BTreeMap::new(), Vec::new());
            stacks.push(DeployedStack { name, template: None, code, drift });
            continue;
        };
        let template = cloudformation::template(client, &stack.stack_id, None).await?;
        let code = code(&target, &stack, &bucket, context).await?;
        let drift = if args.drift { drift(&stack, context).await? } else { Vec::new() };
        stacks.push(DeployedStack { name, template, code, drift });
    }
    // Texts and numbers are always JSON.
    let text = serde_json::to_string_pretty(&Document { stacks }).unwrap_or_default();
    context.console.print(&format!("{text}\n"));
    Ok(Exit::Done)
}

/// Zips are told by their names, since a parameter may be anything.
async fn code(
    target: &Target,
    stack: &Stack,
    bucket: &Bucket,
    context: &Context,
) -> Result<BTreeMap<String, Zip>> {
    let ours = |name: &str| target.entry.functions.iter().any(|f| f.code_parameter == name);
    let mut code = BTreeMap::new();
    for parameter in &stack.parameters {
        let (name, key) = (&parameter.parameter_key, &parameter.parameter_value);
        if ours(name) || key.ends_with(".zip") {
            let head = bucket.head(&context.client, key).await?;
            let zip = Zip { key: key.clone(), bytes: head.and_then(|head| head.bytes) };
            code.insert(name.clone(), zip);
        }
    }
    Ok(code)
}

/// How often a detection is asked about, and how many times.
const PAUSE: Duration = Duration::from_secs(3);
const ATTEMPTS: usize = 200;

async fn drift(stack: &Stack, context: &Context) -> Result<Vec<Drifted>> {
    let client = &context.client;
    context.console.say(format_args!("looking for drift in {}", stack.stack_name));
    let id = detect_drift(client, &stack.stack_id).await?;
    for _ in 0..ATTEMPTS {
        let detection = drift_detection(client, &id).await?;
        match detection.detection_status.as_str() {
            "DETECTION_IN_PROGRESS" => {}
            "DETECTION_COMPLETE" => {
                let drifts = resource_drifts(client, &stack.stack_id).await?;
                return Ok(drifts.into_iter().map(Drifted::from).collect());
            }
            status => {
                let reason = detection.detection_status_reason.unwrap_or_default();
                return Err(Failure::new(format!(
                    "CloudFormation cannot tell the drift of {}: {status}",
                    stack.stack_name
                ))
                .detail(reason));
            }
        }
        if context.interrupts.or(context.clock.sleep(PAUSE)).await.is_err() {
            return Err(Failure::new("interrupted").exit(Exit::Detached));
        }
    }
    Err(Failure::new(format!("the drift of {} is not told in ten minutes", stack.stack_name)))
}

impl From<ResourceDrift> for Drifted {
    fn from(drift: ResourceDrift) -> Self {
        let some = |text: String| Some(text).filter(|text| !text.is_empty());
        let properties = drift.property_differences.into_iter().map(|difference| Property {
            path: difference.property_path,
            expected: some(difference.expected_value),
            actual: some(difference.actual_value),
        });
        Self {
            id: drift.logical_resource_id,
            type_name: drift.resource_type,
            status: drift.stack_resource_drift_status,
            properties: properties.collect(),
        }
    }
}
