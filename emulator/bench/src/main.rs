//! What a benchmark of a WebSocket server needs: load, idle clients, a bare server to compare with.
//!
//! `cargo xtask bench` builds it, starts it and reads its JSON. It uses nothing of ours and nothing
//! of ours uses it, so that whatever it measures, it measures from outside.
//!
//! Every command ends when its standard input does: whoever started it holds the other end, and
//! even a starter that is killed leaves nothing behind.

mod bare;
mod client;
mod guard;
mod idle;
mod load;
mod ports;
mod stdio;
mod summary;

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use tokio::runtime::{Builder, Runtime};

/// Measures WebSocket servers. Started by `cargo xtask bench`.
#[derive(Parser)]
#[command(name = "gateway-bench", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Echo every message, with tokio-tungstenite and nothing else; prints its URL
    Bare,
    /// Send messages and wait for each one's echo; prints what it took, as JSON
    Load(load::Args),
    /// Open connections and hold them; reads from standard input how many there should be
    Idle(idle::Args),
    /// Print free ports
    Ports(ports::Args),
    /// Run a program that ends, with its whole process group, when standard input ends
    Guard(guard::Args),
}

fn main() -> anyhow::Result<ExitCode> {
    let command = Cli::parse().command;
    let runtime = runtime(&command)?;
    let outcome = runtime.block_on(run(command));
    // Whatever still runs is of no use to anybody.
    runtime.shutdown_background();
    outcome
}

/// A bare server gets what such servers usually get. A client gets one thread: it shares the
/// machine with the server it measures.
fn runtime(command: &Command) -> anyhow::Result<Runtime> {
    let mut builder = match command {
        Command::Bare => Builder::new_multi_thread(),
        Command::Load(_) | Command::Idle(_) | Command::Ports(_) | Command::Guard(_) => {
            Builder::new_current_thread()
        }
    };
    Ok(builder.enable_all().build()?)
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Bare => bare::run().await?,
        Command::Load(args) => load::run(args).await?,
        Command::Idle(args) => idle::run(args).await?,
        Command::Ports(args) => ports::run(&args)?,
        Command::Guard(args) => return guard::run(args).await,
    }
    Ok(ExitCode::SUCCESS)
}
