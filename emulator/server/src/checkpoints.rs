//! How far each event source mapping has come, kept beside tables that are kept.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Sequence numbers by the logical ID of their mapping.
pub(crate) struct Checkpoints {
    /// `None`: they are not kept.
    file: Option<PathBuf>,
    numbers: BTreeMap<String, String>,
    changed: bool,
}

impl Checkpoints {
    /// Those of the last time, or none.
    ///
    /// # Errors
    /// In plain words, when there is a file that cannot be read.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, String> {
        let numbers = match file.map(fs::read) {
            None => BTreeMap::new(),
            Some(Err(e)) if e.kind() == ErrorKind::NotFound => BTreeMap::new(),
            Some(Ok(bytes)) => serde_json::from_slice(&bytes).map_err(|e| failed(file, &e))?,
            Some(Err(e)) => return Err(failed(file, &e)),
        };
        Ok(Self { file: file.map(Path::to_owned), numbers, changed: false })
    }

    pub(crate) fn numbers(&self) -> &BTreeMap<String, String> {
        &self.numbers
    }

    pub(crate) fn set(&mut self, mapping: String, sequence_number: String) {
        self.numbers.insert(mapping, sequence_number);
        self.changed = true;
    }

    /// Writes what has changed. Whoever sees the file sees all of it.
    pub(crate) fn save(&mut self) -> Result<(), String> {
        let Some(file) = self.file.as_deref().filter(|_| self.changed) else { return Ok(()) };
        self.changed = false;
        let beside = file.with_extension("tmp");
        let text = serde_json::to_vec_pretty(&self.numbers).unwrap_or_default();
        fs::write(&beside, text)
            .and_then(|()| fs::rename(&beside, file))
            .map_err(|e| failed(Some(file), &e))
    }
}

fn failed(file: Option<&Path>, why: &dyn std::fmt::Display) -> String {
    let file = file.unwrap_or(Path::new("")).display();
    format!("where event source mappings go on cannot be kept in {file}: {why}")
}
