//! The gateway and the functions, wired together: what one invokes the other runs.

use crate::gateway::{self, Gateway};
use crate::lambda::{self, Invocation, Lambda, Outcome, Ticket};
use crate::{Config, Effect, Input, Time, id::Ids};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Arc;

/// The whole local cloud as one state machine.
#[derive(Debug)]
pub struct Cloud {
    gateway: Gateway,
    lambda: Lambda,
    ids: Ids,
    effects: VecDeque<Effect>,
}

impl Cloud {
    /// Starts with nothing running.
    pub fn new(config: Config) -> Self {
        let topology = Arc::new(config.topology.clone());
        let mut cloud = Self {
            gateway: Gateway::new(Arc::clone(&topology), &config),
            // Each part draws from its own sequence, so that one's draws do not shift the other's.
            lambda: Lambda::new(
                Arc::clone(&topology),
                config.limits.clone(),
                config.seed.rotate_left(1) ^ 1,
            ),
            ids: Ids::new(config.seed.rotate_left(2) ^ 2),
            effects: VecDeque::new(),
        };
        cloud.warn(&topology.warnings);
        cloud
    }

    /// Takes in what happened.
    pub fn handle(&mut self, now: Time, input: Input) {
        match input {
            Input::Upgrade { socket, request } => self.gateway.upgrade(now, socket, request),
            Input::Text { socket, text } => self.gateway.text(now, socket, &text),
            Input::Binary { socket } => self.gateway.binary(now, socket),
            Input::TooBig { socket } => self.gateway.too_big(now, socket),
            Input::Closed { socket, how } => self.gateway.closed(now, socket, how),
            Input::Written { socket, bytes } => self.gateway.written(socket, bytes),
            Input::Http { call, request } => self.gateway.http(now, call, &request),
            Input::HttpDone { request, result } => self.gateway.http_done(now, request, result),
            Input::Invoke { call, function, request } => {
                self.lambda.call(now, call, &function, &request);
            }
            Input::Runtime { environment, event } => self.lambda.runtime(now, environment, event),
            Input::Warm { function } => self.lambda.warm(now, &function),
            Input::Reload { topology, changed } => {
                let topology = Arc::new(*topology);
                self.warn(&topology.warnings);
                self.gateway.reload(Arc::clone(&topology));
                self.lambda.reload(now, topology, &changed);
            }
        }
        self.settle(now);
    }

    /// What to do next, if anything.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Self::handle_timeout`] wants to be called, if at all.
    pub fn poll_timeout(&self) -> Option<Time> {
        [self.gateway.poll_timeout(), self.lambda.poll_timeout()].into_iter().flatten().min()
    }

    /// Time passed. Harmless at any moment.
    pub fn handle_timeout(&mut self, now: Time) {
        self.gateway.handle_timeout(now);
        self.lambda.handle_timeout(now);
        self.settle(now);
    }

    /// Carries messages between the parts until neither has any. Ends: a message comes from an
    /// input or a timer, and answering one never asks for more than one other.
    fn settle(&mut self, now: Time) {
        loop {
            if let Some(output) = self.gateway.poll() {
                match output {
                    gateway::Output::Effect(effect) => self.effects.push_back(effect),
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
                }
            } else {
                return;
            }
        }
    }

    fn warn(&mut self, warnings: &[String]) {
        let logs = warnings.iter().map(|what| crate::log::Log::Warning { what: what.clone() });
        self.effects.extend(logs.map(Effect::Log));
    }
}
