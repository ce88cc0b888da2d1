//! `codegen`: schemas in `infra-gen/schemas/` to source in `infra-gen/src/aws/`.

use super::stale::Folder;
use crate::cli::Codegen;
use crate::ui::{CommandError, Result, Ui};
use crate::workspace;
use anyhow::{Context as _, anyhow};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(crate) fn run(args: &Codegen, ui: &Ui) -> Result {
    let home = workspace::root().join("infra-gen");
    let mut schemas: BTreeMap<_, _> =
        workspace::read_folder(&home.join("schemas"), "json")?.into_iter().collect();
    for type_name in &args.add {
        let (name, text) = fetch(type_name, args.from.as_deref())?;
        schemas.insert(name, text);
    }
    let files = infra_codegen::generate(&schemas)
        .map_err(|e| CommandError::user(e).hint("the schemas stand in infra-gen/schemas/"))?;
    // Only schemas that the generator understands are kept.
    for (name, text) in schemas.iter().filter(|_| !args.add.is_empty()) {
        let path = home.join("schemas").join(name);
        infra_gen::assembly::write_if_changed(&path, text.as_bytes())
            .with_context(|| format!("failed to write {}", workspace::show(&path)))?;
    }
    let dir = home.join("src/aws");
    let present = present(&dir, Path::new(""))?;
    let folder = Folder { dir, files, present };
    if args.check { Ok(folder.check("cargo xtask codegen", ui)) } else { folder.write(ui) }
}

/// The schema of a resource type from the data of cfn-lint, by the name and in the layout it has
/// here.
fn fetch(type_name: &str, from: Option<&Path>) -> Result<(String, String)> {
    let data = match from {
        Some(dir) => dir.to_owned(),
        None => peers_data()?,
    };
    // `"AWS::SNS::Topic": "196a80da4b3593fa",`: the name of the file with the schema.
    let index = workspace::read(&data.join("providers/us_east_1.py"))?;
    let hash = index
        .lines()
        .find_map(|line| line.trim().strip_prefix(&format!("\"{type_name}\": \"")))
        .and_then(|rest| rest.split('"').next())
        .ok_or_else(|| {
            CommandError::user(anyhow!(
                "there is no resource type {type_name} in {}",
                data.display()
            ))
        })?;
    let text = workspace::read(&data.join("resources").join(format!("{hash}.json")))?;
    let name = infra_codegen::file_name(type_name);
    let text = infra_codegen::lay_out(&name, &text).map_err(CommandError::user)?;
    Ok((name, text))
}

/// The data of the cfn-lint that `cargo xtask test` has installed.
fn peers_data() -> Result<PathBuf> {
    let lib = workspace::target_dir()?.join("peers/lib");
    let pythons = std::fs::read_dir(&lib).into_iter().flatten().flatten();
    pythons
        .map(|python| python.path().join("site-packages/cfnlint/data/schemas"))
        .find(|data| data.is_dir())
        .ok_or_else(|| {
            CommandError::user(anyhow!("cfn-lint, whose schemas these are, is not in {}", workspace::show(&lib)))
                .hint("cargo xtask test installs it; or name a folder with --from DIR, such as .../site-packages/cfnlint/data/schemas")
        })
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
