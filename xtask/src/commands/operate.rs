//! `publish`, `jobs`, `connections`, `ticket`: builds the operator and becomes it.

use crate::cargo::{become_program, cargo, run as run_program};
use crate::operator;
use crate::ui::{CommandError, Result};
use crate::workspace;
use anyhow::anyhow;
use std::process::Command;

/// The operator gets the words of this very command line; what it cannot know is what the settings
/// say of the stage.
pub(crate) fn run(command: &operator::Command) -> Result {
    let settings = workspace::settings()?;
    let stage =
        settings.stage(&command.place().stage).map_err(|e| CommandError::user(anyhow!(e)))?;
    let Some(stack) = stacks::synthesize(stage).manifest.stacks.into_iter().next() else {
        return Err(CommandError::internal(anyhow!("stage `{}` has no stack", stage.name)));
    };
    run_program(
        cargo().args(["build", "--quiet", "--package", "operator"]),
        "the operator does not build; cargo says why, above",
    )?;
    let mut operator = Command::new(workspace::bin_dir()?.join("operator"));
    operator
        .args(["--stack-name", &stack.name, "--region", &stack.region])
        .args(std::env::args_os().skip(1));
    become_program(operator)
}
