//! Building functions for Lambda: with cargo-zigbuild, or with plain cargo where the host is what
//! Lambda runs on.

use crate::cargo::{cargo, command, run as run_program, works};
use crate::ui::{CommandError, Result};
use crate::workspace;
use anyhow::anyhow;
use stacks::Architecture;
use std::path::PathBuf;
use std::process::Command;

/// The oldest C library that is promised: that of Amazon Linux 2023.
const GLIBC: &str = "2.34";

/// Builds these binaries of `herald-lambda`; gives the folder they are in.
pub(crate) fn build(bins: &[&str], architecture: Architecture) -> Result<PathBuf> {
    build_targets("--bin", bins, architecture)
}

/// Builds an example of `herald-lambda` in the same way; gives its executable.
pub(crate) fn build_example(name: &str, architecture: Architecture) -> Result<PathBuf> {
    Ok(build_targets("--example", &[name], architecture)?.join("examples").join(name))
}

fn build_targets(kind: &str, names: &[&str], architecture: Architecture) -> Result<PathBuf> {
    let target = target_of(architecture);
    let mut command = back_end(architecture)?;
    command.args(["--locked", "--quiet", "--profile", "bundle", "--package", "herald-lambda"]);
    for name in names {
        command.args([kind, name]);
    }
    // Nothing of this machine and no random part gets into the binary.
    let variable = format!("CARGO_TARGET_{}_RUSTFLAGS", target.replace('-', "_").to_uppercase());
    command.env(variable, flags()).env("SOURCE_DATE_EPOCH", "0");
    run_program(&mut command, "the functions do not build for Lambda; cargo says why, above")?;
    Ok(workspace::target_dir()?.join(target).join("bundle"))
}

fn back_end(architecture: Architecture) -> Result<Command> {
    let target = target_of(architecture);
    let mut build = cargo();
    // Through cargo it does not tell its version.
    if works(command("cargo-zigbuild").arg("--version")) {
        build.args(["zigbuild", "--target", &format!("{target}.{GLIBC}")]);
        return Ok(build);
    }
    let host_is_lambda = cfg!(all(target_os = "linux", target_env = "gnu"))
        && std::env::consts::ARCH == target.split('-').next().unwrap_or_default();
    if host_is_lambda {
        build.args(["build", "--target", target]);
        return Ok(build);
    }
    let error = anyhow!("this machine cannot build for {} by itself", architecture.as_str());
    Err(CommandError::user(error)
        .hint("pip install ziglang && cargo install --locked cargo-zigbuild")
        .hint(format!("rustup target add {target}")))
}

fn target_of(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::Arm64 => "aarch64-unknown-linux-gnu",
        Architecture::X86 => "x86_64-unknown-linux-gnu",
    }
}

/// Paths are told as if everybody built in the same place.
fn flags() -> String {
    let home = |variable: &str, below: &str| {
        let of_user = || std::env::home_dir().map(|home| home.join(below));
        std::env::var_os(variable).map(PathBuf::from).or_else(of_user)
    };
    let places = [
        (Some(workspace::root()), "/herald"),
        (home("CARGO_HOME", ".cargo"), "/cargo"),
        (home("RUSTUP_HOME", ".rustup"), "/rustup"),
    ];
    let remap = places.into_iter().filter_map(|(from, to)| {
        // A path with a blank cannot be said in this variable; such a build is not reproducible.
        let from = from?.to_str()?.to_owned();
        (!from.contains(' ')).then(|| format!("--remap-path-prefix={from}={to}"))
    });
    let link = ["-Clink-arg=-Wl,--build-id=none".to_owned()];
    remap.chain(link).collect::<Vec<_>>().join(" ")
}
