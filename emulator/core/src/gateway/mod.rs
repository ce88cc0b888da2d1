//! One gateway for all WebSocket APIs of a template.
//!
//! It knows connections, routes and integrations. It does not know environments: it asks
//! [`crate::cloud`] to invoke a function and is told the outcome. Sockets are the shell's.
//!
//! ```text
//! Upgrade ─▶ authorizer? ─▶ $connect? ─▶ Accept ─▶ open ─▶ Closed | Close ─▶ $disconnect?
//!                 └────────────┴──────▶ Refuse       │
//!                                                    └ Text ─▶ route ─▶ integration ─▶ Send?
//! ```

mod access_log;
mod answer;
mod authorizer;
mod callee;
mod connection;
mod disconnect;
mod event;
mod execution_log;
mod faults;
mod frame;
mod handshake;
mod integration;
mod locate;
mod management;
mod message;
mod metrics;
mod refusal;
mod service;
mod throttle;
mod transform;

use crate::http;
use crate::id::{Id, Ids};
use crate::log::{Log, SentBy};
use crate::permissions::Iam;
use crate::timers::Timers;
use crate::topology::Topology;
use crate::{CallId, Config, Effect, HttpId, Limits, SocketId, Time, logs};
use bytes::Bytes;
pub(crate) use callee::may_integrate;
use connection::{Connections, Phase};
use integration::InFlight;
pub(crate) use service::is_service;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// The name API Gateway's data plane goes by in signatures.
const SERVICE: &str = "execute-api";

/// What the gateway wants done.
#[derive(Debug)]
pub(crate) enum Output {
    Effect(Effect),
    /// Invoke a function; its outcome comes back to [`Gateway::function_done`]. That of an event is
    /// whether it was accepted.
    Invoke {
        ticket: u64,
        function: String,
        trace_id: String,
        payload: Bytes,
        is_event: bool,
    },
    /// Ask a service in this role; its reply comes back to [`Gateway::http_done`].
    Ask {
        request: HttpId,
        role: String,
        asked: http::Request,
    },
    /// A line for a stage's log group.
    Written(logs::Line),
}

/// What has a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Connection(SocketId),
    Integration(u64),
}

/// All connections and whatever they wait for.
#[derive(Debug)]
pub(crate) struct Gateway {
    topology: Arc<Topology>,
    limits: Limits,
    guesses: crate::Guesses,
    iam: Iam,
    domain_name: Arc<str>,
    ids: Ids,
    connections: Connections,
    in_flight: BTreeMap<u64, InFlight>,
    last_ticket: u64,
    timers: Timers<Timer>,
    buckets: throttle::Buckets,
    account: throttle::Budget,
    connects: throttle::Budget,
    metrics: metrics::Metrics,
    faults: faults::Faults,
    outputs: VecDeque<Output>,
}

impl Gateway {
    pub(crate) fn new(topology: Arc<Topology>, config: &Config) -> Self {
        Self {
            topology,
            limits: config.limits.clone(),
            guesses: config.guesses,
            iam: config.iam,
            domain_name: config.domain_name.as_str().into(),
            ids: Ids::new(config.seed),
            connections: Connections::default(),
            in_flight: BTreeMap::new(),
            last_ticket: 0,
            timers: Timers::new(),
            buckets: throttle::Buckets::default(),
            account: throttle::Budget::requests(&config.limits),
            connects: throttle::Budget::connects(&config.limits),
            metrics: metrics::Metrics::default(),
            faults: faults::Faults::default(),
            outputs: VecDeque::new(),
        }
    }

    pub(crate) fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.timers.next()
    }

    pub(crate) fn handle_timeout(&mut self, now: Time) {
        while let Some(timer) = self.timers.pop(now) {
            match timer {
                Timer::Connection(socket) => self.connection_timer(now, socket),
                Timer::Integration(ticket) => self.integration_timed_out(now, ticket),
            }
        }
    }

    /// How many there are.
    pub(crate) fn connections(&self) -> usize {
        self.connections.len()
    }

    /// What CloudWatch would count, by API and stage.
    pub(crate) fn metrics(&self) -> serde_json::Value {
        self.metrics.show()
    }

    /// Takes over another template; connections stay, and meet the new routes.
    pub(crate) fn reload(&mut self, topology: Arc<Topology>) {
        self.topology = topology;
        self.buckets.clear();
        let apis = &self.topology.apis;
        self.metrics
            .retain(|api, stage| apis.get(api).is_some_and(|api| api.stages.contains_key(stage)));
    }

    /// So many bytes of what was sent have left.
    pub(crate) fn written(&mut self, socket: SocketId, bytes: usize) {
        if let Some(connection) = self.connections.get_mut(socket) {
            connection.unwritten = connection.unwritten.saturating_sub(bytes);
        }
    }

    /// Looks whether a connection has been idle for too long or has become too old. Activity does
    /// not move the timer; the timer finds out when it fires.
    fn connection_timer(&mut self, now: Time, socket: SocketId) {
        let Some(connection) = self.connections.get_mut(socket) else { return };
        let due = connection.due(&self.limits);
        if due <= now {
            connection.timer = None;
            return self.close(now, socket, 1001, "Going away");
        }
        connection.timer = Some(due);
        self.timers.set(due, Timer::Connection(socket));
    }

    /// Sends one text message, unless the client is too slow to take more.
    fn send(&mut self, now: Time, socket: SocketId, text: String, by: SentBy) -> bool {
        let Some(connection) = self.connections.get_mut(socket) else { return false };
        let Phase::Open = connection.phase else { return false };
        let is_full = connection.unwritten > 0
            && connection.unwritten + text.len() > self.limits.send_buffer_bytes;
        if is_full || self.faults.is_slow(connection.id) {
            return false;
        }
        connection.unwritten += text.len();
        connection.last_active = now;
        self.metrics.of(&connection.api, &connection.stage).messages += 1;
        let id = connection.id.to_string();
        self.tell(Log::Sent { connection: id, bytes: text.len(), text: text.clone(), by });
        self.effect(Effect::Send { socket, text });
        true
    }

    fn reply(&mut self, call: CallId, reply: http::Reply) {
        self.effect(Effect::Reply { call, reply });
    }

    fn tell(&mut self, log: Log) {
        self.effect(Effect::Log(log));
    }

    fn effect(&mut self, effect: Effect) {
        self.outputs.push_back(Output::Effect(effect));
    }
}
