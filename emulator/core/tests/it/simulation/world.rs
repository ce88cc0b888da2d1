//! Who takes part, and what they may do at any moment.

use super::{BUFFER, WORLD};
use gateway_core::lambda::RuntimeEvent;
use gateway_core::{CallId, Closed, Cloud, Config, EnvironmentId, Input, SocketId, Time, http};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash as _;
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
}

pub(super) struct World {
    pub(super) cloud: Cloud,
    pub(super) rng: fastrand::Rng,
    pub(super) now: Time,
    pub(super) sockets: BTreeMap<SocketId, Socket>,
    /// The gateway has said Close, and waits for the end of the closing handshake.
    pub(super) closing: BTreeSet<SocketId>,
    pub(super) unwritten: BTreeMap<SocketId, usize>,
    pub(super) processes: BTreeMap<EnvironmentId, Process>,
    pub(super) calls: BTreeSet<CallId>,
    pub(super) requests: BTreeSet<gateway_core::HttpId>,
    pub(super) last_call: u64,
    pub(super) connections: BTreeSet<String>,
    pub(super) connected: BTreeSet<String>,
    pub(super) disconnected: BTreeSet<String>,
    pub(super) delivered: BTreeSet<String>,
    pub(super) runtime_replies: usize,
    pub(super) trace: DefaultHasher,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let (setup, topology) = &*WORLD;
        let config = Config {
            domain_name: "local".into(),
            seed,
            limits: setup.limits.clone(),
            guesses: setup.guesses,
            topology: topology.clone(),
        };
        Self {
            cloud: Cloud::new(config),
            rng: fastrand::Rng::with_seed(seed),
            now: Time(1_795_594_530_000),
            sockets: BTreeMap::new(),
            closing: BTreeSet::new(),
            unwritten: BTreeMap::new(),
            processes: BTreeMap::new(),
            calls: BTreeSet::new(),
            requests: BTreeSet::new(),
            last_call: 0,
            connections: BTreeSet::new(),
            connected: BTreeSet::new(),
            disconnected: BTreeSet::new(),
            delivered: BTreeSet::new(),
            runtime_replies: 0,
            trace: DefaultHasher::new(),
        }
    }

    pub(super) fn step(&mut self) {
        match self.rng.u8(..100) {
            0..12 => self.upgrade(),
            12..30 => self.client_speaks(),
            30..36 => self.client_leaves(),
            36..46 => self.manage(),
            46..52 => self.invoke(),
            52..80 => self.process_speaks(),
            80..84 => self.acknowledge(),
            84..88 => self.backend_answers(),
            88..90 => self.reload(),
            90..98 => {
                let by = self.rng.u64(0..3_000);
                self.advance(Duration::from_millis(by));
            }
            _ => {
                let by = self.rng.u64(0..1_200);
                self.advance(Duration::from_secs(by));
            }
        }
    }

    fn upgrade(&mut self) {
        let socket = SocketId(self.sockets.len() as u64 + 1);
        let path = ["/dev", "/dev", "/dev", "/prod"][self.rng.usize(..4)];
        self.sockets.insert(socket, Socket::Pending);
        let request = request("GET", path, "");
        self.handle(Input::Upgrade { socket, request });
    }

    fn any_socket(&mut self) -> Option<SocketId> {
        let count = self.sockets.len();
        if count == 0 {
            return None;
        }
        let at = self.rng.usize(..count);
        self.sockets.keys().nth(at).copied()
    }

    /// Sockets that have ended say nothing any more: that is the shell's promise.
    fn open_socket(&mut self) -> Option<SocketId> {
        let socket = self.any_socket()?;
        (self.sockets[&socket] == Socket::Open || self.closing.contains(&socket)).then_some(socket)
    }

    fn client_speaks(&mut self) {
        let Some(socket) = self.open_socket() else { return };
        let input = match self.rng.u8(..20) {
            0 => Input::Binary { socket },
            1 => Input::TooBig { socket },
            n => {
                let texts = [
                    "hello",
                    r#"{"action":"quick"}"#,
                    r#"{"action":"lost"}"#,
                    r#"{"action":"remote"}"#,
                    r#"{"action":"$connect"}"#,
                ];
                Input::Text { socket, text: texts[n as usize % texts.len()].into() }
            }
        };
        self.handle(input);
    }

    fn client_leaves(&mut self) {
        let Some(socket) = self.any_socket() else { return };
        if self.sockets[&socket] == Socket::Over && !self.closing.remove(&socket) {
            return;
        }
        let how = match self.rng.u8(..3) {
            0 => Closed::NoStatus,
            1 => Closed::Frame { code: 4000, reason: "bye".into() },
            _ => Closed::Abrupt,
        };
        self.sockets.insert(socket, Socket::Over);
        self.closing.remove(&socket);
        self.handle(Input::Closed { socket, how });
    }

    fn manage(&mut self) {
        let id = match self.rng.usize(..self.connections.len() + 2) {
            0 => "nonsense".into(),
            1 => "AAAAAAAAAAAAAAA=".into(),
            n => self.connections.iter().nth(n - 2).cloned().unwrap_or_default(),
        };
        let method = ["POST", "POST", "POST", "GET", "DELETE"][self.rng.usize(..5)];
        let body = "x".repeat(self.rng.usize(..BUFFER));
        let request = request(method, &format!("/dev/@connections/{id}"), &body);
        let call = self.new_call();
        self.handle(Input::Http { call, request });
    }

    fn invoke(&mut self) {
        let mut request = request("POST", "/", "{}");
        let kind = ["RequestResponse", "Event", "DryRun"][self.rng.usize(..3)];
        request.headers.push(("X-Amz-Invocation-Type".into(), kind.into()));
        let function = ["echo", "bye", "unknown"][self.rng.usize(..3)].into();
        let call = self.new_call();
        self.handle(Input::Invoke { call, function, request });
    }

    fn new_call(&mut self) -> CallId {
        self.last_call += 1;
        self.calls.insert(CallId(self.last_call));
        CallId(self.last_call)
    }

    fn process_speaks(&mut self) {
        if self.processes.is_empty() {
            return;
        }
        let at = self.rng.usize(..self.processes.len());
        let Some(id) = self.processes.keys().nth(at).copied() else { return };
        let process = &self.processes[&id];
        if process.killed {
            return self.exit(id);
        }
        let current = process.current.clone();
        let event = match (self.rng.u8(..20), current) {
            (0, _) => return self.exit(id),
            (1, _) => RuntimeEvent::InitError { error_type: None, body: "{}".into() },
            (2, _) => RuntimeEvent::Response { request_id: "unknown".into(), body: "late".into() },
            (3, Some(request_id)) => {
                RuntimeEvent::Error { request_id, error_type: None, body: "oops".into() }
            }
            (4, Some(_)) => RuntimeEvent::Next,
            (_, Some(request_id)) => {
                let body: &[u8] = match process.function.as_str() {
                    "guard" => br#"{"principalId":"p","policyDocument":{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}}"#,
                    _ => br#"{"statusCode":200,"body":"fine"}"#,
                };
                RuntimeEvent::Response { request_id, body: body.into() }
            }
            (_, None) => RuntimeEvent::Next,
        };
        if let Some(process) = self.processes.get_mut(&id) {
            let is_next = event == RuntimeEvent::Next;
            process.asking |= is_next;
            if !matches!(event, RuntimeEvent::InitError { .. }) {
                process.current = None;
            }
            if !is_next {
                self.runtime_replies += 1;
            }
        }
        self.handle(Input::Runtime { environment: id, event });
    }

    fn exit(&mut self, id: EnvironmentId) {
        self.processes.remove(&id);
        self.handle(Input::Runtime {
            environment: id,
            event: RuntimeEvent::Exited { status: "exit status: 1".into() },
        });
    }

    fn acknowledge(&mut self) {
        let Some(socket) = self.any_socket() else { return };
        let bytes = self.unwritten.remove(&socket).unwrap_or_default();
        self.handle(Input::Written { socket, bytes });
    }

    fn backend_answers(&mut self) {
        let Some(request) = self.requests.pop_first() else { return };
        let reply = http::Reply { status: 200, headers: Vec::new(), body: "fine".into() };
        let result = if self.rng.bool() { Ok(reply) } else { Err("refused".to_owned()) };
        if self.rng.u8(..4) == 0 {
            // Told twice: the second is not to be believed.
            self.handle(Input::HttpDone { request, result: result.clone() });
        }
        self.handle(Input::HttpDone { request, result });
    }

    fn reload(&mut self) {
        let topology = Box::new(WORLD.1.clone());
        let changed = if self.rng.bool() { vec!["echo".to_owned()] } else { Vec::new() };
        self.handle(Input::Reload { topology, changed });
    }

    fn advance(&mut self, by: Duration) {
        let target = self.now + by;
        while let Some(due) = self.cloud.poll_timeout().filter(|due| *due <= target) {
            self.now = due.max(self.now);
            self.cloud.handle_timeout(self.now);
            self.drain();
            assert!(
                self.cloud.poll_timeout().is_none_or(|next| next > self.now),
                "a timer does not go away"
            );
        }
        self.now = target;
        self.cloud.handle_timeout(self.now);
        self.drain();
    }

    fn handle(&mut self, input: Input) {
        self.cloud.handle(self.now, input);
        self.drain();
        // A timer that fires although nothing is due changes nothing.
        self.cloud.handle_timeout(self.now);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(effect) = self.cloud.poll_effect() {
            format!("{:?} {effect:?}", self.now).hash(&mut self.trace);
            self.judge(effect);
        }
    }

    /// Everyone leaves, every process ends when told to; then nothing may be left over.
    pub(super) fn end(&mut self) {
        let sockets: Vec<SocketId> = self.sockets.keys().copied().collect();
        for socket in sockets {
            if self.sockets[&socket] != Socket::Over || self.closing.remove(&socket) {
                self.sockets.insert(socket, Socket::Over);
                self.handle(Input::Closed { socket, how: Closed::Abrupt });
            }
        }
        for _ in 0..200 {
            let killed: Vec<EnvironmentId> = self
                .processes
                .iter()
                .filter(|(_, process)| process.killed)
                .map(|(id, _)| *id)
                .collect();
            killed.into_iter().for_each(|id| self.exit(id));
            if self.processes.is_empty() && self.cloud.poll_timeout().is_none() {
                break;
            }
            self.advance(Duration::from_secs(60));
        }
        assert!(self.calls.is_empty(), "calls without an answer: {:?}", self.calls);
        assert!(self.processes.is_empty(), "processes left over: {:?}", self.processes);
        assert_eq!(self.cloud.poll_timeout(), None, "timers left over");
        assert_eq!(self.runtime_replies, 0, "environments without a reply");
        let never_connected = self.disconnected.difference(&self.connected).count();
        assert_eq!(never_connected, 0, "$disconnect without $connect");
    }
}

fn request(method: &str, path: &str, body: &str) -> http::Request {
    http::Request {
        method: method.into(),
        path: path.into(),
        query: None,
        headers: vec![("Host".into(), "local".into())],
        source_ip: "203.0.113.9".into(),
        body: body.to_owned().into(),
    }
}
