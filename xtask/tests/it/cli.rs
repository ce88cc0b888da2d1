//! The command line: its help, and how it refuses.

use expect_test::{Expect, expect, expect_file};
use std::process::Command;

pub(crate) fn xtask(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(args).env("COLUMNS", "100").env_remove("CARGO_MANIFEST_DIR");
    command
}

/// Exit code and standard error.
pub(crate) fn check_refused(args: &[&str], expect: Expect) {
    let output = xtask(args).output().unwrap();
    let code = output.status.code().unwrap();
    expect.assert_eq(&format!("exit {code}\n{}", String::from_utf8(output.stderr).unwrap()));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "", "stdout carries data only");
}

fn help(args: &[&str]) -> String {
    let output = xtask(args).arg("--help").output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

/// Names of the commands, as the top-level help lists them.
fn commands(top: &str) -> Vec<&str> {
    top.lines()
        .skip_while(|l| *l != "Commands:")
        .skip(1)
        .take_while(|l| !l.is_empty())
        .filter_map(|l| l.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect()
}

#[test]
fn the_help_of_every_command() {
    let top = help(&[]);
    let mut all = format!("$ cargo xtask --help\n{top}");
    for command in commands(&top) {
        let text = help(&[command]);
        all += &format!("\n$ cargo xtask {command} --help\n{text}");
        for part in commands(&text) {
            let text = help(&[command, part]);
            all += &format!("\n$ cargo xtask {command} {part} --help\n{text}");
        }
    }
    expect_file!["help.txt"].assert_eq(&all);
}

#[test]
fn every_command_of_the_documents_exists() {
    let top = help(&[]);
    let known = commands(&top);
    let documents = [
        include_str!("../../../README.md"),
        include_str!("../../../docs/architecture.md"),
        include_str!("../../../docs/deploy.md"),
        include_str!("../../../docs/operations.md"),
        include_str!("../../../docs/protocol.md"),
        include_str!("../../../.github/workflows/deploy.yml"),
        include_str!("../../../.github/workflows/pull-request.yml"),
    ];
    let mentioned: Vec<_> = documents
        .iter()
        .flat_map(|text| text.split("cargo xtask ").skip(1))
        .filter_map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').next())
        .filter(|word| !word.is_empty() && !word.starts_with('-'))
        .collect();
    assert!(mentioned.len() > 3, "the README names commands");
    for word in mentioned {
        assert!(known.contains(&word), "`cargo xtask {word}` is in a document and not in --help");
    }
}

#[test]
fn an_unknown_stage_is_refused_with_the_known_ones() {
    check_refused(
        &["synth", "--stage", "qa"],
        expect![[r#"
        exit 1
        error: there is no stage `qa` in stages.yaml; it has `dev`, `prod`
    "#]],
    );
}

#[test]
fn an_unknown_stack_is_refused_with_the_known_ones() {
    check_refused(
        &["synth", "--stdout", "--stack", "push"],
        expect![[r#"
        exit 1
        error: stage `dev` has no stack `push`; it has herald-dev
    "#]],
    );
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    check_refused(
        &["synth", "--check", "--write"],
        expect![[r#"
        exit 2
        error: the argument '--check' cannot be used with '--write'

        Usage: cargo xtask synth --check

        For more information, try '--help'.
    "#]],
    );
}

#[test]
fn the_reviewed_templates_are_current() {
    let output = xtask(&["synth", "--check"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_generated_resources_are_current() {
    let output = xtask(&["codegen", "--check"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn stdout_carries_a_whole_template() {
    let output = xtask(&["synth", "--stdout", "--format", "json"]).output().unwrap();
    let template: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(template["Resources"]["Api"]["Properties"]["ProtocolType"], "WEBSOCKET");
}
