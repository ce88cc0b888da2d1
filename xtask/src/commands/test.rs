//! `test`: every test there is, after setting up what they need.

use super::peers;
use crate::cargo::{cargo, run as run_program, works};
use crate::cli::Test;
use crate::ui::{Exit, Result, Ui};

/// Worlds that the simulation of the local cloud plays in CI.
const SEEDS: (&str, &str) = ("HERALD_SEEDS", "10000");

pub(crate) fn run(args: &Test, ui: &Ui) -> Result {
    all(args, None, ui)
}

/// Everything, and more of what takes as long as one lets it.
pub(crate) fn run_for_ci(ui: &Ui) -> Result {
    all(&Test { no_peers: false, offline: false, args: Vec::new() }, Some(SEEDS), ui)
}

fn all(args: &Test, variable: Option<(&str, &str)>, ui: &Ui) -> Result {
    let nextest = works(cargo().args(["nextest", "--version"]));
    let peers = if args.no_peers { Default::default() } else { peers::install(args.offline, ui)? };
    let mut tests = cargo();
    if nextest {
        tests.args(["nextest", "run", "--workspace", "--no-tests", "pass"]);
    } else {
        tests.args(["test", "--workspace", "--all-targets"]);
    }
    peers.tell(&mut tests);
    tests.envs(variable);
    if args.offline {
        tests.arg("--offline");
    }
    if !nextest && !args.args.is_empty() {
        tests.arg("--");
    }
    ui.step("tests");
    run_program(tests.args(&args.args), "a test failed")?;
    // A filter means tests by name; examples in the docs have none.
    if args.args.is_empty() {
        ui.step("examples in the docs");
        run_program(
            cargo().args(["test", "--workspace", "--doc", "--quiet"]),
            "an example failed",
        )?;
    }
    Ok(Exit::Done)
}
