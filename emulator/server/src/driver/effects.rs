//! What the core wants done: handed to sockets, callers, processes and tables.

use super::event::{Event, Warmed};
use super::{Driver, Process};
use crate::backend::{self, Outgoing};
use crate::http::Answer;
use crate::socket::ToSocket;
use crate::tables::Call;
use gateway_core::log::Log;
use gateway_core::{Effect, EnvironmentId, HttpId, Input, SocketId};
use std::collections::VecDeque;
use tokio::sync::oneshot;

impl Driver {
    /// Does everything the core wants done.
    pub(super) fn carry_out(&mut self) {
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
    pub(super) fn report_failed(&mut self, environment: EnvironmentId, last_words: Vec<String>) {
        if let Some((function, why)) = self.failing.remove(&environment)
            && let Some(warmed) = &self.warmed
            && warmed.try_send(Warmed::Failed { function, why, last_words }).is_err()
        {
            self.warmed = None;
        }
    }
}
