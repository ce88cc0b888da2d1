//! The servers that are measured: ours, and a bare one.

use super::Setting;
use super::process::{Running, Usage, children, usage, wait_until};
use crate::ui::{CommandError, Result};
use crate::workspace;
use anyhow::{Context as _, anyhow};
use serde::Deserialize;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A server that is not ready by then has failed.
pub(super) const READY_MAX: Duration = Duration::from_secs(30);
/// Environments of one function; said on the command line, so that it is known here.
pub(super) const POOL: usize = 10;

/// AWS's limits for an account are below what is measured here.
pub(super) const UNLIMITED: &str = "account-rate=1000000,account-burst=1000000,connects=1000000";

/// A server that answers every message with the message.
pub(super) struct Server {
    pub(super) name: &'static str,
    pub(super) url: String,
    /// What it writes.
    log: Option<PathBuf>,
    _running: Running,
    /// The server itself; its functions are its children.
    pid: u32,
}

/// What both kinds of ready messages have.
#[derive(Deserialize)]
struct Ready {
    url: String,
}

impl Server {
    /// What the server itself takes.
    pub(super) fn usage(&self) -> Usage {
        usage(self.pid)
    }

    /// What the functions take, where they are processes.
    pub(super) fn functions(&self) -> Usage {
        children(self.pid).into_iter().map(usage).fold(Usage::default(), |all, one| all + one)
    }

    /// Where it writes, as people read it.
    pub(super) fn log(&self) -> String {
        self.log.as_deref().map_or_else(String::new, workspace::show)
    }

    /// An error that tells where to look.
    pub(super) fn trouble(&self, error: anyhow::Error) -> CommandError {
        let error = CommandError::user(error.context(format!("{} cannot be measured", self.name)));
        match &self.log {
            Some(log) => error.hint(format!("what it wrote is in {}", workspace::show(log))),
            None => error,
        }
    }

    /// A program that does not know that it is measured.
    pub(super) fn guarded(
        bench: &Setting,
        name: &'static str,
        program: &Command,
        url: impl FnOnce() -> Result<String>,
    ) -> Result<Self> {
        let log = bench.work_dir.join(format!("{name}.log"));
        let failed = || format!("failed to write {}", workspace::show(&log));
        let out = File::create(&log).with_context(failed)?;
        let mut command = Running::guarded(&generator(bench), program);
        command.stdout(out.try_clone().with_context(failed)?).stderr(out);
        let running = Running::start(&mut command)?;
        let guard = running.pid();
        let mut server =
            Self { name, url: String::new(), log: Some(log), _running: running, pid: 0 };
        wait_until(READY_MAX, || {
            server.pid = children(guard).first().copied().unwrap_or(0);
            server.pid != 0
        });
        server.url = url().map_err(|_| server.trouble(anyhow!("it does not start")))?;
        Ok(server)
    }
}

/// The program that makes load.
pub(super) fn generator(bench: &Setting) -> PathBuf {
    bench.bin_dir.join("gateway-bench")
}

/// The program that measures functions.
pub(super) fn measurer(bench: &Setting) -> PathBuf {
    bench.bin_dir.join("herald-bench")
}

/// The local cloud with a function that echoes.
pub(super) fn ours(bench: &Setting) -> Result<Server> {
    start_emulator(bench, "ours", |emulator| {
        emulator
            .arg("--template")
            .arg(workspace::root().join("emulator/bench/echo.yaml"))
            .arg("--function")
            .arg(format!("Echo={}", bench.bin_dir.join("bench-echo").display()))
            .arg("--limits")
            .arg(format!("environments={POOL},{UNLIMITED}"));
    })
}

/// The local cloud, with what `configure` gives it to run.
pub(super) fn start_emulator(
    bench: &Setting,
    name: &'static str,
    configure: impl FnOnce(&mut Command),
) -> Result<Server> {
    let ready_file = bench.work_dir.join(format!("{name}.ready.json"));
    _ = std::fs::remove_file(&ready_file);
    let mut emulator = Command::new(bench.bin_dir.join("emulator"));
    emulator.args(["--port", "0", "--no-watch", "--color", "never"]);
    emulator.arg("--ready-file").arg(&ready_file);
    configure(&mut emulator);
    Server::guarded(bench, name, &emulator, || {
        wait_until(READY_MAX, || ready_file.exists());
        Ok(url_of(&workspace::read(&ready_file)?)?)
    })
}

/// tokio-tungstenite and nothing else.
pub(super) fn bare(bench: &Setting) -> Result<Server> {
    let (running, url) = announced(Command::new(generator(bench)).arg("bare"))?;
    let pid = running.pid();
    Ok(Server { name: "bare", url, log: None, _running: running, pid })
}

/// A server that prints its URL as soon as it listens.
pub(super) fn announced(command: &mut Command) -> Result<(Running, String)> {
    let mut running = Running::start(command.stdout(Stdio::piped()))?;
    let mut line = String::new();
    if let Some(stdout) = running.child().stdout.take() {
        BufReader::new(stdout).read_line(&mut line).context("the server cannot be read")?;
    }
    let url = url_of(&line)?;
    Ok((running, url))
}

fn url_of(ready: &str) -> anyhow::Result<String> {
    let ready: Ready =
        serde_json::from_str(ready).context("the server does not say where it is")?;
    Ok(ready.url)
}

/// Ports that are free, for a server that cannot choose them.
pub(super) fn free_ports(generator: &Path, count: usize) -> Result<Vec<u16>> {
    let output = Command::new(generator).args(["ports", &count.to_string()]).output();
    let output = output.context("free ports cannot be found")?;
    Ok(serde_json::from_slice(&output.stdout).context("free ports cannot be found")?)
}
