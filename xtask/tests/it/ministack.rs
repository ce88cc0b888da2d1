//! Shipping, end to end: our commands, our real bundles and the AWS CLI, against ministack.
//!
//! Where ministack differs from AWS:
//! - it carries out a whole operation before the call that begins it is answered, so that nothing
//!   is seen in progress here; `xtask/deployer/tests` plays that with a cloud of its own;
//! - it does not know `AWS::ApiGatewayV2::RouteResponse`, `AWS::ApiGatewayV2::Deployment` and
//!   `AWS::IAM::OIDCProvider`;
//! - a change of outputs alone is no change to it;
//! - it enforces neither capabilities, nor the bucket's policy, nor API Gateway's role for logs;
//! - the domain name of an API, which the handler makes its callback URL of, has no port, so that
//!   the callback URL is set here, as behind a domain of one's own.

mod cloud;

use cloud::{Bundles, Cloud, Said, assemble, bundles};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::io::{Cursor, Read as _, Write as _};
use std::path::PathBuf;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

const STACK: &str = "herald-dev";

#[test]
fn a_stage_is_shipped_changed_failed_and_destroyed() {
    let Some(cloud) = Cloud::start("shipping") else { return };
    an_account_that_has_nothing_says_what_it_needs_and_needs_it_once(&cloud);
    let stage = a_first_deployment(&cloud);
    the_tool_that_users_have_already_agrees(&stage);
    a_variable_changes_and_the_client_hears_from_it(&stage);
    code_is_changed_past_cloudformation_and_the_next_deployment_heals_it(&stage);
    a_route_comes(&stage);
    what_cannot_be_made_leaves_everything_as_before(&stage);
    there_is_something_to_see_and_nothing_to_tidy(&stage);
    the_role_of_workflows_stands_beside_it(&cloud);
    nothing_is_left(&cloud);
}

/// A stage that is deployed.
struct Stage<'c> {
    cloud: &'c Cloud,
    assembly: PathBuf,
    bundles: Bundles,
    outputs: Value,
    api: String,
    /// Where backends post, and clients connect.
    base: String,
    /// What says so.
    settings: String,
}

impl Stage<'_> {
    fn assemble(&self, edit: impl FnOnce(&mut Value)) {
        assemble(&self.assembly, &self.settings, &self.bundles, edit);
    }

    fn deploy(&self, args: &[&str]) -> Said {
        self.cloud.deploy(&self.assembly, args)
    }
}

fn an_account_that_has_nothing_says_what_it_needs_and_needs_it_once(cloud: &Cloud) {
    let asked = cloud.xtask("bootstrap", &[]).ended_with(3);
    assert!(
        asked.err.contains("cargo xtask bootstrap --stage dev --endpoint-url"),
        "{}",
        asked.err
    );
    cloud.xtask("bootstrap", &["--yes"]).ended_with(0);
    let again = cloud.xtask("bootstrap", &[]).ended_with(0);
    assert!(again.err.contains("everything is there already"), "{}", again.err);
}

fn a_first_deployment(cloud: &Cloud) -> Stage<'_> {
    let bundle = crate::cli::xtask(&["bundle", "--arch", "x86_64"]).output().unwrap();
    assert!(bundle.status.success(), "{}", String::from_utf8_lossy(&bundle.stderr));
    let bundles = bundles();
    let assembly = cloud.file("assembly");
    assemble(&assembly, "", &bundles, |_| {});
    let unapproved = cloud.deploy(&assembly, &[]).ended_with(3);
    assert!(unapproved.err.contains("--approve "), "{}", unapproved.err);
    let file = cloud.file("outputs.json");
    let args = ["--yes", "--events", "ndjson", "--outputs-file", file.to_str().unwrap()];
    let shipped = cloud.deploy(&assembly, &args).ended_with(0);
    let last: Value = serde_json::from_str(shipped.out.lines().last().unwrap()).unwrap();
    assert_eq!((&last["event"], &last["exit"]), (&json!("result"), &json!(0)), "{last}");
    let nothing = cloud.deploy(&assembly, &["--yes"]).ended_with(0);
    assert!(nothing.err.contains("as it should be"), "{}", nothing.err);

    let outputs: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let url = outputs["WebSocketUrl"].as_str().unwrap();
    let api = url.strip_prefix("wss://").unwrap().split('.').next().unwrap().to_owned();
    let base = format!("{}/_aws/execute-api/{api}/dev", cloud.url());
    let settings = format!(", callback_url: '{base}'");
    Stage { cloud, assembly, bundles, outputs, api, base, settings }
}

fn the_tool_that_users_have_already_agrees(stage: &Stage<'_>) {
    let cloud = stage.cloud;
    let told = cloud.xtask("outputs", &["--format", "json"]).ended_with(0).json();
    assert_eq!(told, stage.outputs);
    assert_eq!(outputs_by_aws(cloud), stage.outputs);
    let status = cloud.xtask("status", &["--format", "json"]).ended_with(0).json();
    assert_eq!(status["stacks"][0]["status"], "CREATE_COMPLETE");
    let resources = ["cloudformation", "describe-stack-resources", "--stack-name", STACK];
    let resources = cloud.aws(&resources).ended_with(0).json();
    let count = resources["StackResources"].as_array().unwrap().len();
    assert_eq!(status["stacks"][0]["resources"], count);
}

fn a_variable_changes_and_the_client_hears_from_it(stage: &Stage<'_>) {
    stage.assemble(|_| {});
    stage.deploy(&["--yes"]).ended_with(0);
    hears_its_connection_id(&stage.base);
}

fn code_is_changed_past_cloudformation_and_the_next_deployment_heals_it(stage: &Stage<'_>) {
    let before = code(stage.cloud);
    let other = with_other_code(&stage.bundles);
    assemble(&stage.assembly, &stage.settings, &other, |_| {});
    stage.deploy(&["--code-only", "--yes"]).ended_with(0);
    assert_ne!(code(stage.cloud), before);
    hears_its_connection_id(&stage.base);
    stage.assemble(|_| {});
    stage.deploy(&["--yes"]).ended_with(0);
    assert_eq!(code(stage.cloud), before);
}

fn a_route_comes(stage: &Stage<'_>) {
    stage.assemble(|template| {
        let mut route = template["Resources"]["DefaultRoute"].clone();
        route["Properties"]["RouteKey"] = json!("ping");
        template["Resources"]["PingRoute"] = route;
    });
    stage.deploy(&["--yes"]).ended_with(0);
    assert_eq!(routes(stage), ["$connect", "$default", "$disconnect", "ping"]);
}

fn what_cannot_be_made_leaves_everything_as_before(stage: &Stage<'_>) {
    stage.assemble(|template| {
        template["Resources"]["Broken"] = json!({
            "Type": "AWS::SQS::Queue",
            "Properties": {"QueueName": {"Fn::GetAtt": ["Api", "NoSuchAttribute"]}},
        });
    });
    let failed = stage.deploy(&["--yes"]).ended_with(1);
    assert!(failed.err.contains("Broken"), "{}", failed.err);
    let status = stage.cloud.xtask("status", &["--format", "json"]).ended_with(0).json();
    assert_eq!(status["stacks"][0]["status"], "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(routes(stage), ["$connect", "$default", "$disconnect", "ping"]);
    hears_its_connection_id(&stage.base);
}

fn there_is_something_to_see_and_nothing_to_tidy(stage: &Stage<'_>) {
    let cloud = stage.cloud;
    let logs = cloud.xtask("logs", &["--since", "1h", "--format", "json"]).ended_with(0);
    let line: Value = serde_json::from_str(logs.out.lines().next().unwrap()).unwrap();
    assert_eq!(line["source"], "Socket", "{line}");
    let diff = cloud.xtask("diff", &["--against", "deployed", "--format", "json"]);
    let diff = diff.ended_with(0).json();
    assert_eq!(diff["stacks"][0]["summary"]["remove"], 1, "the route that only this test has");
    assert_eq!(diff["stacks"][0]["code"], Value::Null, "the code is that of the last bundle");
    let kept = cloud.xtask("gc", &[]).ended_with(0);
    assert!(kept.err.starts_with("0 of 2 objects"), "what is young stays: {}", kept.err);
}

fn the_role_of_workflows_stands_beside_it(cloud: &Cloud) {
    let args =
        ["--github", "octo-org/herald", "--existing-provider", "--yes", "--events", "ndjson"];
    let role = cloud.xtask("deploy", &args).ended_with(0);
    let outputs = role.out.lines().find(|line| line.contains(r#""event":"outputs""#)).unwrap();
    let outputs: Value = serde_json::from_str(outputs).unwrap();
    let name = outputs["outputs"]["RoleArn"].as_str().unwrap().rsplit('/').next().unwrap();
    let by_aws = cloud.aws(&["iam", "get-role", "--role-name", name]).ended_with(0).json();
    let trust = &by_aws["Role"]["AssumeRolePolicyDocument"]["Statement"][0];
    assert_eq!(
        trust["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"],
        "repo:octo-org/herald:environment:dev"
    );
}

fn nothing_is_left(cloud: &Cloud) {
    let asked = cloud.xtask("destroy", &[]).ended_with(3);
    assert!(asked.err.contains("its log events are lost"), "{}", asked.err);
    cloud.xtask("destroy", &["--yes"]).ended_with(0);
    let status = cloud.xtask("status", &["--format", "json"]).ended_with(0).json();
    assert_eq!(status["stacks"][0]["status"], "NOT_DEPLOYED");
    let functions = cloud.aws(&["lambda", "list-functions"]).ended_with(0).json();
    assert_eq!(functions["Functions"], json!([]));
    cloud.xtask("destroy", &[]).ended_with(0);
}

/// The outputs as `aws cloudformation describe-stacks` has them.
fn outputs_by_aws(cloud: &Cloud) -> Value {
    let stacks = cloud.aws(&["cloudformation", "describe-stacks", "--stack-name", STACK]);
    let stacks = stacks.ended_with(0).json();
    let outputs = stacks["Stacks"][0]["Outputs"].as_array().unwrap();
    let pair = |output: &Value| {
        (output["OutputKey"].as_str().unwrap().to_owned(), output["OutputValue"].clone())
    };
    Value::Object(outputs.iter().map(pair).collect())
}

/// The code of all functions, by hash.
fn code(cloud: &Cloud) -> Vec<String> {
    let functions = cloud.aws(&["lambda", "list-functions"]).ended_with(0).json();
    let functions = functions["Functions"].as_array().unwrap();
    assert!(!functions.is_empty());
    functions.iter().map(|function| function["CodeSha256"].as_str().unwrap().to_owned()).collect()
}

fn routes(stage: &Stage<'_>) -> Vec<String> {
    let routes = ["apigatewayv2", "get-routes", "--api-id", &stage.api];
    let routes = stage.cloud.aws(&routes).ended_with(0).json();
    let routes = routes["Items"].as_array().unwrap();
    let mut keys: Vec<_> =
        routes.iter().map(|route| route["RouteKey"].as_str().unwrap().to_owned()).collect();
    keys.sort();
    keys
}

/// Programs that do the same and are others: bytes behind the end of an executable mean nothing.
fn with_other_code(bundles: &Bundles) -> Bundles {
    let other = |(name, (_, zip)): (&String, &(String, Vec<u8>))| {
        let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
        let mut program = Vec::new();
        archive.by_index(0).unwrap().read_to_end(&mut program).unwrap();
        program.extend(b"another");
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
        archive.start_file("bootstrap", options).unwrap();
        archive.write_all(&program).unwrap();
        let zip = archive.finish().unwrap().into_inner();
        (name.clone(), (format!("{name}/other.zip"), zip))
    };
    bundles.iter().map(other).collect()
}

/// Connects, says something, and learns its connection ID through PostToConnection.
fn hears_its_connection_id(base: &str) {
    let url = base.replacen("http", "ws", 1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let text = runtime.block_on(async {
        let (mut client, _) = connect_async(&url).await.unwrap();
        client.send(Message::text("hello")).await.unwrap();
        loop {
            if let Message::Text(text) = client.next().await.unwrap().unwrap() {
                break text.to_string();
            }
        }
    });
    let said: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert_eq!(said["callbackUrl"], base, "{said}");
    assert!(said["connectionId"].is_string(), "{said}");
}
