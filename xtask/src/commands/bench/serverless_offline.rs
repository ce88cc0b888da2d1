//! The peer that people use today: serverless-offline, in its default mode, a worker per call.

use super::Setting;
use super::servers::{Server, free_ports, generator};
use crate::cargo::{command, run as run_program, works};
use crate::ui::{Result, Ui};
use crate::workspace;
use anyhow::Context as _;
use std::path::{Path, PathBuf};

pub(super) const NAME: &str = "serverless-offline";

/// Copied into the folder below `target/` where npm installs.
const FILES: [&str; 4] = ["package.json", "serverless.yml", "handler.js", "load.mjs"];

/// Installs it, unless that is done. Where it cannot be had, a person is told.
pub(super) fn install(ui: &Ui) -> Result<Option<PathBuf>> {
    if !(works(command("node").arg("--version")) && works(command("npm").arg("--version"))) {
        return Ok(missing("node and npm are missing; get them from https://nodejs.org", ui));
    }
    let source = workspace::root().join("emulator/bench").join(NAME);
    let dir = workspace::target_dir()?.join("bench").join(NAME);
    std::fs::create_dir_all(&dir)
        .with_context(|| format!("failed to create {}", workspace::show(&dir)))?;
    for file in FILES {
        let text = workspace::read(&source.join(file))?;
        infra_gen::assembly::write_if_changed(&dir.join(file), text.as_bytes())
            .with_context(|| format!("failed to write {file} to {}", workspace::show(&dir)))?;
    }
    // Written last, so an install that was cut short is done again.
    let (marker, wanted) =
        (dir.join("installed.json"), workspace::read(&source.join("package.json"))?);
    if std::fs::read_to_string(&marker).is_ok_and(|have| have == wanted) {
        return Ok(Some(dir));
    }
    ui.step(NAME);
    let mut npm = command("npm");
    npm.args([
        "install",
        "--legacy-peer-deps",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]);
    if let Err(error) = run_program(npm.current_dir(&dir), "npm could not get it") {
        ui.report(&error);
        return Ok(missing("it cannot be installed; try again with a network", ui));
    }
    std::fs::write(&marker, wanted)
        .with_context(|| format!("failed to write {}", workspace::show(&marker)))?;
    Ok(Some(dir))
}

fn missing(why: &str, ui: &Ui) -> Option<PathBuf> {
    ui.say(format_args!("NOT COMPARED with {NAME}: {why}"));
    None
}

/// Its ports are given, and `load` waits until it listens.
pub(super) fn start(bench: &Setting, dir: &Path) -> Result<Server> {
    let ports = free_ports(&generator(bench), 3)?;
    let [websocket, http, lambda] = ports[..] else {
        return Err(anyhow::anyhow!("three free ports are needed").into());
    };
    let mut serverless = command("node");
    serverless
        .current_dir(dir)
        .args(["node_modules/osls/bin/serverless.js", "offline", "start"])
        .args(["--websocketPort", &websocket.to_string()])
        .args(["--httpPort", &http.to_string()])
        .args(["--lambdaPort", &lambda.to_string()]);
    Server::guarded(bench, NAME, &serverless, || Ok(format!("ws://127.0.0.1:{websocket}/")))
}
