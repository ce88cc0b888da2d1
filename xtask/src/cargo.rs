//! Running cargo, and other programs, in the root of the repository.

use crate::ui::{CommandError, Result};
use crate::workspace;
use anyhow::{Context as _, anyhow};
use std::ffi::OsStr;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

/// The cargo that runs us, in the root of the repository.
pub(crate) fn cargo() -> Command {
    command(std::env::var_os("CARGO").as_deref().unwrap_or(OsStr::new("cargo")))
}

/// A program, in the root of the repository. What cargo set for us alone must not reach another
/// cargo, whose build scripts would see it as a change.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(workspace::root());
    for (name, _) in std::env::vars_os() {
        let ours = name
            .to_str()
            .is_some_and(|n| n.starts_with("CARGO_PKG_") || n.starts_with("CARGO_MANIFEST_"));
        if ours {
            command.env_remove(name);
        }
    }
    command
}

/// Runs it to its end; its output is the user's to see.
pub(crate) fn run(command: &mut Command, what: &str) -> Result<()> {
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("failed to start {}", show(command)))?;
    if status.success() {
        return Ok(());
    }
    Err(CommandError::user(
        anyhow!("{what}").context(format!("`{}` ended with {status}", show(command))),
    ))
}

/// Whether it runs and ends well, without a word.
pub(crate) fn works(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

/// Becomes this program, so that signals and the process ID are its own.
pub(crate) fn become_program(mut command: Command) -> Result {
    let error = command.exec();
    Err(anyhow::Error::from(error).context(format!("failed to start {}", show(&command))).into())
}

/// The command as a shell would take it, near enough for a message.
pub(crate) fn show(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    std::iter::once(name)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
