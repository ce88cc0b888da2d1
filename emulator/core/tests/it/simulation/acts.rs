//! What clients, callers, processes and the person with the control API may do at any moment.

use super::BUFFER;
use super::world::{Socket, World};
use gateway_core::control::Command;
use gateway_core::lambda::RuntimeEvent;
use gateway_core::{CallId, Closed, Input, SocketId, http};
use std::num::NonZeroU32;
use std::time::Duration;

const ALLOW: &[u8] = br#"{"principalId":"p","policyDocument":{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}}"#;

impl World {
    pub(super) fn step(&mut self) {
        match self.rng.u8(..100) {
            0..11 => self.upgrade(),
            11..26 => self.client_speaks(),
            26..32 => self.client_leaves(),
            32..41 => self.manage(),
            41..45 => self.invoke(),
            45..73 => self.process_speaks(),
            73..76 => self.acknowledge(),
            76..79 => self.backend_answers(),
            79..81 => self.reload(),
            81..86 => self.control(),
            86..90 => self.write(),
            90..93 => self.stream_answers(),
            93..98 => {
                let time = self.rng.u64(0..3_000);
                self.pass(Duration::from_millis(time));
            }
            _ => {
                let time = self.rng.u64(0..1_200);
                self.pass(Duration::from_secs(time));
            }
        }
    }

    /// Nothing but clients that connect, and functions that let them.
    pub(super) fn arrive(&mut self) {
        match self.rng.u8(..4) {
            0 => self.upgrade(),
            _ => self.process_speaks(),
        }
    }

    fn upgrade(&mut self) {
        let socket = SocketId(self.sockets.len() as u64 + 1);
        let path = ["/dev", "/dev", "/dev", "/prod"][self.rng.usize(..4)];
        self.set(socket, Socket::Pending);
        let request = request("GET", path, "");
        self.handle(Input::Upgrade { socket, request });
    }

    fn any_socket(&mut self) -> Option<SocketId> {
        // Numbered from 1 without gaps.
        let count = self.sockets.len() as u64;
        (count > 0).then(|| SocketId(self.rng.u64(1..=count)))
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
        self.set(socket, Socket::Over);
        self.closing.remove(&socket);
        self.handle(Input::Closed { socket, how });
    }

    /// A connection that is known, or was, or never was.
    fn any_connection(&mut self) -> String {
        match self.rng.usize(..self.connections.len() + 2) {
            0 => "nonsense".into(),
            1 => "AAAAAAAAAAAAAAA=".into(),
            n => self.connections[n - 2].clone(),
        }
    }

    fn manage(&mut self) {
        let id = self.any_connection();
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
                    "guard" => ALLOW,
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
                process.keys.clear();
            }
            if !is_next {
                self.runtime_replies += 1;
            }
        }
        self.handle(Input::Runtime { environment: id, event });
    }

    fn acknowledge(&mut self) {
        let Some((socket, bytes)) = self.unwritten.pop_first() else { return };
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
        let topology = Box::new(self.topology.clone());
        let changed = if self.rng.bool() { vec!["echo".to_owned()] } else { Vec::new() };
        self.handle(Input::Reload { topology, changed });
    }

    fn write(&mut self) {
        if self.topology.event_sources.is_empty() {
            return;
        }
        for _ in 0..self.rng.usize(1..4) {
            let key = ["a", "b", "c"][self.rng.usize(..3)];
            self.table.write(self.now, key);
            self.written += 1;
        }
        self.handle(Input::TablesWritten);
    }

    pub(super) fn stream_answers(&mut self) {
        let Some((source, from, limit)) = self.reads.pop() else { return };
        let page = if self.rng.u8(..8) == 0 {
            Some(Input::StreamRead { source, page: Err("not now".into()) })
        } else {
            self.table.read(source, &from, limit)
        };
        page.into_iter().for_each(|page| self.handle(page));
    }

    fn control(&mut self) {
        let connection = self.any_connection();
        let function = ["echo", "auth", "worker", "unknown"][self.rng.usize(..4)].to_owned();
        let count = NonZeroU32::MIN.saturating_add(self.rng.u32(..3));
        let command = match self.rng.u8(..14) {
            0 => Command::List,
            1 => Command::Clear,
            2 => Command::Drop { connection },
            3 => Command::LoseDisconnect { connection: Some(connection), count: None },
            4 => Command::LoseDisconnect { connection: None, count: Some(count) },
            5 => Command::RefuseConnect { count, status: 503 },
            6 => Command::Throttle { count: Some(count), duration: None },
            7 => Command::Gone { connection },
            8 => Command::Slow { connection },
            9 => Command::KillEnvironment { function },
            10 => Command::TimeOut { function },
            11 => Command::DuplicateBatch { mapping: "Mapping".into(), count },
            12 => Command::DelayBatch {
                mapping: "Mapping".into(),
                by: Duration::from_secs(self.rng.u64(1..90)),
            },
            _ => {
                let by = Duration::from_secs(self.rng.u64(1..8_000));
                self.now = self.now + by;
                Command::Advance { by }
            }
        };
        let call = self.new_call();
        self.handle(Input::Control { call, command });
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
