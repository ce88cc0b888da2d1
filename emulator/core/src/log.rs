//! What happened, for people: the shell renders each event as one line and shows it in the console.

use crate::{EnvironmentId, http, permissions, stream};
use std::time::Duration;

/// One thing worth telling.
#[derive(Clone, Debug, PartialEq)]
pub enum Log {
    /// A client is connected.
    Connected { api: String, stage: String, connection: String, source_ip: String },
    /// An upgrade was refused.
    Refused { path: String, status: u16, why: String },
    /// A message came in and this route takes it; `None`: no route does.
    Received { connection: String, bytes: usize, text: String, route: Option<String> },
    /// A text message goes out.
    Sent { connection: String, bytes: usize, text: String, by: SentBy },
    /// A connection ended.
    Disconnected { connection: String, code: u16, reason: String },
    /// A route's integration has answered, failed or timed out.
    Integration {
        connection: String,
        route: String,
        target: String,
        took: Duration,
        outcome: String,
        failed: bool,
    },
    /// A call of `@connections` was answered.
    Management { method: String, connection: String, status: u16 },
    /// A request was not let through: its signature does not hold, or its signer may not do that.
    Denied { request: String, why: String },
    /// An environment is being started.
    EnvironmentStarting { function: String, environment: EnvironmentId },
    /// An environment asked for its first event.
    EnvironmentReady { function: String, environment: EnvironmentId, took: Duration },
    /// An environment ended before it asked for its first event, or could not be started.
    EnvironmentFailed { function: String, environment: EnvironmentId, why: String },
    /// An environment ended.
    EnvironmentEnded { function: String, environment: EnvironmentId, why: String },
    /// Lambda's own log lines: `INIT_START`, `START`, `END`, `REPORT`.
    FunctionLine { function: String, line: String },
    /// An asynchronous event that its function has failed will be tried again.
    EventRetried { function: String, request_id: String, attempts: usize, after: Duration },
    /// An asynchronous event is at its end without success; `kept`: a destination gets it.
    EventGivenUp { function: String, request_id: String, condition: String, kept: bool },
    /// The function of an event source mapping has done with a batch.
    Batch {
        mapping: String,
        function: String,
        records: usize,
        took: Duration,
        outcome: String,
        failed: bool,
    },
    /// What an event source mapping does with records of a stream.
    Mapping { mapping: String, log: stream::Log },
    /// A rule sends something to one of its targets; `scheduled`: because its time has come.
    Rule { rule: String, target: String, scheduled: bool },
    /// Something was put into a queue.
    Queued { queue: String, what: String },
    /// One line of a stage's access log, in the format its template asks for.
    Access { stage: String, line: String },
    /// The control API was asked for something, or a fault it asked for has happened.
    Control { what: String },
    /// Something in the template works on AWS otherwise than its author may think.
    Warning { what: String },
}

impl Log {
    pub(crate) fn denied(request: &http::Request, refusal: &permissions::Refusal) -> Self {
        let target = request.header("X-Amz-Target").unwrap_or_default();
        let request = format!("{} {} {target}", request.method, request.path).trim_end().to_owned();
        Self::Denied { request, why: refusal.in_short() }
    }
}

/// Who sent a message to a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SentBy {
    /// A route response: the integration's answer.
    Route,
    /// A post to `@connections`.
    Post,
    /// The gateway itself: an error frame.
    Gateway,
}
