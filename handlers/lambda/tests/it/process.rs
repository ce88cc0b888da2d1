//! The binaries themselves. `socket` between a Runtime API, a table and a gateway: all the way from
//! the event to the post.

use crate::engine;
use crate::server::{Request, Server, response};
use expect_test::{Expect, expect};
use serde_json::Value;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

fn command(binary: &str) -> Command {
    let mut command = Command::new(binary);
    command.env_clear().stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn in_lambda(binary: &str, runtime_api: &str) -> Command {
    let mut command = command(binary);
    command
        .env("AWS_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE")
        .env("AWS_SECRET_ACCESS_KEY", "a-secret-key")
        .env("AWS_LAMBDA_RUNTIME_API", runtime_api)
        .env("AWS_LAMBDA_FUNCTION_NAME", "dev-socket")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128");
    command
}

#[test]
fn events_are_fetched_answered_and_posted() {
    let (ended, end) = mpsc::channel();
    // The runtime panics at an answer without an event, so there is none before it has been killed.
    let (release, hold) = mpsc::channel::<()>();
    let mut events = ["connect", "message", "disconnect"].into_iter();
    let table = engine::engine();
    let server = Server::start(move |request| {
        if let Some(answer) = engine::answer(&table, request) {
            return answer;
        }
        if !request.path.ends_with("/invocation/next") {
            return response("202 Accepted", &[], "");
        }
        match events.next() {
            Some(name) => event(name, &request.headers["host"]),
            None => {
                ended.send(()).unwrap();
                _ = hold.recv();
                response("500 Internal Server Error", &[], "")
            }
        }
    });
    let address = server.address.to_string();
    let mut child = in_lambda(env!("CARGO_BIN_EXE_socket"), &address)
        .env("TABLE_NAME", engine::TABLE)
        .env("STAGE", "prod")
        .env("AWS_ENDPOINT_URL", format!("http://{address}"))
        // Not where a client is: the callback URL is, whatever such a variable says.
        .env("AWS_ENDPOINT_URL_APIGATEWAYMANAGEMENTAPI", "http://127.0.0.1:1")
        .spawn()
        .unwrap();
    // A binary that ends early never gets there; what it logged tells more than a test that hangs.
    let _ended = end.recv_timeout(Duration::from_secs(60));
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    drop(release);

    let told: Vec<_> = server.stop().iter().filter_map(|r| told(r, &address)).collect();
    expect![[r#"
        /2018-06-01/runtime/invocation/connect-id/response {"statusCode":200}
        /dev/@connections/Hh1b-9ExoAMC_Qw%3D {"connectionId":"Hh1b-9ExoAMC_Qw=","callbackUrl":"http://HOST/dev"}
        /2018-06-01/runtime/invocation/message-id/response {"statusCode":200}
        /2018-06-01/runtime/invocation/disconnect-id/response {"statusCode":200}
    "#]].assert_eq(&told.concat());
    let log = String::from_utf8(output.stdout).unwrap();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let keys = lines.map(|line| match line.get("_aws") {
        None => format!("{} {} {}\n", line["routeKey"], line["requestId"], line["outcome"]),
        Some(_) => format!("{} {} posts\n", line["requestId"], line["Posts"]),
    });
    expect![[r#"
        "$connect" "connect-id" "accepted"
        "$default" "message-id" "sent"
        "message-id" 1 posts
        "$disconnect" "disconnect-id" "closed"
    "#]]
    .assert_eq(&keys.collect::<String>());
    expect![[r#""#]].assert_eq(&String::from_utf8(output.stderr).unwrap());
}

/// The answer of the Runtime API that hands out an event, as if this server were the gateway too.
fn event(name: &str, host: &str) -> String {
    let text = match name {
        "connect" => include_str!("../events/connect.json"),
        "message" => include_str!("../events/message.json"),
        _ => include_str!("../events/disconnect.json"),
    };
    let body = text.replace("abc123defg.execute-api.us-east-1.amazonaws.com", host);
    let id = format!("lambda-runtime-aws-request-id: {name}-id");
    let arn = "lambda-runtime-invoked-function-arn: arn:aws:lambda:us-east-1:1:function:dev-socket";
    response("200 OK", &[&id, arn, "lambda-runtime-deadline-ms: 4102444800000"], &body)
}

/// What the function told the outside, without the port that differs each time.
fn told(request: &Request, address: &str) -> Option<String> {
    let Request { method, path, headers, body } = request;
    (method == "POST" && !headers.contains_key("x-amz-target"))
        .then(|| format!("{path} {}\n", body.replace(address, "HOST")))
}

/// What a binary that cannot start says about it.
fn check_stopped(mut command: Command, expected: Expect) {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    expected.assert_eq(&format!("{}\n", line["error"].as_str().unwrap()));
}

#[test]
fn a_binary_that_lambda_did_not_start_says_what_it_misses() {
    let mut by_hand = command(env!("CARGO_BIN_EXE_socket"));
    by_hand.env("AWS_REGION", "us-east-1");
    check_stopped(
        by_hand,
        expect![[r#"
            this binary is started by Lambda: `AWS_ACCESS_KEY_ID` is missing; `AWS_SECRET_ACCESS_KEY` is missing; `AWS_LAMBDA_RUNTIME_API` is missing; `AWS_LAMBDA_FUNCTION_NAME` is missing; `AWS_LAMBDA_FUNCTION_VERSION` is missing; `AWS_LAMBDA_FUNCTION_MEMORY_SIZE` is missing; `cargo xtask dev` starts it on this machine
        "#]],
    );
}

#[test]
fn a_callback_url_that_cannot_be_one_is_refused_at_the_start() {
    let mut wrong = in_lambda(env!("CARGO_BIN_EXE_socket"), "127.0.0.1:1");
    wrong.env("TABLE_NAME", "t").env("CALLBACK_URL", "http://ws.example.com/v1");
    check_stopped(
        wrong,
        expect![[r#"
        `CALLBACK_URL`: `http://ws.example.com/v1` is no callback URL; write https://HOST/MAPPING-KEY without a slash at the end (http is for this machine only)
    "#]],
    );
}

#[test]
fn every_binary_says_at_once_what_its_stack_should_have_set() {
    let binaries = [
        env!("CARGO_BIN_EXE_socket"),
        env!("CARGO_BIN_EXE_authorizer"),
        env!("CARGO_BIN_EXE_dispatcher"),
        env!("CARGO_BIN_EXE_worker"),
        env!("CARGO_BIN_EXE_sender"),
        env!("CARGO_BIN_EXE_publish"),
        env!("CARGO_BIN_EXE_sweeper"),
    ];
    assert_eq!(binaries.len(), herald_contract::Function::ALL.len());
    let said = binaries.map(|binary| {
        let output = in_lambda(binary, "127.0.0.1:1").output().unwrap();
        let line: Value = serde_json::from_slice(&output.stdout).unwrap();
        format!("{}\n", line["error"].as_str().unwrap())
    });
    expect![[r#"
        the environment of function `socket` is not what its stack sets: `TABLE_NAME` is missing; deploy the template that was made with this binary
        the environment of function `authorizer` is not what its stack sets: `TABLE_NAME` is missing; `AUTH` is missing; deploy the template that was made with this binary
        the environment of function `dispatcher` is not what its stack sets: `TABLE_NAME` is missing; `WORKER_FUNCTION` is missing; `SENDER_FUNCTION` is missing; `DEAD_LETTERS_URL` is missing; deploy the template that was made with this binary
        the environment of function `worker` is not what its stack sets: `TABLE_NAME` is missing; deploy the template that was made with this binary
        the environment of function `sender` is not what its stack sets: `TABLE_NAME` is missing; deploy the template that was made with this binary
        the environment of function `publish` is not what its stack sets: `TABLE_NAME` is missing; deploy the template that was made with this binary
        the environment of function `sweeper` is not what its stack sets: `TABLE_NAME` is missing; `WORKER_FUNCTION` is missing; `DEAD_LETTERS_URL` is missing; deploy the template that was made with this binary
    "#]].assert_eq(&said.concat());
}
