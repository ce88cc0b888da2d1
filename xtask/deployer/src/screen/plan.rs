//! A plan for people: what is done, whose data is lost, who may do more.

use super::paint;
use crate::plan::{Loss, Plan, Property, What};
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
    match parts.is_empty() {
        true => "nothing but settings of the stack itself".to_owned(),
        false => parts.join(", "),
    }
}

fn changes(plan: &Plan, color: bool, out: &mut String) {
    let id_width = plan.changes.iter().map(|change| change.id.len()).max().unwrap_or_default();
    let width = plan.changes.iter().map(|change| change.type_name.len()).max().unwrap_or_default();
    for change in &plan.changes {
        let kind = KINDS.iter().find(|(what, ..)| *what == change.what);
        let (sign, code) = kind.map_or((" ", "0"), |(_, sign, code, _)| (*sign, *code));
        // Of what is updated, the values below say more than the name.
        let shown = |name: &&String| {
            let told = change.properties.iter().any(|property| property.path.starts_with(*name));
            change.what != What::Update || !told
        };
        let because: Vec<_> = change.because.iter().filter(shown).map(String::as_str).collect();
        let because = match (change.what, because.join(", ")) {
            (_, because) if because.is_empty() => String::new(),
            (What::Replace, because) => format!("replaced for {because}"),
            (What::MayReplace, because) => format!("may be replaced for {because}"),
            (_, because) => because,
        };
        let line = format!("{:<id_width$}  {:<width$}  {because}", change.id, change.type_name);
        _ = writeln!(out, "  {} {}", paint(color, code, sign), line.trim_end());
        for Property { path, old, new } in &change.properties {
            _ = writeln!(out, "      {path}: {} → {}", value(old), value(new));
        }
    }
}

/// A value, cut where it would be unreadable.
fn value(line: &Option<String>) -> String {
    const SHOWN: usize = 60;
    let Some(line) = line else { return "(none)".to_owned() };
    let line = line.replace('\n', "⏎");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Change;
    use expect_test::{Expect, expect};
    use infra_gen::diff::{IamChange, diff};
    use serde_json::json;

    /// One of everything.
    fn plan() -> Plan {
        let change = |what, id: &str, because: &[&str]| Change {
            what,
            id: id.to_owned(),
            type_name: format!("AWS::Some::{id}"),
            because: because.iter().map(|name| (*name).to_owned()).collect(),
            properties: Vec::new(),
        };
        let mut update = change(What::Update, "Socket", &["Code", "Timeout"]);
        let long = "x".repeat(70);
        update.properties = [("Timeout", Some("5"), "10"), ("Layers", None, &long)]
            .map(|(path, old, new)| Property {
                path: path.to_owned(),
                old: old.map(str::to_owned),
                new: Some(new.to_owned()),
            })
            .to_vec();
        let loss = |id: &str, certain, needs_permission| Loss {
            id: id.to_owned(),
            type_name: format!("AWS::Some::{id}"),
            holds: "items".to_owned(),
            certain,
            needs_permission,
        };
        let policy = |action: &str| {
            json!({"Resources": {"P": {"Type": "AWS::IAM::RolePolicy", "Properties": {
                "PolicyName": "p", "RoleName": "ada",
                "PolicyDocument": {"Statement": [{
                    "Effect": "Allow", "Action": action, "Resource": "*",
                    "Condition": {"Bool": {"aws:SecureTransport": "true"}},
                }]},
            }}}})
        };
        let mut iam = diff("s", &policy("sqs:SendMessage"), &policy("sqs:*")).iam;
        iam.changes.sort_by_key(|change: &IamChange| change.grant.action.clone());
        Plan {
            stack: "chat".to_owned(),
            account: "123456789012".to_owned(),
            region: "eu-central-1".to_owned(),
            is_new: false,
            digest: "0123".to_owned(),
            changes: vec![
                change(What::Remove, "Queue", &[]),
                change(What::Replace, "Table", &["KeySchema"]),
                change(What::MayReplace, "Api", &["Name"]),
                update,
                change(What::Import, "Bucket", &[]),
                change(What::Add, "Role", &[]),
            ],
            outputs: vec!["Url".to_owned()],
            losses: vec![
                loss("Queue", true, true),
                loss("Api", false, true),
                loss("Log", true, false),
            ],
            iam,
            heals: vec!["Worker".to_owned()],
        }
    }

    fn check(color: bool, want: Expect) {
        want.assert_eq(&text(&plan(), color).replace('\u{1b}', "^"));
    }

    #[test]
    fn the_gravest_comes_first() {
        check(
            false,
            expect![[r#"

                chat in eu-central-1, account 123456789012: 1 to delete, 1 to replace, 1 to replace or update, 1 to update, 1 to import, 1 to add, code of 1 to put back

                  - Queue   AWS::Some::Queue
                  ! Table   AWS::Some::Table   replaced for KeySchema
                  ? Api     AWS::Some::Api     may be replaced for Name
                  ~ Socket  AWS::Some::Socket  Code
                      Timeout: 5 → 10
                      Layers: (none) → xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
                  > Bucket  AWS::Some::Bucket
                  + Role    AWS::Some::Role
                  outputs that change: Url
                  Worker: its code was changed past CloudFormation and is put back

                ┌─ DATA LOSS ─────────────────────────────────────────────┐
                │ Queue (AWS::Some::Queue): items are deleted             │
                │ Api (AWS::Some::Api): items may be deleted              │
                │ Log (AWS::Some::Log): items are kept for a shorter time │
                └─────────────────────────────────────────────────────────┘

                Who may do what (! is more than before)
                ! + Allow ada sqs:* on * when {"Bool":{"aws:SecureTransport":"true"}}
                  - Allow ada sqs:SendMessage on * when {"Bool":{"aws:SecureTransport":"true"}}

                digest 0123

            "#]],
        );
    }

    #[test]
    fn colour_says_nothing_that_signs_do_not() {
        check(
            true,
            expect![[r#"

                ^[1mchat^[0m in eu-central-1, account 123456789012: 1 to delete, 1 to replace, 1 to replace or update, 1 to update, 1 to import, 1 to add, code of 1 to put back

                  ^[31m-^[0m Queue   AWS::Some::Queue
                  ^[31m!^[0m Table   AWS::Some::Table   replaced for KeySchema
                  ^[33m?^[0m Api     AWS::Some::Api     may be replaced for Name
                  ^[33m~^[0m Socket  AWS::Some::Socket  Code
                      Timeout: 5 → 10
                      Layers: (none) → xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
                  ^[32m>^[0m Bucket  AWS::Some::Bucket
                  ^[32m+^[0m Role    AWS::Some::Role
                  outputs that change: Url
                  Worker: its code was changed past CloudFormation and is put back

                ^[1;31m┌─ DATA LOSS ─────────────────────────────────────────────┐^[0m
                ^[1;31m│^[0m Queue (AWS::Some::Queue): items are deleted             ^[1;31m│^[0m
                ^[1;31m│^[0m Api (AWS::Some::Api): items may be deleted              ^[1;31m│^[0m
                ^[1;31m│^[0m Log (AWS::Some::Log): items are kept for a shorter time ^[1;31m│^[0m
                ^[1;31m└─────────────────────────────────────────────────────────┘^[0m

                Who may do what (! is more than before)
                ^[1;31m!^[0m ^[32m+^[0m Allow ada sqs:* on * when {"Bool":{"aws:SecureTransport":"true"}}
                  ^[31m-^[0m Allow ada sqs:SendMessage on * when {"Bool":{"aws:SecureTransport":"true"}}

                digest 0123

            "#]],
        );
        let plain = text(&plan(), true);
        let codes = ["0", "1", "31", "32", "33", "1;31"].map(|code| format!("\u{1b}[{code}m"));
        let plain = codes.iter().fold(plain, |text, code| text.replace(code, ""));
        assert_eq!(plain, text(&plan(), false));
    }
}
