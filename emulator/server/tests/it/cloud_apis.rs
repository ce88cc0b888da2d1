//! What AWS tells about a deployment, asked as the AWS SDKs ask: stack, functions, logs.

use crate::client::Client;
use crate::emulator::{Emulator, Setup};
use crate::peers::folder;
use serde_json::{Value, json};
use std::process::Command;

/// Runs Python with boto3, whose clients need nothing but the endpoint.
fn python(emulator: &Emulator, program: &str) -> Option<String> {
    let venv = folder("HERALD_PEERS")?;
    let output = Command::new(venv.join("bin/python"))
        .arg("-c")
        .arg(program)
        .env("AWS_ENDPOINT_URL", emulator.ready["endpointUrl"].as_str().unwrap())
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    Some(String::from_utf8(output.stdout).unwrap())
}

fn setup(name: &str) -> Setup {
    let mut setup = Setup::new(name).variable("GREETING", "hello");
    setup.template["Parameters"] = json!({
        "Token": { "Type": "String", "NoEcho": true, "Default": "sesame" },
        "Color": { "Type": "String", "Default": "blue" },
    });
    setup.template["Outputs"] =
        json!({ "Url": { "Value": { "Fn::Sub": "${Api.ApiEndpoint}/dev" } } });
    setup.arguments.extend(["--stack-name", "app", "--tag", "team=push"].map(ToOwned::to_owned));
    setup
}

#[test]
fn the_stack_is_read_by_an_sdk() {
    let emulator = setup("stack").start();
    let program = r#"
import boto3, json
cf = boto3.client("cloudformation")
stack = cf.describe_stacks(StackName="app")["Stacks"][0]
print(json.dumps({
    "status": stack["StackStatus"],
    "parameters": {p["ParameterKey"]: p["ParameterValue"] for p in stack["Parameters"]},
    "outputs": {o["OutputKey"]: o["OutputValue"] for o in stack["Outputs"]},
    "tags": stack["Tags"],
    "year": stack["CreationTime"].year > 2000,
    "resources": [r["LogicalResourceId"] for p in cf.get_paginator("list_stack_resources").paginate(StackName="app") for r in p["StackResourceSummaries"]],
    "kinds": sorted({r["ResourceType"] for r in cf.describe_stack_resources(StackName="app")["StackResources"]}),
    "template": sorted(cf.get_template(StackName="app")["TemplateBody"]),
}))
try:
    cf.describe_stacks(StackName="other")
except cf.exceptions.ClientError as error:
    print(error)
"#;
    let Some(said) = python(&emulator, program) else { return };
    let (told, refused) = said.trim_end().split_once('\n').unwrap();
    let told: Value = serde_json::from_str(told).unwrap();
    let address = emulator.address();
    assert_eq!(told["status"], "CREATE_COMPLETE");
    assert_eq!(told["parameters"], json!({ "Color": "blue", "Token": "****" }));
    let url = told["outputs"]["Url"].as_str().unwrap();
    assert!(url.starts_with(&format!("ws://{address}/")) && url.ends_with("/dev"), "{url}");
    assert_eq!(told["tags"], json!([{ "Key": "team", "Value": "push" }]));
    assert_eq!(told["year"], true);
    let resources = emulator.setup.template["Resources"].as_object().unwrap();
    assert_eq!(told["resources"], resources.keys().map(String::as_str).collect::<Value>());
    assert_eq!(told["kinds"][0], "AWS::ApiGatewayV2::Api");
    assert_eq!(told["template"], json!(["Outputs", "Parameters", "Resources"]));
    assert_eq!(
        refused,
        "An error occurred (ValidationError) when calling the DescribeStacks operation: Stack with id other does not exist"
    );
}

#[test]
fn functions_are_read_by_an_sdk() {
    let emulator = setup("functions").start();
    let program = r#"
import boto3
functions = boto3.client("lambda")
functions.get_waiter("function_active_v2").wait(FunctionName="app-Fn")
print(functions.get_function_configuration(FunctionName="app-Fn")["Environment"]["Variables"]["GREETING"])
print([f["FunctionName"] for p in functions.get_paginator("list_functions").paginate() for f in p["Functions"]])
try:
    functions.get_function(FunctionName="other")
except functions.exceptions.ResourceNotFoundException as error:
    print(error)
"#;
    let Some(said) = python(&emulator, program) else { return };
    let expected = "hello\n['app-Fn']\nAn error occurred (ResourceNotFoundException) when calling the GetFunction operation: \
                    Function not found: arn:aws:lambda:us-east-1:000000000000:function:other\n";
    assert_eq!(said, expected);
}

#[test]
fn logs_are_read_by_an_sdk() {
    let mut emulator = setup("logs").start();
    let mut client = Client::connect(&emulator);
    client.send("fail");
    emulator.wait_for("headers: ");
    emulator.wait_for("Told: as told");
    let program = r#"
import boto3
logs = boto3.client("logs")
group = logs.describe_log_groups()["logGroups"][0]["logGroupName"]
stream = logs.describe_log_streams(logGroupName=group)["logStreams"][0]["logStreamName"]
pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern='headers -nothing', PaginationConfig={"PageSize": 1})
print(group)
print([e["message"] for p in pages for e in p["events"]])
print(len(logs.get_log_events(logGroupName=group, logStreamName=stream)["events"]) > 3)
"#;
    let Some(said) = python(&emulator, program) else { return };
    assert!(said.starts_with("/aws/lambda/app-Fn\n['"), "{said}");
    assert!(said.contains("headers: {") && said.ends_with("\\n']\nTrue\n"), "{said}");
}
