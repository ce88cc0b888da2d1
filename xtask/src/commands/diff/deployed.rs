//! What is deployed, as the deployer tells it: templates, the code of functions, and what was
//! changed past CloudFormation.

use super::{Compared, Stack};
use crate::cli::{Diff as Args, Target};
use crate::commands::{bundle, ship};
use crate::ui::{CommandError, Result, Ui};
use anyhow::{Context as _, anyhow};
use infra_gen::diff::diff;
use infra_gen::template_file;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The deployer's document; a test of the deployer holds it to it.
#[derive(Deserialize)]
struct Deployed {
    stacks: Vec<DeployedStack>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeployedStack {
    name: String,
    /// None, where there is no such stack.
    template: Option<String>,
    /// Zips that its parameters name, by parameter.
    code: BTreeMap<String, Zip>,
    drift: Vec<Drifted>,
}

/// The zip of a function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Zip {
    pub(super) key: String,
    /// None, where it is no longer in the bucket.
    pub(super) bytes: Option<u64>,
}

/// A function whose code changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct CodeChange {
    pub(super) function: String,
    pub(super) old: Option<Zip>,
    pub(super) new: Option<Zip>,
}

/// A resource that is not as its template says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Drifted {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) type_name: String,
    /// `MODIFIED` or `DELETED`, as CloudFormation calls it.
    pub(super) status: String,
    pub(super) properties: Vec<DriftedProperty>,
}

/// A property of it; texts, as CloudFormation gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DriftedProperty {
    pub(super) path: String,
    pub(super) expected: Option<String>,
    pub(super) actual: Option<String>,
}

/// Compares each stack with what its Region has of it.
pub(super) fn compare(stacks: &[Stack], args: &Args, ui: &Ui) -> Result<Vec<Compared>> {
    let stages: BTreeSet<&str> = stacks.iter().map(|stack| stack.stage.as_str()).collect();
    if stages.contains("") {
        return Err(CommandError::user(anyhow!(
            "a template given as a file has no stage, and so nothing deployed"
        ))
        .hint("cargo xtask diff --stage NAME --against deployed"));
    }
    let mut deployed = BTreeMap::new();
    for stage in stages {
        let target = Target {
            stage: stage.to_owned(),
            region: args.region.clone(),
            endpoint_url: args.endpoint_url.clone(),
        };
        let text = ship::deployed(&target, args.drift, ui)?;
        let document: Deployed = serde_json::from_slice(&text)
            .map_err(|e| CommandError::internal(anyhow!(e).context("the deployer's document")))?;
        deployed.extend(document.stacks.into_iter().map(|stack| (stack.name.clone(), stack)));
    }
    let compared = stacks.iter().map(|stack| {
        let Some(old) = deployed.remove(&stack.name) else {
            return Err(CommandError::internal(anyhow!("{} was not looked at", stack.name)));
        };
        let template = match &old.template {
            Some(text) => template_file::parse(text)
                .with_context(|| format!("the deployed template of {}", stack.name))?,
            None => json!({}),
        };
        let code = code(stack, &template, old.code, ui)?;
        let diff = diff(&stack.name, &template, &stack.template);
        Ok(Compared { diff, code, drift: old.drift })
    });
    compared.collect()
}

/// Functions whose code is another than that of the last bundle.
fn code(
    stack: &Stack,
    deployed: &Value,
    mut old: BTreeMap<String, Zip>,
    ui: &Ui,
) -> Result<Vec<CodeChange>> {
    let mut changes = Vec::new();
    for function in stack.entry.iter().flat_map(|entry| &entry.functions) {
        let old = old.remove(&function.code_parameter);
        let name = &function.name;
        let Some((key, bytes)) = bundle::last(&stack.stage, name)? else {
            ui.say(format_args!(
                "the code of {name} is not compared: there is no bundle; make one with: cargo xtask bundle --stage {}",
                stack.stage
            ));
            continue;
        };
        let new = Some(Zip { key, bytes: Some(bytes) });
        if old.as_ref().map(|zip| &zip.key) != new.as_ref().map(|zip| &zip.key) {
            changes.push(CodeChange { function: name.clone(), old, new });
        }
    }
    // What is left in the account has no function here any longer; parameters that the old
    // template does not have are nobody's.
    let parameters = &deployed["Parameters"];
    let gone = old.into_iter().filter(|(parameter, _)| parameters.get(parameter).is_some());
    changes.extend(gone.map(|(_, zip)| CodeChange {
        function: zip.key.split('/').next().unwrap_or_default().to_owned(),
        old: Some(zip),
        new: None,
    }));
    Ok(changes)
}
