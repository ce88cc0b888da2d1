//! A program that does not outlive its starter, however that ends.

use crate::stdio;
use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process_group};
use std::ffi::OsString;
use std::process::{ExitCode, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::timeout;

/// Between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(5);

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let mut words = args.command.iter();
    let program = words.next().context("no program")?;
    // Before anything runs: Ctrl-C must not end this process first.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut child = Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{} does not start", program.display()))?;
    let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let ended = tokio::select! {
        status = child.wait() => Some(status?),
        () = stdio::ended() => None,
        _ = interrupt.recv() => None,
        _ = terminate.recv() => None,
    };
    if let Some(group) = group {
        end(group, &mut child).await;
    }
    Ok(if ended.is_some_and(|status| status.success()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Asks first, then insists: until the last process of the group is gone.
async fn end(group: Pid, child: &mut Child) {
    // A group that is gone needs no signal.
    _ = kill_process_group(group, Signal::TERM);
    _ = timeout(GRACE, child.wait()).await;
    _ = kill_process_group(group, Signal::KILL);
    _ = child.wait().await;
}
