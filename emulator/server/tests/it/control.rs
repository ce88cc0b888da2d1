//! The control API: time and faults, with real sockets and processes.

use crate::client::{Client, http, read_line};
use crate::emulator::{Emulator, Setup};
use serde_json::Value;
use std::net::TcpListener;

/// Gives a command and gets its answer.
#[track_caller]
fn control(emulator: &Emulator, command: &str) -> Value {
    let (head, body) = http(emulator, "POST /_herald/control", "", command);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}\n{body}");
    serde_json::from_str(&body).unwrap()
}

/// A client, and the id that its connection has.
fn connect(emulator: &mut Emulator) -> (Client, String) {
    let client = Client::connect(emulator);
    let line = emulator.wait_for("connect ");
    (client, line.split_whitespace().nth(2).unwrap().to_owned())
}

#[test]
fn ten_minutes_go_by_at_once() {
    let mut emulator = Setup::new("advance").start();
    let mut client = Client::connect(&emulator);
    let answer = control(&emulator, r#"{"do":"advance","by":"10m"}"#);
    assert_eq!(answer["advanced"], "10m");
    assert_eq!(client.receive(), "close 1001 Going away");
    emulator.wait_for("gone: 1001");
    // The function signs at the real time, and its processes have all been replaced.
    let mut client = Client::connect(&emulator);
    client.send("post still here");
    assert_eq!(client.receive(), "still here");
}

#[test]
fn what_becomes_due_after_the_clock_was_moved_is_not_late() {
    let mut emulator =
        Setup::new("advance-then-wait").arguments(&["--no-watch", "--limits", "idle=2h"]).start();
    let mut client = Client::connect(&emulator);
    control(&emulator, r#"{"do":"advance","by":"7199s"}"#);
    // A second of real time.
    assert_eq!(client.receive(), "close 1001 Going away");
    emulator.wait_for("gone: 1001");
}

#[test]
fn a_connection_is_cut_without_a_close_frame() {
    let mut emulator = Setup::new("drop").start();
    let (mut client, id) = connect(&mut emulator);
    control(&emulator, &format!(r#"{{"do":"drop","connection":"{id}"}}"#));
    let said = client.receive();
    assert!(said.starts_with("error: "), "{said}");
    emulator.wait_for("gone: 1006");
}

#[test]
fn upgrades_are_refused_as_often_as_asked() {
    let emulator = Setup::new("refuse").start();
    let answer = control(&emulator, r#"{"do":"refuseConnect","count":2}"#);
    assert_eq!(answer["faults"][0]["count"], 2);
    for _ in 0..2 {
        let reply = Client::connect_to(&emulator, "", &[]).err().unwrap();
        assert_eq!(reply.status(), 503);
    }
    let (_, faults) = http(&emulator, "GET /_herald/control", "", "");
    assert!(faults.contains(r#""faults":[]"#), "{faults}");
    assert_eq!(Client::connect(&emulator).ask("reply in"), "in");
}

#[test]
fn a_process_is_killed_while_it_handles_a_message() {
    let emulator = Setup::new("kill").start();
    let mut client = Client::connect(&emulator);
    let meeting = TcpListener::bind("127.0.0.1:0").unwrap();
    client.send(&format!("meet {}", meeting.local_addr().unwrap()));
    let (guest, _) = meeting.accept().unwrap();
    assert_ne!(read_line(&guest), "", "it says its process id");
    control(&emulator, r#"{"do":"killEnvironment","function":"Fn"}"#);
    let said = client.receive();
    assert!(said.contains("Internal server error"), "{said}");
    assert_eq!(read_line(&guest), "", "its process has ended");
    assert_eq!(client.ask("reply next"), "next");
}

#[test]
fn a_client_counts_as_slow() {
    let mut emulator = Setup::new("count-as-slow").start();
    let (mut client, id) = connect(&mut emulator);
    let post = |text: &str| {
        let path = format!("POST /dev/@connections/{}", id.replace('=', "%3D"));
        http(&emulator, &path, "", text).0
    };
    control(&emulator, &format!(r#"{{"do":"slow","connection":"{id}"}}"#));
    assert!(post("no").starts_with("HTTP/1.1 429"));
    control(&emulator, &format!(r#"{{"do":"release","connection":"{id}"}}"#));
    assert!(post("yes").starts_with("HTTP/1.1 200"));
    assert_eq!(client.receive(), "yes");
}

#[test]
fn what_is_no_command_is_told_why_and_other_sites_are_kept_out() {
    let emulator = Setup::new("no-command").start();
    let answer = |headers: &str, command: &str| {
        let (head, body) = http(&emulator, "POST /_herald/control", headers, command);
        (head[9..12].to_owned(), body)
    };
    let (status, why) = answer("", r#"{"do":"explode"}"#);
    assert!(status == "400" && why.contains("unknown variant `explode`"), "{status} {why}");
    let (status, why) = answer("", r#"{"do":"drop","connection":"x"}"#);
    assert!(status == "404" && why.contains("no connection `x` is open"), "{status} {why}");
    let (status, _) = answer("Origin: https://evil.example\r\n", r#"{"do":"list"}"#);
    assert_eq!(status, "403");
    let (head, _) = http(&emulator, "DELETE /_herald/control", "", "");
    assert!(head.starts_with("HTTP/1.1 405"), "{head}");
}
