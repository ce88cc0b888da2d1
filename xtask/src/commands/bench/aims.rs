//! What is meant to be reached, and whether it was; of the local cloud, what that is.

use super::gateway::{Figures, NodeClient, Vanishing};
use super::serverless_offline;
use super::servers::POOL;
use serde::Serialize;
use std::fmt::Write as _;

const AT_REST_KIB_MAX: u64 = 30 * 1024;
const KIB_PER_CONNECTION_MAX: f64 = 8.0;
const IDLE: usize = 10_000;
/// Memory has returned when what is left is less than this: an allocator keeps some pages.
const LEFT_KIB_MAX: u64 = 2 * 1024;

/// One of them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Aim {
    pub(super) what: String,
    /// What is wanted.
    pub(super) aim: String,
    pub(super) have: String,
    /// `None`: there is nothing to compare with.
    pub(super) met: Option<bool>,
}

/// One line each.
pub(super) fn render(aims: &[Aim]) -> String {
    let mut text = String::new();
    for aim in aims {
        let met = match aim.met {
            Some(true) => "ok",
            Some(false) => "MISSED",
            None => "-",
        };
        // Writing to a `String` cannot fail.
        _ = writeln!(text, "{met:<7} {:<62} {:>14}  {}", aim.what, aim.aim, aim.have);
    }
    text
}

/// Whether memory is where it was.
pub(super) fn has_returned(before_kib: u64, after_kib: u64) -> bool {
    after_kib <= before_kib + LEFT_KIB_MAX
}

/// The first server is ours.
pub(super) fn judge(servers: &[Figures], vanishing: &Vanishing) -> Vec<Aim> {
    let Some(ours) = servers.first() else { return Vec::new() };
    let other = |name: &str| servers.iter().find(|server| server.name == name);
    let peer = other(serverless_offline::NAME);
    let idle = ours
        .growth
        .iter()
        .find(|step| step.connections == IDLE)
        .map(|step| step.kib_per_connection);
    let back = vanishing.returned_after_seconds.is_some()
        && vanishing.processes_after <= vanishing.processes_before
        && vanishing.answers;
    let bare = other("bare");
    let node = |server: Option<&Figures>, of: fn(&NodeClient) -> f64| {
        Some(of(ours.node.as_ref()?) / of(server?.node.as_ref()?))
    };
    let busy =
        |server: Option<&Figures>| Some(ours.busy.msg_per_second / server?.busy.msg_per_second);
    let p50 = |server: Option<&Figures>| Some(ours.sequential.p50_ms / server?.sequential.p50_ms);
    vec![
        ratio(
            "one Node.js client, 50 connections, ours ÷ serverless-offline",
            "at least 5",
            node(peer, |node| node.busy.msg_per_second),
            |ratio| ratio >= 5.0,
        ),
        ratio(
            "one Node.js client, sequential p50, ours ÷ serverless-offline",
            "at most 0.33",
            node(peer, |node| node.sequential.p50_ms),
            |ratio| ratio <= 1.0 / 3.0,
        ),
        ratio(
            "one Node.js client, 50 connections, ours ÷ bare",
            "at least 0.25",
            node(bare, |node| node.busy.msg_per_second),
            |ratio| ratio >= 0.25,
        ),
        ratio(
            "messages a second at 50 connections, ours ÷ serverless-offline",
            "at least 5",
            busy(peer),
            |ratio| ratio >= 5.0,
        ),
        ratio("sequential p50, ours ÷ serverless-offline", "at most 0.33", p50(peer), |ratio| {
            ratio <= 1.0 / 3.0
        }),
        ratio(
            "messages a second at 50 connections, ours ÷ bare",
            "at least 0.25",
            busy(bare),
            |ratio| ratio >= 0.25,
        ),
        Aim {
            what: "memory per idle connection at 10,000".to_owned(),
            aim: "at most 8 KiB".to_owned(),
            have: idle.map_or_else(|| "not measured".to_owned(), |kib| format!("{kib:.1} KiB")),
            met: idle.map(|kib| kib <= KIB_PER_CONNECTION_MAX),
        },
        Aim {
            what: "memory at rest, without functions".to_owned(),
            aim: "at most 30 MiB".to_owned(),
            have: format!("{:.1} MiB", ours.at_rest_kib as f64 / 1024.0),
            met: Some(ours.at_rest_kib <= AT_REST_KIB_MAX),
        },
        Aim {
            what: "2,000 clients vanish: memory and processes return, it answers".to_owned(),
            aim: format!("within {} MiB", LEFT_KIB_MAX / 1024),
            have: left(vanishing),
            met: Some(back),
        },
        Aim {
            what: "processes of a function at 50 concurrent calls".to_owned(),
            aim: format!("at most {POOL}"),
            have: ours.busy.function_processes_max.to_string(),
            met: Some(ours.busy.function_processes_max <= POOL),
        },
    ]
}

fn ratio(what: &str, aim: &str, ratio: Option<f64>, is_met: fn(f64) -> bool) -> Aim {
    Aim {
        what: what.to_owned(),
        aim: aim.to_owned(),
        have: ratio.map_or_else(|| "not compared".to_owned(), |ratio| format!("{ratio:.2}")),
        met: ratio.map(is_met),
    }
}

fn left(vanishing: &Vanishing) -> String {
    let left = (vanishing.after_kib as f64 - vanishing.before_kib as f64) / 1024.0;
    let after = match vanishing.returned_after_seconds {
        Some(seconds) => format!("after {seconds:.1} s"),
        None => "not in time".to_owned(),
    };
    format!("{left:+.1} MiB {after}")
}

#[cfg(test)]
mod tests {
    use super::{has_returned, ratio};

    #[test]
    fn a_ratio_is_judged_when_there_is_one() {
        let judged = |value| ratio("x", "at least 5", value, |ratio| ratio >= 5.0);
        assert_eq!(
            (judged(Some(5.0)).met, judged(Some(4.99)).met, judged(None).met),
            (Some(true), Some(false), None)
        );
        assert_eq!(judged(Some(7.216)).have, "7.22");
        assert_eq!(judged(None).have, "not compared");
    }

    #[test]
    fn a_few_pages_are_no_leak() {
        assert!(has_returned(10_000, 9_000));
        assert!(has_returned(10_000, 12_048));
        assert!(!has_returned(10_000, 12_049));
    }
}
