//! Other implementations that tests compare ours with, in a Python venv below the target folder.
//! Herald itself never needs them.

use crate::cargo::{command, run as run_program, works};
use crate::ui::{CommandError, Result, Ui};
use crate::workspace;
use anyhow::anyhow;
use std::path::PathBuf;

/// Tells the tests where the peers are; without it they say that they compare nothing.
pub(crate) const VARIABLE: &str = "HERALD_PEERS";

/// Installs what `xtask/peers.txt` lists, unless that is done; gives the venv. Where it cannot be
/// had, CI fails and a person is told.
pub(crate) fn install(offline: bool, ui: &Ui) -> Result<Option<PathBuf>> {
    let wanted = workspace::read(&workspace::root().join("xtask/peers.txt"))?;
    let venv = workspace::target_dir()?.join("peers");
    // Written last, so an install that was cut short is done again.
    let marker = venv.join("installed.txt");
    if std::fs::read_to_string(&marker).is_ok_and(|have| have == wanted) {
        return Ok(Some(venv));
    }
    if !works(command("python3").args(["-m", "venv", "--help"])) {
        return missing(
            "python3 with its venv module",
            "apt-get install python3-venv, or: brew install python3",
            ui,
        );
    }
    if offline {
        return missing(
            "the peers of xtask/peers.txt",
            "cargo xtask test, once without --offline",
            ui,
        );
    }
    ui.step("peers");
    run_program(
        command("python3").args(["-m", "venv", "--clear"]).arg(&venv),
        "a venv is needed for the peers",
    )?;
    let mut pip = command(venv.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "-r", "xtask/peers.txt"]);
    if let Err(error) = run_program(&mut pip, "pip could not get the peers") {
        ui.report(&error);
        return missing("the peers of xtask/peers.txt", "cargo xtask test, with a network", ui);
    }
    infra_gen::assembly::write_if_changed(&marker, wanted.as_bytes())
        .map_err(CommandError::user)?;
    Ok(Some(venv))
}

fn missing(what: &str, remedy: &str, ui: &Ui) -> Result<Option<PathBuf>> {
    if std::env::var("CI").is_ok_and(|ci| ci == "true") {
        return Err(
            CommandError::user(anyhow!("{what}: missing, and CI runs all tests")).hint(remedy)
        );
    }
    ui.say(format_args!("NOT COMPARED with peers: {what} missing; get it with: {remedy}"));
    Ok(None)
}
