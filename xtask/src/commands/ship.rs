//! The commands that reach an AWS account: each writes the assembly of a stage, builds the
//! `deployer`, and becomes it.
//!
//! Nothing here opens a socket. The deployer reads the assembly and knows neither stages nor this
//! repository.

use super::{bundle, synth};
use crate::cargo::{become_program, cargo, run as run_program};
use crate::cli::{
    Bootstrap, Deploy, Destroy, Events, Gc, Logs, Outputs, OutputsFormat, Status, Target,
    TextOrJson,
};
use crate::ui::{CommandError, Result, Ui};
use crate::workspace;
use anyhow::{Context as _, anyhow};
use stacks::Stage;
use stacks::oidc::Github;
use std::path::Path;
use std::process::{Command, Stdio};

pub(crate) fn deploy(args: &Deploy, ui: &Ui) -> Result {
    let mut stage = stage_of(&args.target.stage)?;
    if let Some(arch) = args.arch {
        stage.architecture = arch.into();
    }
    let mut more = String::new();
    let assembly = if let Some(repository) = &args.github {
        more = format!(" --github {repository}");
        if args.existing_provider {
            more.push_str(" --existing-provider");
        }
        let github = Github { stage: &stage, repository, provider_exists: args.existing_provider };
        synth::write(github.synthesize(), &workspace::assembly_dir(&stage.name)?.join("github"))?
    // A plan has its code uploaded already, and the other two need none.
    } else if args.plan.is_some() || args.policy || args.cancel {
        bundle::assembly(&stage)?
    } else {
        bundle::bundle(&stage, None, ui)?
    };
    let flags = args.target.flags() + &more;
    let mut deployer = deployer("deploy", &assembly, &args.target, flags, ui)?;
    let flags = [
        ("--yes", args.yes),
        ("--no-rollback", args.no_rollback),
        ("--recover", args.recover),
        ("--cancel", args.cancel),
        ("--code-only", args.code_only),
        ("--policy", args.policy),
    ];
    deployer.args(flags.iter().filter(|(_, given)| *given).map(|(flag, _)| flag));
    let files = [
        ("--prepare", &args.prepare),
        ("--plan", &args.plan),
        ("--outputs-file", &args.outputs_file),
    ];
    for (flag, file) in files {
        if let Some(file) = file {
            deployer.arg(flag).arg(file);
        }
    }
    if let Some(events) = args.events {
        let events = match events {
            Events::Tree => "tree",
            Events::Plain => "plain",
            Events::Ndjson => "ndjson",
        };
        deployer.args(["--events", events]);
    }
    let lists = [
        ("--approve", &args.approve),
        ("--allow-replace", &args.allow_replace),
        ("--skip", &args.skip),
        ("--rotate-secret", &args.rotate_secret),
    ];
    for (flag, names) in lists {
        deployer.args(names.iter().flat_map(|name| [flag, name]));
    }
    become_program(deployer)
}

pub(crate) fn destroy(args: &Destroy, ui: &Ui) -> Result {
    let mut deployer = of_stage("destroy", &args.target, ui)?;
    if args.yes {
        deployer.arg("--yes");
    }
    become_program(deployer)
}

pub(crate) fn outputs(args: &Outputs, ui: &Ui) -> Result {
    let mut deployer = of_stage("outputs", &args.target, ui)?;
    let format = match args.format {
        OutputsFormat::Text => "text",
        OutputsFormat::Json => "json",
        OutputsFormat::Dotenv => "dotenv",
        OutputsFormat::Shell => "shell",
    };
    deployer.args(["--format", format]);
    become_program(deployer)
}

pub(crate) fn status(args: &Status, ui: &Ui) -> Result {
    let mut deployer = of_stage("status", &args.target, ui)?;
    deployer.args(["--format", text_or_json(args.format)]);
    become_program(deployer)
}

pub(crate) fn logs(args: &Logs, ui: &Ui) -> Result {
    let mut deployer = of_stage("logs", &args.target, ui)?;
    deployer.args(["--since", &args.since, "--format", text_or_json(args.format)]);
    if args.follow {
        deployer.arg("--follow");
    }
    if let Some(id) = &args.connection {
        // With `=`, since an id may begin with a dash.
        deployer.arg(format!("--connection={id}"));
    }
    become_program(deployer)
}

pub(crate) fn bootstrap(args: &Bootstrap, ui: &Ui) -> Result {
    let mut deployer = of_stage("bootstrap", &args.target, ui)?;
    if args.yes {
        deployer.arg("--yes");
    }
    become_program(deployer)
}

pub(crate) fn gc(args: &Gc, ui: &Ui) -> Result {
    let mut deployer = of_stage("gc", &args.target, ui)?;
    deployer.args(["--keep", &args.keep.to_string()]);
    if args.yes {
        deployer.arg("--yes");
    }
    become_program(deployer)
}

/// What is deployed of a stage, as the JSON that `diff` reads.
pub(super) fn deployed(target: &Target, drift: bool, ui: &Ui) -> Result<Vec<u8>> {
    let mut deployer = of_stage("deployed", target, ui)?;
    if drift {
        deployer.arg("--drift");
    }
    let output = deployer.stderr(Stdio::inherit()).output();
    let output = output.context("failed to start the deployer")?;
    if !output.status.success() {
        return Err(CommandError::user(anyhow!(
            "what is deployed of `{}` cannot be compared with; the reason stands above",
            target.stage
        )));
    }
    Ok(output.stdout)
}

fn of_stage(command: &str, target: &Target, ui: &Ui) -> Result<Command> {
    let stage = stage_of(&target.stage)?;
    deployer(command, &bundle::assembly(&stage)?, target, target.flags(), ui)
}

/// The deployer with a command, and all that says which stacks where.
fn deployer(
    command: &str,
    assembly: &Path,
    target: &Target,
    flags: String,
    ui: &Ui,
) -> Result<Command> {
    run_program(
        cargo().args(["build", "--quiet", "--package", "deployer"]),
        "the deployer does not build; cargo says why, above",
    )?;
    // The current folder stays the user's, since the paths given are relative to it.
    let mut deployer = Command::new(workspace::bin_dir()?.join("deployer"));
    deployer.args([command, "--color", ui.color()]);
    // With `=`, since it begins with a dash.
    deployer.arg(format!("--flags={flags}")).arg("--assembly").arg(assembly);
    let place = [("--region", &target.region), ("--endpoint-url", &target.endpoint_url)];
    for (flag, value) in place {
        if let Some(value) = value {
            deployer.args([flag, value]);
        }
    }
    Ok(deployer)
}

fn stage_of(name: &str) -> Result<Stage> {
    let settings = workspace::settings()?;
    let stage = settings.stage(name).map_err(|e| CommandError::user(anyhow!(e)))?;
    Ok(stage.clone())
}

fn text_or_json(format: TextOrJson) -> &'static str {
    match format {
        TextOrJson::Text => "text",
        TextOrJson::Json => "json",
    }
}
