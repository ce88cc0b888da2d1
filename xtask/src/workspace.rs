//! Where things are: the root of the repository, the target directory, a stage's settings.

use crate::ui::{CommandError, Result};
use anyhow::Context as _;
use stacks::Settings;
use std::path::{Path, PathBuf};

/// The root of the repository, absolute. Cargo names the crate it runs; ours is one below.
pub(crate) fn root() -> PathBuf {
    let manifest_dir = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    manifest_dir.parent().map_or(manifest_dir.clone(), Path::to_path_buf)
}

/// The folder with the binaries of this profile; the target directory is its parent.
pub(crate) fn bin_dir() -> Result<PathBuf> {
    let exe = std::env::current_exe().context("failed to find the running executable")?;
    match exe.parent() {
        Some(dir) => Ok(dir.to_path_buf()),
        None => Err(CommandError::internal(anyhow::anyhow!("{} has no folder", exe.display()))),
    }
}

/// `target/`, wherever cargo was told to put it.
pub(crate) fn target_dir() -> Result<PathBuf> {
    let bin_dir = bin_dir()?;
    Ok(bin_dir.parent().map_or(bin_dir.clone(), Path::to_path_buf))
}

/// `target/assembly/<stage>/`: all that is handed from synth to whoever runs or ships it.
pub(crate) fn assembly_dir(stage: &str) -> Result<PathBuf> {
    Ok(target_dir()?.join("assembly").join(stage))
}

/// A path as people want to read it: relative to the root where it is below it.
pub(crate) fn show(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

/// The stages of `stacks/stages.yaml`.
pub(crate) fn settings() -> Result<Settings> {
    let path = root().join("stacks/stages.yaml");
    let text = read(&path)?;
    Settings::parse(&text, &show(&path)).map_err(CommandError::user)
}

/// The text of a file; the error names it.
pub(crate) fn read(path: &Path) -> Result<String> {
    Ok(std::fs::read_to_string(path).with_context(|| format!("failed to read {}", show(path)))?)
}

/// The files of a folder by name, `extension` only; empty where there is no folder.
pub(crate) fn read_folder(dir: &Path, extension: &str) -> Result<Vec<(String, String)>> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => {
            return Err(anyhow::Error::from(e)
                .context(format!("failed to list {}", show(dir)))
                .into());
        }
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("failed to list {}", show(dir)))?.path();
        if path.extension().is_some_and(|e| e == extension)
            && let Some(name) = path.file_name().and_then(|n| n.to_str())
        {
            files.push((name.to_owned(), read(&path)?));
        }
    }
    files.sort();
    Ok(files)
}
