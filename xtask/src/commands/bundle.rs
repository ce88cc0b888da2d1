//! `bundle`: what a stage's functions are deployed from, below `target/assembly/<stage>/bundle/`.

use super::synth;
use crate::bundle::{Packed, build, check, pack};
use crate::cli::Bundle;
use crate::ui::{CommandError, Exit, Result, Ui};
use crate::workspace;
use anyhow::{Context as _, anyhow};
use infra_gen::assembly::{self, FunctionEntry};
use stacks::{Architecture, Stage};
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &Bundle, ui: &Ui) -> Result {
    let settings = workspace::settings()?;
    let stage = settings.stage(&args.stage).map_err(|e| CommandError::user(anyhow!(e)))?;
    let architecture = args.arch.map_or(stage.architecture, Into::into);
    bundle(&Stage { architecture, ..stage.clone() }, args.function.as_deref(), ui)?;
    Ok(Exit::Done)
}

/// Builds, checks and packs the functions of a stage, all or one, and writes their keys into the
/// manifest of its assembly; gives the folder of that.
pub(super) fn bundle(stage: &Stage, only: Option<&str>, ui: &Ui) -> Result<PathBuf> {
    let (dir, manifest) = synth::write_assembly(stage)?;
    let functions: Vec<FunctionEntry> =
        manifest.stacks.iter().flat_map(|stack| stack.functions.clone()).collect();
    let wanted: Vec<_> =
        functions.iter().filter(|f| only.is_none_or(|name| f.name == name)).collect();
    if wanted.is_empty() {
        let known: Vec<_> = functions.iter().map(|f| f.name.as_str()).collect();
        let name = only.unwrap_or_default();
        return Err(CommandError::user(anyhow!(
            "there is no function `{name}`; there are {}",
            known.join(", ")
        )));
    }
    let names: Vec<_> = wanted.iter().map(|f| f.name.as_str()).collect();
    let built = build(&names, stage.architecture)?;
    for function in wanted {
        let file = zip_file(&dir, &function.name);
        let packed = packed(&function.name, &built, stage.architecture)?;
        report(function, &file, &packed, ui);
        write(&file, &packed.bytes)?;
        write(&key_file(&file), packed.key.as_bytes())?;
    }
    assembly(stage)
}

/// The assembly of a stage, with the keys of the functions that were bundled, be it now or before.
pub(super) fn assembly(stage: &Stage) -> Result<PathBuf> {
    let (dir, mut manifest) = synth::write_assembly(stage)?;
    for stack in &mut manifest.stacks {
        for function in &stack.functions {
            if let Some((key, _)) = last(&stage.name, &function.name)? {
                stack.parameters.insert(function.code_parameter.clone(), key);
            }
        }
    }
    let (_, templates) = assembly::read(&dir).map_err(CommandError::user)?;
    assembly::write(&dir, &manifest, &templates).map_err(CommandError::user)?;
    Ok(dir)
}

/// The key of a function and the size of its zip, as the last bundle of this stage left them.
pub(super) fn last(stage: &str, function: &str) -> Result<Option<(String, u64)>> {
    let file = zip_file(&workspace::assembly_dir(stage)?, function);
    let key = std::fs::read_to_string(key_file(&file)).ok();
    Ok(key.zip(std::fs::metadata(&file).ok().map(|metadata| metadata.len())))
}

fn packed(function: &str, built: &Path, architecture: Architecture) -> Result<Packed> {
    let executable = built.join(function);
    let name = workspace::show(&executable);
    let bytes = std::fs::read(&executable).with_context(|| format!("failed to read {name}"))?;
    check(&bytes, architecture).map_err(|e| {
        CommandError::user(e.context(format!("{name} does not run in Lambda")))
            .hint("pip install ziglang && cargo install --locked cargo-zigbuild")
    })?;
    Ok(pack(function, &bytes).with_context(|| format!("failed to pack {name}"))?)
}

/// One line a function: its size, and what changed since the last bundle.
fn report(function: &FunctionEntry, file: &Path, packed: &Packed, ui: &Ui) {
    let size = packed.bytes.len();
    let before = std::fs::metadata(file).map(|m| m.len()).ok();
    let same = std::fs::read_to_string(key_file(file)).is_ok_and(|key| key == packed.key);
    let change = match before.and_then(|before| i64::try_from(before).ok()) {
        None => "new".to_owned(),
        Some(_) if same => "unchanged".to_owned(),
        Some(before) => format!("{:+} B", i64::try_from(size).unwrap_or(i64::MAX) - before),
    };
    ui.say(format_args!(
        "{:<12} {:>9} B zipped, {change}, {}  {}",
        function.name, size, function.architecture, packed.key
    ));
}

fn zip_file(assembly: &Path, function: &str) -> PathBuf {
    assembly.join("bundle").join(format!("{function}.zip"))
}

fn key_file(zip: &Path) -> PathBuf {
    zip.with_extension("key")
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    assembly::write_if_changed(path, bytes)
        .with_context(|| format!("failed to write {}", workspace::show(path)))?;
    Ok(())
}
