//! Connections that do nothing, as many as its starter asks for.
//!
//! Killing this process is how clients vanish at once: the system ends their connections, with a
//! reset when `--reset` is given.

use crate::client::{Client, Target};
use crate::stdio;
use anyhow::Context as _;
use futures_util::StreamExt as _;
use serde::Serialize;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

/// Handshakes at the same time.
const CONNECTING_MAX: usize = 64;
/// Handshakes begin in groups, so many groups a second.
const GROUPS_PER_SECOND: u32 = 100;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to connect to, such as ws://127.0.0.1:4000/dev
    url: Target,
    /// Handshakes begun in a second, at most
    #[arg(long, value_name = "NUMBER", default_value_t = 5000)]
    rate: u32,
    /// How long one request for more connections may take
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    patience: u64,
    /// End connections with a reset rather than with an orderly end of the stream
    #[arg(long)]
    reset: bool,
}

/// What is printed for each number that is read.
#[derive(Debug, Serialize)]
struct Report {
    open: usize,
    failed: usize,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let mut wanted = stdio::lines();
    let mut held = JoinSet::new();
    while let Some(line) = wanted.recv().await {
        let wanted = line.trim().parse().with_context(|| format!("`{line}` is not a number"))?;
        stdio::print(&grow(&args, &mut held, wanted).await)?;
    }
    Ok(())
}

/// Opens what is missing.
async fn grow(args: &Args, held: &mut JoinSet<()>, wanted: usize) -> Report {
    let started = Instant::now();
    // Those that the server has ended count no more.
    while held.try_join_next().is_some() {}
    let mut missing = wanted.saturating_sub(held.len());
    let mut report = Report { open: 0, failed: 0, seconds: 0.0, error: None };
    let mut connecting: JoinSet<anyhow::Result<Client>> = JoinSet::new();
    let group = usize::try_from(args.rate.div_ceil(GROUPS_PER_SECOND)).unwrap_or(1);
    let mut groups = interval(Duration::from_secs(1) / GROUPS_PER_SECOND);
    groups.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let opening = async {
        while missing > 0 || !connecting.is_empty() {
            tokio::select! {
                _ = groups.tick(), if missing > 0 && connecting.len() < CONNECTING_MAX => {
                    let room = CONNECTING_MAX - connecting.len();
                    for _ in 0..group.min(missing).min(room) {
                        connecting.spawn(open(args.url.clone(), args.reset));
                        missing -= 1;
                    }
                }
                Some(done) = connecting.join_next() => match done.context("a client broke").flatten() {
                    Ok(client) => {
                        held.spawn(hold(client));
                    }
                    Err(error) => {
                        report.failed += 1;
                        report.error.get_or_insert_with(|| format!("{error:#}"));
                    }
                },
            }
        }
    };
    if timeout(Duration::from_secs(args.patience), opening).await.is_err() {
        report.error.get_or_insert_with(|| format!("not open after {} seconds", args.patience));
    }
    report.open = held.len();
    report.seconds = started.elapsed().as_secs_f64();
    report
}

async fn open(target: Target, reset: bool) -> anyhow::Result<Client> {
    let client = target.connect().await?;
    if reset {
        client.get_ref().set_zero_linger()?;
    }
    Ok(client)
}

/// Reads, so that pings are answered and the end is noticed.
async fn hold(mut client: Client) {
    while let Some(Ok(_)) = client.next().await {}
}
