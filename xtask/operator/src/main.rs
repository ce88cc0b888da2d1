//! Commands against a running Herald, local or on AWS: `publish`, `jobs`, `connections`, `ticket`.
//!
//! `cargo xtask` builds and becomes it, so that offline commands need neither tokio nor a client of
//! AWS. It asks for what back ends may ask for, reads what the registry keeps, and decides nothing:
//! the rules are those of the functions.

mod calls;
mod cli;
mod cloud;
mod connections;
mod credentials;
mod items;
mod jobs;
mod publish;
mod ticket;
mod ui;

use clap::{Parser, ValueEnum};
use cli::Command;
use cloud::{Cloud, StackName};
use std::process::ExitCode;
use ui::{Result, Ui};

/// `xtask` gives the stack and adds the words that it was given itself.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, max_term_width = 100)]
struct Cli {
    /// The stack of the stage
    #[arg(long, hide = true)]
    stack_name: String,
    /// The Region of the stage
    #[arg(long, hide = true)]
    region: String,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    color: Color,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Cli { stack_name, region, color, command } = Cli::parse();
    let color = match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            std::io::IsTerminal::is_terminal(&std::io::stderr())
                && std::env::var_os("NO_COLOR").is_none()
        }
    };
    let ui = Ui::new(color, command.place().format);
    let stack = StackName { name: stack_name, region };
    match Box::pin(run(command, stack, &ui)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => ui.report(&failure),
    }
}

async fn run(command: Command, stack: StackName, ui: &Ui) -> Result {
    let cloud = Cloud::find(command.place(), stack).await?;
    match command {
        Command::Publish(args) => publish::run(args, &cloud, ui).await,
        Command::Jobs(args) => jobs::run(args.command, &cloud, ui).await,
        Command::Connections(args) => connections::run(args.command, &cloud, ui).await,
        Command::Ticket(args) => ticket::run(args, &cloud, ui).await,
    }
}
