//! `cargo xtask`: the one door to everything in this repository.
//!
//! Offline commands live here, so this crate builds without tokio and without an AWS SDK; what
//! needs them is a binary of its own that a command builds and runs.

mod bundle;
mod cargo;
mod cli;
mod commands;
// The operator's own file: its help and its refusals need no build of it.
#[path = "../operator/src/cli.rs"]
mod operator;
mod ui;
mod workspace;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = cli::Cli::parse();
    let ui = ui::Ui::new(cli.color);
    match commands::run(cli.command, &ui) {
        Ok(exit) => exit.into(),
        Err(error) => ui.report(&error),
    }
}
