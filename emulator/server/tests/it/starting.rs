//! What a user sees who starts it: that it works, or why not.

use crate::client::Client;
use crate::emulator::{Setup, runs};
use std::net::TcpListener;

#[test]
fn the_ready_file_says_where_everything_is() {
    let emulator = Setup::new("ready").start();
    let address = emulator.address();
    let expected = serde_json::json!({
        "url": format!("ws://{address}/dev"),
        "callbackUrl": format!("http://{address}/dev"),
        "consoleUrl": format!("http://{address}/"),
        "endpointUrl": format!("http://{address}"),
        "region": "us-east-1",
        "accountId": "000000000000",
        "caFile": emulator.ready["caFile"],
        "pid": emulator.process.id(),
    });
    assert_eq!(emulator.ready, expected);
}

#[test]
fn every_step_of_a_connection_is_a_line() {
    let mut emulator = Setup::new("lines").start();
    let mut client = Client::connect(&emulator);
    assert_eq!(client.ask("reply hi"), "hi");
    client.0.close(None).unwrap();
    for expected in [
        "route ",
        "connect ",
        "→ $default (8 B) reply hi",
        "out ",
        "close ",
        "$disconnect → local-Fn: 200 in ",
    ] {
        emulator.wait_for(expected);
    }
}

#[test]
fn a_port_that_is_taken_is_named_with_a_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, said) = Setup::new("port").arguments(&["--port", &port]).fails();
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains(&format!("error: port {port} is taken")) && said.contains("`--port 0`"),
        "{said}"
    );
}

#[test]
fn what_is_wrong_with_a_template_is_listed() {
    let mut setup = Setup::new("template");
    setup.template["Resources"]["Default"]["Properties"]["ApiId"] =
        serde_json::json!({ "Ref": "Ap" });
    let (code, said) = setup.fails();
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("template.json cannot be deployed") && said.contains("Resources.Default"),
        "{said}"
    );
}

#[test]
fn a_template_without_a_websocket_api_is_refused() {
    let mut setup = Setup::new("no-api");
    setup.template = serde_json::json!({ "Resources": { "Topic": { "Type": "AWS::SNS::Topic" } } });
    setup.with_function = false;
    let (code, said) = setup.fails();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("no WebSocket API"), "{said}");
}

#[test]
fn a_function_that_does_not_start_is_quoted() {
    let (code, said) = Setup::new("init-crash").variable("MODE", "crash").fails();
    assert_eq!(code, Some(1), "{said}");
    for expected in [
        "error: function local-Fn does not start",
        "exit status: 3",
        "| no table, no fun",
        "hint: ",
    ] {
        assert!(said.contains(expected), "{expected} is not in\n{said}");
    }
}

#[test]
fn a_function_that_never_asks_for_work_does_not_start_either() {
    let setup = Setup::new("init-hang").arguments(&["--no-watch", "--limits", "init=200ms"]);
    // It waits for its standard input, which never says anything, and so never speaks to Lambda.
    std::fs::write(setup.path("function"), "#!/bin/sh\nexec 3<>fifo; read line <&3\n").unwrap();
    let made = std::process::Command::new("mkfifo").arg(setup.path("fifo")).status().unwrap();
    assert!(made.success());
    let (code, said) = setup.fails();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("error: function local-Fn does not start"), "{said}");
}

#[test]
fn code_that_is_missing_is_named() {
    let setup = Setup::new("no-executable");
    std::fs::remove_file(setup.path("function")).unwrap();
    let (code, said) = setup.fails();
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("code of function `Fn` is not there") && said.contains("hint: build it"),
        "{said}"
    );
}

#[test]
fn a_function_that_is_not_in_the_template_is_named_with_those_that_are() {
    let mut setup = Setup::new("unknown-function");
    setup.arguments.extend(["--function".to_owned(), "Other=x".to_owned()]);
    let (code, said) = setup.fails();
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("no function `Other`") && said.contains("its functions are Fn"),
        "{said}"
    );
}

#[test]
fn a_function_without_an_executable_is_a_warning_that_names_the_flag() {
    let mut setup = Setup::new("without-executable");
    setup.with_function = false;
    let emulator = setup.start();
    assert!(emulator.saw("--function Fn=PATH"));
    let reply = Client::connect_to(&emulator, "", &[]).err().unwrap();
    assert_eq!(reply.status(), 502);
}

#[test]
fn an_end_without_work_leaves_nothing() {
    let mut emulator = Setup::new("end").start();
    let children = emulator.children();
    assert_eq!(children.len(), 1);
    emulator.signal("-TERM");
    assert!(emulator.end().success());
    assert!(!runs(children[0]));
    assert!(!emulator.ready_file.exists());
}
