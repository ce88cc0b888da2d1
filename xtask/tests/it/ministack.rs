//! Shipping, end to end: our commands, all our functions and the AWS CLI, against ministack.
//!
//! Where ministack differs from AWS:
//! - it carries out a whole operation before the call that begins it is answered, so that nothing
//!   is seen in progress here; `xtask/deployer/tests` plays that with a cloud of its own;
//! - it does not know `AWS::ApiGatewayV2::IntegrationResponse`, `AWS::ApiGatewayV2::RouteResponse`,
//!   `AWS::ApiGatewayV2::Deployment`, `AWS::IAM::RolePolicy` and `AWS::IAM::OIDCProvider`; so the
//!   route `ping`, which AWS answers by itself, is there and says nothing;
//! - a change of outputs alone is no change to it;
//! - it enforces neither capabilities, nor permissions, nor the bucket's policy, nor API Gateway's
//!   role for logs;
//! - the domain name of an API, which the handler makes its callback URL of, has no port, so that
//!   the callback URL is set here, as behind a domain of one's own; for the same reason the URL that
//!   `ticket` prints is that of AWS, and only the ticket is taken.

mod cloud;
mod service;

use cloud::{Bundles, Cloud, Said, assemble, bundle, bundles};
use serde_json::{Value, json};
use service::{
    a_client_is_welcome, a_secret_is_rotated_and_no_ticket_refused,
    a_user_is_told_what_becomes_of_jobs,
};
use std::collections::BTreeSet;
use std::path::PathBuf;

const STACK: &str = "herald-dev";

#[test]
fn a_stage_is_shipped_changed_failed_and_destroyed() {
    let Some(cloud) = Cloud::start("shipping") else { return };
    let Some(bundles) = bundles() else { return };
    an_account_that_has_nothing_says_what_it_needs_and_needs_it_once(&cloud);
    let stage = a_first_deployment(&cloud, bundles);
    the_tool_that_users_have_already_agrees(&stage);
    a_variable_changes_and_clients_find_the_way_back(&stage);
    a_user_is_told_what_becomes_of_jobs(&stage);
    a_secret_is_rotated_and_no_ticket_refused(&stage);
    code_is_changed_past_cloudformation_and_the_next_deployment_heals_it(&stage);
    a_route_comes(&stage);
    what_cannot_be_made_leaves_everything_as_before(&stage);
    there_is_something_to_see_and_nothing_to_tidy(&stage);
    the_role_of_workflows_stands_beside_it(&cloud);
    nothing_is_left_but_the_table(&cloud);
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

fn a_first_deployment(cloud: &Cloud, bundles: Bundles) -> Stage<'_> {
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

fn a_variable_changes_and_clients_find_the_way_back(stage: &Stage<'_>) {
    stage.assemble(|_| {});
    stage.deploy(&["--yes"]).ended_with(0);
    a_client_is_welcome(stage);
}

fn code_is_changed_past_cloudformation_and_the_next_deployment_heals_it(stage: &Stage<'_>) {
    let before = code(stage.cloud);
    let mut other = stage.bundles.clone();
    // Bytes behind the end of an executable mean nothing.
    other.insert("socket".to_owned(), bundle("socket", "other", b"another"));
    assemble(&stage.assembly, &stage.settings, &other, |_| {});
    stage.deploy(&["--code-only", "--yes"]).ended_with(0);
    assert_ne!(code(stage.cloud), before);
    a_client_is_welcome(stage);
    stage.assemble(|_| {});
    stage.deploy(&["--yes"]).ended_with(0);
    assert_eq!(code(stage.cloud), before);
}

fn a_route_comes(stage: &Stage<'_>) {
    let mut expected = routes(stage);
    stage.assemble(|template| {
        let mut route = template["Resources"]["DefaultRoute"].clone();
        route["Properties"]["RouteKey"] = json!("zoom");
        template["Resources"]["ZoomRoute"] = route;
    });
    stage.deploy(&["--yes"]).ended_with(0);
    expected.push("zoom".to_owned());
    assert_eq!(routes(stage), expected);
}

fn what_cannot_be_made_leaves_everything_as_before(stage: &Stage<'_>) {
    stage.assemble(|template| {
        template["Resources"]["Broken"] = json!({
            "Type": "AWS::SQS::Queue",
            "Properties": {"QueueName": {"Fn::GetAtt": ["Api", "NoSuchAttribute"]}},
        });
    });
    let before = routes(stage);
    let failed = stage.deploy(&["--yes"]).ended_with(1);
    assert!(failed.err.contains("Broken"), "{}", failed.err);
    let status = stage.cloud.xtask("status", &["--format", "json"]).ended_with(0).json();
    assert_eq!(status["stacks"][0]["status"], "UPDATE_ROLLBACK_COMPLETE");
    assert_eq!(routes(stage), before);
    a_client_is_welcome(stage);
}

fn there_is_something_to_see_and_nothing_to_tidy(stage: &Stage<'_>) {
    let cloud = stage.cloud;
    let logs = cloud.xtask("logs", &["--since", "1h", "--format", "json"]).ended_with(0);
    let lines = logs.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let sources: BTreeSet<_> = lines.map(|line| line["source"].to_string()).collect();
    assert!(sources.contains("\"Socket\""), "{sources:?}");
    let diff = cloud.xtask("diff", &["--against", "deployed", "--format", "json"]);
    let diff = diff.ended_with(0).json();
    assert_eq!(diff["stacks"][0]["summary"]["remove"], 1, "the route that only this test has");
    let kept = cloud.xtask("gc", &[]).ended_with(0);
    assert!(kept.err.starts_with("0 of "), "what is young stays: {}", kept.err);
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

fn nothing_is_left_but_the_table(cloud: &Cloud) {
    let asked = cloud.xtask("destroy", &[]).ended_with(3);
    assert!(asked.err.contains("its log events are lost"), "{}", asked.err);
    assert!(asked.err.contains("stays, with its items"), "{}", asked.err);
    cloud.xtask("destroy", &["--yes"]).ended_with(0);
    let status = cloud.xtask("status", &["--format", "json"]).ended_with(0).json();
    assert_eq!(status["stacks"][0]["status"], "NOT_DEPLOYED");
    let functions = cloud.aws(&["lambda", "list-functions"]).ended_with(0).json();
    assert_eq!(functions["Functions"], json!([]));
    let tables = cloud.aws(&["dynamodb", "list-tables"]).ended_with(0).json();
    let [table] = &tables["TableNames"].as_array().unwrap()[..] else { panic!("{tables}") };
    assert!(asked.err.contains(table.as_str().unwrap()), "{table}: {}", asked.err);
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
    let code = functions.iter().map(|f| f["CodeSha256"].as_str().unwrap().to_owned());
    let mut code: Vec<_> = code.collect();
    code.sort();
    code
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
