//! `bench`: how fast and how large things are, measured from outside and beside others.
//!
//! Whatever has to open a socket is a command of `gateway-bench`; here is who is started when, what
//! the system says about it, and how it reads. One function per benchmark.

mod aims;
mod client;
mod deploy;
mod gateway;
mod process;
mod serverless_offline;
mod servers;
mod table;

use crate::cargo::{cargo, run as run_program};
use crate::cli::{Bench, BenchName};
use crate::ui::{CommandError, Exit, Result, Ui};
use crate::workspace;
use anyhow::{Context as _, anyhow};
use std::path::PathBuf;

const ALL: [BenchName; 2] = [BenchName::Gateway, BenchName::Deploy];

pub(crate) fn run(args: &Bench, ui: &Ui) -> Result {
    if !std::path::Path::new("/proc/self/stat").exists() {
        return Err(CommandError::user(anyhow!(
            "memory and time are read from /proc, which is missing here"
        ))
        .hint("run it on Linux, for example in a container"));
    }
    let names = args.name.map_or(ALL.to_vec(), |name| vec![name]);
    let bench = Setting {
        bin_dir: build(&names, ui)?,
        work_dir: work_dir()?,
        seconds: args.seconds,
        peers: !args.no_peers,
    };
    let mut figures = serde_json::Map::new();
    for name in names {
        match name {
            BenchName::Gateway => {
                let gateway = gateway::run(&bench, ui)?;
                ui.print(&table::render(&gateway));
                let value = serde_json::to_value(&gateway).context("the figures are no JSON")?;
                figures.insert("gateway".to_owned(), value);
            }
            BenchName::Deploy => {
                let deploy = deploy::run(&bench, ui)?;
                ui.print(&deploy::render(&deploy));
                let value = serde_json::to_value(&deploy).context("the figures are no JSON")?;
                figures.insert("deploy".to_owned(), value);
            }
        }
    }
    if let Some(path) = &args.json {
        let mut text = serde_json::to_string_pretty(&figures).context("the figures are no JSON")?;
        text.push('\n');
        infra_gen::assembly::write_if_changed(path, text.as_bytes())
            .with_context(|| format!("failed to write {}", path.display()))?;
    }
    Ok(Exit::Done)
}

/// What every benchmark needs.
struct Setting {
    /// The release binaries.
    bin_dir: PathBuf,
    /// Logs and ready files.
    work_dir: PathBuf,
    seconds: u64,
    peers: bool,
}

/// What is measured is what is released.
fn build(names: &[BenchName], ui: &Ui) -> Result<PathBuf> {
    ui.step("release build");
    let mut build = cargo();
    build.args(["build", "--release", "--quiet", "--package", "gateway-bench"]);
    for name in names {
        build.args([
            "--package",
            match name {
                BenchName::Gateway => "emulator",
                BenchName::Deploy => "deployer",
            },
        ]);
    }
    run_program(&mut build, "the code does not build; cargo says why, above")?;
    Ok(workspace::target_dir()?.join("release"))
}

fn work_dir() -> Result<PathBuf> {
    let dir = workspace::target_dir()?.join("bench");
    std::fs::create_dir_all(&dir)
        .with_context(|| format!("failed to create {}", workspace::show(&dir)))?;
    Ok(dir)
}
