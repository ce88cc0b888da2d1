//! Changes while it runs.

use crate::client::Client;
use crate::emulator::{Setup, function};
use std::fs;

#[test]
fn a_new_executable_takes_over_and_connections_stay() {
    let mut emulator = Setup::new("new-executable").arguments(&[]).start();
    let before = emulator.children();
    let mut client = Client::connect(&emulator);
    assert_eq!(client.ask("reply one"), "one");

    // As a build does it: the new file takes the place of the old one.
    let beside = emulator.setup.path("function.new");
    fs::copy(function(), &beside).unwrap();
    fs::rename(beside, emulator.setup.path("function")).unwrap();
    emulator.wait_for("reloaded local-Fn");
    emulator.wait_for("replaced by a newer one");
    assert_eq!(client.ask("reply two"), "two");
    assert_ne!(emulator.children(), before);
}

#[test]
fn a_changed_template_takes_over() {
    let mut emulator = Setup::new("new-template").arguments(&[]).variable("VERSION", "1").start();
    let mut client = Client::connect(&emulator);
    assert_eq!(client.ask("version"), "1");
    emulator.setup.template["Resources"]["Fn"]["Properties"]["Environment"]["Variables"]["VERSION"] =
        "2".into();
    emulator.setup.write_template();
    emulator.wait_for("reloaded the template");
    emulator.wait_for("replaced by a newer one");
    assert_eq!(client.ask("version"), "2");
}

#[test]
fn a_stage_with_another_name_is_in_the_ready_file() {
    let mut emulator = Setup::new("new-stage").arguments(&[]).start();
    emulator.setup.template["Resources"]["Stage"]["Properties"]["StageName"] = "prod".into();
    emulator.setup.write_template();
    let url = format!("ws://{}/prod", emulator.address());
    emulator.wait_for(&format!("clients connect to {url} from now on"));
    let ready = fs::read_to_string(&emulator.ready_file).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&ready).unwrap();
    assert_eq!(ready["url"], url);
    assert_eq!(ready["callbackUrl"], format!("http://{}/prod", emulator.address()));
    assert_eq!(ready["pid"], emulator.process.id());
}

#[test]
fn a_template_that_cannot_be_read_changes_nothing() {
    let mut emulator = Setup::new("broken-template").arguments(&[]).start();
    let mut client = Client::connect(&emulator);
    fs::write(emulator.setup.path("template.json"), "{ this is").unwrap();
    emulator.wait_for("template.json is no template");
    emulator.wait_for("what ran before runs on");
    assert_eq!(client.ask("reply still"), "still");
}

#[test]
fn a_changed_source_is_built_and_a_failing_build_changes_nothing() {
    let setup = Setup::new("rebuild");
    let sources = setup.path("src");
    fs::create_dir(&sources).unwrap();
    let script = format!(
        "test -e {0}/good || exit 9; cp {0}/function {0}/function.new && mv {0}/function.new {0}/function",
        setup.path("").display()
    );
    let watched = sources.display().to_string();
    let arguments = [
        "--watch",
        &watched,
        "--rebuild-arg=/bin/sh",
        "--rebuild-arg=-c",
        &format!("--rebuild-arg={script}"),
    ];
    let mut emulator = setup.arguments(&arguments).start();
    let mut client = Client::connect(&emulator);

    fs::write(sources.join("lib.rs"), "one").unwrap();
    emulator.wait_for("rebuilding");
    emulator.wait_for("the rebuild failed (exit status: 9)");
    assert_eq!(client.ask("reply old"), "old");

    fs::write(emulator.setup.path("good"), "").unwrap();
    fs::write(sources.join("lib.rs"), "two").unwrap();
    emulator.wait_for("rebuilt in");
    emulator.wait_for("reloaded local-Fn");
    assert_eq!(client.ask("reply new"), "new");
}
