//! Another local cloud, for a second opinion on what we say to AWS.

use aws_wire::{Client, Operation, Service};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// ministack, running.
pub(crate) struct Ministack {
    pub(crate) address: String,
    process: Child,
}

impl Drop for Ministack {
    fn drop(&mut self) {
        // With everything that it has started.
        let group = format!("-{}", self.process.id());
        drop(Command::new("kill").args(["-KILL", "--", &group]).status());
        drop(self.process.wait());
    }
}

impl Ministack {
    /// Starts it, where `cargo xtask test` has installed it. Without it, CI fails and a person is
    /// told.
    pub(crate) fn start() -> Option<Self> {
        let Some(venv) = std::env::var_os("HERALD_PEERS").map(PathBuf::from) else {
            lacking();
            return None;
        };
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("ministack");
        std::fs::create_dir_all(&home).unwrap();
        let process = Command::new(venv.join("bin/ministack"))
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", free.port().to_string())
            .env("HOME", &home)
            .env("TMPDIR", &home)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut ministack = Self { address: free.to_string(), process };
        let stderr = ministack.process.stderr.take().unwrap();
        let mut said = BufReader::new(stderr).lines().map(Result::unwrap);
        assert!(said.any(|line| line.contains("Running on http")), "ministack does not start");
        // What it says later must not fill the pipe.
        std::thread::spawn(move || said.for_each(drop));
        Some(ministack)
    }

    pub(crate) async fn create_table(&self, client: &Client, table: &Value) {
        const CREATE: Operation =
            Operation::once(Service::DYNAMODB, "CreateTable", "dynamodb:CreateTable");
        client.json::<_, Value>(&CREATE, table).await.unwrap();
    }
}

#[expect(clippy::print_stderr, reason = "a test that is left out is said aloud")]
fn lacking() {
    let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
    let what = "what HERALD_PEERS names";
    assert!(!is_ci, "{what}: missing, and CI runs all tests; `cargo xtask test` sets it up");
    eprintln!("NOT TESTED: {what} is missing; `cargo xtask test` says how to get it");
}
