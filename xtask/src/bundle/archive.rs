//! The zip of a function: one file, `bootstrap`, and nothing that changes by itself.

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};
use std::io::{Cursor, Write as _};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// The file that `provided.al2023` starts.
const ENTRY: &str = "bootstrap";
const MODE: u32 = 0o755;

/// A zip and what it is called in the asset bucket.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Packed {
    pub(crate) bytes: Vec<u8>,
    /// The function, and the SHA-256 of what is inside, not of the zip: another version of the
    /// compressor must not look like other code.
    pub(crate) key: String,
}

pub(crate) fn pack(function: &str, executable: &[u8]) -> Result<Packed> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(MODE);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(ENTRY, options)
        .and_then(|()| Ok(zip.write_all(executable)?))
        .context("failed to compress it")?;
    let bytes = zip.finish().context("failed to compress it")?.into_inner();
    Ok(Packed { bytes, key: key(function, executable) })
}

fn key(function: &str, executable: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("{ENTRY} {MODE:o} {}\0", executable.len()));
    hash.update(executable);
    let hex: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{function}/{hex}.zip")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn the_zip_holds_an_executable_bootstrap_of_1980() {
        let packed = pack("socket", b"code").unwrap();
        let mut zip = zip::ZipArchive::new(Cursor::new(packed.bytes)).unwrap();
        assert_eq!(zip.len(), 1);
        let mut entry = zip.by_index(0).unwrap();
        assert_eq!(
            (entry.name().unwrap().as_ref(), entry.unix_mode()),
            ("bootstrap", Some(0o100_755))
        );
        assert_eq!(entry.last_modified(), Some(DateTime::DEFAULT));
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        assert_eq!(content, b"code");
    }

    #[test]
    fn same_code_same_bytes_and_other_code_another_key() {
        let big = vec![7; 100_000];
        let pack = |function, code: &[u8]| pack(function, code).unwrap();
        assert_eq!(pack("socket", &big), pack("socket", &big));
        assert_ne!(pack("socket", b"a").key, pack("socket", b"b").key);
        assert_eq!(
            pack("socket", b"a").key,
            "socket/97802adce6c2d8cd98a0a671b1725fe968702e4a2d7310a9644f4adde84bed50.zip"
        );
    }
}
