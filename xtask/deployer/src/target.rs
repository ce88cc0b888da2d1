//! What is shipped: the stacks of an assembly, each with its template.

use crate::{Failure, Result};
use infra_gen::assembly::{self, StackEntry};
use infra_gen::template_file;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A stack of the assembly.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name, parameters, functions and tags.
    pub entry: StackEntry,
    /// The text of its template.
    pub text: String,
    /// The template.
    pub template: Value,
    /// Where a resource stands in the source, `stacks/src/push.rs:43`, by its id; empty where
    /// whoever wrote the assembly did not say.
    pub sources: BTreeMap<String, String>,
    /// The zips of the functions.
    pub bundles: PathBuf,
}

/// The stage of an assembly, and its stacks in the order of deployment.
///
/// # Errors
/// When there is no assembly, or a template in it is none.
pub fn read(dir: &Path) -> Result<(String, Vec<Target>)> {
    let (manifest, mut templates) = assembly::read(dir).map_err(|e| Failure::new(e.to_string()))?;
    let mut targets = Vec::new();
    for entry in manifest.stacks {
        let text = templates.remove(&entry.template).unwrap_or_default();
        let template = template_file::parse(&text)
            .map_err(|e| Failure::new(format!("{}: {e}", entry.template)))?;
        let sources = sources(&dir.join(format!("{}.sources.json", entry.name)))?;
        let bundles = dir.join("bundle");
        targets.push(Target { entry, text, template, sources, bundles });
    }
    Ok((manifest.stage, targets))
}

/// The Region that an assembly is made for; none, where there is no assembly.
///
/// # Errors
/// When its stacks belong into several: one deployment reaches one.
pub fn region(dir: &Path) -> Result<Option<String>> {
    let Ok((manifest, _)) = assembly::read(dir) else { return Ok(None) };
    let regions: BTreeSet<_> = manifest.stacks.iter().map(|stack| &stack.region).collect();
    if regions.len() > 1 {
        let message = format!("the stacks of stage {} belong into several Regions", manifest.stage);
        let place = |stack: &StackEntry| format!("{}: {}", stack.name, stack.region);
        let mut failure = Failure::new(message);
        failure.details = manifest.stacks.iter().map(place).collect();
        return Err(
            failure.hint("make a stage of each Region, or put all into one with --region NAME")
        );
    }
    Ok(regions.into_iter().next().cloned())
}

fn sources(path: &Path) -> Result<BTreeMap<String, String>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(e) => return Err(Failure::new(format!("{}: {e}", path.display()))),
    };
    serde_json::from_str(&text).map_err(|e| Failure::new(format!("{}: {e}", path.display())))
}

impl Target {
    /// The properties of its resources of one type, by logical id.
    pub fn resources<'t>(
        &'t self,
        type_name: &'t str,
    ) -> impl Iterator<Item = (&'t str, &'t Value)> {
        let all = self.template["Resources"].as_object().into_iter().flatten();
        all.filter(move |(_, resource)| resource["Type"] == type_name)
            .map(|(id, resource)| (id.as_str(), &resource["Properties"]))
    }
}
