//! The local cloud as a program: arguments in, exit code out.
//!
//! Everything that touches sockets, processes and files is here. What API Gateway or Lambda would
//! do about it is decided in `gateway-core`; this crate reports and obeys.
//!
//! ```text
//! front ─▶ upgrade ─▶ socket ─┐                     ┌─▶ socket     frames
//!      └─▶ api ───────────────┼─▶ driver ⇄ Cloud ───┼─▶ api        replies
//! process ─▶ runtime_api ─────┤                     ├─▶ process    start, kill
//! watch ─▶ reload ────────────┘                     └─▶ report     log lines
//! ```

mod absent;
mod api;
mod backend;
mod banner;
mod checkpoints;
mod clock;
mod command;
mod console;
mod driver;
mod dynamodb;
mod error;
mod fingerprint;
mod front;
mod functions;
mod head;
mod http;
mod limits;
mod process;
mod ready;
mod reload;
mod render;
mod report;
mod run;
mod runtime_api;
mod scratch;
mod socket;
mod tables;
mod template;
mod tls;
mod upgrade;
mod watch;

use clap::Parser as _;
use std::process::ExitCode;

/// Gives back the memory of connections that have ended, as glibc's does not: what is left between
/// the holes keeps all of it.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let command = command::Command::parse();
    // Everything is a few hundred instructions between two system calls, so that hops between
    // threads would cost more than a second thread brings.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run::run(command)),
        Err(e) => Err(error::Failure::new(anyhow::Error::new(e).context("no event loop"))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
