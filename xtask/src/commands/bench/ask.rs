//! What a measuring program says at its end: one line of JSON.

use super::process::{Running, wait_until};
use crate::cargo::show;
use crate::ui::{CommandError, Result};
use anyhow::{Context as _, anyhow};
use serde::de::DeserializeOwned;
use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::Duration;

/// Runs it to its end, for so long at most. `look` is called while it runs.
pub(super) fn ask<T: DeserializeOwned>(
    command: &mut Command,
    most: Duration,
    mut look: impl FnMut(),
) -> Result<T> {
    let mut running = Running::start(command.stdout(Stdio::piped()))?;
    let ended = wait_until(most, || {
        look();
        !matches!(running.child().try_wait(), Ok(None))
    });
    if ended.is_none() {
        let seconds = most.as_secs();
        let what = anyhow!("`{}` has not ended after {seconds} seconds", show(command));
        return Err(CommandError::user(what));
    }
    let mut said = String::new();
    if let Some(mut stdout) = running.child().stdout.take() {
        stdout.read_to_string(&mut said).context("what was measured cannot be read")?;
    }
    // Why, it has said itself.
    serde_json::from_str(&said)
        .map_err(|_| CommandError::user(anyhow!("`{}` has measured nothing", show(command))))
}
