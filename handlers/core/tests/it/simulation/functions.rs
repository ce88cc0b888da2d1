//! Invocations: each is a future over ports of its own, and what the world does when it ends.

use super::gateway::url;
use super::kind::KINDS;
use super::ports::Ports;
use super::state::Invoke;
use herald_contract::command::Answer;
use herald_contract::payload::{RunJob, SendShard};
use herald_contract::wire::Request;
use herald_contract::{ConnectionId, Function, IdempotencyKey, Millis, Route};
use herald_core::auth::{Origins, Principal};
use herald_core::dispatcher::{self, Dispatcher, Record};
use herald_core::publish::{Publisher, publish};
use herald_core::sender::{self, Shards};
use herald_core::socket::{self, Invocation, Socket};
use herald_core::sweeper::{self, Sweeper};
use herald_core::table::fake::Change;
use herald_core::worker::{self, Worker};
use herald_core::{Event, Outcome};
use serde_json::Value;
use std::pin::Pin;

pub(super) type Running = Pin<Box<dyn Future<Output = Done>>>;

/// How an invocation ended.
#[derive(Debug)]
pub(super) enum Done {
    /// `$connect` was answered.
    Connected(ConnectionId, bool),
    /// A batch was dealt with up to here; none where the whole of it comes again.
    Batch(Option<usize>),
    /// A payload was dealt with, or not.
    Invoked(Invoke, bool),
    /// A command was answered; none where nobody knows.
    Answered(usize, Option<Answer>),
    /// Nobody waits for it.
    Other,
}

/// When Lambda ends an invocation, counted from its beginning, in milliseconds.
pub(super) fn time_out(function: Function) -> u64 {
    match function {
        Function::Worker => 90_000,
        Function::Socket | Function::Authorizer => 29_000,
        Function::Dispatcher | Function::Sender | Function::Publish | Function::Sweeper => 10_000,
    }
}

pub(super) fn socket(
    ports: Ports,
    route: Route,
    id: ConnectionId,
    principal: Principal,
    connected_at: Millis,
    request: Option<Request>,
) -> Running {
    Box::pin(async move {
        let connects = route == Route::Connect;
        let invocation = Invocation {
            event: Event { route, connection_id: id.clone(), callback_url: url() },
            body: request.map(|request| request.to_frame()),
            principal: Some(principal),
            connected_at,
            origin: None,
            protocols: None,
            request_id: "request".to_owned(),
            traceparent: None,
        };
        let origins = Origins::default();
        let socket = Socket {
            table: &ports,
            sender: &ports,
            closer: &ports,
            chance: &ports,
            origins: &origins,
            kinds: KINDS,
        };
        let handled = socket::handle(&socket, &invocation, ports.time()).await;
        if connects {
            Done::Connected(id, matches!(handled, Ok(Outcome::Accepted(_))))
        } else {
            Done::Other
        }
    })
}

pub(super) fn batch(ports: Ports, changes: Vec<Change>) -> Running {
    Box::pin(async move {
        let record = |(i, change): (usize, Change)| Record {
            sequence: i.to_string(),
            key: change.key,
            is_update: change.old.is_some(),
            new: change.new,
        };
        let records: Vec<_> = changes.into_iter().enumerate().map(record).collect();
        let dispatcher = Dispatcher {
            table: &ports,
            sender: &ports,
            invoker: &ports,
            dead_letters: &ports,
            clock: &ports,
        };
        let stop_at = ports.time().plus(time_out(Function::Dispatcher) - 2_000);
        let failures = dispatcher::batch(&dispatcher, &records, stop_at).await;
        // The stream goes on from the first that failed.
        let first = failures.failed.first().map(|(sequence, _)| sequence.parse().unwrap());
        Done::Batch(Some(first.unwrap_or(records.len())))
    })
}

pub(super) fn invoked(ports: Ports, invoke: Invoke) -> Running {
    Box::pin(async move {
        let deadline = ports.time().plus(time_out(invoke.function));
        let done = match invoke.function {
            Function::Worker => {
                let payload: RunJob = serde_json::from_str(&invoke.payload).unwrap();
                let worker =
                    Worker { table: &ports, sender: &ports, clock: &ports, chance: &ports };
                worker::run(&worker, KINDS, &payload, deadline).await.is_ok()
            }
            _ => {
                let payload: SendShard = serde_json::from_str(&invoke.payload).unwrap();
                let shards =
                    Shards { table: &ports, sender: &ports, invoker: &ports, clock: &ports };
                sender::shard(&shards, &payload, deadline.minus(2_000)).await.is_ok()
            }
        };
        Done::Invoked(invoke, done)
    })
}

pub(super) fn command(ports: Ports, index: usize, command: Value, once: String) -> Running {
    Box::pin(async move {
        let publisher = Publisher { table: &ports, closer: &ports, chance: &ports, kinds: KINDS };
        let once: IdempotencyKey = once.parse().unwrap();
        let answer = publish(&publisher, command, Some(once), None, ports.time()).await;
        if let Err(error) = &answer {
            assert!(error.is_retryable(), "a command that must work: {error}");
        }
        Done::Answered(index, answer.ok())
    })
}

pub(super) fn sweep(ports: Ports) -> Running {
    Box::pin(async move {
        let sweeper = Sweeper {
            table: &ports,
            sender: &ports,
            invoker: &ports,
            closer: &ports,
            dead_letters: &ports,
        };
        sweeper::sweep(&sweeper, ports.time()).await.ok();
        Done::Other
    })
}
