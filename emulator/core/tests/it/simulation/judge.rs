//! What must hold, effect by effect.

use super::world::{Process, Socket, World};
use super::{BUFFER, ENVIRONMENTS};
use gateway_core::lambda::Delivery;
use gateway_core::log::Log;
use gateway_core::{Effect, EnvironmentId};
use serde_json::Value;
use std::collections::BTreeSet;

impl World {
    pub(super) fn judge(&mut self, effect: Effect) {
        match effect {
            Effect::Accept { socket, .. } => {
                let before = self.set(socket, Socket::Open);
                assert_eq!(before, Some(Socket::Pending), "accepted twice or too late");
            }
            Effect::Refuse { socket, .. } => {
                let before = self.set(socket, Socket::Over);
                assert_eq!(before, Some(Socket::Pending), "refused twice or too late");
            }
            Effect::Send { socket, text } => {
                let state = self.sockets[&socket];
                assert_eq!(state, Socket::Open, "a message to a socket that is not open");
                let unwritten = self.unwritten.entry(socket).or_default();
                assert!(
                    *unwritten == 0 || *unwritten + text.len() <= BUFFER,
                    "the client's buffer overflows"
                );
                *unwritten += text.len();
            }
            Effect::Close { socket, .. } | Effect::Abort { socket } => {
                let before = self.set(socket, Socket::Over);
                assert_eq!(before, Some(Socket::Open), "closed twice or too late");
                self.closing.insert(socket);
            }
            Effect::Reply { call, .. } => {
                assert!(self.calls.remove(&call), "{call:?} answered twice");
            }
            Effect::Start { environment, function, .. } => {
                let processes = self.processes.values();
                let alive = processes.filter(|process| process.function == function).count();
                assert!(alive < ENVIRONMENTS, "too many environments of {function}");
                self.processes.insert(environment, Process { function, ..Process::default() });
            }
            Effect::Deliver { environment, invocation } => {
                let process = self.processes.get_mut(&environment);
                let process = process.expect("an event for a process that has ended");
                assert!(process.asking && !process.killed, "an event nobody asked for");
                process.asking = false;
                process.current = Some(invocation.request_id.clone());
                self.event(environment, &invocation);
            }
            Effect::RuntimeReply { .. } => {
                assert_ne!(self.runtime_replies, 0, "a reply nobody waits for");
                self.runtime_replies -= 1;
            }
            Effect::Kill { environment } => {
                let process = self.processes.get_mut(&environment);
                let process = process.expect("the end of a process that has ended");
                assert!(!process.killed, "killed twice");
                process.killed = true;
            }
            Effect::Http { request, .. } => {
                assert!(self.requests.insert(request), "one request twice");
            }
            Effect::ReadStream { source, from, limit, .. } => {
                self.reads.push((source, from, limit));
                assert_eq!(self.reads.len(), 1, "one reader, two reads");
            }
            Effect::Checkpoint { sequence_number, .. } => {
                let number = number(&sequence_number);
                assert!(number > self.checkpoint, "the checkpoint goes back");
                self.checkpoint = number;
            }
            Effect::DynamoDb { .. } | Effect::SweepTables => {
                panic!("nobody has asked for this: {effect:?}")
            }
            Effect::Log(log) => self.told(log),
        }
    }

    fn told(&mut self, log: Log) {
        match log {
            Log::Connected { connection, .. } => {
                assert!(self.asked.contains(&connection), "accepted without $connect");
                assert!(self.accepted.insert(connection), "connected twice");
            }
            Log::Disconnected { connection, .. } => {
                assert!(self.accepted.contains(&connection), "ended before it was accepted");
                assert!(self.ended.insert(connection), "ended twice");
            }
            Log::Queued { queue, .. } => {
                for message in self.cloud.queue(self.now, &queue, true).into_iter().flatten() {
                    let message: Value = serde_json::from_str(&message.body).expect("JSON");
                    let info = &message["DDBStreamBatchInfo"];
                    let end = |name: &str| number(info[name].as_str().unwrap_or_default());
                    self.given_up.push(end("startSequenceNumber")..=end("endSequenceNumber"));
                }
            }
            _ => {}
        }
    }

    /// A function gets an event.
    fn event(&mut self, environment: EnvironmentId, invocation: &Delivery) {
        let event: Value = serde_json::from_slice(&invocation.payload).expect("events are JSON");
        if let Some(records) = event["Records"].as_array() {
            return self.batch(environment, records);
        }
        let context = &event["requestContext"];
        let Some(id) = context["connectionId"].as_str() else { return };
        assert!(self.delivered.insert(invocation.request_id.clone()), "one invocation twice");
        match (event["type"].as_str(), context["eventType"].as_str()) {
            (None, Some("CONNECT")) => {
                assert!(self.asked.insert(id.into()), "$connect twice");
                self.connections.push(id.into());
            }
            (None, Some("MESSAGE")) => {
                assert!(self.accepted.contains(id), "a message before it was accepted");
            }
            (None, Some("DISCONNECT")) => {
                assert!(self.ended.contains(id), "$disconnect of one that has not ended");
                assert!(self.disconnected.insert(id.into()), "$disconnect twice");
            }
            _ => {}
        }
    }

    /// Records may come again, but those of one key are never at two places at once, and none comes
    /// for the first time before all earlier ones of its key have come or were given up.
    fn batch(&mut self, environment: EnvironmentId, records: &[Value]) {
        let names = records.iter().filter_map(|r| r["dynamodb"]["SequenceNumber"].as_str());
        let mut keys = BTreeSet::new();
        for name in names {
            let key = name.chars().next().expect("records are named by key and number");
            keys.insert(key);
            let latest = self.latest.entry(key).or_default();
            if number(name) > *latest {
                let given_up = |n: &u64| self.given_up.iter().any(|some| some.contains(n));
                let left_out = self.table.of_key(key, *latest, number(name)).find(|n| !given_up(n));
                assert_eq!(left_out, None, "{name} comes before another of its key");
                *latest = number(name);
            }
        }
        let mut others = self.processes.iter().filter(|(id, p)| **id != environment && !p.killed);
        assert!(others.all(|(_, p)| p.keys.is_disjoint(&keys)), "a key at two places: {keys:?}");
        self.processes.get_mut(&environment).expect("it was asking").keys = keys;
    }
}

/// `a7` is the seventh record, and changes item `a`.
fn number(sequence_number: &str) -> u64 {
    sequence_number[1..].parse().expect("records are named by key and number")
}
