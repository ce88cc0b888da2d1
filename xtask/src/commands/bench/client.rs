//! Load and idle clients, by `gateway-bench`: a process of its own beside the server's.

use super::process::{Running, Usage, wait_until};
use super::servers::Server;
use crate::ui::{CommandError, Result};
use anyhow::{Context as _, anyhow};
use serde::{Deserialize, Serialize};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};
use std::time::Duration;

/// Warming up and slow starts come on top of the time that is measured.
const LOAD_MORE: Duration = Duration::from_secs(60);

/// What a load came to.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Load {
    pub(super) connections: usize,
    pub(super) msg_per_second: f64,
    pub(super) p50_ms: f64,
    pub(super) p90_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) max_ms: f64,
    pub(super) all_messages: usize,
    pub(super) errors: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    /// Processor time of the server for one message, and of the functions.
    #[serde(default)]
    pub(super) server_us_per_message: f64,
    #[serde(default)]
    pub(super) functions_us_per_message: f64,
    /// The most processes of functions that were seen at once.
    #[serde(default)]
    pub(super) function_processes_max: usize,
}

/// How to load.
#[derive(Clone, Copy)]
pub(super) struct Plan {
    pub(super) connections: usize,
    pub(super) seconds: u64,
    pub(super) warm_up: u64,
}

/// Who sends it.
#[derive(Clone, Copy)]
pub(super) enum Generator<'a> {
    /// `gateway-bench`, which takes little of a processor itself.
    Ours(&'a Path),
    /// `load.mjs` in this folder: one Node.js client, as tests in JavaScript have it.
    Node(&'a Path),
}

impl Generator<'_> {
    fn command(self) -> Command {
        match self {
            Self::Ours(program) => {
                let mut ours = Command::new(program);
                ours.arg("load");
                ours
            }
            Self::Node(dir) => {
                let mut node = Command::new("node");
                node.current_dir(dir).arg("load.mjs");
                node
            }
        }
    }
}

/// Sends messages in a closed loop and waits for the end of it.
pub(super) fn load(generator: Generator<'_>, server: &Server, plan: Plan) -> Result<Load> {
    let before = (server.usage(), server.functions());
    let mut command = generator.command();
    command.args([&server.url, "--connections", &plan.connections.to_string()]);
    command.args(["--seconds", &plan.seconds.to_string(), "--warm-up", &plan.warm_up.to_string()]);
    // A server may take its time to start.
    command.args(["--patience", "30"]);
    let mut running = Running::start(command.stdout(Stdio::piped()))?;
    let mut functions_max = 0;
    let most = Duration::from_secs(plan.seconds + plan.warm_up) + LOAD_MORE;
    let ended = wait_until(most, || {
        functions_max = functions_max.max(server.functions().processes);
        !matches!(running.child().try_wait(), Ok(None))
    });
    if ended.is_none() {
        return Err(
            server.trouble(anyhow!("{} connections took too long to answer", plan.connections))
        );
    }
    let mut said = String::new();
    if let Some(mut stdout) = running.child().stdout.take() {
        stdout.read_to_string(&mut said).context("the load generator cannot be read")?;
    }
    let mut load: Load = serde_json::from_str(&said)
        .map_err(|_| server.trouble(anyhow!("the load generator has measured nothing")))?;
    let each = |before: Usage, after: Usage| {
        (after - before).cpu_seconds * 1e6 / load.all_messages.max(1) as f64
    };
    (load.server_us_per_message, load.functions_us_per_message) =
        (each(before.0, server.usage()), each(before.1, server.functions()));
    load.function_processes_max = functions_max;
    if load.all_messages == 0 {
        let why = load.error.unwrap_or_else(|| "nobody says why".to_owned());
        return Err(server.trouble(anyhow!(why).context("no message came back")));
    }
    Ok(load)
}

/// Connections that do nothing.
pub(super) struct Idle {
    running: Running,
    reports: BufReader<ChildStdout>,
}

/// How many there are now.
#[derive(Debug, Deserialize)]
pub(super) struct Opened {
    pub(super) open: usize,
    pub(super) seconds: f64,
    error: Option<String>,
}

impl Idle {
    pub(super) fn start(generator: &Path, server: &Server) -> Result<Self> {
        let mut command = Command::new(generator);
        command.args(["idle", &server.url]);
        let mut running = Running::start(command.stdout(Stdio::piped()))?;
        let Some(stdout) = running.child().stdout.take() else {
            return Err(CommandError::internal(anyhow!("a pipe that was asked for is not there")));
        };
        Ok(Self { running, reports: BufReader::new(stdout) })
    }

    /// Opens more, up to this number.
    pub(super) fn grow(&mut self, server: &Server, connections: usize) -> Result<Opened> {
        let broken = || format!("{connections} connections cannot be opened");
        if let Some(stdin) = &mut self.running.child().stdin {
            writeln!(stdin, "{connections}").with_context(broken)?;
        }
        let mut line = String::new();
        self.reports.read_line(&mut line).with_context(broken)?;
        let opened: Opened = serde_json::from_str(&line).with_context(broken)?;
        if opened.open < connections {
            let why = opened.error.unwrap_or_else(|| "some were ended by the server".to_owned());
            let what = format!("of {connections} connections, {} are open", opened.open);
            return Err(server.trouble(anyhow!(why).context(what)));
        }
        Ok(opened)
    }

    /// All clients at once, as when a network fails.
    pub(super) fn vanish(self) {
        self.running.kill();
    }
}
