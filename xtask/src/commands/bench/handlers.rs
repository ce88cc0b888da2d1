//! The function `socket` as it is deployed: how large, how soon it is there, and what an event takes;
//! beside the same in Node.js.

use super::aims::Aim;
use super::ask::ask;
use super::grid::Grid;
use super::servers::measurer;
use super::{Setting, host};
use crate::bundle;
use crate::cargo::{command, works};
use crate::commands::peers;
use crate::ui::{Result, Ui};
use crate::workspace;
use anyhow::Context as _;
use herald_contract::Function;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const ZIP_BYTES_MAX: usize = 2_500_000;
const NEXT_CPU_MS_MAX: f64 = 4.0;
const RESIDENT_BYTES_MAX: f64 = 12e6;
const SOONER_MIN: f64 = 15.0;
const WARM_SHARE_MAX: f64 = 0.25;

const STARTS: u32 = 30;
const EVENTS: u32 = 3_000;
/// The slower one of both takes a tenth of it.
const MEASURE_MAX: Duration = Duration::from_secs(300);

/// All figures.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Handlers {
    architecture: &'static str,
    zip_bytes: usize,
    ours: Figures,
    #[serde(skip_serializing_if = "Option::is_none")]
    node: Option<Figures>,
    aims: Vec<Aim>,
}

/// What `herald-bench function` measures.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Figures {
    starts: u32,
    next_ms: MinMedian,
    next_cpu_ms: MinMedian,
    connect_ms: MinMedian,
    connect_cpu_ms: MinMedian,
    default_cpu_ms: MinMedian,
    cold_kib: MinMedian,
    warm_connect_us: MinMedian,
    warm_default_us: MinMedian,
    warm_kib: u64,
    peak_kib: u64,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
struct MinMedian {
    min: f64,
    median: f64,
}

pub(super) fn run(bench: &Setting, ui: &Ui) -> Result<Handlers> {
    let architecture = host();
    let name = Function::Socket.name();
    ui.step("bundle of `socket`");
    let executable = bundle::build(&[name], architecture)?.join(name);
    let bytes = std::fs::read(&executable)
        .with_context(|| format!("failed to read {}", workspace::show(&executable)))?;
    let zip_bytes = bundle::pack(name, &bytes)?.bytes.len();
    ui.step("`socket`");
    let ours = measure(bench, name, &Command::new(executable))?;
    let node = if bench.peers { node(bench, ui)? } else { None };
    let aims = judge(zip_bytes, &ours, node.as_ref());
    Ok(Handlers { architecture: architecture.as_str(), zip_bytes, ours, node, aims })
}

/// The same in Node.js, with the AWS SDK as Lambda's runtime has it.
fn node(bench: &Setting, ui: &Ui) -> Result<Option<Figures>> {
    if !works(command("node").arg("--version")) {
        ui.say("NOT COMPARED with Node.js: node is missing; get it from https://nodejs.org");
        return Ok(None);
    }
    let Some(sdk) = peers::sdk_for_javascript(ui)? else { return Ok(None) };
    ui.step("the same in Node.js");
    let mut node = command("node");
    node.arg(workspace::root().join("handlers/bench/node/runtime.cjs"));
    node.env("NODE_PATH", sdk.join("node_modules"));
    Ok(Some(measure(bench, "node", &node)?))
}

fn measure(bench: &Setting, name: &str, function: &Command) -> Result<Figures> {
    let log = bench.work_dir.join(format!("{name}.log"));
    remove(&log);
    let mut bench = Command::new(measurer(bench));
    bench.args(["function", "--starts", &STARTS.to_string(), "--events", &EVENTS.to_string()]);
    bench.arg("--log").arg(&log).args(["--env", "TABLE_NAME=bench"]);
    for (name, value) in function.get_envs() {
        if let Some(value) = value {
            bench.arg("--env").arg(format!("{}={}", name.display(), value.display()));
        }
    }
    bench.arg("--").arg(function.get_program()).args(function.get_args());
    ask(&mut bench, MEASURE_MAX, || {})
        .map_err(|e| e.hint(format!("what it wrote is in {}", workspace::show(&log))))
}

/// It may not be there.
fn remove(log: &Path) {
    _ = std::fs::remove_file(log);
}

fn judge(zip_bytes: usize, ours: &Figures, node: Option<&Figures>) -> Vec<Aim> {
    let both = |of: MinMedian| format!("{:.1} ms, median {:.1} ms", of.min, of.median);
    let resident = ours.peak_kib as f64 * 1024.0;
    let compared = |what: &str, aim: &str, ratio: Option<f64>, is_met: fn(f64) -> bool| Aim {
        what: what.to_owned(),
        aim: aim.to_owned(),
        have: ratio.map_or_else(|| "not compared".to_owned(), |ratio| format!("{ratio:.2}")),
        met: ratio.map(is_met),
    };
    vec![
        Aim {
            what: "`socket`, zipped".to_owned(),
            aim: "at most 2.5 MB".to_owned(),
            have: format!("{:.2} MB", zip_bytes as f64 / 1e6),
            met: Some(zip_bytes <= ZIP_BYTES_MAX),
        },
        Aim {
            what: "processor time from its start until it asks for an event".to_owned(),
            aim: "at most 4 ms".to_owned(),
            have: both(ours.next_cpu_ms),
            met: Some(ours.next_cpu_ms.min <= NEXT_CPU_MS_MAX),
        },
        Aim {
            what: "resident memory, at most".to_owned(),
            aim: "at most 12 MB".to_owned(),
            have: format!("{:.1} MB", resident / 1e6),
            met: Some(resident <= RESIDENT_BYTES_MAX),
        },
        compared(
            "time until it asks for an event, Node.js ÷ ours",
            "at least 15",
            node.map(|node| node.next_ms.min / ours.next_ms.min),
            |ratio| ratio >= SOONER_MIN,
        ),
        compared(
            "processor time of a warm `$default`, ours ÷ Node.js",
            "at most 0.25",
            node.map(|node| ours.warm_default_us.min / node.warm_default_us.min),
            |ratio| ratio <= WARM_SHARE_MAX,
        ),
    ]
}

impl Handlers {
    pub(super) fn render(&self) -> String {
        let columns: Vec<&Figures> = std::iter::once(&self.ours).chain(&self.node).collect();
        let row = |name, of: fn(&Figures) -> f64| {
            (name, columns.iter().map(|figures| Some(of(figures))).collect())
        };
        let grid = Grid {
            columns: ["socket", "node"][..columns.len()].to_vec(),
            rows: vec![
                row("start until it asks for an event, ms, least", |f| f.next_ms.min),
                row("  median", |f| f.next_ms.median),
                row("  processor time, ms, least", |f| f.next_cpu_ms.min),
                row("  median", |f| f.next_cpu_ms.median),
                row("start until the first $connect is answered, ms, least", |f| f.connect_ms.min),
                row("  median", |f| f.connect_ms.median),
                row("  processor time, ms, least", |f| f.connect_cpu_ms.min),
                row("  and a first $default, least", |f| f.default_cpu_ms.min),
                row("processor time of a warm $connect, µs, least", |f| f.warm_connect_us.min),
                row("  median", |f| f.warm_connect_us.median),
                row("processor time of a warm $default, µs, least", |f| f.warm_default_us.min),
                row("  median", |f| f.warm_default_us.median),
                row("resident after two events, MB", |f| f.cold_kib.median * 1024.0 / 1e6),
                row("resident at most, MB", |f| f.peak_kib as f64 * 1024.0 / 1e6),
            ],
            ratios: if self.node.is_some() { vec![(1, 0)] } else { Vec::new() },
        };
        format!("{}\n{}", grid.render(), super::aims::render(&self.aims))
    }
}

#[cfg(test)]
mod tests {
    use super::{Figures, MinMedian, judge};

    fn figures(times: f64) -> Figures {
        let both = |min: f64| MinMedian { min, median: min * 1.5 };
        Figures {
            starts: 30,
            next_ms: both(2.0 * times),
            next_cpu_ms: both(2.0 * times),
            connect_ms: both(3.0),
            connect_cpu_ms: both(3.0),
            default_cpu_ms: both(4.0),
            cold_kib: both(6_000.0),
            warm_connect_us: both(50.0),
            warm_default_us: both(100.0 * times),
            warm_kib: 6_000,
            peak_kib: 6_000,
        }
    }

    fn check(zip_bytes: usize, ours: f64, node: Option<f64>, met: &[Option<bool>]) {
        let aims = judge(zip_bytes, &figures(ours), node.map(figures).as_ref());
        let judged: Vec<_> = aims.iter().map(|aim| aim.met).collect();
        assert_eq!(judged, met, "{zip_bytes} {ours} {node:?}");
    }

    #[test]
    fn the_aims_are_judged_by_what_is_least_disturbed() {
        let (yes, no) = (Some(true), Some(false));
        check(2_500_000, 1.0, Some(15.0), &[yes, yes, yes, yes, yes]);
        check(2_500_001, 2.1, Some(8.0), &[no, no, yes, no, no]);
        check(1, 1.0, None, &[yes, yes, yes, None, None]);
    }
}
