//! `codegen`: schemas in `infra-gen/schemas/` to source in `infra-gen/src/aws/`.

use super::stale::Folder;
use crate::cli::Codegen;
use crate::ui::{CommandError, Result, Ui};
use crate::workspace;
use std::collections::BTreeMap;
use std::path::Path;

pub(crate) fn run(args: &Codegen, ui: &Ui) -> Result {
    let home = workspace::root().join("infra-gen");
    let schemas = workspace::read_folder(&home.join("schemas"), "json")?.into_iter().collect();
    let files = infra_codegen::generate(&schemas)
        .map_err(|e| CommandError::user(e).hint("the schemas stand in infra-gen/schemas/"))?;
    let dir = home.join("src/aws");
    let present = present(&dir, Path::new(""))?;
    let folder = Folder { dir, files, present };
    if args.check { Ok(folder.check("cargo xtask codegen", ui)) } else { folder.write(ui) }
}

/// The Rust files below `dir`, in all depths.
fn present(dir: &Path, below: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for (name, text) in workspace::read_folder(&dir.join(below), "rs")? {
        files.insert(below.join(name).display().to_string(), text);
    }
    let Ok(entries) = std::fs::read_dir(dir.join(below)) else { return Ok(files) };
    for entry in entries.flatten().filter(|e| e.path().is_dir()) {
        files.extend(present(dir, &below.join(entry.file_name()))?);
    }
    Ok(files)
}
