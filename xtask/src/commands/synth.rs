//! `synth`: settings of a stage to its templates, as assembly, as text, or as reviewed files.

use super::stale::Folder;
use crate::cli::{Format, Synth};
use crate::ui::{CommandError, Exit, Result, Ui};
use crate::workspace;
use anyhow::{Context as _, anyhow};
use infra_gen::Template;
use infra_gen::assembly::{self, Manifest};
use stacks::{Stage, Synthesized};
use std::collections::BTreeMap;
use std::panic::Location;
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &Synth, ui: &Ui) -> Result {
    if args.check || args.write {
        let folder = reviewed()?;
        return if args.check {
            Ok(folder.check("cargo xtask synth --write", ui))
        } else {
            folder.write(ui)
        };
    }
    let settings = workspace::settings()?;
    let stage = settings.stage(&args.stage).map_err(|e| CommandError::user(anyhow!(e)))?;
    if args.stdout {
        return print(args, stage, ui);
    }
    let dir = write_assembly(stage)?.0;
    ui.say(format_args!("wrote {}", workspace::show(&dir)));
    Ok(Exit::Done)
}

/// Writes the assembly of a stage; gives its folder and manifest.
pub(crate) fn write_assembly(stage: &Stage) -> Result<(PathBuf, Manifest)> {
    let synthesized = synthesize(stage)?;
    let manifest = synthesized.manifest.clone();
    let dir = write(synthesized, &workspace::assembly_dir(&stage.name)?)?;
    Ok((dir, manifest))
}

/// Writes an assembly into a folder; gives that.
pub(super) fn write(synthesized: Synthesized, dir: &Path) -> Result<PathBuf> {
    let Synthesized { manifest, templates } = checked(synthesized)?;
    for (name, template) in &templates {
        write_sources(&dir.join(format!("{name}.sources.json")), template)?;
    }
    let templates = templates
        .iter()
        .map(|(name, template)| (format!("{name}.template.json"), template.to_compact_json()))
        .collect();
    assembly::write(dir, &manifest, &templates).map_err(CommandError::user)?;
    Ok(dir.to_path_buf())
}

/// Where in our source each resource stands, for whoever tells of a failure of one. Beside the
/// template and not in it: a line further down is no change of a template.
fn write_sources(path: &Path, template: &Template) -> Result<()> {
    let place = |at: &Location<'_>| format!("{}:{}", at.file(), at.line());
    let sources: BTreeMap<&str, String> =
        template.sources().map(|(id, at)| (id.as_str(), place(at))).collect();
    let text = serde_json::to_string_pretty(&sources).context("the sources are no JSON")? + "\n";
    assembly::write_if_changed(path, text.as_bytes())
        .with_context(|| format!("failed to write {}", workspace::show(path)))?;
    Ok(())
}

/// The templates of a stage, refused with every problem at once.
pub(super) fn synthesize(stage: &Stage) -> Result<Synthesized> {
    checked(stacks::synthesize(stage))
}

fn checked(synthesized: Synthesized) -> Result<Synthesized> {
    let problems: Vec<_> = synthesized
        .templates
        .iter()
        .flat_map(|(name, template)| {
            template.check().into_iter().map(move |problem| format!("{name}: {problem}"))
        })
        .collect();
    if problems.is_empty() {
        return Ok(synthesized);
    }
    Err(CommandError::user(anyhow!(
        "stage `{}` gives a template that is not valid:\n  {}",
        synthesized.manifest.stage,
        problems.join("\n  ")
    )))
}

fn print(args: &Synth, stage: &Stage, ui: &Ui) -> Result {
    let templates = synthesize(stage)?.templates;
    let template = match &args.stack {
        Some(name) => templates.get(name),
        None => templates.values().next(),
    };
    let Some(template) = template else {
        let known = templates.keys().cloned().collect::<Vec<_>>().join(", ");
        return Err(CommandError::user(anyhow!(
            "stage `{}` has no stack `{}`; it has {known}",
            stage.name,
            args.stack.as_deref().unwrap_or_default()
        )));
    };
    ui.print(&match args.format {
        Format::Yaml => template.to_yaml(),
        Format::Json => template.to_json(),
    });
    Ok(Exit::Done)
}

/// `stacks/templates/`: one YAML file a stack of every stage.
fn reviewed() -> Result<Folder> {
    let dir = workspace::root().join("stacks/templates");
    let present = workspace::read_folder(&dir, "yaml")?.into_iter().collect();
    let mut files = BTreeMap::new();
    for stage in workspace::settings()?.stages() {
        for (name, template) in synthesize(stage)?.templates {
            files.insert(format!("{name}.yaml"), template.to_yaml());
        }
    }
    Ok(Folder { dir, files, present })
}
