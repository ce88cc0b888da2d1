//! What a benchmark of functions needs: what surrounds a function in Lambda, endpoints that answer
//! at once, and browsers that keep count of what they are told.
//!
//! `cargo xtask bench` builds it, starts it and reads its JSON. It knows the messages that clients
//! and back ends send (`herald-contract`) and nothing else of ours, so that whatever it measures, it
//! measures from outside.
//!
//! Every command ends when its standard input does: whoever started it holds the other end, and
//! even a starter that is killed leaves nothing behind.

mod answer;
mod deliver;
mod figures;
mod function;
mod http;
mod post;
mod proc;
mod receive;
mod stand_in;
mod stdio;

use clap::{Parser, Subcommand};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::runtime::{Builder, Runtime};

/// Measures functions from outside. Started by `cargo xtask bench`.
#[derive(Parser)]
#[command(name = "herald-bench", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start a function as Lambda does, give it events, and print what that took
    Function(function::Args),
    /// Answer every post to a connection at once; prints its URL
    Answer,
    /// Post to connections with an HTTP client and nothing else; prints what it took
    Post(post::Args),
    /// Open WebSockets that count what they get; reads from standard input what is wanted
    Receive(receive::Args),
    /// Send notifications to browsers while functions are killed, and compare what they were shown
    Deliver(deliver::Args),
}

fn main() -> anyhow::Result<()> {
    let command = Cli::parse().command;
    allow_many_files();
    let runtime = runtime(&command)?;
    let outcome = runtime.block_on(run(command));
    // Whatever still runs is of no use to anybody.
    runtime.shutdown_background();
    outcome
}

/// Ten thousand connections are ten thousand open files, and shells allow a thousand by default.
fn allow_many_files() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // If it is not allowed, fewer connections fit.
    _ = setrlimit(Resource::Nofile, limit);
}

/// One thread for whoever shares the machine with what it measures; an endpoint that must never be
/// what is waited for gets more.
fn runtime(command: &Command) -> anyhow::Result<Runtime> {
    let mut builder = match command {
        Command::Answer => Builder::new_multi_thread(),
        _ => Builder::new_current_thread(),
    };
    Ok(builder.enable_all().build()?)
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Function(args) => function::run(args).await,
        Command::Answer => answer::run().await,
        Command::Post(args) => post::run(args).await,
        Command::Receive(args) => receive::run(args).await,
        Command::Deliver(args) => deliver::run(args).await,
    }
}
