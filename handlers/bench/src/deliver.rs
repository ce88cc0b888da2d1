//! The proof that nothing gets lost: browsers that keep their cursor, a back end that publishes, and
//! chaos in between. In the end, what was acknowledged is compared with what was shown.
//!
//! A browser and its rules are in [`device`], its connection in [`session`]; who is sent what is
//! [`plan`]ned ahead; [`judge`] compares. Everything goes through the sockets that everybody has:
//! WebSocket, Lambda's Invoke API, and the control API of the local cloud for the chaos.

mod backend;
mod chaos;
mod device;
mod judge;
mod plan;
mod publisher;
mod session;

use crate::figures::Spread;
use crate::stdio;
use anyhow::{Context as _, bail, ensure};
use backend::Backend;
use device::Device;
use herald_contract::Millis;
use herald_contract::ticket::Secret;
use judge::Verdict;
use plan::{Plan, Size};
use publisher::Published;
use serde::{Deserialize, Serialize};
use serde_json::json;
use session::Order;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// How long all browsers may take to be there.
const ARRIVE_MAX: Duration = Duration::from_secs(300);
/// Between two looks at who has everything.
const LOOK: Duration = Duration::from_millis(250);
/// What a new connection has not brought by then is lost.
const RENEW_MAX: Duration = Duration::from_secs(120);

/// So far is the clock moved on over one of Lambda's pauses, and so often at most: the gateway closes
/// what is silent for ten minutes.
const STEP: &str = "61s";
const STEPS: u32 = 6;
/// Nothing goes on any more when no browser was shown anything for so long. An invocation in progress
/// would be over its time otherwise.
const QUIET: Duration = Duration::from_secs(4);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The ready file of the local cloud
    #[arg(long, value_name = "FILE")]
    ready_file: PathBuf,
    /// The function that publishes
    #[arg(long, value_name = "NAME")]
    publish: String,
    /// Browsers, two of each user
    #[arg(long, value_name = "NUMBER", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(2..=50_000))]
    connections: u32,
    /// Notifications: nine in ten to a user, most others to a topic, one in a hundred to everyone
    #[arg(long, value_name = "NUMBER", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    notifications: u32,
    /// Jobs, whose ends their users are told as well
    #[arg(long, value_name = "NUMBER", default_value_t = 200)]
    jobs: u32,
    /// Commands to `publish` at once
    #[arg(long, value_name = "NUMBER", default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=512))]
    at_once: u32,
    /// A function whose process is killed in the middle of an event, now and then; repeatable
    #[arg(long = "kill", value_name = "NAME")]
    kill: Vec<String>,
    /// An event source mapping that delivers a batch twice, now and then
    #[arg(long, value_name = "LOGICAL_ID")]
    duplicate: Option<String>,
    /// Between two kills, in milliseconds
    #[arg(long, value_name = "NUMBER", default_value_t = 500, value_parser = clap::value_parser!(u64).range(10..))]
    kill_every: u64,
    /// Between two browsers that lose their connection, in milliseconds
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u64).range(5..))]
    drop_every: u64,
    /// How long after the last command a notification may come by itself, in seconds. Lambda tries
    /// an asynchronous invocation again after one minute, and after two more
    #[arg(long, value_name = "NUMBER", default_value_t = 240)]
    settle: u64,
    /// Move the clock of the local cloud on rather than wait for Lambda's pauses
    #[arg(long)]
    advance: bool,
    /// What is drawn by lot is drawn alike
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
}

/// Of the ready file.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Ready {
    url: String,
    endpoint_url: String,
    region: String,
}

/// What is printed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    connections: u32,
    users: usize,
    topics: usize,
    notifications: usize,
    jobs: u32,
    /// From the first command to the last acknowledgement, and until all were shown everything.
    publishing_seconds: f64,
    seconds: f64,
    #[serde(flatten)]
    published: Published,
    #[serde(flatten)]
    verdict: Verdict,
    /// From when a notification was written until a connected browser had it.
    lag: Spread,
    /// Notifications of the inbox that came again, before the browser dropped them by `seq`, and
    /// broadcasts, dropped by name.
    again_inbox: u64,
    again_broadcast: u64,
    /// Connections that ended and were made anew.
    reconnects: u64,
    connect_failures: u64,
    kills: BTreeMap<String, u64>,
    duplicated_batches: u64,
    /// Browsers that had everything only after they connected anew, as each does within two hours.
    late_browsers: usize,
}

type Shared = Arc<Mutex<Device>>;

pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    tokio::select! {
        () = stdio::ended() => bail!("told to end before the proof was made"),
        report = prove(&args) => stdio::print(&report?),
    }
}

async fn prove(args: &Args) -> anyhow::Result<Report> {
    let ready = std::fs::read(&args.ready_file).context("the ready file cannot be read")?;
    let ready: Ready = serde_json::from_slice(&ready).context("the ready file is no JSON")?;
    let size =
        Size { browsers: args.connections, notifications: args.notifications, jobs: args.jobs };
    let plan = Plan::draw(size, args.seed);
    let backend = Arc::new(Backend::new(ready.endpoint_url, ready.region));
    let secret = backend.ticket_secret().await?;
    let browsers = Browsers::start(&plan, &ready.url, &secret);
    browsers.wait("not all browsers are there", ARRIVE_MAX, Device::is_caught_up).await?;

    let started = Instant::now();
    let (stop, stopped) = mpsc::channel(1);
    let chaos =
        tokio::spawn(chaos::run(chaos_of(args), Arc::clone(&backend), browsers.orders(), stopped));
    let published =
        publisher::run(&plan, &backend, &args.publish, args.at_once as usize, started).await?;
    let publishing_seconds = started.elapsed().as_secs_f64();
    drop(stop);
    let chaos = chaos.await.context("the chaos broke")?;

    let expected = judge::expected(&plan, &published);
    let is_complete = |device: &Device| expected.is_met_by(device);
    let settle = Duration::from_secs(args.settle);
    let steps = if args.advance { STEPS } else { 0 };
    let settled = browsers.settle(settle, &backend, steps, is_complete).await;
    let seconds = started.elapsed().as_secs_f64();
    let late_browsers = if settled { 0 } else { browsers.renew(is_complete).await };
    let devices = browsers.end().await;
    ensure!(devices.len() == args.connections as usize, "a browser broke");
    let sum = |of: fn(&Device) -> u64| devices.iter().map(of).sum();
    Ok(Report {
        connections: args.connections,
        users: plan.users,
        topics: plan.topics,
        notifications: plan.letters.len() - args.jobs as usize,
        jobs: args.jobs,
        publishing_seconds,
        seconds,
        verdict: expected.judge(&devices),
        published,
        lag: Spread::of(devices.iter().flat_map(|device| device.lags.iter().copied()).collect()),
        again_inbox: sum(|device| device.again_inbox),
        again_broadcast: sum(|device| device.again_broadcast),
        reconnects: sum(|device| device.connections.saturating_sub(1)),
        connect_failures: sum(|device| device.connect_failures),
        kills: chaos.kills,
        duplicated_batches: chaos.duplicated,
        late_browsers,
    })
}

fn chaos_of(args: &Args) -> chaos::Plan {
    chaos::Plan {
        kill: args.kill.clone(),
        duplicate: args.duplicate.clone(),
        kill_every: Duration::from_millis(args.kill_every),
        drop_every: Duration::from_millis(args.drop_every),
        seed: args.seed,
    }
}

/// All browsers, each in a task of its own.
struct Browsers {
    devices: Vec<Shared>,
    orders: Vec<mpsc::Sender<Order>>,
    tasks: JoinSet<()>,
}

impl Browsers {
    fn start(plan: &Plan, url: &str, secret: &Secret) -> Self {
        let gate = session::gate(url, secret.clone());
        let mut browsers = Self { devices: Vec::new(), orders: Vec::new(), tasks: JoinSet::new() };
        for device in plan.devices() {
            let (order, ordered) = mpsc::channel(4);
            let device = Arc::new(Mutex::new(device));
            browsers.tasks.spawn(session::live(Arc::clone(&device), gate.clone(), ordered));
            browsers.devices.push(device);
            browsers.orders.push(order);
        }
        browsers
    }

    fn orders(&self) -> Vec<mpsc::Sender<Order>> {
        self.orders.clone()
    }

    /// Waits until it is true of every browser.
    async fn wait(
        &self,
        what: &str,
        most: Duration,
        is_true: impl Fn(&Device) -> bool,
    ) -> anyhow::Result<()> {
        let until = Instant::now() + most;
        // Those it was true of stay so: only the others are looked at.
        let mut left: Vec<&Shared> = self.devices.iter().collect();
        loop {
            left.retain(|device| !is_true(&lock(device)));
            if left.is_empty() {
                return Ok(());
            }
            if Instant::now() >= until {
                let failures: u64 = left.iter().map(|device| lock(device).connect_failures).sum();
                let of = self.devices.len();
                bail!("{what}: {} of {of} after {most:?}, {failures} failed attempts", left.len());
            }
            sleep(LOOK).await;
        }
    }

    /// Waits until it is true of every browser; moves the clock on, for some steps, while nothing
    /// happens. Whether it came true.
    async fn settle(
        &self,
        most: Duration,
        backend: &Backend,
        mut steps: u32,
        is_true: impl Fn(&Device) -> bool,
    ) -> bool {
        let until = Instant::now() + most;
        let (mut shown, mut since) = (0, Instant::now());
        while Instant::now() < until {
            if self.devices.iter().all(|device| is_true(&lock(device))) {
                return true;
            }
            let now: usize = self.devices.iter().map(|device| lock(device).shown.len()).sum();
            if now != shown {
                (shown, since) = (now, Instant::now());
            } else if steps > 0 && since.elapsed() >= QUIET {
                steps -= 1;
                since = Instant::now();
                // If it is refused, it takes longer.
                _ = backend.control(&json!({"do": "advance", "by": STEP})).await;
            }
            sleep(LOOK).await;
        }
        false
    }

    /// A new connection for those of whom it is not true; how many it helped.
    async fn renew(&self, is_true: impl Fn(&Device) -> bool) -> usize {
        let all = self.devices.iter().zip(&self.orders);
        let (late, orders): (Vec<_>, Vec<_>) =
            all.filter(|(device, _)| !is_true(&lock(device))).unzip();
        for order in orders {
            // One that is being made anew need not be.
            _ = order.try_send(Order::Drop { away: Duration::ZERO });
        }
        let until = Instant::now() + RENEW_MAX;
        while Instant::now() < until && !late.iter().all(|device| is_true(&lock(device))) {
            sleep(LOOK).await;
        }
        late.iter().filter(|device| is_true(&lock(device))).count()
    }

    async fn end(mut self) -> Vec<Device> {
        drop(self.orders);
        while self.tasks.join_next().await.is_some() {}
        let ended = self.devices.into_iter().filter_map(|device| Arc::try_unwrap(device).ok());
        ended.map(|device| device.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
    }
}

/// What one task has broken off is no less true.
fn lock(device: &Shared) -> MutexGuard<'_, Device> {
    device.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The time on the clock that functions read as well.
fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis::new(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
