//! `bench`: how fast and how large things are, measured from outside and beside others.
//!
//! Whatever has to open a socket is a command of `gateway-bench` or `herald-bench`; here is who is
//! started when, what the system says about it, and how it reads. One file per benchmark.

mod aims;
mod ask;
mod client;
mod delivery;
mod deploy;
mod fanout;
mod gateway;
mod grid;
mod handlers;
mod process;
mod serverless_offline;
mod servers;
mod table;

use crate::cargo::{cargo, run as run_program};
use crate::cli::{Bench, BenchName};
use crate::ui::{CommandError, Exit, Result, Ui};
use crate::workspace;
use anyhow::{Context as _, anyhow};
use serde::Serialize;
use stacks::Architecture;
use std::path::PathBuf;

const ALL: [BenchName; 5] = [
    BenchName::Gateway,
    BenchName::Handlers,
    BenchName::Fanout,
    BenchName::Delivery,
    BenchName::Deploy,
];

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
        let (key, text, value) = match name {
            BenchName::Gateway => {
                let gateway = gateway::run(&bench, ui)?;
                ("gateway", table::render(&gateway), json(&gateway)?)
            }
            BenchName::Handlers => {
                let handlers = handlers::run(&bench, ui)?;
                ("handlers", handlers.render(), json(&handlers)?)
            }
            BenchName::Fanout => {
                let fanout = fanout::run(&bench, ui)?;
                ("fanout", fanout.render(), json(&fanout)?)
            }
            BenchName::Delivery => {
                let delivery = delivery::run(&bench, ui)?;
                ("delivery", delivery.render(), json(&delivery)?)
            }
            BenchName::Deploy => {
                let deploy = deploy::run(&bench, ui)?;
                ("deploy", deploy::render(&deploy), json(&deploy)?)
            }
        };
        ui.print(&text);
        figures.insert(key.to_owned(), value);
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

fn json(figures: &impl Serialize) -> anyhow::Result<serde_json::Value> {
    serde_json::to_value(figures).context("the figures are no JSON")
}

/// What is measured is what is released.
fn build(names: &[BenchName], ui: &Ui) -> Result<PathBuf> {
    let mut packages: Vec<&str> = names.iter().flat_map(|name| packages(*name)).copied().collect();
    packages.sort_unstable();
    packages.dedup();
    ui.step("release build");
    let mut build = cargo();
    build.args(["build", "--release", "--quiet", "--bins"]);
    for package in packages {
        build.args(["--package", package]);
    }
    run_program(&mut build, "the code does not build; cargo says why, above")?;
    Ok(workspace::target_dir()?.join("release"))
}

/// Where the programs come from that a benchmark needs.
fn packages(name: BenchName) -> &'static [&'static str] {
    match name {
        BenchName::Gateway => &["emulator", "gateway-bench"],
        BenchName::Deploy => &["deployer", "gateway-bench"],
        BenchName::Handlers => &["herald-bench"],
        BenchName::Fanout => &["emulator", "gateway-bench", "herald-bench"],
        BenchName::Delivery => &["emulator", "gateway-bench", "herald-bench", "herald-lambda"],
    }
}

/// What is built for Lambda has to run here.
fn host() -> Architecture {
    if cfg!(target_arch = "aarch64") { Architecture::Arm64 } else { Architecture::X86 }
}

fn work_dir() -> Result<PathBuf> {
    let dir = workspace::target_dir()?.join("bench");
    std::fs::create_dir_all(&dir)
        .with_context(|| format!("failed to create {}", workspace::show(&dir)))?;
    Ok(dir)
}
