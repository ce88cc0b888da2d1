//! Child processes: one per execution environment, each with a Runtime API of its own.
//!
//! When one starts and ends is the core's decision. This module sees to it that a process gets only
//! what Lambda would give it, that what it writes becomes log lines, and that nothing of it is left.

use crate::driver::{Event, Events};
use crate::functions::{Program, Programs};
use crate::report::Reporter;
use crate::runtime_api;
use crate::tls::Trust;
use gateway_core::{EnvironmentId, Input};
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::net::Ipv4Addr;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// Between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_millis(500);
/// How long output is awaited after the process has ended: a grandchild may hold the pipes.
const OUTPUT_GRACE: Duration = Duration::from_millis(250);
/// A longer line is cut into several.
const LINE_MAX: u64 = 16 * 1024;
/// Lines kept for the message about a failed start.
const LAST_WORDS_MAX: usize = 12;

/// Starts the processes of functions.
pub(crate) struct Launcher {
    programs: Programs,
    surroundings: Arc<Surroundings>,
    events: Events,
    reporter: Reporter,
}

/// What every process is told about the place it is in.
#[derive(Debug)]
pub(crate) struct Surroundings {
    /// Where AWS is, unless the template says otherwise.
    pub(crate) endpoint_url: String,
    /// Host and port of the local cloud, for the runtime loops.
    pub(crate) address: String,
    /// Whom to trust, whatever the template says: the files it may name are Lambda's.
    pub(crate) trust: Trust,
}

/// Ends a process; dropping it does as well.
pub(crate) struct Stop(Option<oneshot::Sender<()>>);

impl Stop {
    pub(crate) fn now(&mut self) {
        self.0 = None;
    }
}

impl Launcher {
    pub(crate) fn new(
        programs: Programs,
        surroundings: Surroundings,
        events: Events,
        reporter: Reporter,
    ) -> Self {
        Self { programs, surroundings: Arc::new(surroundings), events, reporter }
    }

    /// Other programs from now on; what runs keeps running.
    pub(crate) fn set_programs(&mut self, programs: Programs) {
        self.programs = programs;
    }

    /// Starts a process; its end is reported as [`Event::Exited`], also if it never began.
    pub(crate) fn start(
        &self,
        environment: EnvironmentId,
        function: String,
        variables: BTreeMap<String, String>,
    ) -> Stop {
        let (stop, stopped) = oneshot::channel();
        let process = Process {
            environment,
            program: self.program(&function),
            function,
            variables,
            surroundings: Arc::clone(&self.surroundings),
            events: self.events.clone(),
            reporter: self.reporter.clone(),
        };
        tokio::spawn(process.run(stopped));
        Stop(Some(stop))
    }

    fn program(&self, function: &str) -> Result<Program, String> {
        let unknown = || Err("it is not in the template any more".to_owned());
        self.programs.get(function).cloned().unwrap_or_else(unknown)
    }
}

struct Process {
    environment: EnvironmentId,
    function: String,
    program: Result<Program, String>,
    variables: BTreeMap<String, String>,
    surroundings: Arc<Surroundings>,
    events: Events,
    reporter: Reporter,
}

impl Process {
    async fn run(self, stopped: oneshot::Receiver<()>) {
        let (status, last_words) = match self.spawn().await {
            Ok((child, listener)) => self.attend(child, listener, stopped).await,
            Err(why) => (why, Vec::new()),
        };
        _ = self
            .events
            .send(Event::Exited { environment: self.environment, status, last_words })
            .await;
    }

    async fn spawn(&self) -> Result<(Child, TcpListener), String> {
        let program = self.program.as_ref().map_err(Clone::clone)?;
        let Surroundings { endpoint_url, address: cloud, trust } = &*self.surroundings;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = listener.await.map_err(|e| format!("no port for its Runtime API: {e}"))?;
        let address =
            listener.local_addr().map_err(|e| format!("no port for its Runtime API: {e}"))?;
        let child = Command::new(&program.command)
            .args(&program.arguments)
            .current_dir(&program.root)
            .env_clear()
            .env("LANG", "en_US.UTF-8")
            .env("LAMBDA_TASK_ROOT", &program.root)
            .envs(program.variables.iter().map(|(name, value)| (name, value)))
            // No credentials but the function's own, wherever this program runs.
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ENDPOINT_URL", endpoint_url)
            .envs(&self.variables)
            .envs(trust.variables())
            .env("HERALD_CLOUD", cloud)
            .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Its own group: Ctrl-C reaches this program only, and the end of the group is the end
            // of whatever the function has started.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| format!("{} does not start: {e}", program.command.display()))?;
        Ok((child, listener))
    }

    /// Serves the process until it ends or has to.
    async fn attend(
        &self,
        mut child: Child,
        listener: TcpListener,
        stopped: oneshot::Receiver<()>,
    ) -> (String, Vec<String>) {
        let group = Group::of(&child);
        let stdout = child.stdout.take().map(|pipe| self.lines(pipe, 0));
        let stderr = child.stderr.take().map(|pipe| self.lines(pipe, LAST_WORDS_MAX));
        let life = async {
            tokio::select! {
                status = child.wait() => status,
                _ = stopped => terminate(&mut child, &group).await,
            }
        };
        let status = tokio::select! {
            status = life => status,
            never = runtime_api::serve(listener, self.environment, self.events.clone()) => match never {},
        };
        group.signal(Signal::KILL);
        if let Some(stdout) = stdout {
            _ = timeout(OUTPUT_GRACE, stdout).await;
        }
        let last_words = match stderr {
            Some(stderr) => {
                timeout(OUTPUT_GRACE, stderr).await.ok().and_then(Result::ok).unwrap_or_default()
            }
            None => Vec::new(),
        };
        let status = status.map_or_else(|e| e.to_string(), |status| status.to_string());
        (status, last_words)
    }

    /// Turns a pipe into log lines, and keeps the last ones.
    fn lines(
        &self,
        pipe: impl AsyncRead + Unpin + Send + 'static,
        keep: usize,
    ) -> JoinHandle<Vec<String>> {
        let (function, reporter) = (self.function.clone(), self.reporter.clone());
        let (environment, events) = (self.environment, self.events.clone());
        tokio::spawn(async move {
            let mut pipe = BufReader::new(pipe);
            let mut last = VecDeque::new();
            let mut line = Vec::new();
            // What has come in one piece goes on in one piece.
            let mut lines = Vec::new();
            loop {
                line.clear();
                match (&mut pipe).take(LINE_MAX).read_until(b'\n', &mut line).await {
                    Ok(0) | Err(_) => return last.into(),
                    Ok(_) => {}
                }
                let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                if keep > 0 {
                    if last.len() == keep {
                        last.pop_front();
                    }
                    last.push_back(text.clone());
                }
                reporter.function_line(&function, text.clone());
                lines.push(text);
                if !pipe.buffer().contains(&b'\n') {
                    let lines = std::mem::take(&mut lines);
                    // Whoever would keep them is gone when everything ends.
                    _ = events.send(Event::Input(Input::Output { environment, lines })).await;
                }
            }
        })
    }
}

/// Asks first, then insists.
async fn terminate(child: &mut Child, group: &Group) -> io::Result<std::process::ExitStatus> {
    group.signal(Signal::TERM);
    match timeout(GRACE, child.wait()).await {
        Ok(status) => status,
        Err(_) => {
            group.signal(Signal::KILL);
            child.wait().await
        }
    }
}

/// A process and its descendants, as far as they have stayed together.
pub(crate) struct Group(Option<Pid>);

impl Group {
    pub(crate) fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| Pid::from_raw(id.cast_signed())))
    }

    /// A group that is gone needs no signal.
    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(group) = self.0 {
            _ = kill_process_group(group, signal);
        }
    }
}
