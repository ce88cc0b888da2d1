//! The one task that owns the [`Cloud`]: events in, effects out.
//!
//! It waits for nothing but events and time. Handing something to a socket, a caller or a process
//! never waits, so nobody can hold up the others; those who hand something in may have to wait.

mod effects;
mod event;

pub(crate) use event::{Event, Events, Warmed, events};

use crate::clock::Clock;
use crate::http::Answer;
use crate::process::{Launcher, Stop};
use crate::report::Reporter;
use crate::socket::ToSocket;
use crate::tables::Tables;
use gateway_core::control::Command;
use gateway_core::http::Request;
use gateway_core::lambda::{Delivery, RuntimeEvent};
use gateway_core::{CallId, Cloud, EnvironmentId, Input, SocketId, Time};
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

/// How long the end may take: closing handshakes, and processes that handle SIGTERM.
const END_MAX: Duration = Duration::from_secs(3);
/// A timer is looked at again after this, since the clock may have been set.
const SLEEP_MAX: Duration = Duration::from_secs(60);

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
