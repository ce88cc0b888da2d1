//! Whether a file or folder is still what it was, without reading it.

use crate::watch::is_leftover;
use std::fs::Metadata;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;

/// Of a folder with more files, the rest is not looked at.
const FILES_MAX: usize = 20_000;

/// Enough to tell a new build from an old one; `None` if there is nothing.
pub(crate) fn fingerprint(path: &Path) -> Option<u64> {
    let metadata = path.metadata().ok()?;
    let mut hasher = DefaultHasher::new();
    if !metadata.is_dir() {
        look(&metadata, &mut hasher);
        return Some(hasher.finish());
    }
    let mut folders = vec![path.to_owned()];
    let mut left = FILES_MAX;
    while let Some(folder) = folders.pop() {
        let Ok(entries) = folder.read_dir() else { continue };
        let mut entries: Vec<_> = entries.filter_map(Result::ok).collect();
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries.iter().filter(|entry| !is_leftover(&entry.file_name())) {
            if left == 0 {
                return Some(hasher.finish());
            }
            left -= 1;
            // Links are not followed: they may lead in a circle.
            let Ok(metadata) = entry.metadata() else { continue };
            entry.path().hash(&mut hasher);
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                look(&metadata, &mut hasher);
            }
        }
    }
    Some(hasher.finish())
}

fn look(metadata: &Metadata, hasher: &mut DefaultHasher) {
    metadata.len().hash(hasher);
    metadata.modified().ok().hash(hasher);
}

#[cfg(test)]
mod tests {
    use super::fingerprint;
    use crate::scratch::Scratch;

    #[test]
    fn a_folder_changes_with_any_file_that_counts() {
        let scratch = Scratch::new().unwrap();
        scratch.write("code/a/b.js", b"1").unwrap();
        let folder = scratch.path("code");
        let before = fingerprint(&folder);
        assert!(before.is_some());

        scratch.write("code/node_modules/c/index.js", b"1").unwrap();
        scratch.write("code/__pycache__/d.pyc", b"1").unwrap();
        assert_eq!(fingerprint(&folder), before);

        scratch.write("code/a/b.js", b"12").unwrap();
        let changed = fingerprint(&folder);
        assert_ne!(changed, before);
        scratch.write("code/e.js", b"1").unwrap();
        assert_ne!(fingerprint(&folder), changed);
        assert_eq!(fingerprint(&scratch.path("nothing")), None);
    }
}
