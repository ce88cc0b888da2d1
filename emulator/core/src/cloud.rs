//! The gateway, the functions and the data side, wired together: what one invokes another runs.

mod services;

use crate::control::{self, Command};
use crate::data::{self, Data};
use crate::gateway::{self, Gateway};
use crate::lambda::{self, Doom, Invocation, Lambda, Outcome, Ticket};
use crate::log::Log;
use crate::logs::Logs;
use crate::permissions::Permissions;
use crate::stack::History;
use crate::topology::Topology;
use crate::{CallId, Config, Effect, Input, Time, id::Ids, queue};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Arc;

/// How much is kept; see [`crate::Limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Connections, those that are being made included.
    pub connections: usize,
    /// Environments of the function that has most.
    pub environments_of_one: usize,
    /// Invocations that wait for an environment, of the function for which most do.
    pub waiting_for_one: usize,
}

/// The whole local cloud as one state machine.
#[derive(Debug)]
pub struct Cloud {
    gateway: Gateway,
    lambda: Lambda,
    data: Data,
    logs: Logs,
    permissions: Permissions,
    topology: Arc<Topology>,
    domain_name: String,
    history: History,
    ids: Ids,
    effects: VecDeque<Effect>,
}

impl Cloud {
    /// Starts with nothing running.
    pub fn new(now: Time, config: Config) -> Self {
        let topology = Arc::new(config.topology.clone());
        let mut cloud = Self {
            gateway: Gateway::new(Arc::clone(&topology), &config),
            // Each part draws from its own sequence, so that one's draws do not shift the other's.
            lambda: Lambda::new(Arc::clone(&topology), &config, config.seed.rotate_left(1) ^ 1),
            data: Data::new(now, Arc::clone(&topology), &config, config.seed.rotate_left(3) ^ 3),
            logs: Logs::new(now, &topology),
            permissions: Permissions::new(Arc::clone(&topology), config.iam),
            history: History { created: now, updated: None },
            domain_name: config.domain_name,
            ids: Ids::new(config.seed.rotate_left(2) ^ 2),
            effects: VecDeque::new(),
            topology,
        };
        cloud.warn();
        cloud.settle(now);
        cloud
    }

    /// Takes in what happened.
    pub fn handle(&mut self, now: Time, input: Input) {
        match input {
            Input::Upgrade { socket, request } => {
                self.gateway.upgrade(now, socket, request, &self.permissions);
            }
            Input::Text { socket, text } => self.gateway.text(now, socket, &text),
            Input::Binary { socket } => self.gateway.binary(now, socket),
            Input::TooBig { socket } => self.gateway.too_big(now, socket),
            Input::Closed { socket, how } => self.gateway.closed(now, socket, how),
            Input::Written { socket, bytes } => self.gateway.written(socket, bytes),
            Input::Http { call, request } => {
                self.gateway.http(now, call, &request, &self.permissions);
            }
            Input::Console { call, request } => {
                self.gateway.http(now, call, &request, &self.permissions.unchecked());
            }
            Input::Service { call, request } => self.service(now, call, request),
            Input::Gone { call } => self.data.gone(now, call),
            Input::TablesWritten => self.data.tables_written(now),
            Input::StreamRead { source, page } => self.data.stream_read(now, source, page),
            Input::HttpDone { request, result } => self.gateway.http_done(now, request, result),
            Input::Invoke { call, function, request } => {
                self.lambda.call(now, call, &function, &request, &self.permissions);
            }
            Input::Functions { call, request } => {
                let since = self.history.updated.unwrap_or(self.history.created);
                self.lambda.describe(now, since, call, &request, &self.permissions);
            }
            Input::Output { environment, lines } => self.lambda.wrote(environment, lines),
            Input::Runtime { environment, event } => self.lambda.runtime(now, environment, event),
            Input::Control { call, command } => self.control(now, call, &command),
            Input::Warm { function } => self.lambda.warm(now, &function),
            Input::Reload { topology, changed } => {
                let topology = Arc::new(*topology);
                self.topology = Arc::clone(&topology);
                self.history.updated = Some(now);
                self.warn();
                self.logs.reload(now, &topology);
                self.permissions.reload(Arc::clone(&topology));
                self.gateway.reload(Arc::clone(&topology));
                self.lambda.reload(now, Arc::clone(&topology), &changed);
                self.data.reload(now, topology);
            }
        }
        self.settle(now);
    }

    /// Carries out a command, or sees to it that its fault happens; the answer lists all faults.
    fn control(&mut self, now: Time, call: CallId, command: &Command) {
        let (gateway, lambda, data) = (&mut self.gateway, &mut self.lambda, &mut self.data);
        let done = match command {
            Command::List => Ok(()),
            Command::Clear => {
                gateway.clear_faults();
                lambda.clear_faults();
                data.clear_faults();
                Ok(())
            }
            Command::Advance { by } => {
                self.permissions.advance(*by);
                gateway.handle_timeout(now);
                lambda.handle_timeout(now);
                data.handle_timeout(now);
                Ok(())
            }
            Command::KillEnvironment { function } => lambda.doom(now, function, Doom::Killed),
            Command::TimeOut { function } => lambda.doom(now, function, Doom::TimedOut),
            Command::DuplicateBatch { mapping, count } => data.duplicate(mapping, *count),
            Command::DelayBatch { mapping, by } => data.delay(mapping, *by),
            of_gateway => gateway.control(now, of_gateway),
        };
        // The answer comes after what the command has led to.
        self.settle(now);
        let reply = match done {
            Ok(()) => {
                if *command != Command::List {
                    let what = command.to_string();
                    self.effects.push_back(Effect::Log(Log::Control { what }));
                }
                let faults =
                    [self.gateway.faults(now), self.lambda.faults(), self.data.faults()].concat();
                let metrics = (*command == Command::List).then(|| self.gateway.metrics());
                control::done(now.iso8601(), self.permissions.ahead(), &faults, metrics)
            }
            Err(why) => control::not_found(&why),
        };
        self.effects.push_back(Effect::Reply { call, reply });
    }

    /// How much of what is bounded is in use.
    pub fn usage(&self) -> Usage {
        let (environments_of_one, waiting_for_one) = self.lambda.usage();
        Usage { connections: self.gateway.connections(), environments_of_one, waiting_for_one }
    }

    /// The queues by name, and how many messages each holds.
    pub fn queues(&mut self, now: Time) -> Vec<(String, usize)> {
        self.data.queue_depths(now)
    }

    /// The messages of a queue, which is empty afterwards if `drain`; `None` if there is no such queue.
    pub fn queue(&mut self, now: Time, name: &str, drain: bool) -> Option<Vec<queue::Stored>> {
        self.data.queue_messages(now, name, drain)
    }

    /// What to do next, if anything.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Self::handle_timeout`] wants to be called, if at all.
    pub fn poll_timeout(&self) -> Option<Time> {
        let parts =
            [self.gateway.poll_timeout(), self.lambda.poll_timeout(), self.data.poll_timeout()];
        parts.into_iter().flatten().min()
    }

    /// Time passed. Harmless at any moment.
    pub fn handle_timeout(&mut self, now: Time) {
        self.gateway.handle_timeout(now);
        self.lambda.handle_timeout(now);
        self.data.handle_timeout(now);
        self.settle(now);
    }

    /// Carries messages between the parts until neither has any. Ends: a message comes from an
    /// input or a timer, and answering one never asks for more than one other.
    fn settle(&mut self, now: Time) {
        loop {
            if let Some(output) = self.gateway.poll() {
                match output {
                    gateway::Output::Effect(effect) => self.effects.push_back(effect),
                    gateway::Output::Ask { request, role, asked } => {
                        self.ask(now, request, &role, asked);
                    }
                    gateway::Output::Written(line) => self.logs.write(now, line),
                    gateway::Output::Invoke { ticket, function, trace_id, payload, is_event } => {
                        let invocation = Invocation {
                            ticket: Ticket::Gateway(ticket),
                            request_id: self.ids.uuid(),
                            trace_id,
                            client_context: None,
                            payload,
                        };
                        if is_event {
                            let accepted = self.lambda.invoke_later(now, function, invocation);
                            let outcome = if accepted {
                                Outcome::Answer(Bytes::new())
                            } else {
                                Outcome::Throttled
                            };
                            self.gateway.function_done(now, ticket, outcome);
                        } else {
                            self.lambda.invoke(now, &function, invocation);
                        }
                    }
                }
            } else if let Some(output) = self.lambda.poll() {
                match output {
                    lambda::Output::Effect(effect) => self.effects.push_back(effect),
                    lambda::Output::Done { ticket, outcome } => {
                        self.gateway.function_done(now, ticket, outcome);
                    }
                    lambda::Output::Written(line) => self.logs.write(now, line),
                    lambda::Output::BatchDone { ticket, outcome } => {
                        self.data.batch_done(now, ticket, outcome);
                    }
                    lambda::Output::Send { destination, body, attributes, what } => {
                        let content = data::Content { body, attributes, group: None };
                        self.data.send(now, &destination, content, what);
                    }
                }
            } else if let Some(output) = self.data.poll() {
                self.carry_out(now, output);
            } else {
                return;
            }
        }
    }

    fn carry_out(&mut self, now: Time, output: data::Output) {
        match output {
            data::Output::Effect(effect) => self.effects.push_back(effect),
            data::Output::Batch { ticket, request_id, function, payload } => {
                let invocation = Invocation {
                    ticket: Ticket::Batch(ticket),
                    request_id,
                    trace_id: self.ids.trace(now),
                    client_context: None,
                    payload,
                };
                self.lambda.invoke(now, &function, invocation);
            }
            data::Output::Answered { request, reply } => {
                self.gateway.http_done(now, request, Ok(reply));
            }
            data::Output::Event { function, payload } => {
                let invocation = Invocation {
                    // Its queue gives it a number.
                    ticket: Ticket::Event(0),
                    request_id: self.ids.uuid(),
                    trace_id: self.ids.trace(now),
                    client_context: None,
                    payload,
                };
                if !self.lambda.invoke_later(now, function.clone(), invocation) {
                    let what = format!("an event for {function} is lost: too many wait already");
                    self.effects.push_back(Effect::Log(Log::Warning { what }));
                }
            }
        }
    }

    fn warn(&mut self) {
        let warnings = self.topology.warnings.iter();
        let logs = warnings.map(|what| Log::Warning { what: what.clone() });
        self.effects.extend(logs.map(Effect::Log));
    }
}
