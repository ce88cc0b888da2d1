//! API Gateway WebSocket APIs, Lambda execution environments and what feeds them as state machines.
//!
//! Nothing here does IO, reads a clock or draws a random number: time and the seed of every
//! identifier are arguments. The shell (`emulator`) owns sockets and processes, turns what happens
//! into an [`Input`], and carries out each [`Effect`]:
//!
//! ```text
//! cloud.handle(now, input);
//! while let Some(effect) = cloud.poll_effect() { shell.carry_out(effect) }
//! sleep_until(cloud.poll_timeout()); cloud.handle_timeout(now)
//! ```
//!
//! Spurious timer calls are harmless. Same seed and same inputs give the same effects.

pub mod access_log;
pub mod cloud;
pub mod control;
mod data;
pub mod events;
mod gateway;
pub mod http;
pub mod iam;
pub mod id;
pub mod json_path;
pub mod lambda;
pub mod log;
mod logs;
pub mod model;
pub mod pattern;
pub mod permissions;
pub mod poller;
mod query;
pub mod queue;
pub mod schedule;
pub mod scheduler;
pub mod selection;
pub mod sigv4;
mod stack;
pub mod stream;
pub mod template;
pub mod time;
mod timers;
pub mod topology;
pub mod vtl;
mod wildcard;

pub use cloud::Cloud;
pub use time::Time;

use bytes::Bytes;
use std::collections::BTreeMap;

/// Names one TCP connection that asked for an upgrade. The shell chooses it and never reuses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(pub u64);

/// Names one HTTP request that waits for a [`Effect::Reply`]. The shell chooses it, from 1 on: the
/// upper half of the numbers is for requests that integrations make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

impl CallId {
    const OF_INTEGRATIONS: u64 = 1 << 63;

    fn of(integration: HttpId) -> Self {
        Self(integration.0 | Self::OF_INTEGRATIONS)
    }

    /// The request of an integration that this is, if so.
    pub fn integration(self) -> Option<HttpId> {
        (self.0 >= Self::OF_INTEGRATIONS).then_some(HttpId(self.0 & !Self::OF_INTEGRATIONS))
    }
}

/// Names one execution environment: one child process with its own Runtime API. The core chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EnvironmentId(pub u64);

/// Names one HTTP request of an integration. The core chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpId(pub u64);

/// Names one reader of a stream: an event source mapping as it is in the template. The core chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u64);

/// How a socket came to its end, as seen from the client's side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Closed {
    /// A close frame with a status code.
    Frame { code: u16, reason: String },
    /// A close frame without a status code.
    NoStatus,
    /// The connection was lost without a close frame.
    Abrupt,
}

/// Something that happened outside.
#[derive(Clone, Debug)]
pub enum Input {
    /// A WebSocket upgrade was asked for. Answered by [`Effect::Accept`] or [`Effect::Refuse`].
    Upgrade { socket: SocketId, request: http::Request },
    /// A whole text message arrived.
    Text { socket: SocketId, text: String },
    /// A binary message arrived.
    Binary { socket: SocketId },
    /// A frame or message over the limit arrived.
    TooBig { socket: SocketId },
    /// The socket ended, or its client gave up before the upgrade was answered. The last input of a
    /// socket; also follows [`Effect::Close`] once the closing handshake is over.
    Closed { socket: SocketId, how: Closed },
    /// So many bytes of text given to [`Effect::Send`] have been handed to the operating system.
    Written { socket: SocketId, bytes: usize },
    /// An HTTP request whose path is meant for an API: `@connections`, or a plain request to a stage.
    Http { call: CallId, request: http::Request },
    /// The same, asked for by the person in front of the console: as the local administrator, without
    /// a signature. The shell lets nobody else do that.
    Console { call: CallId, request: http::Request },
    /// The Lambda Invoke API: `function` is the name or ARN of the request's path.
    Invoke { call: CallId, function: String, request: http::Request },
    /// What Lambda tells about functions: `GET /2015-03-31/functions/…`.
    Functions { call: CallId, request: http::Request },
    /// A request to a service at `POST /`: in AWS JSON, with `X-Amz-Target`, or in the Query protocol.
    Service { call: CallId, request: http::Request },
    /// The client of [`Input::Service`] went away before it was answered.
    Gone { call: CallId },
    /// Tables were written to by [`Effect::DynamoDb`] or [`Effect::SweepTables`].
    TablesWritten,
    /// What came of [`Effect::ReadStream`]: a page, or why there is none.
    StreamRead { source: SourceId, page: Result<stream::Page, String> },
    /// What came of [`Effect::Http`]: the backend's reply, or why there is none.
    HttpDone { request: HttpId, result: Result<http::Reply, String> },
    /// An environment spoke to its Runtime API, or its process ended.
    Runtime { environment: EnvironmentId, event: lambda::RuntimeEvent },
    /// The process of an environment wrote these lines.
    Output { environment: EnvironmentId, lines: Vec<String> },
    /// A command of the control API.
    Control { call: CallId, command: control::Command },
    /// Start one environment of this function before anybody asks; reported by
    /// [`log::Log::EnvironmentReady`] or [`log::Log::EnvironmentFailed`].
    Warm { function: String },
    /// The template or function code changed. Connections stay; environments of functions in
    /// `changed` finish what they do and are replaced.
    Reload { topology: Box<topology::Topology>, changed: Vec<String> },
}

/// Something the shell must do.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Answer the upgrade with 101; `protocol` is the value of `Sec-WebSocket-Protocol`, if any.
    Accept { socket: SocketId, protocol: Option<String> },
    /// Answer the upgrade with this instead, and forget the socket.
    Refuse { socket: SocketId, reply: http::Reply },
    /// Send one text message. Acknowledge with [`Input::Written`] (`text.len()` bytes).
    Send { socket: SocketId, text: String },
    /// Start the closing handshake.
    Close { socket: SocketId, code: u16, reason: String },
    /// Cut the connection without a close frame, and forget the socket.
    Abort { socket: SocketId },
    /// Answer an HTTP request.
    Reply { call: CallId, reply: http::Reply },
    /// Carry out this operation of `DynamoDB` or `DynamoDB` Streams and answer the call; afterwards, if
    /// it may have written, report [`Input::TablesWritten`]. Who called is allowed to. A call of an
    /// integration ([`CallId::integration`]) is answered by [`Input::HttpDone`].
    DynamoDb { call: CallId, operation: String, body: Bytes, request_id: String },
    /// Read up to `limit` records of a stream; reported back as [`Input::StreamRead`].
    ReadStream { source: SourceId, stream_arn: String, from: stream::Position, limit: usize },
    /// An event source mapping has done with everything up to this record: where it goes on after a
    /// restart that keeps the tables.
    Checkpoint { mapping: String, sequence_number: String },
    /// Delete items that have outlived their time to live.
    SweepTables,
    /// Start a process for this function with these variables added to its environment. The shell
    /// adds `AWS_LAMBDA_RUNTIME_API`.
    Start { environment: EnvironmentId, function: String, variables: BTreeMap<String, String> },
    /// Answer the environment's pending `next` with this invocation.
    Deliver { environment: EnvironmentId, invocation: lambda::Delivery },
    /// Answer the environment's `response`, `error` or `init/error` request.
    RuntimeReply { environment: EnvironmentId, reply: http::Reply },
    /// End the process. Reported back as [`lambda::RuntimeEvent::Exited`].
    Kill { environment: EnvironmentId },
    /// Send this request to an integration's backend; reported back as [`Input::HttpDone`]. The core
    /// gives up by itself when that takes too long; a late report is ignored.
    Http {
        request: HttpId,
        method: String,
        url: String,
        headers: Vec<(String, String)>,
        body: Bytes,
    },
    /// Tell people.
    Log(log::Log),
}

/// What the shell gives at start.
#[derive(Clone, Debug)]
pub struct Config {
    /// What `requestContext.domainName` says: host and port, without scheme.
    pub domain_name: String,
    /// Seeds every identifier.
    pub seed: u64,
    /// Bounds and time-outs.
    pub limits: Limits,
    /// What AWS does where nobody has written it down.
    pub guesses: Guesses,
    /// Whether signatures and policies are looked at.
    pub iam: permissions::Iam,
    /// What was read from the template.
    pub topology: topology::Topology,
    /// The last [`Effect::Checkpoint`] of each mapping, if the tables were kept.
    pub checkpoints: BTreeMap<String, String>,
}

/// Behaviour of AWS that is known from single reports or not at all; each guess can be turned round.
#[derive(Clone, Copy, Debug)]
pub struct Guesses {
    /// On a route with a route response, an answer without a `body` sends an empty message.
    pub empty_reply: bool,
}

impl Default for Guesses {
    fn default() -> Self {
        Self { empty_reply: true }
    }
}

/// Bounds and time-outs; the defaults are AWS's where AWS has one.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Without a message in either direction for so long, a connection is closed with 1001.
    pub idle: std::time::Duration,
    /// A connection is closed with 1001 at this age.
    pub lifetime: std::time::Duration,
    /// An integration is given up after this, or after its own `TimeoutInMillis` if that is less.
    pub integration: std::time::Duration,
    /// An environment must ask for its first event within this.
    pub init: std::time::Duration,
    /// An environment without work for so long is ended.
    pub environment_idle: std::time::Duration,
    /// Bytes of one WebSocket frame.
    pub frame_bytes: usize,
    /// Bytes of one message, in either direction.
    pub message_bytes: usize,
    /// Bytes waiting for one slow client; a post beyond them is answered 429.
    pub send_buffer_bytes: usize,
    /// Environments of one function at the same time.
    pub environments_per_function: usize,
    /// With so many environments of a quick function at work, one more call waits a moment for one of
    /// them. AWS does not do that: there, each has a processor of its own.
    pub crowd: usize,
    /// Invocations waiting for an environment of one function; one more is throttled.
    pub waiting_per_function: usize,
    /// Requests a second to all APIs together, messages and calls of `@connections` included.
    pub account_rate: u32,
    /// How many of them may come at once.
    pub account_burst: u32,
    /// New connections a second, and how many may begin at once.
    pub connects_per_second: u32,
    /// Connections at the same time.
    pub connections: usize,
    /// How often tables are searched for items that have outlived their time to live. AWS takes up
    /// to some days.
    pub time_to_live_sweep: std::time::Duration,
}

impl Default for Limits {
    fn default() -> Self {
        use std::time::Duration;
        Self {
            idle: Duration::from_secs(600),
            lifetime: Duration::from_secs(7200),
            integration: Duration::from_secs(29),
            init: Duration::from_secs(10),
            environment_idle: Duration::from_secs(300),
            frame_bytes: 32 * 1024,
            message_bytes: 128 * 1024,
            send_buffer_bytes: 256 * 1024,
            environments_per_function: 10,
            crowd: usize::MAX,
            waiting_per_function: 1000,
            account_rate: 10_000,
            account_burst: 5_000,
            connects_per_second: 500,
            connections: 100_000,
            time_to_live_sweep: Duration::from_secs(60),
        }
    }
}

/// The bytes of a payload or body.
pub type Payload = Bytes;
