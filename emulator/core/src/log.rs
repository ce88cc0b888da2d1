//! What happened, for people: the shell renders each event as one line and shows it in the console.

use crate::EnvironmentId;
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
    /// One line of a stage's access log, in the format its template asks for.
    Access { stage: String, line: String },
    /// Something in the template works on AWS otherwise than its author may think.
    Warning { what: String },
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
