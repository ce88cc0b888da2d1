//! A private folder for as long as the program runs: what child processes must find as files.

use anyhow::Context as _;
use std::fs::{self, DirBuilder};
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::io::{self, ErrorKind};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::PathBuf;

/// A name that is taken is somebody else's, or a leftover.
const ATTEMPTS: usize = 16;

/// The folder; dropping it removes it with everything in it.
#[derive(Debug)]
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    pub(crate) fn new() -> anyhow::Result<Self> {
        let parent = std::env::temp_dir();
        let create = || -> io::Result<PathBuf> {
            let mut taken = io::Error::from(ErrorKind::AlreadyExists);
            for _ in 0..ATTEMPTS {
                let chance = RandomState::new().build_hasher().finish();
                let folder = parent.join(format!("herald-{chance:016x}"));
                // Only this user may look into it or put something there.
                match DirBuilder::new().mode(0o700).create(&folder) {
                    Ok(()) => return Ok(folder),
                    Err(e) if e.kind() == ErrorKind::AlreadyExists => taken = e,
                    Err(e) => return Err(e),
                }
            }
            Err(taken)
        };
        let folder = create().with_context(|| {
            format!("no folder can be made in {}; TMPDIR names another place", parent.display())
        })?;
        Ok(Self(folder))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file, with the folders above it.
    pub(crate) fn write(&self, name: &str, content: &[u8]) -> anyhow::Result<PathBuf> {
        let path = self.path(name);
        let folder = path.parent().unwrap_or(&self.0);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, content))
            .with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::Scratch;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn it_is_private_and_leaves_nothing_behind() {
        let scratch = Scratch::new().unwrap();
        let file = scratch.write("a/b", b"c").unwrap();
        assert_eq!(std::fs::read(file).unwrap(), b"c");
        let folder = scratch.path("");
        assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
        drop(scratch);
        assert!(!folder.exists());
    }
}
