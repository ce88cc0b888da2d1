//! Files that we write and people review: what differs from what it should be, and mending it.

use crate::ui::{Exit, Result, Ui};
use crate::workspace;
use anyhow::Context as _;
use similar::TextDiff;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A folder that should hold exactly these files, and nothing else of their kind.
pub(crate) struct Folder {
    pub(crate) dir: PathBuf,
    /// Path below the folder, and text.
    pub(crate) files: BTreeMap<String, String>,
    /// What is there now, by the same paths.
    pub(crate) present: BTreeMap<String, String>,
}

impl Folder {
    /// Paths whose file is missing, different, or has no business being there.
    fn stale(&self) -> BTreeSet<&String> {
        let all: BTreeSet<_> = self.files.keys().chain(self.present.keys()).collect();
        all.into_iter().filter(|path| self.files.get(*path) != self.present.get(*path)).collect()
    }

    /// Shows what differs; `fix` is the command that mends it.
    pub(crate) fn check(&self, fix: &str, ui: &Ui) -> Exit {
        let stale = self.stale();
        if stale.is_empty() {
            ui.say(format_args!("{} is current", workspace::show(&self.dir)));
            return Exit::Done;
        }
        let empty = String::new();
        for path in &stale {
            let name = workspace::show(&self.dir.join(path));
            let old = self.present.get(*path).unwrap_or(&empty);
            let new = self.files.get(*path).unwrap_or(&empty);
            let diff = TextDiff::from_lines(old.as_str(), new.as_str());
            ui.print(
                &diff.unified_diff().header(&name, &format!("{name} as it should be")).to_string(),
            );
        }
        ui.say(format_args!("{} stale; mend with: {fix}", files(stale.len())));
        Exit::NeedsUpdate
    }

    /// Writes what differs, deletes what should not be there.
    pub(crate) fn write(&self, ui: &Ui) -> Result {
        let stale = self.stale();
        for path in &stale {
            let target = self.dir.join(path);
            match self.files.get(*path) {
                Some(text) => write(&target, text)?,
                None => std::fs::remove_file(&target)
                    .with_context(|| format!("failed to delete {}", workspace::show(&target)))?,
            }
            ui.say(format_args!("updated {}", workspace::show(&target)));
        }
        if stale.is_empty() {
            ui.say(format_args!("{} is current", workspace::show(&self.dir)));
        }
        Ok(Exit::Done)
    }
}

fn write(path: &Path, text: &str) -> Result<()> {
    infra_gen::assembly::write_if_changed(path, text.as_bytes())
        .with_context(|| format!("failed to write {}", workspace::show(path)))?;
    Ok(())
}

fn files(count: usize) -> String {
    if count == 1 { "1 file is".to_owned() } else { format!("{count} files are") }
}
