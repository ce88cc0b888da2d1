//! Notifications to browsers while processes are killed: none may be lost, and none shown twice.
//!
//! The local cloud runs our own template and the release binaries; `herald-bench deliver` is the back
//! end, the browsers and the chaos. Here is who is started, and what the system says about it.

use super::Setting;
use super::aims::Aim;
use super::ask::ask;
use super::process::Usage;
use super::servers::{Server, measurer, start_emulator};
use crate::commands::synth;
use crate::ui::{CommandError, Result, Ui};
use crate::workspace;
use anyhow::anyhow;
use herald_contract::Function;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;
use std::time::Duration;

const STAGE: &str = "dev";
const CONNECTIONS: &str = "2000";
const NOTIFICATIONS: &str = "20000";
const JOBS: &str = "200";
/// Those whose processes are killed.
const KILLED: [Function; 5] =
    [Function::Dispatcher, Function::Sender, Function::Worker, Function::Publish, Function::Socket];
/// The event source mapping of the table's stream.
const MAPPING: &str = "StreamMapping";
/// For this run alone, and of no use to anybody afterwards.
const SECRET: &str = "the tickets of a benchmark are signed with this";
/// It takes a few minutes; more is a machine that does something else.
const MOST: Duration = Duration::from_secs(30 * 60);

/// All figures.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Delivery {
    #[serde(flatten)]
    report: Report,
    /// The most memory that was seen: of the local cloud, and of its functions.
    cloud_kib: u64,
    functions_kib: u64,
    functions_max: usize,
    aims: Vec<Aim>,
}

/// What `herald-bench deliver` says.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    connections: u64,
    notifications: u64,
    jobs: u64,
    publishing_seconds: f64,
    seconds: f64,
    acknowledged: u64,
    refused: u64,
    expected: u64,
    shown: u64,
    lost: u64,
    duplicated: u64,
    strange: u64,
    lag: Lag,
    again_inbox: u64,
    again_broadcast: u64,
    reconnects: u64,
    kills: BTreeMap<String, u64>,
    late_browsers: u64,
    /// What is for reading only.
    #[serde(flatten)]
    more: BTreeMap<String, Value>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Lag {
    count: u64,
    p50_ms: u64,
    p99_ms: u64,
    max_ms: u64,
}

pub(super) fn run(bench: &Setting, ui: &Ui) -> Result<Delivery> {
    ui.step("the local cloud");
    let (cloud, ready_file) = start(bench)?;
    ui.step(format!("{NOTIFICATIONS} notifications to {CONNECTIONS} browsers"));
    let mut driver = Command::new(measurer(bench));
    driver.args(["deliver", "--publish", Function::Publish.logical_id()]);
    driver.arg("--ready-file").arg(ready_file);
    driver.args(["--connections", CONNECTIONS, "--notifications", NOTIFICATIONS, "--jobs", JOBS]);
    driver.args(["--duplicate", MAPPING]);
    for function in KILLED {
        driver.args(["--kill", function.logical_id()]);
    }
    let (mut most, mut most_of_functions) = (Usage::default(), Usage::default());
    let report: Report = ask(&mut driver, MOST, || {
        most = larger(most, cloud.usage());
        most_of_functions = larger(most_of_functions, cloud.functions());
    })
    .map_err(|e| e.hint(format!("what the local cloud wrote is in {}", cloud.log())))?;
    let aims = judge(&report);
    Ok(Delivery {
        report,
        cloud_kib: most.memory_kib,
        functions_kib: most_of_functions.memory_kib,
        functions_max: most_of_functions.processes,
        aims,
    })
}

/// Our own template, run as `dev` runs it.
fn start(bench: &Setting) -> Result<(Server, std::path::PathBuf)> {
    let settings = workspace::settings()?;
    let stage = settings.stage(STAGE).map_err(|e| CommandError::user(anyhow!(e)))?;
    let (dir, manifest) = synth::write_assembly(stage)?;
    let Some(stack) = manifest.stacks.into_iter().next() else {
        return Err(CommandError::internal(anyhow!("stage `{STAGE}` has no stack")));
    };
    let cloud = start_emulator(bench, "delivery", |emulator| {
        emulator.arg("--template").arg(dir.join(&stack.template));
        emulator.args(["--stack-name", &stack.name, "--region", &stack.region]);
        for secret in &stack.secrets {
            emulator.arg("--parameter").arg(format!("{secret}={SECRET}"));
        }
        for function in &stack.functions {
            let program = bench.bin_dir.join(&function.name);
            let program = program.display();
            emulator.arg("--function").arg(format!("{}={program}", function.logical_id));
        }
    })?;
    Ok((cloud, bench.work_dir.join("delivery.ready.json")))
}

fn larger(most: Usage, now: Usage) -> Usage {
    if now.memory_kib > most.memory_kib { now } else { most }
}

fn judge(report: &Report) -> Vec<Aim> {
    let none = |what: &str, count: u64| Aim {
        what: what.to_owned(),
        aim: "none".to_owned(),
        have: count.to_string(),
        met: Some(count == 0),
    };
    vec![
        none("acknowledged and not shown to somebody it was for", report.lost),
        none("shown twice to the same browser", report.duplicated),
        none("shown to somebody it was not for", report.strange),
        none("commands that were never acknowledged", report.refused),
    ]
}

impl Delivery {
    pub(super) fn render(&self) -> String {
        let Report { lag, kills, .. } = &self.report;
        let report = &self.report;
        let per_second = |count: u64, seconds: f64| count as f64 / seconds.max(f64::MIN_POSITIVE);
        let kills: Vec<_> = kills.iter().map(|(name, count)| format!("{name} {count}")).collect();
        let mib = |kib: u64| format!("{:.0} MiB", kib as f64 / 1024.0);
        let rows = [
            ("browsers", report.connections.to_string()),
            ("notifications, and jobs", format!("{}, {}", report.notifications, report.jobs)),
            (
                "published",
                format!(
                    "in {:.0} s, {:.0} a second",
                    report.publishing_seconds,
                    per_second(report.acknowledged, report.publishing_seconds)
                ),
            ),
            (
                "shown",
                format!(
                    "{} of {} in {:.0} s, {:.0} a second",
                    report.shown,
                    report.expected,
                    report.seconds,
                    per_second(report.shown, report.seconds)
                ),
            ),
            (
                "from written to received",
                format!(
                    "p50 {} ms, p99 {} ms, at most {} ms, of {}",
                    lag.p50_ms, lag.p99_ms, lag.max_ms, lag.count
                ),
            ),
            ("processes killed", kills.join(", ")),
            ("connections made anew", report.reconnects.to_string()),
            (
                "came again, and were dropped",
                format!(
                    "{} of the inbox by seq, {} broadcasts by name",
                    report.again_inbox, report.again_broadcast
                ),
            ),
            ("complete by a new connection only", report.late_browsers.to_string()),
            (
                "memory, at most",
                format!(
                    "local cloud {}, {} functions {}",
                    mib(self.cloud_kib),
                    self.functions_max,
                    mib(self.functions_kib)
                ),
            ),
        ];
        let mut text = String::new();
        for (name, value) in rows {
            // Writing to a `String` cannot fail.
            _ = writeln!(text, "{name:<36}{value}");
        }
        format!("{text}\n{}", super::aims::render(&self.aims))
    }
}

#[cfg(test)]
mod tests {
    use super::{Delivery, Report, judge};
    use expect_test::expect;
    use serde_json::json;

    #[test]
    fn the_proof_reads_as_what_happened() {
        let report: Report = serde_json::from_value(json!({
            "connections": 2000, "users": 1000, "topics": 31, "notifications": 20_000, "jobs": 200,
            "publishingSeconds": 100.0, "seconds": 160.0, "acknowledged": 20_200, "refused": 0,
            "expected": 300_000, "shown": 300_000, "lost": 0, "duplicated": 1, "strange": 0,
            "lag": {"count": 290_000, "p50Ms": 40, "p99Ms": 900, "maxMs": 61_000},
            "againInbox": 120, "againBroadcast": 4_000, "reconnects": 900,
            "kills": {"Dispatcher": 40, "Sender": 38}, "lateBrowsers": 0,
        }))
        .unwrap();
        let aims = judge(&report);
        let delivery = Delivery {
            report,
            cloud_kib: 200 * 1024,
            functions_kib: 300 * 1024,
            functions_max: 40,
            aims,
        };
        expect![[r#"
            browsers                            2000
            notifications, and jobs             20000, 200
            published                           in 100 s, 202 a second
            shown                               300000 of 300000 in 160 s, 1875 a second
            from written to received            p50 40 ms, p99 900 ms, at most 61000 ms, of 290000
            processes killed                    Dispatcher 40, Sender 38
            connections made anew               900
            came again, and were dropped        120 of the inbox by seq, 4000 broadcasts by name
            complete by a new connection only   0
            memory, at most                     local cloud 200 MiB, 40 functions 300 MiB

            ok      acknowledged and not shown to somebody it was for                        none  0
            MISSED  shown twice to the same browser                                          none  1
            ok      shown to somebody it was not for                                         none  0
            ok      commands that were never acknowledged                                    none  0
        "#]]
        .assert_eq(&delivery.render());
    }
}
