//! Who takes part, and what is known of them. What they do is in `acts`, what must hold in `judge`.

use super::trace::Trace;
use super::{ENVIRONMENTS, WAITING};
use crate::setup::Setup;
use crate::stream::Stream;
use gateway_core::lambda::RuntimeEvent;
use gateway_core::permissions::Iam;
use gateway_core::stream::Position;
use gateway_core::topology::Topology;
use gateway_core::{
    CallId, Closed, Cloud, Config, EnvironmentId, HttpId, Input, SocketId, SourceId, Time,
};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::Duration;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Socket {
    Pending,
    Open,
    /// Refused, or closed by either side.
    Over,
}

#[derive(Debug, Default)]
pub(super) struct Process {
    pub(super) function: String,
    /// Has asked for an event and not got one.
    pub(super) asking: bool,
    pub(super) current: Option<String>,
    pub(super) killed: bool,
    /// Of the records it has been given.
    pub(super) keys: BTreeSet<char>,
}

pub(super) struct World {
    pub(super) cloud: Cloud,
    pub(super) topology: Topology,
    pub(super) connections_max: usize,
    pub(super) rng: fastrand::Rng,
    pub(super) now: Time,
    pub(super) sockets: BTreeMap<SocketId, Socket>,
    pub(super) open: usize,
    pub(super) open_at_most: usize,
    /// The gateway has said Close or Abort, and waits to hear of the end.
    pub(super) closing: BTreeSet<SocketId>,
    pub(super) unwritten: BTreeMap<SocketId, usize>,
    pub(super) processes: BTreeMap<EnvironmentId, Process>,
    pub(super) calls: BTreeSet<CallId>,
    pub(super) requests: BTreeSet<HttpId>,
    pub(super) last_call: u64,
    /// Every connection that a function or a log has told of, in that order.
    pub(super) connections: Vec<String>,
    pub(super) asked: BTreeSet<String>,
    pub(super) accepted: BTreeSet<String>,
    pub(super) ended: BTreeSet<String>,
    pub(super) disconnected: BTreeSet<String>,
    pub(super) delivered: BTreeSet<String>,
    pub(super) runtime_replies: usize,
    pub(super) table: Stream,
    pub(super) written: u64,
    /// Pages that the stream has been asked for.
    pub(super) reads: Vec<(SourceId, Position, usize)>,
    /// The latest record of each key that a function has got.
    pub(super) latest: BTreeMap<char, u64>,
    /// Records that were discarded, and some between them.
    pub(super) given_up: Vec<RangeInclusive<u64>>,
    pub(super) checkpoint: u64,
    pub(super) trace: Trace,
}

const START: Time = Time(1_795_594_530_000);

impl World {
    pub(super) fn new(
        seed: u64,
        setup: &Setup,
        topology: &Topology,
        connections_max: usize,
        trace: Trace,
    ) -> Self {
        let mut limits = setup.limits.clone();
        limits.connections = connections_max;
        // All come at once.
        limits.connects_per_second = u32::MAX;
        limits.crowd = 1 + seed as usize % ENVIRONMENTS;
        let config = Config {
            domain_name: "local".into(),
            seed,
            limits,
            guesses: setup.guesses,
            // Who may do what is decided before anything happens that could go wrong here.
            iam: Iam::Off,
            topology: topology.clone(),
            checkpoints: Default::default(),
        };
        Self {
            cloud: Cloud::new(START, config),
            topology: topology.clone(),
            connections_max,
            rng: fastrand::Rng::with_seed(seed),
            now: START,
            sockets: BTreeMap::new(),
            open: 0,
            open_at_most: 0,
            closing: BTreeSet::new(),
            unwritten: BTreeMap::new(),
            processes: BTreeMap::new(),
            calls: BTreeSet::new(),
            requests: BTreeSet::new(),
            last_call: 0,
            connections: Vec::new(),
            asked: BTreeSet::new(),
            accepted: BTreeSet::new(),
            ended: BTreeSet::new(),
            disconnected: BTreeSet::new(),
            delivered: BTreeSet::new(),
            runtime_replies: 0,
            table: Stream::default(),
            written: 0,
            reads: Vec::new(),
            latest: BTreeMap::new(),
            given_up: Vec::new(),
            checkpoint: 0,
            trace,
        }
    }

    /// Time passes; everything that is due on the way happens at its own moment.
    pub(super) fn pass(&mut self, time: Duration) {
        let target = self.now + time;
        while let Some(due) = self.cloud.poll_timeout().filter(|due| *due <= target) {
            self.now = due.max(self.now);
            self.wake();
            assert!(
                self.cloud.poll_timeout().is_none_or(|next| next > self.now),
                "a timer does not go away"
            );
        }
        self.now = target;
        self.wake();
    }

    pub(super) fn handle(&mut self, input: Input) {
        self.trace.input(self.now, &input);
        self.cloud.handle(self.now, input);
        self.drain();
        // A timer that fires although nothing is due changes nothing.
        self.wake();
    }

    pub(super) fn wake(&mut self) {
        self.cloud.handle_timeout(self.now);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(effect) = self.cloud.poll_effect() {
            self.trace.effect(self.now, &effect);
            self.judge(effect);
        }
        let usage = self.cloud.usage();
        assert!(usage.connections <= self.connections_max, "too many connections: {usage:?}");
        assert!(usage.environments_of_one <= ENVIRONMENTS, "too many environments: {usage:?}");
        assert!(usage.waiting_for_one <= WAITING, "too many invocations wait: {usage:?}");
    }

    pub(super) fn set(&mut self, socket: SocketId, state: Socket) -> Option<Socket> {
        let before = self.sockets.insert(socket, state);
        self.open += usize::from(state == Socket::Open);
        self.open -= usize::from(before == Some(Socket::Open));
        self.open_at_most = self.open_at_most.max(self.open);
        before
    }

    /// Everyone leaves, and functions do what they are asked; then nothing may be left over.
    pub(super) fn end(&mut self) {
        let sockets: Vec<SocketId> = self.sockets.keys().copied().collect();
        for socket in sockets {
            if self.sockets[&socket] != Socket::Over || self.closing.remove(&socket) {
                self.set(socket, Socket::Over);
                self.handle(Input::Closed { socket, how: Closed::Abrupt });
            }
        }
        for _ in 0..500 {
            self.processes_behave();
            while !self.reads.is_empty() {
                self.stream_answers();
            }
            if self.processes.is_empty() && self.cloud.poll_timeout().is_none() {
                break;
            }
            self.pass(Duration::from_secs(20));
        }
        assert!(self.calls.is_empty(), "calls without an answer: {:?}", self.calls);
        assert!(self.processes.is_empty(), "processes left over: {:?}", self.processes);
        assert_eq!(self.cloud.poll_timeout(), None, "timers left over");
        assert_eq!(self.runtime_replies, 0, "environments without a reply");
        assert_eq!(self.cloud.usage().connections, 0, "connections left over");
        assert_eq!(self.checkpoint, self.written, "records that nobody has done with");
    }

    fn processes_behave(&mut self) {
        let ids: Vec<EnvironmentId> = self.processes.keys().copied().collect();
        for id in ids {
            let Some(process) = self.processes.get_mut(&id) else { continue };
            if process.killed {
                self.exit(id);
                continue;
            }
            process.keys.clear();
            if let Some(request_id) = process.current.take() {
                self.runtime_replies += 1;
                let event = RuntimeEvent::Response { request_id, body: "{}".into() };
                self.handle(Input::Runtime { environment: id, event });
            }
            if let Some(process) = self.processes.get_mut(&id).filter(|p| !p.asking && !p.killed) {
                process.asking = true;
                let event = RuntimeEvent::Next;
                self.handle(Input::Runtime { environment: id, event });
            }
        }
    }

    pub(super) fn exit(&mut self, id: EnvironmentId) {
        self.processes.remove(&id);
        let event = RuntimeEvent::Exited { status: "exit status: 1".into() };
        self.handle(Input::Runtime { environment: id, event });
    }
}
