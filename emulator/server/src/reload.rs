//! Rebuild and reload when files change. What fails is said, and what ran before runs on.

use crate::console::ConsoleState;
use crate::driver::{Event, Events};
use crate::error::{Failure, Result};
use crate::process::Group;
use crate::ready::Announced;
use crate::report::Reporter;
use crate::template::{Loaded, Source, State};
use crate::watch::Changes;
use gateway_core::topology::Topology;
use rustix::process::Signal;
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::Command;
use tokio::sync::watch;
use tokio::time::timeout;

/// Files are written in bursts: nothing must have changed for so long …
const QUIET: Duration = Duration::from_millis(100);
/// … unless it never stops.
const BURST_MAX: Duration = Duration::from_secs(3);

pub(crate) struct Reloader {
    pub(crate) source: Source,
    /// Program and arguments; empty if there is none.
    pub(crate) rebuild: Vec<String>,
    pub(crate) events: Events,
    pub(crate) reporter: Reporter,
    pub(crate) console: ConsoleState,
    pub(crate) announced: Announced,
    /// What runs.
    pub(crate) running: State,
    /// What has been told about functions that nobody can run.
    pub(crate) troubles: Vec<String>,
}

impl Reloader {
    /// Runs until the watcher or the driver is gone.
    pub(crate) async fn run(mut self, mut changes: watch::Receiver<Changes>) {
        // Something may have changed between reading and watching.
        let mut sources = 0;
        loop {
            if !self.reload().await {
                return;
            }
            // One rebuild at a time: what changes meanwhile is seen here, and makes for one more.
            if changes.changed().await.is_err() {
                return;
            }
            let burst = Instant::now();
            while burst.elapsed() < BURST_MAX {
                match timeout(QUIET, changes.changed()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return,
                    Err(_) => break,
                }
            }
            let now = changes.borrow_and_update().sources;
            if now != sources && !self.rebuild.is_empty() {
                self.build().await;
            }
            sources = now;
        }
    }

    /// Runs the rebuild command; it says on standard error what it has to say.
    async fn build(&self) {
        let [program, args @ ..] = self.rebuild.as_slice() else { return };
        self.reporter.note("files have changed; rebuilding");
        let started = Instant::now();
        let child = Command::new(program)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // Its own group, so that it ends with all that it has started.
            .process_group(0)
            .kill_on_drop(true)
            .spawn();
        let mut child = match child {
            Ok(child) => child,
            Err(e) => {
                return self
                    .reporter
                    .trouble(format!("`{program}` does not start: {e}; the old code runs on"));
            }
        };
        let mut guard = EndWithMe(Some(Group::of(&child)));
        let status = child.wait().await;
        guard.0 = None;
        let took = started.elapsed().as_secs_f64();
        match status {
            Ok(status) if status.success() => self.reporter.note(format!("rebuilt in {took:.1} s")),
            Ok(status) => {
                self.reporter.trouble(format!(
                    "the rebuild failed ({status}), see above; the old code runs on"
                ));
            }
            Err(e) => {
                self.reporter.trouble(format!("the rebuild failed: {e}; the old code runs on"))
            }
        }
    }

    /// Reads everything again if it differs from what runs. `false`: the driver is gone.
    async fn reload(&mut self) -> bool {
        let loaded = match self.source.state(&self.running) {
            Ok(state) if state == self.running => return true,
            Ok(_) => self.load().await,
            Err(failure) => Err(failure),
        };
        let loaded = match loaded {
            Ok(loaded) => loaded,
            Err(failure) => {
                for line in failure.to_text().lines() {
                    self.reporter.trouble(line);
                }
                self.reporter.trouble("what ran before runs on");
                return true;
            }
        };
        let changed = loaded.state.changed_since(&self.running);
        let troubles: Vec<String> = loaded.troubles().cloned().collect();
        for trouble in troubles.iter().filter(|trouble| !self.troubles.contains(trouble)) {
            self.reporter.trouble(trouble);
        }
        self.reporter.note(match changed.as_slice() {
            [] => "reloaded the template".to_owned(),
            names => format!("reloaded {}", names.join(", ")),
        });
        self.console.set(&loaded);
        let Loaded { topology, programs, state } = loaded;
        self.running = state;
        self.troubles = troubles;
        let topology = Box::new(topology);
        let event = Event::Reload { topology: topology.clone(), programs, changed };
        let is_told = self.events.send(event).await.is_ok();
        self.announce(&topology);
        is_told
    }

    fn announce(&mut self, topology: &Topology) {
        match self.announced.update(topology) {
            Ok(None) => {}
            Ok(Some(url)) => self.reporter.note(format!("clients connect to {url} from now on")),
            Err(e) => self.reporter.trouble(format!("{e:#}")),
        }
    }

    /// Off the loop that serves everybody: code may have to be unpacked.
    async fn load(&self) -> Result<Loaded> {
        let source = self.source.clone();
        let loaded = tokio::task::spawn_blocking(move || source.load()).await;
        loaded.unwrap_or_else(|e| {
            Err(Failure::new(anyhow::Error::new(e).context("reading has failed; this is a bug")))
        })
    }
}

/// Ends a group of processes when it is dropped.
struct EndWithMe(Option<Group>);

impl Drop for EndWithMe {
    fn drop(&mut self) {
        if let Some(group) = &self.0 {
            group.signal(Signal::KILL);
        }
    }
}
