//! Whoever types what the README says sees what the README shows.

use crate::cli::xtask;
use crate::dev::{Client, Dev, connect, next_text};
use futures_util::SinkExt as _;
use serde_json::Value;
use std::path::Path;
use std::process::Command;
use tokio_tungstenite::tungstenite::Message;

const TEXT: &str = include_str!("../../../README.md");

/// Where `dev` is in the README, and whose machine it is.
const PORT: &str = "127.0.0.1:4000";
const HOME: &str = "/home/ada/herald/";

/// What is typed, and what is shown below it.
struct Step {
    command: String,
    shown: Vec<&'static str>,
}

fn steps() -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for block in TEXT.split("```console\n").skip(1) {
        let mut goes_on = false;
        for line in block.split("```").next().unwrap().lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                let command = command.split("  #").next().unwrap().trim_end().to_owned();
                steps.push(Step { command, shown: Vec::new() });
            } else if goes_on {
                let command = &mut steps.last_mut().unwrap().command;
                *command = format!("{}\n{line}", command.trim_end_matches('\\'));
                *command = command.replace(" \n", " ");
            } else {
                steps.last_mut().unwrap().shown.push(line);
            }
            goes_on = line.ends_with(['\\', '|']);
        }
    }
    steps
}

/// The same where `dev` and the connection have other names.
struct Reader<'a> {
    dev: &'a Dev,
    port: String,
    /// A window with a client in it: the connection, its ID, and what is still to be seen.
    window: Option<(Client, String, Vec<String>)>,
}

/// The ID in the README.
fn shown_id() -> &'static str {
    let rest = TEXT.split_once(r#"< {"connectionId":""#).unwrap().1;
    rest.split('"').next().unwrap()
}

impl Reader<'_> {
    /// As it is written here and now.
    fn here(&self, text: &str) -> String {
        let text = text.replace(PORT, &self.port);
        match &self.window {
            Some((_, id, _)) => text.replace(shown_id(), id),
            None => text,
        }
    }

    /// What `dev` says once it runs, as it would on the machine of the README.
    fn greeting(&self) -> String {
        let (_, said) = self.dev.greeting.split_once("\n\n").unwrap();
        let (said, _) = said.split_once("\n\nTimes below").unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("");
        said.replace(&self.port, PORT).replace(root.to_str().unwrap(), HOME)
    }

    /// Opens a client, types what the README types, and sees the first answer.
    async fn wscat(&mut self, step: &Step) {
        let url = self.here(step.command.rsplit(' ').next().unwrap());
        let mut client = connect(&url).await;
        let typed = step.shown.iter().filter_map(|line| line.strip_prefix("> "));
        for line in typed {
            client.send(Message::text(line)).await.unwrap();
        }
        let answer = next_text(&mut client).await;
        let id = serde_json::from_str::<Value>(&answer).unwrap()["connectionId"].clone();
        self.window = Some((client, id.as_str().unwrap().to_owned(), Vec::new()));
        let seen = step.shown.iter().filter_map(|line| line.strip_prefix("< "));
        let mut seen: Vec<_> = seen.map(|line| self.here(line)).collect();
        assert_eq!(answer, seen.remove(0));
        self.window.as_mut().unwrap().2 = seen;
    }

    /// Runs a line of a shell; gives what it prints.
    fn shell(&self, command: &str) -> String {
        let ours = format!("'{}' ", env!("CARGO_BIN_EXE_xtask"));
        let mut line = self.here(command).replace("cargo xtask ", &ours);
        if command.contains("cargo xtask ") {
            line = format!("{line} --endpoint-url {}", self.dev.url("endpointUrl"));
        }
        let output = Command::new("sh").args(["-c", &line]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{line}\n{said}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// Whether a command needs an account, or would build or test everything.
fn is_for_later(command: &str) -> bool {
    command == "cargo xtask test" || command.contains("--stage prod")
}

#[tokio::test]
async fn what_the_readme_types_shows_what_the_readme_shows() {
    let dev = Dev::start("readme");
    let port = dev.url("endpointUrl").trim_start_matches("http://").to_owned();
    let mut reader = Reader { dev: &dev, port, window: None };
    let steps = steps();
    assert!(steps.len() > 6, "the README has {} commands", steps.len());
    for step in &steps {
        let shown: Vec<_> = step.shown.iter().filter(|line| !line.is_empty()).collect();
        if is_for_later(&step.command) {
            let args: Vec<_> = step.command.split(' ').skip(2).chain(["--help"]).collect();
            let output = xtask(&args).output().unwrap();
            assert!(output.status.success(), "{}", step.command);
        } else if step.command == "cargo xtask dev" {
            if !shown.is_empty() {
                assert_eq!(reader.greeting(), step.shown.join("\n").trim());
            }
        } else if step.command.starts_with("wscat ") {
            reader.wscat(step).await;
        } else {
            let printed = reader.shell(&step.command);
            let printed: Vec<_> = printed.lines().collect();
            assert!(
                shown.is_empty() || shown.iter().map(|l| **l).eq(printed.iter().copied()),
                "{}: {printed:?}",
                step.command
            );
        }
    }
    let (mut client, _, seen) = reader.window.take().unwrap();
    for line in seen {
        assert_eq!(next_text(&mut client).await, line);
    }
}
