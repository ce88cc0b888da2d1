//! Templates and handlers that know nothing of Herald, run as they are: see `tests/foreign`.

use crate::client::{Client, unsigned};
use crate::emulator::{Emulator, Setup};
use crate::peers::{folder, has, path_with};
use crate::signer::{administrator, now, sign};
use gateway_core::http::Request;
use serde_json::{Value, json};

#[test]
fn a_template_of_the_cdk_with_node_handlers_runs_as_it_is() {
    let Some(packages) = folder("HERALD_PEERS_NODE").filter(|_| has("node")) else { return };
    let mut setup = Setup::foreign("cdk-node", "cdk-node/cdk.out/Chat.template.json");
    setup.environment.push(("NODE_PATH", packages.join("node_modules").into()));
    check(setup.start(), "local-Connections827CEF2F");
}

#[test]
fn a_template_of_sam_with_python_handlers_runs_as_it_is() {
    let Some(venv) = folder("HERALD_PEERS") else { return };
    let mut setup = Setup::foreign("sam-python", "sam-python/processed.json");
    setup.environment.push(("PATH", path_with(venv.join("bin"))));
    check(setup.start(), "local-Connections");
}

#[test]
fn a_template_of_sam_before_its_transform_is_refused_with_a_way_out() {
    let (code, said) = Setup::foreign("sam-untransformed", "sam-python/template.yaml").fails();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("Connections, Message, Presence are of SAM's types"), "{said}");
    assert!(said.contains("--template-stage Processed"), "{said}");
}

/// Two people meet in a chat; what one says, both hear; who leaves is forgotten.
fn check(mut emulator: Emulator, table: &str) {
    let mut anna = Client::connect(&emulator);
    let mut ben = Client::connect(&emulator);
    assert_eq!(connected(&emulator, table), 2);

    anna.send("hello");
    assert_eq!((anna.receive().as_str(), ben.receive().as_str()), ("hello", "hello"));

    ben.0.close(None).unwrap();
    emulator.wait_for("$disconnect → ");
    assert_eq!(connected(&emulator, table), 1);
    assert_eq!(anna.ask("still there?"), "still there?");

    drop(anna);
    emulator.wait_for("$disconnect → ");
    assert_eq!(connected(&emulator, table), 0);
}

fn connected(emulator: &Emulator, table: &str) -> u64 {
    let body = json!({ "TableName": table, "Select": "COUNT", "ConsistentRead": true }).to_string();
    let mut request = Request {
        method: "POST".into(),
        path: "/".into(),
        headers: vec![("Host".into(), emulator.address().to_owned())],
        body: body.clone().into(),
        ..Request::default()
    };
    sign(&mut request, &administrator(), "dynamodb", now());
    let mut headers = "X-Amz-Target: DynamoDB_20120810.Scan\r\n".to_owned();
    for (name, value) in &request.headers[1..] {
        headers += &format!("{name}: {value}\r\n");
    }
    let (head, body) = unsigned(emulator, "POST /", &headers, &body);
    let body: Value = serde_json::from_str(&body).unwrap();
    body["Count"].as_u64().unwrap_or_else(|| panic!("{head}\n{body}"))
}
