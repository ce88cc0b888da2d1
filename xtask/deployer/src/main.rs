//! The deployer as a program: arguments in, exit code out.

use aws_wire::{Client, Config, Roots};
use clap::Parser as _;
use deployer::cli::{Cli, Color, Common};
use deployer::clock::SystemClock;
use deployer::console::Console;
use deployer::interrupt::Interrupts;
use deployer::{Context, Failure, credentials, target};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// Our own fault.
const BUG: u8 = 70;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let color = match cli.common.color {
        Color::Auto => None,
        Color::Always => Some(true),
        Color::Never => Some(false),
    };
    let console = Console::of_process(color);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            console.say(format_args!("error: no event loop: {e}"));
            return ExitCode::FAILURE;
        }
    };
    let run = AssertUnwindSafe(|| runtime.block_on(run(cli, console)));
    // The message of the panic is on stderr already.
    let exit = catch_unwind(run).unwrap_or(ExitCode::from(BUG));
    // Somebody may still be asked something on a thread of its own.
    runtime.shutdown_background();
    exit
}

async fn run(cli: Cli, console: Console) -> ExitCode {
    let region = match &cli.common.region {
        Some(region) => Ok(Some(region.clone())),
        None => target::region(&cli.common.assembly),
    };
    // Without an assembly every command fails, and says so itself.
    let region = match region.map(|region| region.unwrap_or_else(|| "us-east-1".to_owned())) {
        Ok(region) => region,
        Err(failure) => return told(&failure, &console),
    };
    let context = context(region, cli.common, console).await;
    match deployer::run(&cli.command, &context).await {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(failure) => told(&failure, &context.console),
    }
}

fn told(failure: &Failure, console: &Console) -> ExitCode {
    console.draw(&failure.to_text());
    ExitCode::from(failure.exit as u8)
}

async fn context(region: String, common: Common, console: Console) -> Context {
    let variables: Vec<_> = std::env::vars().collect();
    let mut config = Config::new(region.as_str(), credentials::provider(&region).await)
        .with_endpoints(variables.iter().map(|(name, url)| (name.as_str(), url.as_str())));
    config.roots = Roots::System;
    // A bundle of a few megabytes has to get through a slow line.
    config.limits.attempt = Duration::from_secs(60);
    // A call more costs less than a deployment begun anew.
    config.retries.attempts = 6;
    if let Some(url) = &common.endpoint_url {
        config.endpoint_url = Some(url.trim_end_matches('/').to_owned());
        config.endpoint_urls.clear();
    }
    Context {
        client: Client::new(config),
        clock: Arc::new(SystemClock),
        console,
        interrupts: Interrupts::of_process(),
        assembly: common.assembly,
        flags: common.flags,
    }
}
