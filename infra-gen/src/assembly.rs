//! The assembly: templates and a manifest in one folder, the only thing handed over to what runs
//! or deploys them.
//!
//! The one module of this crate that touches the file system. A file is written under another name
//! and renamed, so that a reader never sees half of one, and only if it differs, so that what
//! watches it is not woken for nothing.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The form of the manifest; a reader refuses another.
pub const VERSION: u32 = 2;

const MANIFEST: &str = "manifest.json";
const TEMPLATE_SUFFIX: &str = ".template.json";

/// What an assembly holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`VERSION`].
    pub version: u32,
    /// Which stage it is of.
    pub stage: String,
    /// In the order of deployment.
    pub stacks: Vec<StackEntry>,
}

/// A template with a name and values for its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StackEntry {
    /// The stack's name in CloudFormation.
    pub name: String,
    /// The template's file, beside the manifest.
    pub template: String,
    /// Where it belongs.
    pub region: String,
    /// What is known of its parameters already.
    pub parameters: BTreeMap<String, String>,
    /// Parameters whose value is random: made by whoever deploys the stack first, as at least 32
    /// bytes in hexadecimal, and kept by every later deployment.
    pub secrets: Vec<String>,
    /// The functions whose code it awaits.
    pub functions: Vec<FunctionEntry>,
    /// On the stack, and so on all in it.
    pub tags: BTreeMap<String, String>,
}

/// A function and where its code goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FunctionEntry {
    /// The binary's name: `socket`.
    pub name: String,
    /// The resource in the template: `Socket`.
    pub logical_id: String,
    /// The parameter that takes the key of its zip in the asset bucket: `SocketCode`.
    pub code_parameter: String,
    /// `arm64` or `x86_64`.
    pub architecture: String,
}

/// Why an assembly could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file system refused.
    #[error("{path}: {source}")]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is none.
    #[error("{path} is not there; make it with `cargo xtask synth`")]
    Missing {
        /// The manifest.
        path: PathBuf,
    },
    /// The manifest is not one.
    #[error("{path} is no manifest of an assembly: {source}")]
    Malformed {
        /// The manifest.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// The manifest is of another form.
    #[error(
        "{path} has version {found}, and {VERSION} is understood; make it anew with `cargo xtask synth`"
    )]
    Version {
        /// The manifest.
        path: PathBuf,
        /// The version it has.
        found: u64,
    },
    /// A template's name would lead out of the folder, or is not that of a template.
    #[error("{name:?} is no name of a template; it is a file name that ends in {TEMPLATE_SUFFIX}")]
    Name {
        /// The name.
        name: String,
    },
    /// The manifest names a template that is not given, or the other way round.
    #[error("template {name} is named in the manifest or given, but not both")]
    Unmatched {
        /// The template's file name.
        name: String,
    },
}

/// Writes an assembly: what differs, and nothing else; templates of an earlier one are deleted.
///
/// Other files in the folder, such as bundles, are let be.
///
/// # Errors
/// When manifest and templates do not belong together, or the file system refuses.
pub fn write(
    dir: &Path,
    manifest: &Manifest,
    templates: &BTreeMap<String, String>,
) -> Result<(), Error> {
    let named: BTreeSet<&str> = manifest.stacks.iter().map(|s| s.template.as_str()).collect();
    let given: BTreeSet<&str> = templates.keys().map(String::as_str).collect();
    if let Some(name) = named.symmetric_difference(&given).next() {
        return Err(Error::Unmatched { name: (*name).to_owned() });
    }
    named.iter().try_for_each(|name| check_name(name))?;
    for (name, text) in templates {
        put(&dir.join(name), text.as_bytes())?;
    }
    let mut text = serde_json::to_string_pretty(manifest)
        .map_err(|source| Error::Malformed { path: dir.join(MANIFEST), source })?;
    text.push('\n');
    // The manifest comes after what it names and before what it no longer names goes.
    put(&dir.join(MANIFEST), text.as_bytes())?;
    let io = |source| Error::Io { path: dir.to_owned(), source };
    for entry in fs::read_dir(dir).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.ends_with(TEMPLATE_SUFFIX) && !given.contains(name) {
            fs::remove_file(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
        }
    }
    Ok(())
}

/// Reads an assembly: the manifest, and the texts of its templates by file name.
///
/// # Errors
/// When there is none, it is of another version, or a template is missing.
pub fn read(dir: &Path) -> Result<(Manifest, BTreeMap<String, String>), Error> {
    let path = dir.join(MANIFEST);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Err(Error::Missing { path }),
        Err(source) => return Err(Error::Io { path, source }),
    };
    // The version first: what else is there, only its own reader knows.
    let version = serde_json::from_str::<serde_json::Value>(&text)
        .map(|value| value["version"].as_u64())
        .map_err(|source| Error::Malformed { path: path.clone(), source })?;
    if let Some(found) = version.filter(|found| *found != u64::from(VERSION)) {
        return Err(Error::Version { path, found });
    }
    let manifest: Manifest =
        serde_json::from_str(&text).map_err(|source| Error::Malformed { path, source })?;
    let mut templates = BTreeMap::new();
    for name in manifest.stacks.iter().map(|stack| &stack.template) {
        check_name(name)?;
        let path = dir.join(name);
        let text = fs::read_to_string(&path).map_err(|source| Error::Io { path, source })?;
        templates.insert(name.clone(), text);
    }
    Ok((manifest, templates))
}

/// Writes a file if its contents differ, all at once; makes the folders above it. Says whether it
/// wrote.
///
/// # Errors
/// When the file system refuses.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    if fs::read(path).is_ok_and(|present| present == bytes) {
        return Ok(false);
    }
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    let name = path.file_name().ok_or_else(|| io::Error::other("the path names no file"))?;
    // Two writers at once do not write into each other's file; whose comes last, wins whole.
    let temporary = parent.join(format!(".{}.{}.tmp", name.to_string_lossy(), std::process::id()));
    let written = fs::write(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // The first error is the one to tell.
        drop(fs::remove_file(&temporary));
    }
    written.map(|()| true)
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_if_changed(path, bytes)
        .map(drop)
        .map_err(|source| Error::Io { path: path.to_owned(), source })
}

fn check_name(name: &str) -> Result<(), Error> {
    let plain = name.len() > TEMPLATE_SUFFIX.len()
        && name.ends_with(TEMPLATE_SUFFIX)
        && !name.starts_with('.')
        && !name.contains(['/', '\\', ':']);
    if plain { Ok(()) } else { Err(Error::Name { name: name.to_owned() }) }
}
