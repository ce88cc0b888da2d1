//! A diff for people at a terminal: the gravest first.

use super::{ACTIONS, Compared, fate, narrower, parts, reason, short, sizes, summary};
use infra_gen::Node;
use infra_gen::diff::{Action, Diff, EntryChange, IamChanges, ResourceChange, Sign};
use std::fmt::Write as _;

// Writing to a string does not fail, here and below.
pub(super) fn render(compared: &[Compared]) -> String {
    let mut out = String::new();
    for (index, stack) in compared.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        _ = writeln!(out, "{}: {}", stack.diff.stack, summary(stack));
        if !stack.diff.is_empty() {
            template(&stack.diff, &mut out);
        }
        account(stack, &mut out);
        if !stack.diff.is_empty() || !stack.code.is_empty() {
            _ = writeln!(out, "\ndigest {}", stack.diff.digest);
        }
    }
    out
}

/// What only an account can tell.
fn account(Compared { code, drift, .. }: &Compared, out: &mut String) {
    if !code.is_empty() {
        out.push_str("\nCode\n");
    }
    for change in code {
        let sign = match (&change.old, &change.new) {
            (None, _) => '+',
            (_, None) => '-',
            _ => '~',
        };
        _ = writeln!(out, "{sign} {}: {}", change.function, sizes(change));
    }
    if !drift.is_empty() {
        out.push_str("\nChanged past CloudFormation\n");
    }
    for drifted in drift {
        let status = drifted.status.to_lowercase();
        _ = writeln!(out, "! {} ({}): {status}", drifted.id, drifted.type_name);
        for property in &drifted.properties {
            let none = "(none)".to_owned();
            let [expected, actual] =
                [&property.expected, &property.actual].map(|text| text.as_ref().unwrap_or(&none));
            _ = writeln!(out, "    {}: {expected} in the template, {actual} now", property.path);
        }
    }
}

fn template(diff: &Diff, out: &mut String) {
    losses(diff, out);
    for (action, sign, _) in ACTIONS {
        for change in diff.resources.iter().filter(|change| change.action == action) {
            resource(change, sign, out);
        }
    }
    iam(&diff.iam, out);
    for (title, changes) in [
        ("Parameters", &diff.parameters),
        ("Conditions", &diff.conditions),
        ("Outputs", &diff.outputs),
        ("Besides", &diff.other),
    ] {
        entries(title, changes, out);
    }
}

fn losses(diff: &Diff, out: &mut String) {
    if diff.losses().next().is_some() {
        out.push_str("\nDATA LOSS\n");
    }
    for change in diff.losses() {
        let fate = fate(change).unwrap_or_default();
        _ = writeln!(out, "  ! {} ({}): {fate}", change.id, change.type_name);
    }
}

fn resource(change: &ResourceChange, sign: &str, out: &mut String) {
    _ = write!(out, "\n{sign} {} ({})", change.id, change.type_name);
    match reason(change).as_str() {
        "" => out.push('\n'),
        reason => _ = writeln!(out, ": {reason}"),
    }
    if !matches!(change.action, Action::Add | Action::Remove) {
        for property in &change.properties {
            let path = short(&property.path.to_string());
            match &property.follows {
                Some(cause) => _ = writeln!(out, "    {path}: follows {cause}"),
                None => {
                    let (old, new) = (value(property.old.as_ref()), value(property.new.as_ref()));
                    _ = writeln!(out, "    {path}: {old} → {new}");
                }
            }
        }
    }
    for sentence in fate(change).iter().chain(&change.notes) {
        _ = writeln!(out, "    note: {sentence}");
    }
}

fn iam(iam: &IamChanges, out: &mut String) {
    if iam.changes.is_empty() {
        return;
    }
    let more = if iam.broadens { " (! is more than before)" } else { "" };
    _ = writeln!(out, "\nWho may do what{more}");
    for change in &iam.changes {
        let sign = if change.sign == Sign::Added { '+' } else { '-' };
        let more = if change.broadens { '!' } else { ' ' };
        let grant = &change.grant;
        _ = write!(
            out,
            "{more} {sign} {:<5} {} {} on {}",
            grant.effect, grant.principal, grant.action, grant.resource
        );
        if !grant.condition.is_empty() {
            _ = write!(out, " when {}", grant.condition);
        }
        if let Some(before) = &change.wider_than {
            _ = write!(out, " (wider than {})", narrower(grant, before));
        }
        out.push('\n');
    }
}

fn entries(title: &str, changes: &[EntryChange], out: &mut String) {
    if !changes.is_empty() {
        _ = writeln!(out, "\n{title}");
    }
    for change in changes {
        if let Some(cause) = &change.follows {
            _ = writeln!(out, "~ {}: follows {cause}", change.id);
            continue;
        }
        for (name, old, new) in parts(change) {
            _ = match (old, new) {
                (None, new) => writeln!(out, "+ {name}: {}", value(new)),
                (old, None) => writeln!(out, "- {name}: {}", value(old)),
                (old, new) => writeln!(out, "~ {name}: {} → {}", value(old), value(new)),
            };
        }
    }
}

/// A value in one line, cut where it would be unreadable.
pub(super) fn value(node: Option<&Node>) -> String {
    const SHOWN: usize = 120;
    let Some(node) = node else { return "(none)".to_owned() };
    let line = node.to_line().replace('\n', "⏎");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
