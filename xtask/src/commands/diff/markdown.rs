//! A diff as a comment on a pull request: short enough to be one, folded, and with a mark by which
//! a later run finds it and writes over it.

use super::text::value;
use super::{ACTIONS, CodeChange, Compared, fate, narrower, parts, reason, short, sizes, summary};
use infra_gen::diff::{Action, Diff, IamChange, ResourceChange, Sign};
use std::fmt::Write as _;

/// For whoever updates the comment instead of adding another.
const MARK: &str = "<!-- herald-diff -->";

/// GitHub takes 65,536 characters; bytes are never fewer.
const BYTES_MOST: usize = 60_000;

/// Rows of a table, before they are fewer for the sake of length.
const ROWS: usize = 200;

pub(super) fn render(against: &str, diffs: &[Compared]) -> String {
    let mut rows = ROWS;
    loop {
        let text = whole(against, diffs, rows);
        if text.len() <= BYTES_MOST {
            return text;
        }
        if rows == 0 {
            return cut(&text);
        }
        rows /= 2;
    }
}

/// The last resort: many stacks.
fn cut(text: &str) -> String {
    let end = (0..=BYTES_MOST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    let end = text[..end].rfind('\n').unwrap_or(end);
    format!("{}\n\nToo long to be shown here: `cargo xtask diff` shows all.\n", &text[..end])
}

// Writing to a string does not fail, here and below.
fn whole(against: &str, compared: &[Compared], rows: usize) -> String {
    let mut out = format!("{MARK}\n## Changes against {}\n", code(against));
    for stack in compared {
        let diff = &stack.diff;
        _ = write!(out, "\n### {}: {}\n", code(&diff.stack), summary(stack));
        if !diff.is_empty() {
            template(diff, rows, &mut out);
        }
        account(stack, rows, &mut out);
        // Of no change, too: new code alone is approved by it.
        _ = write!(out, "\nDigest: {}\n", code(&diff.digest));
    }
    out
}

/// What only an account can tell.
fn account(stack: &Compared, rows: usize, out: &mut String) {
    let row = |change: &CodeChange| format!("| {} | {} |", code(&change.function), sizes(change));
    let body: Vec<_> = stack.code.iter().map(row).collect();
    if !body.is_empty() {
        table(&["function", "code"], &body, rows, out);
    }
    let mut body = Vec::new();
    for drifted in &stack.drift {
        let status = escaped(&drifted.status.to_lowercase());
        body.push(format!("| {} | {status} | |", code(&drifted.id)));
        for property in &drifted.properties {
            let [expected, actual] = [&property.expected, &property.actual]
                .map(|text| code(text.as_deref().unwrap_or_default()));
            let place = code(&format!("{}{}", drifted.id, property.path));
            body.push(format!("| {place} | {expected} | {actual} |"));
        }
    }
    folded("Changed past CloudFormation", &["", "in the template", "now"], &body, rows, out);
}

fn template(diff: &Diff, rows: usize, out: &mut String) {
    if diff.losses().next().is_some() {
        out.push_str("\n> [!CAUTION]\n> **Data loss**\n");
        for change in diff.losses() {
            let fate = fate(change).unwrap_or_default();
            _ = writeln!(out, "> - {} ({}): {fate}", code(&change.id), code(&change.type_name));
        }
    }
    if diff.iam.broadens {
        out.push_str("\n> [!WARNING]\n> **Somebody may do more than before**; see below.\n");
    }
    resources(diff, rows, out);
    properties(diff, rows, out);
    iam(diff, rows, out);
    entries(diff, rows, out);
}

/// A table of at most so many rows, and how many more there are.
fn table(head: &[&str], body: &[String], rows: usize, out: &mut String) {
    _ = writeln!(out, "\n| {} |\n|{}", head.join(" | "), "---|".repeat(head.len()));
    for row in body.iter().take(rows) {
        _ = writeln!(out, "{row}");
    }
    if let Some(more) = body.len().checked_sub(rows).filter(|more| *more > 0) {
        _ = write!(out, "\nand {more} more: `cargo xtask diff` shows all.\n");
    }
}

/// The same, to be unfolded.
fn folded(title: &str, head: &[&str], body: &[String], rows: usize, out: &mut String) {
    if body.is_empty() {
        return;
    }
    _ = write!(out, "\n<details><summary>{title}</summary>\n");
    table(head, body, rows, out);
    out.push_str("\n</details>\n");
}

fn resources(diff: &Diff, rows: usize, out: &mut String) {
    let mut body = Vec::new();
    for (action, sign, _) in ACTIONS {
        for change in diff.resources.iter().filter(|change| change.action == action) {
            let (id, type_name) = (code(&change.id), code(&change.type_name));
            body.push(format!("| {} | {id} | {type_name} | {} |", code(sign), remarks(change)));
        }
    }
    if !body.is_empty() {
        table(&["", "resource", "type", ""], &body, rows, out);
    }
}

fn remarks(change: &ResourceChange) -> String {
    let reason = Some(reason(change)).filter(|reason| !reason.is_empty());
    let all = reason.into_iter().chain(fate(change)).chain(change.notes.iter().cloned());
    escaped(&all.collect::<Vec<_>>().join("; "))
}

fn properties(diff: &Diff, rows: usize, out: &mut String) {
    let mut body = Vec::new();
    for change in &diff.resources {
        if matches!(change.action, Action::Add | Action::Remove) {
            continue;
        }
        for property in &change.properties {
            let place = code(&format!("{}.{}", change.id, short(&property.path.to_string())));
            body.push(match &property.follows {
                Some(cause) => format!("| {place} | follows {} | |", code(cause)),
                None => {
                    let [old, new] =
                        [&property.old, &property.new].map(|v| code(&value(v.as_ref())));
                    format!("| {place} | {old} | {new} |")
                }
            });
        }
    }
    folded("Properties", &["property", "old", "new"], &body, rows, out);
}

fn iam(diff: &Diff, rows: usize, out: &mut String) {
    let row = |change: &IamChange| {
        let sign = if change.sign == Sign::Added { "+" } else { "-" };
        let grant = &change.grant;
        let remark = match (&change.wider_than, change.broadens) {
            (Some(before), _) => format!("**wider** than {}", code(&narrower(grant, before))),
            (None, true) => "**more**".to_owned(),
            (None, false) => String::new(),
        };
        let columns = [sign, &grant.effect, &grant.principal, &grant.action, &grant.resource];
        let columns: Vec<_> = columns.iter().map(|column| code(column)).collect();
        let condition = match grant.condition.as_str() {
            "" => String::new(),
            condition => code(condition),
        };
        format!("| {} | {condition} | {remark} |", columns.join(" | "))
    };
    let body: Vec<_> = diff.iam.changes.iter().map(row).collect();
    let head = ["", "effect", "who", "may do", "on", "when", ""];
    folded("Who may do what", &head, &body, rows, out);
}

fn entries(diff: &Diff, rows: usize, out: &mut String) {
    for (title, changes) in [
        ("Parameters", &diff.parameters),
        ("Conditions", &diff.conditions),
        ("Outputs", &diff.outputs),
        ("Besides", &diff.other),
    ] {
        let mut body = Vec::new();
        for change in changes {
            if let Some(cause) = &change.follows {
                body.push(format!("| {} | follows {} | |", code(&change.id), code(cause)));
                continue;
            }
            for (name, old, new) in parts(change) {
                let [old, new] = [old, new].map(|v| code(&value(v)));
                body.push(format!("| {} | {old} | {new} |", code(&name)));
            }
        }
        folded(title, &["", "old", "new"], &body, rows, out);
    }
}

/// A span of code, in which nothing means anything, fenced by more backticks than it has.
fn code(text: &str) -> String {
    let text = text.replace(['\n', '\r'], " ").replace('|', "\\|");
    if text.trim().is_empty() {
        return String::new();
    }
    let mut longest = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A sentence of ours with names of others in it.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\n' | '\r' => out.push(' '),
            '<' => out.push_str("&lt;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '@' | '#' | '~' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use infra_gen::diff::diff;
    use serde_json::json;

    #[test]
    fn nothing_in_a_span_of_code_can_end_it() {
        assert_eq!(code("a|b"), "`a\\|b`");
        assert_eq!(code("`@x`"), "`` `@x` ``");
        assert_eq!(code("a``b\nc"), "```a``b c```");
    }

    #[test]
    fn a_comment_is_never_longer_than_a_comment_can_be() {
        let queues = |count: usize, delay: usize| {
            let name = |index: usize| format!("Queue{index}{}", "x".repeat(100));
            let queue = json!({"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": delay}});
            let all: serde_json::Map<_, _> =
                (0..count).map(|index| (name(index), queue.clone())).collect();
            json!({"Resources": all})
        };
        let one = Compared::from(diff("one", &queues(400, 1), &queues(400, 2)));
        let text = render("snapshot", std::slice::from_ref(&one));
        assert!(text.len() <= BYTES_MOST && text.contains("more: `cargo xtask diff`"));
        let small = Compared::from(diff("one", &queues(1, 1), &queues(1, 2)));
        let many: Vec<_> = (0..700).map(|_| small.clone()).collect();
        assert!(render("snapshot", &many).len() <= BYTES_MOST + 100);
    }
}
