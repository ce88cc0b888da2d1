//! The push and job service at work on ministack: what a stage that was shipped is there for.

use super::{Stage, cloud::Cloud};
use crate::push::device::Device;
use herald_client::ticket::{Pass, Secret, mint};
use serde_json::{Value, json};

const REPORT: &str = r#"{"columns": ["n"], "rows": [[1], [2]]}"#;

/// A ticket, a job from each side, and a notification: every function has a part but `sweeper`, and
/// `sender`, which is for more clients than one.
#[tokio::main(flavor = "current_thread")]
pub(super) async fn a_user_is_told_what_becomes_of_jobs(stage: &Stage<'_>) {
    let mut laptop = device(stage).await;
    let input: Value = serde_json::from_str(REPORT).unwrap();
    let submit = json!({
        "action": "job.submit", "kind": "report.csv", "input": input, "idempotencyKey": "k1",
    });
    laptop.say(&submit).await;
    let end = |event: &Value| event["type"] == "job" && event["state"] == "SUCCEEDED";
    let by_socket = laptop.until(end).await;
    assert!(by_socket["result"]["csv"].as_str().unwrap().starts_with('n'), "{by_socket}");
    let told = laptop.until(|event| event["type"] == "notification").await;
    assert_eq!(told["jobId"], by_socket["jobId"], "its end is in the inbox, too");

    let submit =
        ["jobs", "submit", "--user", "ada", "--kind", "report.csv", "--input", "-", "--watch"];
    let result = stage.cloud.operate(&submit, REPORT).ended_with(0).json();
    assert_eq!(result, by_socket["result"]);
    let by_command = laptop.until(end).await;
    assert_ne!(by_command["jobId"], by_socket["jobId"]);
    let list = ["jobs", "list", "--user", "ada", "--format", "json"];
    let list = stage.cloud.operate(&list, "").ended_with(0).json();
    assert_eq!(list.as_array().unwrap().len(), 2, "{list}");

    let publish = ["publish", "--to", "user:ada", "--title", "hello"];
    stage.cloud.operate(&publish, "").ended_with(0);
    laptop.until(|event| event["type"] == "notification" && event["title"] == "hello").await;
}

/// The socket's function and the way back to the client.
#[tokio::main(flavor = "current_thread")]
pub(super) async fn a_client_is_welcome(stage: &Stage<'_>) {
    device(stage).await;
}

/// What was signed before a rotation opens the door after it, as what is signed now does.
#[tokio::main(flavor = "current_thread")]
pub(super) async fn a_secret_is_rotated_and_no_ticket_refused(stage: &Stage<'_>) {
    let first = secrets(stage).0;
    let told = stage.deploy(&["--yes", "--events", "ndjson", "--rotate-secret", "TicketSecret"]);
    let told = told.ended_with(0);
    let (now, before) = secrets(stage);
    assert_ne!(now, first);
    assert_eq!(before.as_ref(), Some(&first));
    for secret in [&first, &now] {
        assert!(!format!("{}{}", told.out, told.err).contains(secret.as_str()), "it was told");
    }
    let old = Secret::new(first.into_bytes()).unwrap();
    let ticket = mint(&old, Pass::of("ada".parse().unwrap())).unwrap();
    welcome(stage, &ticket).await;
    device(stage).await;
}

/// The secrets that the authorizer has, now and before.
fn secrets(stage: &Stage<'_>) -> (String, Option<String>) {
    let name = stage.outputs["AuthorizerFunction"].as_str().unwrap();
    let get = ["lambda", "get-function-configuration", "--function-name", name];
    let function = stage.cloud.aws(&get).ended_with(0).json();
    let variables = &function["Environment"]["Variables"];
    let text = |name: &str| variables[name].as_str().map(str::to_owned);
    (text("TICKET_SECRET").unwrap(), text("TICKET_SECRET_BEFORE"))
}

async fn device(stage: &Stage<'_>) -> Device {
    let ticket = ticket(stage.cloud);
    welcome(stage, &ticket).await
}

fn ticket(cloud: &Cloud) -> String {
    cloud.operate(&["ticket", "--user", "ada"], "").ended_with(0).out.trim().to_owned()
}

async fn welcome(stage: &Stage<'_>, ticket: &str) -> Device {
    let url = stage.base.replacen("http", "ws", 1);
    let mut device = Device::connect(&format!("{url}?ticket={ticket}")).await;
    device.hello("laptop").await;
    device
}
