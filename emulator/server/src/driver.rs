//! The one task that owns the [`Cloud`]: events in, effects out.
//!
//! It waits for nothing but events and time. Handing something to a socket, a caller or a process
//! never waits, so nobody can hold up the others; those who hand something in may have to wait.

use crate::backend::{self, Outgoing};
use crate::clock::Clock;
use crate::functions::Programs;
use crate::http::Answer;
use crate::process::{Launcher, Stop};
use crate::report::Reporter;
use crate::socket::ToSocket;
use crate::tables::{Call, Tables};
use gateway_core::control::Command;
use gateway_core::http::Request;
use gateway_core::lambda::{Delivery, RuntimeEvent};
use gateway_core::log::Log;
use gateway_core::queue::Stored;
use gateway_core::topology::Topology;
use gateway_core::{CallId, Cloud, Effect, EnvironmentId, HttpId, Input, SocketId, Time};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

/// Events that wait for the driver.
const EVENTS_MAX: usize = 4096;
/// How long the end may take: closing handshakes, and processes that handle SIGTERM.
const END_MAX: Duration = Duration::from_secs(3);
/// A timer is looked at again after this, since the clock may have been set.
const SLEEP_MAX: Duration = Duration::from_secs(60);

/// What happens outside.
#[derive(Debug)]
pub(crate) enum Event {
    /// Anything of which only the core has to know.
    Input(Input),
    /// An upgrade, and where to send what follows from it.
    Upgrade { socket: SocketId, request: Request, outbox: mpsc::Sender<ToSocket> },
    /// A request to `@connections` or to a stage.
    Http { request: Request, reply: oneshot::Sender<Answer> },
    /// The same from the console.
    Console { request: Request, reply: oneshot::Sender<Answer> },
    /// A command of the control API.
    Control { command: Command, reply: oneshot::Sender<Answer> },
    /// A request to a service that speaks AWS JSON; `gone` ends when nobody waits for the answer.
    Service { request: Request, reply: oneshot::Sender<Answer>, gone: oneshot::Receiver<()> },
    /// The client of a service went away.
    Gone { call: CallId },
    /// The queues, and how many messages each holds.
    Queues { reply: oneshot::Sender<Vec<(String, usize)>> },
    /// The messages of a queue, which may be taken out.
    Queue { name: String, drain: bool, reply: oneshot::Sender<Option<Vec<Stored>>> },
    /// A request to the Invoke API.
    Invoke { function: String, request: Request, reply: oneshot::Sender<Answer> },
    /// A question about functions.
    Functions { request: Request, reply: oneshot::Sender<Answer> },
    /// An environment asks for its next event.
    Next { environment: EnvironmentId, reply: oneshot::Sender<Delivery> },
    /// An environment reports something else.
    Said { environment: EnvironmentId, event: RuntimeEvent, reply: oneshot::Sender<Answer> },
    /// The process of an environment has ended; `last_words` are its last lines on stderr.
    Exited { environment: EnvironmentId, status: String, last_words: Vec<String> },
    /// The template or the binaries have changed.
    Reload { topology: Box<Topology>, programs: Programs, changed: Vec<String> },
    /// End everything.
    Stop,
}

/// What became of an environment that was started ahead of time.
#[derive(Debug)]
pub(crate) enum Warmed {
    Ready { function: String },
    Failed { function: String, why: String, last_words: Vec<String> },
}

/// Where events are handed in.
pub(crate) type Events = mpsc::Sender<Event>;

pub(crate) fn events() -> (Events, mpsc::Receiver<Event>) {
    mpsc::channel(EVENTS_MAX)
}

/// What is known of a process.
struct Process {
    stop: Stop,
    next: Option<oneshot::Sender<Delivery>>,
    /// Requests to the Runtime API in their order; as many as it accepts connections.
    replies: VecDeque<oneshot::Sender<Answer>>,
}

pub(crate) struct Driver {
    cloud: Cloud,
    clock: Arc<Clock>,
    events: Events,
    launcher: Launcher,
    tables: Tables,
    reporter: Reporter,
    sockets: HashMap<SocketId, mpsc::Sender<ToSocket>>,
    calls: HashMap<CallId, oneshot::Sender<Answer>>,
    last_call: u64,
    processes: HashMap<EnvironmentId, Process>,
    /// While starting up: whom to tell, and what has failed but not ended.
    warmed: Option<mpsc::Sender<Warmed>>,
    failing: HashMap<EnvironmentId, (String, String)>,
}

impl Driver {
    pub(crate) fn new(
        cloud: Cloud,
        clock: Arc<Clock>,
        events: Events,
        launcher: Launcher,
        tables: Tables,
        reporter: Reporter,
    ) -> Self {
        Self {
            cloud,
            clock,
            events,
            launcher,
            tables,
            reporter,
            sockets: HashMap::new(),
            calls: HashMap::new(),
            last_call: 0,
            processes: HashMap::new(),
            warmed: None,
            failing: HashMap::new(),
        }
    }

    /// Tells this receiver about each environment's start, as long as it listens.
    pub(crate) fn tell_warmed(&mut self, to: mpsc::Sender<Warmed>) {
        self.warmed = Some(to);
    }

    /// Runs until [`Event::Stop`], and then until nothing is left.
    pub(crate) async fn run(mut self, mut events: mpsc::Receiver<Event>) {
        let mut timer = std::pin::pin!(sleep_until(Instant::now()));
        let mut set_for: Option<Time> = None;
        loop {
            self.carry_out();
            // In real time, which changes when the clock is moved.
            let due = self.cloud.poll_timeout().map(|due| self.clock.real(due));
            if due != set_for {
                if let Some(due) = due {
                    let now = self.clock.real(self.clock.now());
                    timer.as_mut().reset(Instant::now() + (due - now).min(SLEEP_MAX));
                }
                set_for = due;
            }
            let event = tokio::select! {
                event = events.recv() => event,
                () = timer.as_mut(), if set_for.is_some() => {
                    set_for = None;
                    self.cloud.handle_timeout(self.clock.now());
                    continue;
                }
            };
            match event {
                None | Some(Event::Stop) => break,
                Some(event) => self.take(event),
            }
        }
        _ = tokio::time::timeout(END_MAX, self.end(&mut events)).await;
    }

    fn take(&mut self, event: Event) {
        let input = match event {
            Event::Input(input) => {
                if let Input::Closed { socket, .. } = &input {
                    self.sockets.remove(socket);
                }
                input
            }
            Event::Upgrade { socket, request, outbox } => {
                self.sockets.insert(socket, outbox);
                Input::Upgrade { socket, request }
            }
            Event::Http { request, reply } => Input::Http { call: self.call(reply), request },
            Event::Console { request, reply } => Input::Console { call: self.call(reply), request },
            Event::Control { command, reply } => return self.control(command, reply),
            Event::Service { request, reply, gone } => return self.service(request, reply, gone),
            Event::Gone { call } => {
                self.calls.remove(&call);
                Input::Gone { call }
            }
            Event::Queues { reply } => {
                return drop(reply.send(self.cloud.queues(self.clock.now())));
            }
            Event::Queue { name, drain, reply } => {
                return drop(reply.send(self.cloud.queue(self.clock.now(), &name, drain)));
            }
            Event::Invoke { function, request, reply } => {
                Input::Invoke { call: self.call(reply), function, request }
            }
            Event::Functions { request, reply } => {
                Input::Functions { call: self.call(reply), request }
            }
            Event::Next { environment, reply } => {
                let Some(process) = self.processes.get_mut(&environment) else { return };
                process.next = Some(reply);
                Input::Runtime { environment, event: RuntimeEvent::Next }
            }
            Event::Said { environment, event, reply } => {
                let Some(process) = self.processes.get_mut(&environment) else { return };
                process.replies.push_back(reply);
                Input::Runtime { environment, event }
            }
            Event::Exited { environment, status, last_words } => {
                self.processes.remove(&environment);
                self.handle(Input::Runtime { environment, event: RuntimeEvent::Exited { status } });
                self.carry_out();
                self.report_failed(environment, last_words);
                return;
            }
            Event::Reload { topology, programs, changed } => {
                self.launcher.set_programs(programs);
                self.tables.create(topology.tables.clone());
                Input::Reload { topology, changed }
            }
            Event::Stop => return,
        };
        self.handle(input);
    }

    fn control(&mut self, command: Command, reply: oneshot::Sender<Answer>) {
        if let Command::Advance { by } = command {
            self.clock.advance(by);
        }
        let call = self.call(reply);
        self.handle(Input::Control { call, command });
    }

    /// Most are answered at once, or by the tables; of a receive that waits it has to be known when
    /// nobody waits for it any more.
    fn service(
        &mut self,
        request: Request,
        reply: oneshot::Sender<Answer>,
        gone: oneshot::Receiver<()>,
    ) {
        let call = self.call(reply);
        self.handle(Input::Service { call, request });
        self.carry_out();
        if self.calls.contains_key(&call) {
            let events = self.events.clone();
            tokio::spawn(async move {
                _ = gone.await;
                drop(events.send(Event::Gone { call }).await);
            });
        }
    }

    fn handle(&mut self, input: Input) {
        self.cloud.handle(self.clock.now(), input);
    }

    fn call(&mut self, reply: oneshot::Sender<Answer>) -> CallId {
        self.last_call += 1;
        let id = CallId(self.last_call);
        self.calls.insert(id, reply);
        id
    }

    /// Does everything the core wants done.
    fn carry_out(&mut self) {
        while let Some(effect) = self.cloud.poll_effect() {
            match effect {
                Effect::Accept { socket, protocol } => {
                    self.tell_socket(socket, ToSocket::Accept { protocol })
                }
                Effect::Refuse { socket, reply } => {
                    self.tell_socket(socket, ToSocket::Refuse(Box::new(reply)));
                    self.sockets.remove(&socket);
                }
                Effect::Send { socket, text } => self.tell_socket(socket, ToSocket::Send(text)),
                Effect::Close { socket, code, reason } => {
                    self.tell_socket(socket, ToSocket::Close { code, reason });
                }
                // Without a way to the driver the socket ends by itself.
                Effect::Abort { socket } => drop(self.sockets.remove(&socket)),
                Effect::Reply { call, reply } => {
                    if let Some(caller) = self.calls.remove(&call) {
                        // A caller that has gone away needs no answer.
                        drop(caller.send(reply));
                    }
                }
                Effect::Start { environment, function, variables } => {
                    let stop = self.launcher.start(environment, function, variables);
                    self.processes.insert(
                        environment,
                        Process { stop, next: None, replies: VecDeque::new() },
                    );
                }
                Effect::Deliver { environment, mut invocation } => {
                    // A process looks at the real time.
                    invocation.deadline = self.clock.real(invocation.deadline);
                    if let Some(next) =
                        self.processes.get_mut(&environment).and_then(|p| p.next.take())
                    {
                        drop(next.send(invocation));
                    }
                }
                Effect::RuntimeReply { environment, reply } => {
                    let process = self.processes.get_mut(&environment);
                    if let Some(waiting) = process.and_then(|p| p.replies.pop_front()) {
                        drop(waiting.send(reply));
                    }
                }
                Effect::Kill { environment } => {
                    if let Some(process) = self.processes.get_mut(&environment) {
                        process.stop.now();
                    }
                }
                Effect::DynamoDb { call, operation, body, request_id } => {
                    let reply = match call.integration() {
                        Some(request) => Some(self.integration(request)),
                        None => self.calls.remove(&call),
                    };
                    if let Some(reply) = reply {
                        self.tables.call(Call { operation, body, request_id, reply });
                    }
                }
                Effect::ReadStream { source, stream_arn, from, limit } => {
                    self.tables.read(source, stream_arn, from, limit);
                }
                Effect::Checkpoint { mapping, sequence_number } => {
                    self.tables.checkpoint(mapping, sequence_number);
                }
                Effect::SweepTables => self.tables.sweep(),
                Effect::Http { request, method, url, headers, body } => {
                    let outgoing = Outgoing { method, url, headers, body };
                    tokio::spawn(backend::call(request, outgoing, self.events.clone()));
                }
                Effect::Log(log) => self.log(log),
            }
        }
    }

    /// Where the answer to a request of an integration goes.
    fn integration(&self, request: HttpId) -> oneshot::Sender<Answer> {
        let (reply, replied) = oneshot::channel();
        let events = self.events.clone();
        tokio::spawn(async move {
            let result = replied.await.map_err(|_| "the tables are gone".to_owned());
            // When everything ends, nobody waits any more.
            _ = events.send(Event::Input(Input::HttpDone { request, result })).await;
        });
        reply
    }

    /// A socket whose outbox is full has a client that takes nothing: it is dropped rather than
    /// given a gap in its messages.
    fn tell_socket(&mut self, socket: SocketId, message: ToSocket) {
        if let Some(outbox) = self.sockets.get(&socket)
            && outbox.try_send(message).is_err()
        {
            self.sockets.remove(&socket);
        }
    }

    fn log(&mut self, log: Log) {
        if let Some(warmed) = &self.warmed {
            match &log {
                Log::EnvironmentReady { function, .. } => {
                    let ready = Warmed::Ready { function: function.clone() };
                    if warmed.try_send(ready).is_err() {
                        self.warmed = None;
                    }
                }
                Log::EnvironmentFailed { function, environment, why } => {
                    self.failing.insert(*environment, (function.clone(), why.clone()));
                }
                // For example because it did not ask for an event in time.
                Log::EnvironmentEnded { function, environment, why } => {
                    self.failing
                        .entry(*environment)
                        .or_insert_with(|| (function.clone(), why.clone()));
                }
                _ => {}
            }
        }
        self.reporter.log(self.clock.now(), log);
    }

    /// An environment failed to start, and its process has ended: now all it said is known.
    fn report_failed(&mut self, environment: EnvironmentId, last_words: Vec<String>) {
        if let Some((function, why)) = self.failing.remove(&environment)
            && let Some(warmed) = &self.warmed
            && warmed.try_send(Warmed::Failed { function, why, last_words }).is_err()
        {
            self.warmed = None;
        }
    }

    /// Ends every process and connection. The core is not asked any more, so that nothing starts.
    async fn end(&mut self, events: &mut mpsc::Receiver<Event>) {
        for outbox in self.sockets.values() {
            drop(outbox.try_send(ToSocket::Close { code: 1001, reason: "Going away".to_owned() }));
        }
        for process in self.processes.values_mut() {
            process.stop.now();
        }
        while !(self.sockets.is_empty() && self.processes.is_empty()) {
            match events.recv().await {
                Some(Event::Input(Input::Closed { socket, .. })) => {
                    self.sockets.remove(&socket);
                }
                Some(Event::Exited { environment, .. }) => {
                    self.processes.remove(&environment);
                }
                Some(_) => {}
                None => return,
            }
        }
    }
}
