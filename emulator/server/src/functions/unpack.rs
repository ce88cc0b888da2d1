//! Code that comes as a zip file, as Lambda takes it.

use anyhow::{Context as _, bail};
use std::fs::File;
use std::path::Path;
use zip::ZipArchive;
use zip::read::ExtractOptions;

/// Lambda's quota for a deployment package, unpacked.
const BYTES_MAX: u64 = 250 * 1024 * 1024;
const FILES_MAX: usize = 100_000;

/// Unpacks into a folder that is made for it. An entry that would land elsewhere is an error, be it
/// by its name or through a link.
pub(super) fn unpack(zip: &Path, folder: &Path) -> anyhow::Result<()> {
    unpack_bounded(zip, folder, BYTES_MAX)
        .with_context(|| format!("{} cannot be unpacked", zip.display()))
}

fn unpack_bounded(zip: &Path, folder: &Path, bytes_max: u64) -> anyhow::Result<()> {
    let mut archive = ZipArchive::new(File::open(zip)?)?;
    if archive.len() > FILES_MAX {
        bail!("it has {} files, and more than {FILES_MAX} are not unpacked", archive.len());
    }
    std::fs::create_dir_all(folder)?;
    archive.extract_with_options(folder, ExtractOptions::default().with_size_limit(bytes_max))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{unpack, unpack_bounded};
    use crate::scratch::Scratch;
    use std::fs::{self, File};
    use std::io::Write as _;
    use std::os::unix::fs::PermissionsExt as _;
    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    fn zip(scratch: &Scratch, entries: &[(&str, &str)]) -> std::path::PathBuf {
        let path = scratch.path("code.zip");
        let mut zip = ZipWriter::new(File::create(&path).unwrap());
        for (name, content) in entries {
            let options = SimpleFileOptions::default().unix_permissions(0o755);
            zip.start_file(*name, options).unwrap();
            zip.write_all(content.as_bytes()).unwrap();
        }
        zip.finish().unwrap();
        path
    }

    #[test]
    fn files_come_out_as_they_went_in() {
        let scratch = Scratch::new().unwrap();
        let folder = scratch.path("out");
        unpack(&zip(&scratch, &[("bootstrap", "#!"), ("a/b.js", "b")]), &folder).unwrap();
        assert_eq!(fs::read_to_string(folder.join("a/b.js")).unwrap(), "b");
        let mode = folder.join("bootstrap").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o100, 0o100);
    }

    #[test]
    fn nothing_lands_outside_the_folder() {
        let scratch = Scratch::new().unwrap();
        for name in ["../outside", "a/../../outside"] {
            let archive = zip(&scratch, &[(name, "evil")]);
            assert!(unpack(&archive, &scratch.path("out")).is_err(), "{name}");
            assert!(!scratch.path("outside").exists(), "{name}");
        }
        let archive = scratch.path("code.zip");
        let mut zip = ZipWriter::new(File::create(&archive).unwrap());
        zip.add_symlink("link", "..", SimpleFileOptions::default()).unwrap();
        zip.start_file("link/outside", SimpleFileOptions::default()).unwrap();
        zip.write_all(b"evil").unwrap();
        zip.finish().unwrap();
        assert!(unpack(&archive, &scratch.path("linked")).is_err());
        assert!(!scratch.path("outside").exists());
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let scratch = Scratch::new().unwrap();
        let archive = zip(&scratch, &[("zeros", &"0".repeat(100_000))]);
        assert!(unpack_bounded(&archive, &scratch.path("out"), 99_999).is_err());
        assert!(!scratch.path("out/zeros").exists());
        assert!(unpack_bounded(&archive, &scratch.path("out"), 100_000).is_ok());
    }
}
