//! One notification to 10,000 connections: through the SDK, through `aws-wire`, and through an HTTP
//! client alone as the limit; to an endpoint that does nothing, and to the local cloud.

use super::aims::Aim;
use super::ask::ask;
use super::grid::Grid;
use super::process::{Running, open_files_max};
use super::servers::{Server, UNLIMITED, announced, measurer, start_emulator};
use super::{Setting, host};
use crate::bundle;
use crate::ui::{CommandError, Result, Ui};
use crate::workspace;
use anyhow::{Context as _, anyhow};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{ChildStdout, Command, Stdio};
use std::time::Duration;

const CONNECTIONS: usize = 10_000;
/// Open files besides connections.
const OTHER_FILES: usize = 500;
/// As many as a sender begins with.
const AT_ONCE: usize = 64;
/// As long as a notification with a few lines.
const BYTES: usize = 256;
/// The least disturbed of so many counts.
const ROUNDS: usize = 5;
const POSTS_PER_CORE_MIN: f64 = 10_000.0;
const MEASURE_MAX: Duration = Duration::from_secs(120);

/// All figures.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FanOut {
    connections: usize,
    posters: Vec<Figures>,
    aims: Vec<Aim>,
}

/// One way of posting.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Figures {
    name: &'static str,
    /// To an endpoint that does nothing.
    bare: Posts,
    /// To the local cloud, where it was tried: the bare client does not sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    local_cloud: Option<Posts>,
}

#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Posts {
    /// The most of all rounds.
    per_second: f64,
    /// The least of all rounds, in microseconds.
    cpu_us: f64,
    /// Processor time of the endpoint; of the local cloud only.
    #[serde(skip_serializing_if = "Option::is_none")]
    endpoint_cpu_us: Option<f64>,
}

/// What one round came to.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Round {
    posts: usize,
    failed: usize,
    seconds: f64,
    cpu_seconds: f64,
}

/// The ways, by what the example `post` calls them.
const ADAPTERS: [(&str, &str); 2] = [("aws-wire", "direct"), ("SDK", "sdk")];

pub(super) fn run(bench: &Setting, ui: &Ui) -> Result<FanOut> {
    ui.step("the adapters");
    let post = bundle::build_example("post", host())?;
    let connections = connections(ui);
    let ids = bench.work_dir.join("connections.txt");
    write_ids(&ids, connections)?;
    // An endpoint that takes every post, as long as it is held.
    let (endpoint, url) = announced(Command::new(measurer(bench)).arg("answer"))?;
    let mut client = Command::new(measurer(bench));
    client.args(["post", "--url", &url, "--ids"]).arg(&ids);
    client.args(["--posts", &connections.to_string(), "--at-once", &AT_ONCE.to_string()]);
    client.args(["--bytes", &BYTES.to_string()]);
    ui.step("an HTTP client alone");
    let mut posters =
        vec![Figures { name: "bare", bare: rounds(&mut client, || None)?, local_cloud: None }];
    for (name, adapter) in ADAPTERS {
        ui.step(name);
        let mut post = adapter_command(&post, adapter, &url, &ids, connections);
        posters.push(Figures { name, bare: rounds(&mut post, || None)?, local_cloud: None });
    }
    drop(endpoint);
    ui.step("the local cloud");
    let cloud = start_emulator(bench, "sockets", |emulator| {
        emulator.arg("--template").arg(workspace::root().join("handlers/bench/sockets.yaml"));
        emulator.args(["--limits", UNLIMITED]);
    })?;
    let mut sockets = Sockets::open(bench, &cloud, &ids, connections)?;
    let callback_url = cloud.url.replacen("ws://", "http://", 1);
    for (name, adapter) in ADAPTERS {
        let mut post = adapter_command(&post, adapter, &callback_url, &ids, connections);
        let posts = rounds(&mut post, || Some(cloud.usage().cpu_seconds))?;
        sockets.expect(&cloud, ROUNDS * (connections + 4 * AT_ONCE))?;
        if let Some(poster) = posters.iter_mut().find(|poster| poster.name == name) {
            poster.local_cloud = Some(posts);
        }
    }
    let aims = judge(&posters);
    Ok(FanOut { connections, posters, aims })
}

/// As many as open files allow.
fn connections(ui: &Ui) -> usize {
    let files = usize::try_from(open_files_max()).unwrap_or(usize::MAX);
    let most = files.saturating_sub(OTHER_FILES).min(CONNECTIONS);
    if most < CONNECTIONS {
        ui.say(format_args!(
            "{most} CONNECTIONS instead of {CONNECTIONS}: a process may open {files} files here; raise it with: ulimit -n {}",
            CONNECTIONS + OTHER_FILES
        ));
    }
    most
}

/// Names as long as those of the gateway, for an endpoint that looks at none.
fn write_ids(path: &Path, count: usize) -> Result<()> {
    let mut text = String::new();
    for number in 0..count {
        // Writing to a `String` cannot fail.
        _ = writeln!(text, "Hh1b{number:08}AMQ=");
    }
    std::fs::write(path, text)
        .with_context(|| format!("failed to write {}", workspace::show(path)))?;
    Ok(())
}

fn adapter_command(post: &Path, adapter: &str, url: &str, ids: &Path, posts: usize) -> Command {
    let mut command = Command::new(post);
    command.args([adapter, url]).arg(ids);
    command.args([posts.to_string(), AT_ONCE.to_string(), BYTES.to_string()]);
    command
}

fn rounds(command: &mut Command, mut endpoint_cpu: impl FnMut() -> Option<f64>) -> Result<Posts> {
    let mut best = Posts { per_second: 0.0, cpu_us: f64::INFINITY, endpoint_cpu_us: None };
    for _ in 0..ROUNDS {
        let before = endpoint_cpu();
        let round: Round = ask(command, MEASURE_MAX, || {})?;
        if round.failed > 0 {
            let Round { posts, failed, .. } = round;
            return Err(CommandError::user(anyhow!("{failed} of {posts} posts failed")));
        }
        let each = |seconds: f64| seconds * 1e6 / round.posts as f64;
        best.per_second = best.per_second.max(round.posts as f64 / round.seconds);
        best.cpu_us = best.cpu_us.min(each(round.cpu_seconds));
        if let Some((before, after)) = before.zip(endpoint_cpu()) {
            let least = best.endpoint_cpu_us.unwrap_or(f64::INFINITY);
            best.endpoint_cpu_us = Some(least.min(each(after - before)));
        }
    }
    Ok(best)
}

fn judge(posters: &[Figures]) -> Vec<Aim> {
    let of = |name: &str| posters.iter().find(|poster| poster.name == name);
    let wire = of("aws-wire").map(|poster| 1e6 / poster.bare.cpu_us);
    vec![Aim {
        what: "posts a second and core through `aws-wire`".to_owned(),
        aim: "at least 10,000".to_owned(),
        have: wire.map_or_else(|| "not measured".to_owned(), |posts| format!("{posts:.0}")),
        met: wire.map(|posts| posts >= POSTS_PER_CORE_MIN),
    }]
}

impl FanOut {
    pub(super) fn render(&self) -> String {
        let row = |name, of: fn(&Figures) -> Option<f64>| {
            (name, self.posters.iter().map(of).collect::<Vec<_>>())
        };
        let grid = Grid {
            columns: self.posters.iter().map(|poster| poster.name).collect(),
            rows: vec![
                row("processor time of a post, µs", |p| Some(p.bare.cpu_us)),
                row("  so many a second and core", |p| Some(1e6 / p.bare.cpu_us)),
                row("posts a second, with the endpoint beside", |p| Some(p.bare.per_second)),
                row("to the local cloud: processor time, µs", |p| Some(p.local_cloud?.cpu_us)),
                row("  of the local cloud, µs", |p| p.local_cloud?.endpoint_cpu_us),
                row("  posts a second", |p| Some(p.local_cloud?.per_second)),
            ],
            ratios: vec![(1, 0), (2, 1)],
        };
        let connections = self.connections;
        let aims = super::aims::render(&self.aims);
        format!("{connections} connections\n{}\n{aims}", grid.render())
    }
}

/// Connections that count what they get.
struct Sockets {
    running: Running,
    reports: BufReader<ChildStdout>,
    messages: usize,
}

#[derive(Deserialize)]
struct Report {
    connections: usize,
    messages: usize,
}

impl Sockets {
    fn open(bench: &Setting, cloud: &Server, ids: &Path, connections: usize) -> Result<Self> {
        let mut command = Command::new(measurer(bench));
        command.args(["receive", &cloud.url, "--connections", &connections.to_string(), "--ids"]);
        let mut running = Running::start(command.arg(ids).stdout(Stdio::piped()))?;
        let Some(stdout) = running.child().stdout.take() else {
            return Err(CommandError::internal(anyhow!("a pipe that was asked for is not there")));
        };
        let mut sockets = Self { running, reports: BufReader::new(stdout), messages: 0 };
        sockets.report(cloud)?;
        Ok(sockets)
    }

    /// Waits for so many more messages, on all connections together.
    fn expect(&mut self, cloud: &Server, more: usize) -> Result<()> {
        self.messages += more;
        if let Some(stdin) = &mut self.running.child().stdin {
            writeln!(stdin, "{}", self.messages).context("the connections have ended")?;
        }
        let Report { connections, messages } = self.report(cloud)?;
        if messages == self.messages {
            return Ok(());
        }
        let wanted = self.messages;
        Err(cloud.trouble(anyhow!("{messages} of {wanted} messages came to {connections} clients")))
    }

    fn report(&mut self, cloud: &Server) -> Result<Report> {
        let mut line = String::new();
        self.reports.read_line(&mut line).context("the connections cannot be read")?;
        serde_json::from_str(&line)
            .map_err(|_| cloud.trouble(anyhow!("the connections cannot be opened")))
    }
}

#[cfg(test)]
mod tests {
    use super::{Figures, Posts, judge};

    #[test]
    fn a_core_must_be_worth_ten_thousand_posts_a_second() {
        let figures = |name, cpu_us| {
            let bare = Posts { per_second: 1.0, cpu_us, endpoint_cpu_us: None };
            Figures { name, bare, local_cloud: None }
        };
        let met = |cpu_us| judge(&[figures("SDK", 900.0), figures("aws-wire", cpu_us)])[0].met;
        assert_eq!((met(100.0), met(100.1)), (Some(true), Some(false)));
        assert_eq!(judge(&[])[0].met, None);
    }
}
