//! A plan for people: what is done, whose data is lost, who may do more.

use super::paint;
use crate::plan::{Loss, Plan, What};
use infra_gen::diff::{IamChange, Sign};
use std::fmt::Write as _;

/// The gravest first, as in the plan.
const KINDS: [(What, &str, &str, &str); 6] = [
    (What::Remove, "-", "31", "to delete"),
    (What::Replace, "!", "31", "to replace"),
    (What::MayReplace, "?", "33", "to replace or update"),
    (What::Update, "~", "33", "to update"),
    (What::Import, ">", "32", "to import"),
    (What::Add, "+", "32", "to add"),
];

/// The plan; every line ends.
pub fn text(plan: &Plan, color: bool) -> String {
    // Writing to a string does not fail.
    let mut out = String::new();
    _ = writeln!(
        out,
        "\n{} in {}, account {}: {}\n",
        paint(color, "1", &plan.stack),
        plan.region,
        plan.account,
        summary(plan)
    );
    changes(plan, color, &mut out);
    if !plan.outputs.is_empty() {
        _ = writeln!(out, "  outputs that change: {}", plan.outputs.join(", "));
    }
    for id in &plan.heals {
        _ = writeln!(out, "  {id}: its code was changed past CloudFormation and is put back");
    }
    losses(&plan.losses, color, &mut out);
    iam(plan, color, &mut out);
    _ = writeln!(out, "\ndigest {}\n", plan.digest);
    out
}

/// `1 to delete, 2 to add`.
pub fn summary(plan: &Plan) -> String {
    let counts = KINDS.iter().filter_map(|(what, _, _, words)| {
        let count = plan.count(*what);
        (count > 0).then(|| format!("{count} {words}"))
    });
    let mut parts: Vec<_> = counts.collect();
    if parts.is_empty() && !plan.outputs.is_empty() {
        parts.push("only outputs change".to_owned());
    }
    if !plan.heals.is_empty() {
        parts.push(format!("code of {} to put back", plan.heals.len()));
    }
    parts.join(", ")
}

fn changes(plan: &Plan, color: bool, out: &mut String) {
    let id_width = plan.changes.iter().map(|change| change.id.len()).max().unwrap_or_default();
    let width = plan.changes.iter().map(|change| change.type_name.len()).max().unwrap_or_default();
    for change in &plan.changes {
        let kind = KINDS.iter().find(|(what, ..)| *what == change.what);
        let (sign, code) = kind.map_or((" ", "0"), |(_, sign, code, _)| (*sign, *code));
        let because = match (change.what, change.because.join(", ")) {
            (_, because) if because.is_empty() => String::new(),
            (What::Replace, because) => format!("replaced for {because}"),
            (What::MayReplace, because) => format!("may be replaced for {because}"),
            (_, because) => because,
        };
        let line = format!("{:<id_width$}  {:<width$}  {because}", change.id, change.type_name);
        _ = writeln!(out, "  {} {}", paint(color, code, sign), line.trim_end());
    }
}

fn losses(losses: &[Loss], color: bool, out: &mut String) {
    if losses.is_empty() {
        return;
    }
    let lines: Vec<_> = losses
        .iter()
        .map(|loss| {
            let fate = match (loss.needs_permission, loss.certain) {
                (false, _) => "are kept for a shorter time",
                (true, true) => "are deleted",
                (true, false) => "may be deleted",
            };
            format!("{} ({}): {} {fate}", loss.id, loss.type_name, loss.holds)
        })
        .collect();
    let title = " DATA LOSS ";
    let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0).max(title.len());
    let edge = |text: String| paint(color, "1;31", &text);
    let rest = "─".repeat(width + 1 - title.len());
    _ = writeln!(out, "\n{}", edge(format!("┌─{title}{rest}┐")));
    for line in lines {
        let pad = " ".repeat(width - line.chars().count());
        let side = edge("│".to_owned());
        _ = writeln!(out, "{side} {line}{pad} {side}");
    }
    _ = writeln!(out, "{}", edge(format!("└{}┘", "─".repeat(width + 2))));
}

fn iam(plan: &Plan, color: bool, out: &mut String) {
    if plan.iam.changes.is_empty() {
        return;
    }
    let more = if plan.iam.broadens { " (! is more than before)" } else { "" };
    _ = writeln!(out, "\nWho may do what{more}");
    for change in &plan.iam.changes {
        _ = writeln!(out, "{}", row(change, color));
    }
}

fn row(change: &IamChange, color: bool) -> String {
    let (sign, code) = if change.sign == Sign::Added { ("+", "32") } else { ("-", "31") };
    let more = if change.broadens { paint(color, "1;31", "!") } else { " ".to_owned() };
    let grant = &change.grant;
    let mut row = format!(
        "{more} {} {:<5} {} {} on {}",
        paint(color, code, sign),
        grant.effect,
        grant.principal,
        grant.action,
        grant.resource
    );
    if !grant.condition.is_empty() {
        _ = write!(row, " when {}", grant.condition);
    }
    row
}
