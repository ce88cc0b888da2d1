//! Where the code of a function is: given, or found where the tool that made the template left it.

use super::{Template, unpack};
use crate::scratch::Scratch;
use gateway_core::topology::Function;
use serde_json::Value;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::path::{Path, PathBuf};

/// Of an asset manifest.
const MANIFEST_MAX: u64 = 16 * 1024 * 1024;

/// The code of one function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    /// A file to run, or the folder that is the root of everything.
    pub(crate) path: PathBuf,
    /// The file or folder which to look at in order to see that it has changed.
    pub(crate) origin: PathBuf,
    /// Whether it may change without the template changing.
    pub(crate) is_mutable: bool,
}

/// Finds it; what is packed is unpacked.
pub(super) fn find(
    template: &Template<'_>,
    function: &Function,
    given: Option<&PathBuf>,
    scratch: &Scratch,
) -> Result<Code, String> {
    if let Some(inline) = function.code.get("ZipFile").and_then(Value::as_str)
        && given.is_none()
    {
        return self::inline(function, inline, scratch);
    }
    let (origin, is_mutable) = match given {
        Some(path) => (path.clone(), true),
        None => look_for(template, function)?,
    };
    let path = if is_zip(&origin) { unpacked(&origin, scratch)? } else { origin.clone() };
    Ok(Code { path, origin, is_mutable })
}

/// Looks in each place in turn. The flag is `Code::is_mutable`.
fn look_for(template: &Template<'_>, function: &Function) -> Result<(PathBuf, bool), String> {
    let (folder, id, code) = (template.folder(), &function.logical_id, &function.code);
    if code.get("ImageUri").is_some() {
        return Err(format!(
            "function {id} is a container image, which is not run here; --function {id}=PATH takes an executable in its place"
        ));
    }
    // A path, as `aws cloudformation package` takes it.
    if let Some(path) = code.as_str().map(|path| folder.join(path)).filter(|path| path.exists()) {
        return Ok((path, true));
    }
    let key = code.get("S3Key").and_then(Value::as_str);
    if let Some(asset) = key.and_then(|key| asset(folder, key)) {
        return Ok((asset, false));
    }
    let staged = template.value.get("Resources").and_then(|resources| resources.get(id));
    let staged =
        staged.and_then(|resource| resource.get("Metadata")?.get("aws:asset:path")?.as_str());
    if let Some(path) = staged.map(|path| folder.join(path)).filter(|path| path.exists()) {
        return Ok((path, false));
    }
    // What `sam build` has made.
    for build in [folder.to_owned(), folder.join(".aws-sam/build")] {
        let built = build.join(id);
        if build.ends_with(".aws-sam/build") && built.is_dir() {
            return Ok((built, true));
        }
    }
    Err(format!(
        "function {id} has no code here, so invoking it fails; give it with --function {id}=PATH (an executable, a folder or a .zip)"
    ))
}

/// The folder or file that is uploaded under this key, as the CDK's manifests beside the template
/// say or, without one, as the CDK names it.
fn asset(folder: &Path, key: &str) -> Option<PathBuf> {
    let manifests = fs::read_dir(folder).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
    for manifest in manifests.filter(|path| path.to_string_lossy().ends_with(".assets.json")) {
        if let Some(path) = asset_of(&manifest, key) {
            return Some(folder.join(path)).filter(|path| path.exists());
        }
    }
    let stem = key.rsplit('/').next()?.split('.').next()?;
    [format!("asset.{stem}"), format!("asset.{stem}.zip")]
        .into_iter()
        .map(|name| folder.join(name))
        .find(|path| path.exists())
}

fn asset_of(manifest: &Path, key: &str) -> Option<String> {
    if manifest.metadata().ok()?.len() > MANIFEST_MAX {
        return None;
    }
    let manifest: Value = serde_json::from_slice(&fs::read(manifest).ok()?).ok()?;
    let files = manifest.get("files")?.as_object()?;
    let uploaded = |file: &&Value| {
        let destinations = file.get("destinations").and_then(Value::as_object);
        destinations.is_some_and(|all| {
            all.values().any(|to| to.get("objectKey").is_some_and(|object| object == key))
        })
    };
    let file = files.values().find(uploaded)?;
    Some(file.get("source")?.get("path")?.as_str()?.to_owned())
}

/// Code that stands in the template itself: one file named `index`.
fn inline(function: &Function, text: &str, scratch: &Scratch) -> Result<Code, String> {
    let extension = if function.runtime.starts_with("python") { "py" } else { "js" };
    // The content names the folder, so that another content is another program.
    let folder = format!("inline/{}-{:016x}", function.logical_id, hash(text));
    let file = scratch.write(&format!("{folder}/index.{extension}"), text.as_bytes());
    let file = file.map_err(|e| format!("{e:#}"))?;
    let path = scratch.path(&folder);
    Ok(Code { path, origin: file, is_mutable: false })
}

/// Unpacked once for each state of the file. Two states are kept: whatever runs may still load
/// something from the one before.
fn unpacked(zip: &Path, scratch: &Scratch) -> Result<PathBuf, String> {
    let metadata = zip.metadata().map_err(|e| format!("{}: {e}", zip.display()))?;
    let state = format!("{:016x}", hash((metadata.len(), metadata.modified().ok())));
    let states = scratch.path(&format!("code/{:016x}", hash(zip)));
    // Named by number and state, so in order.
    let mut known: Vec<PathBuf> =
        fs::read_dir(&states).into_iter().flatten().filter_map(|e| Some(e.ok()?.path())).collect();
    known.sort();
    let is_wanted = |folder: &&PathBuf| folder.to_string_lossy().ends_with(&state);
    if let Some(folder) = known.iter().find(is_wanted) {
        return Ok(folder.clone());
    }
    let last = known.pop();
    for older in &known {
        _ = fs::remove_dir_all(older);
    }
    let last =
        last.as_ref().and_then(|folder| folder.file_name()?.to_str()?.get(..8)?.parse().ok());
    let number = last.map_or(0, |last: u32| last + 1);
    let folder = states.join(format!("{number:08}-{state}"));
    if let Err(e) = unpack::unpack(zip, &folder) {
        // What is half there would be taken for the whole.
        _ = fs::remove_dir_all(&folder);
        return Err(format!("{e:#}"));
    }
    Ok(folder)
}

fn is_zip(path: &Path) -> bool {
    let extension = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip"));
    extension && path.is_file()
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
