//! What must hold, effect by effect.

use super::world::{Process, Socket, World};
use super::{BUFFER, ENVIRONMENTS};
use gateway_core::Effect;

impl World {
    pub(super) fn judge(&mut self, effect: Effect) {
        match effect {
            Effect::Accept { socket, .. } => {
                assert_eq!(
                    self.sockets.insert(socket, Socket::Open),
                    Some(Socket::Pending),
                    "accepted twice or too late"
                );
            }
            Effect::Refuse { socket, .. } => {
                assert_eq!(
                    self.sockets.insert(socket, Socket::Over),
                    Some(Socket::Pending),
                    "refused twice or too late"
                );
            }
            Effect::Send { socket, text } => {
                assert_eq!(
                    self.sockets[&socket],
                    Socket::Open,
                    "a message to a socket that is not open"
                );
                let unwritten = self.unwritten.entry(socket).or_default();
                assert!(
                    *unwritten == 0 || *unwritten + text.len() <= BUFFER,
                    "the client's buffer overflows"
                );
                *unwritten += text.len();
            }
            Effect::Close { socket, .. } => {
                assert_eq!(
                    self.sockets.insert(socket, Socket::Over),
                    Some(Socket::Open),
                    "closed twice or too late"
                );
                self.closing.insert(socket);
            }
            Effect::Reply { call, .. } => {
                assert!(self.calls.remove(&call), "{call:?} answered twice")
            }
            Effect::Start { environment, function, .. } => {
                let alive =
                    self.processes.values().filter(|process| process.function == function).count();
                assert!(alive < ENVIRONMENTS, "too many environments of {function}");
                self.processes.insert(environment, Process { function, ..Process::default() });
            }
            Effect::Deliver { environment, invocation } => {
                let process = self
                    .processes
                    .get_mut(&environment)
                    .expect("an event for a process that has ended");
                assert!(process.asking && !process.killed, "an event nobody asked for");
                process.asking = false;
                process.current = Some(invocation.request_id.clone());
                self.event(&invocation.payload, &invocation.request_id);
            }
            Effect::RuntimeReply { .. } => {
                assert_ne!(self.runtime_replies, 0, "a reply nobody waits for");
                self.runtime_replies -= 1;
            }
            Effect::Kill { environment } => {
                let process = self
                    .processes
                    .get_mut(&environment)
                    .expect("the end of a process that has ended");
                assert!(!process.killed, "killed twice");
                process.killed = true;
            }
            Effect::Http { request, .. } => {
                assert!(self.requests.insert(request), "one request twice")
            }
            Effect::Log(_) => {}
        }
    }

    fn event(&mut self, payload: &[u8], request_id: &str) {
        let event: serde_json::Value = serde_json::from_slice(payload).expect("events are JSON");
        let context = &event["requestContext"];
        let Some(id) = context["connectionId"].as_str() else { return };
        assert!(self.delivered.insert(request_id.into()), "one invocation twice");
        self.connections.insert(id.into());
        match (event["type"].as_str(), context["eventType"].as_str()) {
            (None, Some("CONNECT")) => assert!(self.connected.insert(id.into()), "$connect twice"),
            (None, Some("DISCONNECT")) => {
                assert!(self.disconnected.insert(id.into()), "$disconnect twice")
            }
            _ => {}
        }
    }
}
