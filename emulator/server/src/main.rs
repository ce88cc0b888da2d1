//! The local cloud as a program: arguments in, exit code out.
//!
//! Everything that touches sockets, processes and files is here. What API Gateway or Lambda would
//! do about it is decided in `gateway-core`; this crate reports and obeys.
//!
//! ```text
//! front ─▶ socket ─┐                       ┌─▶ socket     frames
//!      └─▶ api ────┤─▶ driver ⇄ Cloud ─────┤─▶ api        replies
//! process ─▶ runtime_api                   ├─▶ process    start, kill
//! reload ──────────┘                       └─▶ report     log lines
//! ```

mod api;
mod backend;
mod banner;
mod clock;
mod command;
mod console;
mod driver;
mod error;
mod front;
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
mod socket;
mod template;
mod watch;

use clap::Parser as _;
use std::process::ExitCode;

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
