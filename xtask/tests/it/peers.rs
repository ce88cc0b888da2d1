//! Second opinions from other implementations.

use expect_test::expect;
use infra_gen::validate::{Severity, validate};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A program of the peers' venv. Without the venv, CI fails and a person is told.
#[expect(clippy::print_stderr, reason = "a comparison that is left out is said aloud")]
pub(crate) fn peer(name: &str) -> Option<Command> {
    if let Some(venv) = std::env::var_os("HERALD_PEERS") {
        return Some(Command::new(PathBuf::from(venv).join("bin").join(name)));
    }
    assert!(std::env::var_os("CI").is_none(), "HERALD_PEERS is not set; run `cargo xtask test`");
    eprintln!("NOT COMPARED with {name}; `cargo xtask test` installs it");
    None
}

#[test]
fn cfn_lint_finds_nothing_in_the_reviewed_templates() {
    let Some(mut cfn_lint) = peer("cfn-lint") else { return };
    let templates = concat!(env!("CARGO_MANIFEST_DIR"), "/../stacks/templates/*.yaml");
    let output = cfn_lint.arg(templates).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success() && said.is_empty(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A WebSocket API that is right, and with one fault: a text, and what stands in its place.
const SOCKET: &str = include_str!("../../../infra-gen/tests/it/socket.yaml");
const FAULTS: [(&str, &str, &str); 24] = [
    ("attribute", "!GetAtt Role.Arn", "!GetAtt Role.Name"),
    (
        "circle",
        "        ZipFile: exports.handler",
        "        S3Bucket: !Ref Integration\n        ZipFile: exports.handler",
    ),
    (
        "condition",
        "    Type: AWS::IAM::Role\n",
        "    Type: AWS::IAM::Role\n    Condition: IsProd\n",
    ),
    (
        "dependency",
        "    Type: AWS::IAM::Role\n",
        "    Type: AWS::IAM::Role\n    DependsOn: Rolle\n",
    ),
    ("deployments", "AutoDeploy: true", "AutoDeploy: true\n      DeploymentId: abc123"),
    (
        "duplicate name",
        "Resources:\n",
        "Resources:\n  A:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: q}\n  B:\n    Type: AWS::SQS::Queue\n    Properties: {QueueName: q}\n",
    ),
    ("kind", "Timeout: 10", "Timeout: [10]"),
    ("misspelt action", "Action: sts:AssumeRole", "Action: sts:AssumeRoll"),
    ("no deployment", "AutoDeploy: true", "Description: none"),
    ("no permission", "/prod/*\n", "/dev/*\n"),
    ("pattern", "!GetAtt Role.Arn", "role"),
    ("property", "      Timeout: 10", "      TimeOut: 10"),
    ("protocol", "WEBSOCKET", "WEBSCKET"),
    ("range", "Timeout: 10", "Timeout: 9000"),
    (
        "redundant dependency",
        "    Type: AWS::Lambda::Function\n",
        "    Type: AWS::Lambda::Function\n    DependsOn: Role\n",
    ),
    ("reference", "ApiId: !Ref Api", "ApiId: !Ref Apis"),
    ("required", "      StageName: prod\n", ""),
    ("reserved route", "RouteKey: $default", "RouteKey: $message"),
    ("retired runtime", "nodejs22.x", "nodejs12.x"),
    ("route target", "integrations/${Integration}", "integration/${Integration}"),
    ("type", "AWS::ApiGatewayV2::Stage", "AWS::ApiGatewayV2::Stages"),
    ("unused parameter", "Resources:\n", "Parameters:\n  Unused:\n    Type: String\nResources:\n"),
    (
        "uri",
        "!Sub arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function.Arn}/invocations",
        "!GetAtt Function.Arn",
    ),
    ("value", "nodejs22.x", "nodejs22"),
];

/// What cfn-lint finds and we leave to it: it knows every action of IAM and the calendar of
/// runtimes, and asks for a style in which nothing is said twice.
const LEFT_TO_IT: [&str; 3] = ["misspelt action", "redundant dependency", "retired runtime"];

/// Codes that cfn-lint reports, by file name.
fn cfn_lint_codes(cfn_lint: &mut Command, files: &[PathBuf]) -> BTreeMap<String, BTreeSet<String>> {
    let output = cfn_lint.args(["--format", "json"]).args(files).output().unwrap();
    let found: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).unwrap();
    let mut codes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for finding in found {
        let file = Path::new(finding["Filename"].as_str().unwrap()).file_stem().unwrap();
        let code = finding["Rule"]["Id"].as_str().unwrap().to_owned();
        codes.entry(file.to_str().unwrap().to_owned()).or_default().insert(code);
    }
    codes
}

fn our_codes(text: &str) -> BTreeSet<String> {
    let found = validate(text).into_iter().filter(|d| d.severity != Severity::Info);
    found.map(|diagnostic| diagnostic.code.to_owned()).collect()
}

#[test]
fn what_cfn_lint_finds_we_find() {
    let Some(mut cfn_lint) = peer("cfn-lint") else { return };
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("faults");
    std::fs::create_dir_all(&dir).unwrap();
    let mut files = Vec::new();
    let mut ours = BTreeMap::new();
    for (name, from, to) in [("none", "", "")].into_iter().chain(FAULTS) {
        assert!(SOCKET.contains(from), "{name}");
        let text = SOCKET.replacen(from, to, 1);
        let file = dir.join(format!("{name}.yaml"));
        std::fs::write(&file, &text).unwrap();
        files.push(file);
        ours.insert(name, our_codes(&text));
    }
    let theirs = cfn_lint_codes(&mut cfn_lint, &files);
    let none = BTreeSet::new();
    let mut table = String::new();
    for (name, ours) in &ours {
        let theirs = theirs.get(*name).unwrap_or(&none);
        let left = LEFT_TO_IT.contains(name);
        assert_eq!(left, !theirs.is_empty() && ours.is_empty(), "{name}: {theirs:?} {ours:?}");
        let list = |codes: &BTreeSet<String>| Vec::from_iter(codes.iter().cloned()).join(" ");
        table += &format!("{name:<20} | {:<11} | {}\n", list(theirs), list(ours));
    }
    expect![[r#"
        attribute            | E1010       | HR203
        circle               | E1041 E3004 | HR206
        condition            | E3015 W1001 | HR205
        dependency           | E3005       | HR204
        deployments          |             | HR407
        duplicate name       |             | HR301
        kind                 | E3012       | HR104
        misspelt action      | W3037       |
        no deployment        |             | HR408
        no permission        |             | HR403
        none                 |             |
        pattern              | E3031       | HR106
        property             | E3002       | HR102
        protocol             |             | HR105
        range                | E3034       | HR106 HR415
        redundant dependency | W3005       |
        reference            | E1020       | HR201 HR401
        required             | E3003       | HR103 HR403
        reserved route       |             | HR405
        retired runtime      | E2533       |
        route target         |             | HR401
        type                 | E3006       | HR101 HR403
        unused parameter     | W2001       | HR207
        uri                  |             | HR402
        value                | E3030       | HR105
    "#]]
    .assert_eq(&table.lines().map(|l| format!("{}\n", l.trim_end())).collect::<String>());
}
