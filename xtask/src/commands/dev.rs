//! `dev`: build, synthesize, and become the local cloud.

use super::synth;
use crate::cargo::{become_program, cargo, run as run_program};
use crate::cli::{Dev, Iam};
use crate::ui::{CommandError, Exit, Result, Ui};
use crate::workspace;
use anyhow::{Context as _, anyhow};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

/// Folders whose files make up handlers and templates.
const SOURCES: [&str; 3] = ["handlers", "stacks", "infra-gen/src"];

/// What the emulator is to run.
struct Plan {
    template: PathBuf,
    stack_name: String,
    region: Option<String>,
    /// `LOGICAL_ID=PATH`.
    functions: Vec<String>,
    /// Parameters that want a random value.
    secrets: Vec<String>,
}

pub(crate) fn run(args: Dev, ui: &Ui) -> Result {
    let plan = match &args.template {
        Some(template) => {
            build(&["--package", "emulator"])?;
            Plan {
                template: template.clone(),
                stack_name: "local".to_owned(),
                region: args.region.clone(),
                functions: args.function.clone(),
                secrets: Vec::new(),
            }
        }
        None => own(&args.stage)?,
    };
    if args.build_only {
        return Ok(Exit::Done);
    }
    become_program(emulator(&args, plan, ui)?)
}

/// Our own handlers and stack.
fn own(stage: &str) -> Result<Plan> {
    let settings = workspace::settings()?;
    let stage = settings.stage(stage).map_err(|e| CommandError::user(anyhow!(e)))?;
    // One call for both, so that what they share is built once, with one set of features.
    build(&["--package", "emulator", "--package", "herald-lambda", "--bins"])?;
    let (dir, manifest) = synth::write_assembly(stage)?;
    let Some(stack) = manifest.stacks.into_iter().next() else {
        return Err(CommandError::internal(anyhow!("stage `{}` has no stack", stage.name)));
    };
    let bin_dir = workspace::bin_dir()?;
    let functions = stack
        .functions
        .iter()
        .map(|f| format!("{}={}", f.logical_id, bin_dir.join(&f.name).display()))
        .collect();
    Ok(Plan {
        template: dir.join(stack.template),
        stack_name: stack.name,
        region: Some(stack.region),
        functions,
        secrets: stack.secrets,
    })
}

fn build(what: &[&str]) -> Result<()> {
    run_program(
        cargo().arg("build").arg("--quiet").args(what),
        "the code does not build; cargo says why, above",
    )
}

fn emulator(args: &Dev, plan: Plan, ui: &Ui) -> Result<Command> {
    // The current folder stays the user's, since the paths given are relative to it.
    let mut emulator = Command::new(workspace::bin_dir()?.join("emulator"));
    emulator
        .arg("--template")
        .arg(plan.template)
        .args(["--stack-name", &plan.stack_name])
        .args(["--port", &args.port.to_string()])
        .args(["--color", ui.color()]);
    for function in plan.functions {
        emulator.args(["--function", &function]);
    }
    for parameter in parameters(&args.parameter, &plan.secrets)? {
        emulator.args(["--parameter", &parameter]);
    }
    if let Some(region) = plan.region {
        emulator.args(["--region", &region]);
    }
    if let Some(file) = &args.ready_file {
        emulator.arg("--ready-file").arg(file);
    }
    if let Some(limits) = &args.limits {
        emulator.args(["--limits", limits]);
    }
    if args.iam == Iam::Off {
        emulator.args(["--iam", "off"]);
    }
    if let Some(dir) = &args.state {
        emulator.arg("--state").arg(dir);
    }
    if args.no_watch {
        emulator.arg("--no-watch");
    } else if args.template.is_none() {
        for source in SOURCES {
            emulator.arg("--watch").arg(workspace::root().join(source));
        }
        // Through cargo again, since a change of `stacks` changes this very program.
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let manifest = workspace::root().join("Cargo.toml").display().to_string();
        let rebuild = [
            &cargo,
            "run",
            "--quiet",
            "--manifest-path",
            &manifest,
            "--package",
            "xtask",
            "--",
            "dev",
            "--build-only",
            "--stage",
            &args.stage,
        ];
        for word in rebuild {
            emulator.arg(format!("--rebuild-arg={word}"));
        }
    }
    Ok(emulator)
}

/// What is given, and a random value for each secret that is not; all as `NAME=VALUE`.
fn parameters(given: &[String], secrets: &[String]) -> Result<Vec<String>> {
    let is_given =
        |name: &&String| given.iter().any(|given| given.split('=').next() == Some(name.as_str()));
    let made = secrets.iter().filter(|name| !is_given(name));
    let made = made.map(|name| Ok(format!("{name}={}", random_hex()?)));
    given.iter().cloned().map(Ok).chain(made).collect()
}

/// A secret for one run, in hexadecimal: 32 bytes of the system's own chance.
fn random_hex() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).context("the system gives no random bytes")?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string never fails.
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(given: &[&str]) -> Vec<String> {
        let given: Vec<_> = given.iter().map(|text| (*text).to_owned()).collect();
        let Ok(parameters) = parameters(&given, &["TicketSecret".to_owned()]) else {
            panic!("the system gives no random bytes")
        };
        parameters
    }

    #[test]
    fn every_run_has_a_secret_of_its_own() {
        let (first, second) = (of(&[]), of(&[]));
        let secret = first[0].strip_prefix("TicketSecret=").unwrap();
        assert_eq!(secret.len(), 64);
        assert!(secret.bytes().all(|b| b.is_ascii_hexdigit()));
        assert_ne!(first, second);
    }

    #[test]
    fn a_secret_that_is_given_is_taken() {
        assert_eq!(of(&["TicketSecret=mine"]), ["TicketSecret=mine"]);
        assert_eq!(of(&["TicketSecretBefore=old"]).len(), 2);
    }
}
