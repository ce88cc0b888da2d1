//! The picture in the README: what the screens draw, as an image, so that it is never another.

use deployer::cloudformation::Event;
use deployer::estimate::Estimates;
use deployer::news::News;
use deployer::plan::{Change, Loss, Plan, Property, What};
use deployer::screen::plan;
use deployer::screen::tree::{Frame, Tree};
use deployer::time::parse;
use expect_test::expect_file;
use infra_gen::diff::{Action, Fate, diff};
use infra_gen::template_file;
use std::fmt::Write as _;
use std::time::Duration;

const OLD: &str = include_str!("../../../src/commands/diff/testdata/old.yaml");
const NEW: &str = include_str!("../../../src/commands/diff/testdata/new.yaml");

/// The plan of the evolution that `diff` is shown with.
fn plan() -> Plan {
    let [old, new] = [OLD, NEW].map(|text| template_file::parse(text).unwrap());
    let diff = diff("chat-prod", &old, &new);
    let losses = diff.losses().map(|change| Loss {
        id: change.id.clone(),
        type_name: change.type_name.clone(),
        holds: change.data.as_ref().unwrap().holds.to_owned(),
        certain: change.data.as_ref().is_some_and(|data| data.fate == Fate::Lost && data.certain),
        needs_permission: true,
    });
    let losses = losses.collect();
    let mut changes: Vec<_> = diff
        .resources
        .iter()
        .map(|change| Change {
            what: match change.action {
                Action::Add => What::Add,
                Action::Update => What::Update,
                Action::MayReplace => What::MayReplace,
                Action::Replace => What::Replace,
                Action::Remove => What::Remove,
            },
            id: change.id.clone(),
            type_name: change.type_name.clone(),
            because: change.because.iter().map(|path| last(&path.to_string())).collect(),
            properties: Vec::<Property>::new(),
        })
        .collect();
    changes.sort_by(|a, b| (a.what, &a.id).cmp(&(b.what, &b.id)));
    Plan {
        stack: diff.stack,
        account: "123456789012".to_owned(),
        region: "eu-central-1".to_owned(),
        is_new: false,
        digest: diff.digest,
        changes,
        outputs: diff.outputs.iter().map(|output| output.id.clone()).collect(),
        losses,
        iam: diff.iam,
        heals: Vec::new(),
    }
}

fn last(path: &str) -> String {
    path.rsplit_once('.').map_or(path, |(_, name)| name).to_owned()
}

/// The tree of it after 21 seconds.
fn tree(plan: &Plan) -> String {
    let at = |second: u32| format!("2026-01-01T12:00:{second:02}.000Z");
    let event = |(number, (id, second, status)): (usize, (&str, u32, &str))| Event {
        event_id: number.to_string(),
        stack_id: "arn".to_owned(),
        logical_resource_id: id.to_owned(),
        physical_resource_id: None,
        resource_type: "AWS::Lambda::Function".to_owned(),
        timestamp: at(second),
        resource_status: status.to_owned(),
        resource_status_reason: None,
    };
    let earlier = [
        ("Table", 34, "UPDATE_COMPLETE"),
        ("Table", 2, "UPDATE_IN_PROGRESS"),
        ("Socket", 50, "UPDATE_COMPLETE"),
        ("Socket", 43, "UPDATE_IN_PROGRESS"),
    ];
    let earlier: Vec<_> = earlier.into_iter().enumerate().map(event).collect();
    let expected = plan.changes.iter().map(|c| (c.id.clone(), c.type_name.clone())).collect();
    let began = parse(&at(0)).unwrap();
    let estimates = Estimates::of_events(&earlier, "UPDATE");
    let mut tree = Tree::new(&plan.stack, expected, estimates, began);
    let (status, reason) = ("UPDATE_IN_PROGRESS".to_owned(), None);
    tree.take(&News::Stack { status, reason, at: at(0) });
    for (id, second, status) in [
        ("DeadLetters", 1, "CREATE_IN_PROGRESS"),
        ("Table", 1, "UPDATE_IN_PROGRESS"),
        ("PublishPermission", 2, "CREATE_IN_PROGRESS"),
        ("PublishPermission", 4, "CREATE_COMPLETE"),
        ("Role", 3, "UPDATE_IN_PROGRESS"),
        ("DeadLetters", 16, "CREATE_COMPLETE"),
        ("Role", 19, "UPDATE_COMPLETE"),
    ] {
        let of = plan.changes.iter().find(|change| change.id == id).unwrap();
        tree.take(&News::Resource {
            id: id.to_owned(),
            type_name: of.type_name.clone(),
            physical_id: None,
            status: status.to_owned(),
            reason: None,
            at: at(second),
        });
    }
    let now = began + Duration::from_secs(21);
    tree.render(Frame { now, width: COLUMNS, height: 40, color: true })
}

const COLUMNS: usize = 110;

/// Text with the colours of a terminal as an image.
fn svg(text: &str) -> String {
    const X: f64 = 8.43;
    const Y: f64 = 19.0;
    let lines: Vec<_> = text.lines().collect();
    let (width, height) = (X * COLUMNS as f64 + 32.0, Y * lines.len() as f64 + 28.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"ui-monospace, Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#161b22\"/>\n"
    );
    for (index, line) in lines.iter().enumerate() {
        // Writing to a string does not fail.
        let y = Y * (index + 1) as f64 + 8.0;
        _ = write!(out, "<text x=\"16\" y=\"{y:.0}\" fill=\"#c9d1d9\" xml:space=\"preserve\">");
        for (number, part) in line.split("\u{1b}[").enumerate() {
            let (style, part) = match number {
                0 => ("", part),
                _ => part.split_once('m').map(|(code, rest)| (style(code), rest)).unwrap(),
            };
            let part = part.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let part: String = part.chars().take(COLUMNS).collect();
            if !part.is_empty() {
                _ = write!(out, "<tspan{style}>{part}</tspan>");
            }
        }
        out.push_str("</text>\n");
    }
    out + "</svg>\n"
}

fn style(code: &str) -> &'static str {
    match code {
        "1" => " font-weight=\"bold\" fill=\"#f0f6fc\"",
        "1;31" => " font-weight=\"bold\" fill=\"#ff7b72\"",
        "31" => " fill=\"#ff7b72\"",
        "32" => " fill=\"#7ee787\"",
        "33" => " fill=\"#e3b341\"",
        "36" | "1;36" => " fill=\"#79c0ff\"",
        "2" => " fill=\"#8b949e\"",
        _ => "",
    }
}

#[test]
fn the_picture_of_plan_and_tree_is_what_the_screens_draw() {
    let plan = plan();
    let question = "Deploy this to chat-prod? [y/N] y\n\n";
    let text = format!("{}{question}{}", plan::text(&plan, true).trim_start(), tree(&plan));
    expect_file!["../../../../docs/images/deploy.svg"].assert_eq(&svg(&text));
}
