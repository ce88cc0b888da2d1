//! Other people's programs that tests need: implementations to compare ours with, in a Python venv,
//! and the AWS SDK for JavaScript, which Lambda's Node.js runtimes bring along. Both are below the
//! target folder. Herald itself never needs them.

use crate::cargo::{command, run as run_program, works};
use crate::ui::{CommandError, Result, Ui};
use crate::workspace;
use anyhow::{Context as _, anyhow};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// One set of them, and how it is set up.
struct Peers {
    /// What the folder is called below the target folder.
    name: &'static str,
    /// Tells the tests where it is; without it they say that they test less.
    variable: &'static str,
    /// What is to be installed: these files, relative to the root. A change of one installs anew.
    wanted: &'static [&'static str],
    tool: &'static str,
    /// How to get the tool.
    remedy: &'static str,
    is_there: fn() -> bool,
    /// Sets up the folder.
    install: fn(&Path) -> Result<()>,
}

const PEERS: [Peers; 2] = [
    Peers {
        name: "peers",
        variable: "HERALD_PEERS",
        wanted: &["xtask/peers.txt"],
        tool: "python3 with its venv module",
        remedy: "apt-get install python3-venv, or: brew install python3",
        is_there: || works(command("python3").args(["-m", "venv", "--help"])),
        install: install_python,
    },
    Peers {
        name: "peers-sdk",
        variable: "HERALD_PEERS_NODE",
        wanted: &["xtask/peers-node/package.json", "xtask/peers-node/package-lock.json"],
        tool: "node with npm",
        remedy: "apt-get install nodejs npm, or: brew install node",
        is_there: || works(command("npm").arg("--version")),
        install: install_node,
    },
];

/// Where they are, for the tests.
#[derive(Default)]
pub(crate) struct Installed(Vec<(&'static str, PathBuf)>);

impl Installed {
    pub(crate) fn tell(self, tests: &mut Command) {
        tests.envs(self.0);
    }
}

/// The Python ones alone.
pub(super) fn python(ui: &Ui) -> Result<Option<PathBuf>> {
    PEERS[0].set_up(false, ui)
}

/// Installs what is not there yet. What cannot be had fails CI, and a person is told.
pub(crate) fn install(offline: bool, ui: &Ui) -> Result<Installed> {
    let mut installed = Installed::default();
    for peers in &PEERS {
        let folder = peers.set_up(offline, ui)?;
        installed.0.extend(folder.map(|folder| (peers.variable, folder)));
    }
    Ok(installed)
}

/// The AWS SDK for JavaScript alone, for a comparison; installed, unless it is there.
pub(crate) fn sdk_for_javascript(ui: &Ui) -> Result<Option<PathBuf>> {
    let [_, sdk] = &PEERS;
    sdk.set_up(false, ui)
}

impl Peers {
    fn set_up(&self, offline: bool, ui: &Ui) -> Result<Option<PathBuf>> {
        let wanted: Result<String> =
            self.wanted.iter().map(|file| workspace::read(&workspace::root().join(file))).collect();
        let wanted = wanted?;
        let folder = workspace::target_dir()?.join(self.name);
        // Written last, so an install that was cut short is done again.
        let marker = folder.join("installed.txt");
        if fs::read_to_string(&marker).is_ok_and(|have| have == wanted) {
            return Ok(Some(folder));
        }
        if !(self.is_there)() {
            return missing(self.tool, self.remedy, ui);
        }
        let what = format!("what {} lists", self.wanted[0]);
        if offline {
            return missing(&what, "cargo xtask test, once without --offline", ui);
        }
        ui.step(self.name);
        if let Err(error) = (self.install)(&folder) {
            ui.report(&error);
            return missing(&what, "cargo xtask test, with a network", ui);
        }
        infra_gen::assembly::write_if_changed(&marker, wanted.as_bytes())
            .map_err(CommandError::user)?;
        Ok(Some(folder))
    }
}

fn install_python(venv: &Path) -> Result<()> {
    run_program(
        command("python3").args(["-m", "venv", "--clear"]).arg(venv),
        "a venv is needed for the peers",
    )?;
    let mut pip = command(venv.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "-r", "xtask/peers.txt"]);
    run_program(&mut pip, "pip could not get the peers")
}

fn install_node(folder: &Path) -> Result<()> {
    let failed = || format!("failed to write {}", workspace::show(folder));
    fs::create_dir_all(folder).with_context(failed)?;
    for file in ["package.json", "package-lock.json"] {
        let from = workspace::root().join("xtask/peers-node").join(file);
        fs::copy(from, folder.join(file)).with_context(failed)?;
    }
    let mut npm = command("npm");
    npm.args(["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(folder);
    run_program(&mut npm, "npm could not get the AWS SDK for JavaScript")
}

fn missing(what: &str, remedy: &str, ui: &Ui) -> Result<Option<PathBuf>> {
    if std::env::var("CI").is_ok_and(|ci| ci == "true") {
        return Err(
            CommandError::user(anyhow!("{what}: missing, and CI runs all tests")).hint(remedy)
        );
    }
    ui.say(format_args!("NOT TESTED against others: {what} missing; get it with: {remedy}"));
    Ok(None)
}
