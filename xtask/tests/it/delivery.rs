//! The proof of `cargo xtask bench delivery`, small enough for every day: `cargo xtask dev` with the
//! real handlers, whose processes are killed while sixty browsers are told five hundred things.

use crate::dev::Dev;
use serde_json::{Value, json};
use std::process::{Command, Stdio};

/// Builds the driver, as `dev` builds what it runs.
fn build() {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--package", "herald-bench"]);
    assert!(cargo.status().unwrap().success(), "herald-bench does not build");
}

/// Ends when the driver does; gives what it reports.
fn deliver(dev: &Dev, args: &[&str]) -> Value {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_xtask")).with_file_name("herald-bench");
    let mut driver = Command::new(program);
    driver.args(["deliver", "--publish", "Publish", "--duplicate", "StreamMapping", "--advance"]);
    for function in ["Dispatcher", "Sender", "Worker", "Publish", "Socket"] {
        driver.args(["--kill", function]);
    }
    driver.arg("--ready-file").arg(dev.ready_file()).args(args);
    // It ends with its standard input, which is open as long as this test runs.
    let mut driver = driver.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let stdin = driver.stdin.take();
    let output = driver.wait_with_output().unwrap();
    drop(stdin);
    assert!(output.status.success(), "the proof was not made");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn nothing_is_lost_or_shown_twice_while_processes_are_killed() {
    build();
    let dev = Dev::start("delivery");
    // More than the dispatcher sends to by itself, so that senders have something to do.
    let size = ["--connections", "60", "--notifications", "500", "--jobs", "10"];
    let chaos = ["--kill-every", "500", "--drop-every", "1000"];
    let report = deliver(&dev, &[&size[..], &chaos[..]].concat());
    for (what, count) in
        [("acknowledged", 510), ("refused", 0), ("lost", 0), ("duplicated", 0), ("strange", 0)]
    {
        assert_eq!(report[what], json!(count), "{what}: {report:#}");
    }
    let kills = report["kills"].as_object().unwrap().values().filter_map(Value::as_u64);
    assert!(kills.sum::<u64>() >= 5, "there was no chaos: {report:#}");
    assert!(report["againInbox"].as_u64() > Some(0), "nothing came again: {report:#}");
}
