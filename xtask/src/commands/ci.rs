//! `ci`: what CI runs, step by step, each named and timed. A failing step ends it.

use super::{codegen, synth, test, validate};
use crate::cargo::{cargo, run as run_program, works};
use crate::cli::{Codegen, Format, ReportFormat, Synth, Validate};
use crate::ui::{CommandError, Exit, Result, Ui};
use anyhow::anyhow;
use std::time::Instant;

type Step = fn(&Ui) -> Result;

pub(crate) fn run(ui: &Ui) -> Result {
    let steps: [(&str, Step); 8] = [
        ("format", format),
        ("lints", lints),
        ("generated resources", generated),
        ("reviewed templates", reviewed),
        ("valid templates", valid),
        ("tests", tests),
        ("docs", docs),
        ("licences and advisories", deny),
    ];
    for (name, step) in steps {
        ui.step(format_args!("== {name}"));
        let start = Instant::now();
        let exit = step(ui)?;
        ui.say(format_args!("== {name}: {:.1} s", start.elapsed().as_secs_f64()));
        if exit != Exit::Done {
            return Ok(exit);
        }
    }
    Ok(Exit::Done)
}

fn format(_: &Ui) -> Result {
    run_program(
        cargo().args(["fmt", "--all", "--check"]),
        "a file is not formatted; mend with: cargo fmt --all",
    )?;
    Ok(Exit::Done)
}

fn lints(_: &Ui) -> Result {
    let mut clippy = cargo();
    clippy.args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]);
    run_program(&mut clippy, "clippy has something to say")?;
    Ok(Exit::Done)
}

fn generated(ui: &Ui) -> Result {
    codegen::run(&Codegen { check: true, add: Vec::new(), from: None }, ui)
}

fn reviewed(ui: &Ui) -> Result {
    let stage = String::new();
    synth::run(
        &Synth {
            stage,
            stdout: false,
            stack: None,
            format: Format::Yaml,
            check: true,
            write: false,
        },
        ui,
    )
}

/// On a runner of GitHub, findings become annotations of the reviewed templates.
fn valid(ui: &Ui) -> Result {
    let format = match std::env::var_os("GITHUB_ACTIONS") {
        Some(_) => ReportFormat::Github,
        None => ReportFormat::Text,
    };
    validate::run(&Validate { files: Vec::new(), format, explain: None }, ui)
}

fn tests(ui: &Ui) -> Result {
    test::run_for_ci(ui)
}

fn docs(_: &Ui) -> Result {
    let mut doc = cargo();
    doc.args(["doc", "--workspace", "--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings");
    run_program(&mut doc, "rustdoc has something to say")?;
    Ok(Exit::Done)
}

fn deny(ui: &Ui) -> Result {
    if !works(cargo().args(["deny", "--version"])) {
        if std::env::var_os("GITHUB_ACTIONS").is_some() {
            return Err(CommandError::user(anyhow!("cargo-deny is not installed"))
                .hint("cargo install --locked cargo-deny"));
        }
        ui.say(
            "skipped: cargo-deny is not installed; get it with: cargo install --locked cargo-deny",
        );
        return Ok(Exit::Done);
    }
    run_program(cargo().args(["deny", "check", "--hide-inclusion-graph"]), "see deny.toml")?;
    Ok(Exit::Done)
}
