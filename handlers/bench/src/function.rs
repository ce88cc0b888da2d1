//! One function, started as Lambda starts it and given events: what a start takes, and what an event
//! takes once it is warm.

mod events;

use crate::figures::{MinMedian, microseconds, milliseconds};
use crate::stand_in::{StandIn, Waiting};
use crate::{proc, stdio};
use anyhow::{Context as _, bail, ensure};
use serde::Serialize;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::time::Instant;

/// Events before any is measured.
const WARM_UP: u32 = 200;
/// A figure of a warm function is of so many events.
const BLOCK: u32 = 100;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How often to start it
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    starts: u32,
    /// Events of each route to the last one, once it is warm
    #[arg(long, value_name = "NUMBER", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    events: u32,
    /// Where it writes
    #[arg(long, value_name = "FILE")]
    log: PathBuf,
    /// A variable of its environment, besides those of Lambda; repeatable
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    variables: Vec<(String, String)>,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

fn variable(text: &str) -> Result<(String, String), String> {
    let both = text.split_once('=').ok_or_else(|| format!("`{text}` is not NAME=VALUE"))?;
    Ok((both.0.to_owned(), both.1.to_owned()))
}

/// What is printed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    starts: u32,
    /// From its start until it asks for the first event.
    next_ms: MinMedian,
    next_cpu_ms: MinMedian,
    /// From its start until the first event is answered, a `$connect`.
    connect_ms: MinMedian,
    connect_cpu_ms: MinMedian,
    /// The first post comes with the second event, a `$default`: time on a processor until then.
    default_cpu_ms: MinMedian,
    /// Memory after these two.
    cold_kib: MinMedian,
    /// One event once it is warm: time on a processor.
    warm_connect_us: MinMedian,
    warm_default_us: MinMedian,
    /// Memory after all events, and the most there was.
    warm_kib: u64,
    peak_kib: u64,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    tokio::select! {
        () = stdio::ended() => bail!("told to end before anything was measured"),
        report = measure(&args) => stdio::print(&report?),
    }
}

async fn measure(args: &Args) -> anyhow::Result<Report> {
    let mut starts = Vec::new();
    let (mut process, mut waiting) = start(args, &mut starts).await?;
    for _ in 1..args.starts {
        (process, waiting) = start(args, &mut starts).await?;
    }
    let (connect, waiting) = process.warm(waiting, args.events, events::connect).await?;
    let posts = process.stand_in.posts();
    let (default, _waiting) = process.warm(waiting, args.events, events::message).await?;
    let posted = process.stand_in.posts() - posts;
    ensure!(posted >= u64::from(args.events), "it answers `$default` without a post");
    let (warm_kib, peak_kib) = proc::memory_kib(process.pid)?;
    let of = |figure: fn(&Start) -> f64| MinMedian::of(starts.iter().map(figure).collect());
    Ok(Report {
        starts: args.starts,
        next_ms: of(|start| milliseconds(start.next)),
        next_cpu_ms: of(|start| milliseconds(start.next_cpu)),
        connect_ms: of(|start| milliseconds(start.connect)),
        connect_cpu_ms: of(|start| milliseconds(start.connect_cpu)),
        default_cpu_ms: of(|start| milliseconds(start.default_cpu)),
        cold_kib: of(|start| start.cold_kib as f64),
        warm_connect_us: connect,
        warm_default_us: default,
        warm_kib,
        peak_kib,
    })
}

/// What one start came to.
struct Start {
    next: Duration,
    next_cpu: Duration,
    connect: Duration,
    connect_cpu: Duration,
    default_cpu: Duration,
    cold_kib: u64,
}

/// A running function; it ends with this value.
struct Process {
    stand_in: StandIn,
    pid: u32,
    _child: Child,
}

async fn start(args: &Args, starts: &mut Vec<Start>) -> anyhow::Result<(Process, Waiting)> {
    let stand_in = StandIn::start().await?;
    let mut command = command(args, &stand_in)?;
    let begun = Instant::now();
    let child = command.spawn().context("the function does not start")?;
    let pid = child.id().context("the function has ended at once")?;
    let mut process = Process { stand_in, pid, _child: child };
    let waiting = process.stand_in.waiting().await?;
    let next = begun.elapsed();
    let next_cpu = proc::cpu_at_rest(pid).await?;
    let before = Instant::now();
    process.stand_in.give(waiting, events::connect(process.stand_in.address, 0)).await?;
    let connect = next + before.elapsed();
    let waiting = process.stand_in.waiting().await?;
    let connect_cpu = proc::cpu_at_rest(pid).await?;
    process.stand_in.give(waiting, events::message(process.stand_in.address, 0)).await?;
    let waiting = process.stand_in.waiting().await?;
    let default_cpu = proc::cpu_at_rest(pid).await?;
    let (cold_kib, _) = proc::memory_kib(pid)?;
    starts.push(Start { next, next_cpu, connect, connect_cpu, default_cpu, cold_kib });
    Ok((process, waiting))
}

impl Process {
    /// Time on a processor of one event, over blocks of them.
    async fn warm(
        &mut self,
        mut waiting: Waiting,
        events: u32,
        event: fn(std::net::SocketAddr, u32) -> String,
    ) -> anyhow::Result<(MinMedian, Waiting)> {
        let mut blocks = Vec::new();
        let mut before = Duration::ZERO;
        for number in 0..WARM_UP + events {
            if number >= WARM_UP && (number - WARM_UP).is_multiple_of(BLOCK) {
                let now = proc::cpu_at_rest(self.pid).await?;
                if number > WARM_UP {
                    blocks.push(microseconds(now - before) / f64::from(BLOCK));
                }
                before = now;
            }
            self.stand_in.give(waiting, event(self.stand_in.address, number)).await?;
            waiting = self.stand_in.waiting().await?;
        }
        if events.is_multiple_of(BLOCK) {
            let now = proc::cpu_at_rest(self.pid).await?;
            blocks.push(microseconds(now - before) / f64::from(BLOCK));
        }
        Ok((MinMedian::of(blocks), waiting))
    }
}

/// The function with the environment that Lambda gives it, and no more.
fn command(args: &Args, stand_in: &StandIn) -> anyhow::Result<Command> {
    let mut words = args.command.iter();
    let program = words.next().context("no program")?;
    let log = std::fs::File::options().create(true).append(true).open(&args.log);
    let log = log.with_context(|| format!("{} cannot be written", args.log.display()))?;
    let address = stand_in.address.to_string();
    let mut command = Command::new(program);
    command
        .args(words)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("TZ", ":UTC")
        .env("AWS_LAMBDA_RUNTIME_API", &address)
        .env("AWS_ENDPOINT_URL", format!("http://{address}"))
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "a-secret-key")
        .env("AWS_SESSION_TOKEN", "a-session-token")
        .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
        .envs(args.variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .kill_on_drop(true);
    Ok(command)
}
