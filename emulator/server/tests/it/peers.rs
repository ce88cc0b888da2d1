//! Programs that a machine may lack, and that only some tests need.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Whether a program is here. Without it, CI fails and a person is told.
pub(crate) fn has(program: &str) -> bool {
    let version = Command::new(program).arg("--version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success()) || lacking(program)
}

/// A folder that `cargo xtask test` sets up and names in a variable.
pub(crate) fn folder(variable: &str) -> Option<PathBuf> {
    let folder = std::env::var_os(variable).map(PathBuf::from);
    if folder.is_none() {
        lacking(&format!("what {variable} names"));
    }
    folder
}

/// `PATH` with this folder first.
pub(crate) fn path_with(first: PathBuf) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(first).chain(std::env::split_paths(&path))).unwrap()
}

#[expect(clippy::print_stderr, reason = "a test that is left out is said aloud")]
fn lacking(what: &str) -> bool {
    let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(!is_ci, "{what}: missing, and CI runs all tests; `cargo xtask test` sets it up");
    eprintln!("NOT TESTED: {what} is missing; `cargo xtask test` says how to get it");
    false
}
