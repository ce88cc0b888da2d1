//! A diff in each format.

use super::deployed::DriftedProperty;
use super::*;
use expect_test::{ExpectFile, expect_file};

/// A realistic evolution: another key of the table, more rights, one route more, an output.
fn evolution() -> Vec<Compared> {
    let parse = |text| template_file::parse(text).unwrap();
    let (old, new) = (include_str!("testdata/old.yaml"), include_str!("testdata/new.yaml"));
    let outputs = include_str!("testdata/old.yaml").replace("Where clients connect", "URL");
    vec![
        diff("chat-prod", &parse(old), &parse(new)).into(),
        diff("chat-dev", &parse(old), &parse(&outputs)).into(),
        diff("chat-same", &parse(old), &parse(old)).into(),
    ]
}

/// The same template, with other code, and a resource that somebody has changed by hand.
fn deployed() -> Vec<Compared> {
    let parse = |text| template_file::parse(text).unwrap();
    let old = parse(include_str!("testdata/old.yaml"));
    let zip = |key: &str, bytes| Some(Zip { key: key.to_owned(), bytes });
    let code = |function: &str, old, new| CodeChange { function: function.to_owned(), old, new };
    let drifted = Drifted {
        id: "Socket".to_owned(),
        type_name: "AWS::Lambda::Function".to_owned(),
        status: "MODIFIED".to_owned(),
        properties: vec![DriftedProperty {
            path: "/MemorySize".to_owned(),
            expected: Some("128".to_owned()),
            actual: Some("512".to_owned()),
        }],
    };
    vec![Compared {
        diff: diff("chat-prod", &old, &old),
        code: vec![
            code(
                "socket",
                zip("socket/aa.zip", Some(812_345)),
                zip("socket/bb.zip", Some(813_002)),
            ),
            code("sender", None, zip("sender/cc.zip", Some(900))),
            code("worker", zip("worker/dd.zip", None), None),
        ],
        drift: vec![drifted],
    }]
}

#[test]
fn what_only_an_account_can_tell() {
    check(
        &format!(
            "{}\n{}\n{}",
            text::render(&deployed()),
            markdown::render("deployed", &deployed()),
            json::render("deployed", &deployed())
        ),
        expect_file!["testdata/deployed.txt"],
    );
}

fn check(text: &str, expected: ExpectFile) {
    expected.assert_eq(text);
}

#[test]
fn an_evolution_as_text() {
    check(&text::render(&evolution()), expect_file!["testdata/evolution.txt"]);
}

#[test]
fn an_evolution_as_json() {
    check(&json::render("git:main", &evolution()), expect_file!["testdata/evolution.json"]);
}

#[test]
fn an_evolution_as_markdown() {
    check(&markdown::render("git:main", &evolution()), expect_file!["testdata/evolution.md"]);
}

/// The document is a promise: what it shows is what is written.
#[test]
fn the_documented_example_is_real() {
    let document = include_str!("../../../../docs/diff-schema.md");
    let example = document.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let old = template_file::parse(
        "Resources: {Log: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: a}}}",
    );
    let new = template_file::parse(
        "Resources: {Log: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: b}}, Policy: {Type: AWS::IAM::RolePolicy, Properties: {PolicyName: p, RoleName: !Ref Role, PolicyDocument: {Statement: [{Effect: Allow, Action: 'logs:*', Resource: !GetAtt Log.Arn}]}}}}",
    );
    let diffs = [diff("chat-prod", &old.unwrap(), &new.unwrap()).into()];
    let real = json::render("snapshot", &diffs);
    assert!(example == real, "docs/diff-schema.md shows another example; it must be:\n{real}");
}
