//! Messages through the local cloud to a function and back, and connections that do nothing: beside
//! a bare WebSocket server as the limit, and beside serverless-offline.

use super::aims::{self, Aim};
use super::client::{Generator, Idle, Load, Plan, load};
use super::process::{open_files_max, wait_until};
use super::servers::{Server, bare, generator, ours};
use super::{Setting, serverless_offline};
use crate::ui::{CommandError, Result, Ui};
use serde::Serialize;
use std::path::Path;
use std::time::Duration;

/// Idle connections; the last ones are what the aim is about.
const GROWTH: [usize; 4] = [10, 100, 1_000, 10_000];
/// serverless-offline starts a worker for every handshake and keeps it.
const GROWTH_OF_PEER: [usize; 2] = [10, 100];
/// Open files besides connections.
const OTHER_FILES: u64 = 500;
pub(super) const BUSY: usize = 50;
const VANISHING: usize = 2_000;
/// How long memory may take to come back: the allocator gives pages up that were not used for ten
/// seconds, and looks once in a while.
const RETURN_MAX: Duration = Duration::from_secs(40);
/// A server that has just started, or just worked, comes to rest in this time.
const REST: Duration = Duration::from_millis(500);

/// All figures.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Gateway {
    pub(super) servers: Vec<Figures>,
    pub(super) vanishing: Vanishing,
    pub(super) aims: Vec<Aim>,
}

/// The figures of one server.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Figures {
    pub(super) name: &'static str,
    pub(super) at_rest_kib: u64,
    pub(super) functions_at_rest_kib: u64,
    pub(super) sequential: Load,
    pub(super) busy: Load,
    /// After that load: the server, and what its functions take.
    pub(super) busy_kib: u64,
    pub(super) functions_busy_kib: u64,
    pub(super) growth: Vec<Step>,
    /// The same by one Node.js client, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) node: Option<NodeClient>,
    /// After the last of the idle connections has been closed.
    pub(super) after_growth_kib: u64,
}

/// What one Node.js client sees.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NodeClient {
    pub(super) sequential: Load,
    pub(super) busy: Load,
}

/// With so many idle connections.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Step {
    pub(super) connections: usize,
    pub(super) opened_per_second: f64,
    pub(super) kib_per_connection: f64,
    pub(super) sequential: Load,
    pub(super) busy: Load,
}

/// Many clients vanish at once.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Vanishing {
    pub(super) clients: usize,
    pub(super) before_kib: u64,
    pub(super) with_clients_kib: u64,
    pub(super) after_kib: u64,
    pub(super) processes_before: usize,
    pub(super) processes_after: usize,
    /// `None`: memory has not come back in time.
    pub(super) returned_after_seconds: Option<f64>,
    pub(super) answers: bool,
}

pub(super) fn run(bench: &Setting, ui: &Ui) -> Result<Gateway> {
    let peer = if bench.peers { serverless_offline::install(ui)? } else { None };
    let node = peer.as_deref();
    let growth = growth(ui);
    let mut servers = Vec::new();
    ui.step("bare tokio-tungstenite");
    servers.push(measure(bench, &bare(bench)?, growth, node, ui)?);
    ui.step("ours");
    servers.insert(0, measure(bench, &ours(bench)?, growth, node, ui)?);
    ui.step("2,000 clients vanish");
    let vanishing = vanish(bench)?;
    if let Some(dir) = node {
        ui.step(serverless_offline::NAME);
        servers.push(measure(
            bench,
            &serverless_offline::start(bench, dir)?,
            &GROWTH_OF_PEER,
            node,
            ui,
        )?);
    } else if !bench.peers {
        ui.say(format_args!("NOT COMPARED with {}: --no-peers", serverless_offline::NAME));
    }
    let aims = aims::judge(&servers, &vanishing);
    Ok(Gateway { servers, vanishing, aims })
}

/// As far as the number of open files allows.
fn growth(ui: &Ui) -> &'static [usize] {
    let files = open_files_max();
    let fits = |connections: usize| connections as u64 + OTHER_FILES <= files;
    let count = GROWTH.iter().take_while(|connections| fits(**connections)).count();
    if let Some(connections) = GROWTH.get(count) {
        ui.say(format_args!(
            "NOT MEASURED with {connections} connections: a process may open {files} files here; raise it with: ulimit -n {}",
            *connections as u64 + OTHER_FILES
        ));
    }
    &GROWTH[..count]
}

fn measure(
    bench: &Setting,
    server: &Server,
    growth: &[usize],
    node: Option<&Path>,
    ui: &Ui,
) -> Result<Figures> {
    let generator = generator(bench);
    let run = |connections, seconds, warm_up| {
        load(Generator::Ours(&generator), server, Plan { connections, seconds, warm_up })
    };
    // The first message says that it listens; what it costs is not measured.
    run(1, 1, 0)?;
    std::thread::sleep(REST);
    let (at_rest, functions_at_rest) = (server.usage(), server.functions());
    ui.say("  one connection");
    let sequential = run(1, bench.seconds, 1)?;
    ui.say(format_args!("  {BUSY} connections"));
    // Twice as long warm-up where a process or worker has to start for each connection.
    let busy = run(BUSY, bench.seconds, 2)?;
    std::thread::sleep(REST);
    let (rest, functions_rest) = (server.usage(), server.functions());
    let node = node.map(|dir| {
        ui.say("  one Node.js client");
        let run = |connections, warm_up| {
            let plan = Plan { connections, seconds: bench.seconds, warm_up };
            load(Generator::Node(dir), server, plan)
        };
        Ok::<_, CommandError>(NodeClient { sequential: run(1, 1)?, busy: run(BUSY, 2)? })
    });
    let node = node.transpose()?;

    let mut idle = Idle::start(&generator, server)?;
    let mut steps = Vec::new();
    for &connections in growth {
        ui.say(format_args!("  {connections} idle connections"));
        let opened_before = steps.last().map_or(0, |step: &Step| step.connections);
        let opened = idle.grow(server, connections)?;
        std::thread::sleep(REST);
        let grown = server.usage().memory_kib as f64 - rest.memory_kib as f64;
        steps.push(Step {
            connections,
            opened_per_second: (connections - opened_before) as f64 / opened.seconds,
            kib_per_connection: grown / connections as f64,
            sequential: run(1, 1, 0)?,
            busy: run(BUSY, 1, 1)?,
        });
    }
    drop(idle);
    std::thread::sleep(REST);
    Ok(Figures {
        name: server.name,
        at_rest_kib: at_rest.memory_kib,
        functions_at_rest_kib: functions_at_rest.memory_kib,
        sequential,
        busy,
        busy_kib: rest.memory_kib,
        functions_busy_kib: functions_rest.memory_kib,
        growth: steps,
        node,
        after_growth_kib: server.usage().memory_kib,
    })
}

/// A server of its own, so that nothing was larger before.
fn vanish(bench: &Setting) -> Result<Vanishing> {
    let (generator, server) = (generator(bench), ours(bench)?);
    let run = |connections, seconds| {
        load(Generator::Ours(&generator), &server, Plan { connections, seconds, warm_up: 0 })
    };
    run(BUSY, 1)?;
    std::thread::sleep(REST);
    let (before, functions_before) = (server.usage(), server.functions());
    let mut idle = Idle::start(&generator, &server)?;
    idle.grow(&server, VANISHING)?;
    let with_clients = server.usage();
    idle.vanish();
    let has_returned = || {
        aims::has_returned(before.memory_kib, server.usage().memory_kib)
            && server.functions().processes <= functions_before.processes
    };
    let returned = wait_until(RETURN_MAX, has_returned);
    let answers = run(1, 1).is_ok_and(|load| load.errors == 0);
    Ok(Vanishing {
        clients: VANISHING,
        before_kib: before.memory_kib,
        with_clients_kib: with_clients.memory_kib,
        after_kib: server.usage().memory_kib,
        processes_before: functions_before.processes,
        processes_after: server.functions().processes,
        returned_after_seconds: returned.map(|after| after.as_secs_f64()),
        answers,
    })
}
