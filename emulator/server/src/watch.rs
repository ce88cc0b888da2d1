//! Which files have changed: sources, that want a rebuild, or what a build makes.

use anyhow::Context as _;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use tokio::sync::watch;

/// How often something has changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    pub(crate) sources: u64,
    pub(crate) artifacts: u64,
}

/// Watches until the watcher is dropped. Artifacts are files, or folders with all that is in them.
/// Changes are counted rather than queued.
pub(crate) fn watch(
    folders: &[PathBuf],
    artifacts: &[PathBuf],
) -> anyhow::Result<(RecommendedWatcher, watch::Receiver<Changes>)> {
    // The system reports real paths, not those that lead through links.
    let all_real = |folders: &[PathBuf]| -> anyhow::Result<Vec<PathBuf>> {
        folders.iter().map(|folder| real(folder)).collect()
    };
    let folders = all_real(folders)?;
    let (made, artifacts): (Vec<PathBuf>, Vec<PathBuf>) =
        artifacts.iter().cloned().partition(|artifact| artifact.is_dir());
    let made = all_real(&made)?;
    let parents: BTreeSet<PathBuf> =
        artifacts.iter().filter_map(|file| file.parent()).map(real).collect::<Result<_, _>>()?;
    let names = artifacts
        .iter()
        .filter_map(|file| Some(real(file.parent()?).ok()?.join(file.file_name()?)));
    let files: BTreeSet<PathBuf> = names.collect();
    let (changes, changed) = watch::channel(Changes::default());
    let (roots, made_roots) = (folders.clone(), made.clone());
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // Events were lost: then anything may have changed.
        let Ok(event) = event else { return changes.send_modify(|c| c.sources += 1) };
        if matches!(event.kind, EventKind::Access(_)) {
            return;
        }
        let is_artifact = |path: &PathBuf| files.contains(path) || is_source(path, &made_roots);
        let artifact = event.paths.iter().any(is_artifact);
        let source = event.paths.iter().any(|path| !is_artifact(path) && is_source(path, &roots));
        if artifact || source {
            changes.send_modify(|c| {
                c.artifacts += u64::from(artifact);
                c.sources += u64::from(source);
            });
        }
    })
    .context("files cannot be watched")?;
    let recursive = folders.iter().chain(&made).map(|folder| (folder, RecursiveMode::Recursive));
    let flat = parents.iter().map(|parent| (parent, RecursiveMode::NonRecursive));
    for (folder, mode) in flat.chain(recursive) {
        watcher.watch(folder, mode).with_context(|| {
            format!("{} cannot be watched; --no-watch does without", folder.display())
        })?;
    }
    Ok((watcher, changed))
}

fn real(path: &Path) -> anyhow::Result<PathBuf> {
    path.canonicalize().with_context(|| format!("{} cannot be watched", path.display()))
}

/// Whether a build could depend on a file: not on its own output, nor on an editor's leftovers.
fn is_source(path: &Path, roots: &[PathBuf]) -> bool {
    let Some(inside) = roots.iter().find_map(|root| path.strip_prefix(root).ok()) else {
        return false;
    };
    inside.components().all(|component| {
        let Component::Normal(name) = component else { return true };
        !is_leftover(name)
    })
}

/// Whether a tool has made something by this name for itself.
pub(crate) fn is_leftover(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let made = matches!(&*name, "target" | "node_modules" | "__pycache__" | "4913");
    let temporary = name.starts_with(['.', '#']) || name.ends_with(['~', '#']);
    let suffix = [".swp", ".swx", ".tmp", ".bak"].iter().any(|suffix| name.ends_with(suffix));
    made || temporary || suffix
}

#[cfg(test)]
mod tests {
    use super::is_source;
    use std::path::{Path, PathBuf};

    #[test]
    fn what_a_build_does_not_read_is_no_source() {
        let roots = [PathBuf::from("/code/target/project")];
        for (path, expected) in [
            ("src/lib.rs", true),
            ("Cargo.toml", true),
            ("stages.yaml", true),
            ("target/debug/fn", false),
            (".git/index", false),
            ("src/.lib.rs.swp", false),
            ("src/lib.rs~", false),
            ("src/#lib.rs#", false),
            ("src/4913", false),
        ] {
            assert_eq!(is_source(&roots[0].join(path), &roots), expected, "{path}");
        }
        assert!(!is_source(Path::new("/elsewhere/lib.rs"), &roots));
    }
}
