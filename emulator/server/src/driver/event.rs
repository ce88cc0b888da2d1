//! What the driver is told, and by whom it is answered.

use crate::functions::Programs;
use crate::http::Answer;
use crate::socket::ToSocket;
use gateway_core::control::Command;
use gateway_core::http::Request;
use gateway_core::lambda::{Delivery, RuntimeEvent};
use gateway_core::queue::Stored;
use gateway_core::topology::Topology;
use gateway_core::{CallId, EnvironmentId, Input, SocketId};
use tokio::sync::{mpsc, oneshot};

/// Events that wait for the driver.
const EVENTS_MAX: usize = 4096;

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
