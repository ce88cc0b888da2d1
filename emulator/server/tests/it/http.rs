//! Plain HTTP on the same port.

use crate::client::{Client, http, open};
use crate::emulator::Setup;
use std::io::{BufRead as _, BufReader, Write as _};

#[test]
fn the_page_needs_nobody_else() {
    let emulator = Setup::new("page").start();
    let (head, page) = http(&emulator, "GET /", "", "");
    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
    assert!(head.contains("content-security-policy: default-src 'none'"), "{head}");
    assert!(page.contains("new WebSocket(") && page.len() < 15 * 1024);
    for elsewhere in ["src=\"http", "href=\"http", "@import"] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
}

#[test]
fn the_page_learns_what_runs() {
    let emulator = Setup::new("state").start();
    let (_, state) = http(&emulator, "GET /_herald/state", "", "");
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    assert_eq!(state["stages"][0]["url"], emulator.ready["url"]);
    assert_eq!(
        state["stages"][0]["routes"],
        serde_json::json!(["$connect", "$default", "$disconnect"])
    );
    assert_eq!(state["functions"], serde_json::json!(["local-Fn"]));
}

#[test]
fn the_page_sees_the_log() {
    let emulator = Setup::new("events").start();
    let mut stream = open(&emulator);
    let host = emulator.address();
    write!(stream, "GET /_herald/events HTTP/1.1\r\nHost: {host}\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.starts_with(": listening")));
    let _client = Client::connect(&emulator);
    let line = lines.find(|line| line.contains(r#""kind":"connect""#)).unwrap();
    assert!(line.contains("to stage dev") && line.contains(r#""tone":"good""#), "{line}");
}

#[test]
fn other_web_sites_cannot_reach_it() {
    let emulator = Setup::new("origin").start();
    for path in [
        "POST /2015-03-31/functions/local-Fn/invocations",
        "GET /_herald/state",
        "POST /dev/@connections/x",
    ] {
        let (head, _) = http(&emulator, path, "Origin: https://evil.example\r\n", "");
        assert!(head.starts_with("HTTP/1.1 403"), "{path}: {head}");
    }
}

#[test]
fn a_function_is_invoked_by_the_invoke_api() {
    let emulator = Setup::new("invoke").start();
    let path = "POST /2015-03-31/functions/local-Fn/invocations";
    let (head, body) = http(&emulator, path, "", r#"{"hello":1}"#);
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(body, r#"{"hello":1}"#);
}

#[test]
fn an_answer_that_is_too_long_is_the_functions_error() {
    let emulator = Setup::new("long-body").start();
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(7 * 1024 * 1024));
    let (head, _) = http(&emulator, "POST /2015-03-31/functions/local-Fn/invocations", "", &long);
    assert!(head.starts_with("HTTP/1.1 413"), "{head}");
}

#[test]
fn a_client_is_reached_by_its_callback_url() {
    let mut emulator = Setup::new("callback").start();
    let mut client = Client::connect(&emulator);
    let line = emulator.wait_for("connect ");
    let id = line.split_whitespace().nth(2).unwrap().replace('=', "%3D");

    let (head, _) = http(&emulator, &format!("POST /dev/@connections/{id}"), "", "from outside");
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(client.receive(), "from outside");

    let (head, _) = http(&emulator, &format!("DELETE /dev/@connections/{id}"), "", "");
    assert!(head.starts_with("HTTP/1.1 204"), "{head}");
    assert_eq!(client.receive(), "close 1000 Connection Closed Normally");

    let (head, _) = http(&emulator, &format!("POST /dev/@connections/{id}"), "", "late");
    assert!(head.starts_with("HTTP/1.1 410"), "{head}");
}

#[test]
fn a_slow_client_is_refused_more_and_gets_all_that_was_accepted() {
    let mut emulator = Setup::new("slow").start();
    let mut client = Client::connect(&emulator);
    let line = emulator.wait_for("connect ");
    let id = line.split_whitespace().nth(2).unwrap().replace('=', "%3D");
    let post = |number: usize| {
        let text = format!("{number} {}", "z".repeat(120 * 1024));
        http(&emulator, &format!("POST /dev/@connections/{id}"), "", &text).0
    };
    // The system's own buffers are full after some megabytes.
    let refused = (0..1000).find(|number| {
        let head = post(*number);
        let accepted = head.starts_with("HTTP/1.1 200");
        assert!(accepted || head.starts_with("HTTP/1.1 429"), "{head}");
        !accepted
    });
    for number in 0..refused.unwrap() {
        let text = client.receive();
        assert_eq!(text.split_once(' ').unwrap().0, number.to_string());
    }
}

#[test]
fn a_head_without_end_is_refused() {
    let emulator = Setup::new("long-head").start();
    let mut stream = open(&emulator);
    stream.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    stream.write_all("X-Filler: aaaaaaaaaaaaaaaa\r\n".repeat(1000).as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    assert_eq!(line.trim_end(), "HTTP/1.1 431 Request Header Fields Too Large");
}
