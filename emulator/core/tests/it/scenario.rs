//! Runs a transcript: carries out its `> command` lines and compares what comes of each.
//!
//! The commands stand in the expectation itself, so that a test reads as a conversation and
//! `UPDATE_EXPECT=1` fills in the other side. Ids are replaced by the names of their connections.

use crate::setup::Setup;
use crate::signing::Signing;
use crate::stream::Stream;
use crate::trace::{mask_uuids, pretty};
use expect_test::Expect;
use gateway_core::lambda::RuntimeEvent;
use gateway_core::{
    CallId, Closed, Cloud, Config, EnvironmentId, Input, SocketId, Time, http, lambda::Delivery,
};
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::time::Duration;

/// 25 November 2026, 08:15:30 UTC.
const START: Time = Time(1_795_594_530_000);

#[track_caller]
pub(crate) fn check(setup: &str, transcript: Expect) {
    let mut scenario = Scenario::new(setup);
    for line in transcript.data().lines() {
        if let Some(command) = line.trim().strip_prefix("> ") {
            scenario.command(command);
        }
    }
    transcript.assert_eq(&scenario.out);
}

pub(crate) struct Scenario {
    pub(crate) cloud: Cloud,
    pub(crate) setup: Setup,
    pub(crate) now: Time,
    /// How far the control API has moved the clock.
    pub(crate) ahead: Duration,
    pub(crate) sockets: BTreeMap<String, SocketId>,
    pub(crate) slow: Vec<SocketId>,
    pub(crate) ids: BTreeMap<String, String>,
    pub(crate) environments: BTreeMap<EnvironmentId, Environment>,
    pub(crate) started: BTreeMap<String, u32>,
    pub(crate) requests: VecDeque<gateway_core::HttpId>,
    pub(crate) last_payload: String,
    pub(crate) last_variables: BTreeMap<String, String>,
    pub(crate) signing: Option<Signing>,
    pub(crate) stream: Stream,
    pub(crate) calls: u64,
    pub(crate) last_reply: String,
    pub(crate) out: String,
}

pub(crate) struct Environment {
    pub(crate) name: String,
    pub(crate) delivery: Option<Delivery>,
}

impl Scenario {
    pub(crate) fn new(lines: &str) -> Self {
        let setup = Setup::new(lines);
        let config = Config {
            domain_name: "127.0.0.1:4000".into(),
            seed: 1,
            limits: setup.limits.clone(),
            guesses: setup.guesses,
            iam: setup.iam,
            topology: setup.topology(),
            checkpoints: Default::default(),
        };
        let mut scenario = Self {
            cloud: Cloud::new(START, config),
            setup,
            now: START,
            ahead: Duration::ZERO,
            sockets: BTreeMap::new(),
            slow: Vec::new(),
            ids: BTreeMap::new(),
            environments: BTreeMap::new(),
            started: BTreeMap::new(),
            requests: VecDeque::new(),
            last_payload: String::new(),
            last_variables: BTreeMap::new(),
            signing: None,
            stream: Stream::default(),
            calls: 0,
            last_reply: String::new(),
            out: String::new(),
        };
        scenario.drain();
        scenario
    }

    fn command(&mut self, command: &str) {
        let _ = writeln!(self.out, "> {command}");
        let command = match Signing::parse(command) {
            Some((signing, command)) => {
                self.signing = Some(signing);
                command
            }
            None => command,
        };
        let (who, rest) = command.split_once(' ').unwrap_or((command, ""));
        let (verb, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        match (who, verb) {
            ("advance", time) => self.advance(duration(time)),
            ("show", what) => self.show(what),
            ("table", "writes") => {
                rest.split(' ').for_each(|key| self.stream.write(self.now, key));
                self.handle(Input::TablesWritten);
            }
            ("table", "holds") => self.stream.is_held = true,
            ("table", "goes") => {
                self.stream.is_held = false;
                self.drain();
            }
            ("client", "leaves") => self.handle(Input::Gone { call: CallId(self.calls) }),
            ("queue", name) => {
                let messages = self.cloud.queue(self.now, name, false).unwrap();
                for message in messages {
                    let _ = writeln!(self.out, "{}", mask_uuids(&message.body));
                }
            }
            ("ask", target) => self.service(target, rest),
            ("form", first) => self.form(first, rest),
            ("POST" | "GET" | "DELETE" | "PUT", path) => self.http(who, path, rest),
            ("invoke", function) => self.invoke(function, rest),
            ("control", _) => self.control(&command["control ".len()..]),
            ("warm", function) => self.handle(Input::Warm { function: function.into() }),
            ("reload", first) => {
                let topology = Box::new(self.setup.topology());
                let changed = [first, rest]
                    .iter()
                    .flat_map(|names| names.split_whitespace())
                    .map(Into::into)
                    .collect();
                self.handle(Input::Reload { topology, changed });
            }
            ("change", resource) => self.setup.change(resource, rest),
            ("drop", resource) => {
                self.setup.resources.remove(resource).unwrap();
            }
            ("backend", "replies") => {
                let (status, body) = rest.split_once(' ').unwrap_or((rest, ""));
                let reply = http::Reply {
                    status: status.parse().unwrap(),
                    headers: Vec::new(),
                    body: body.to_owned().into(),
                };
                self.backend(Ok(reply));
            }
            ("backend", "fails") => self.backend(Err(rest.to_owned())),
            (_, "connects") => self.connect(who, rest),
            (_, "sends") => {
                let socket = self.sockets[who];
                let text = if let Some(bytes) = rest.strip_suffix(" bytes") {
                    "x".repeat(bytes.parse().unwrap())
                } else {
                    rest.to_owned()
                };
                match rest {
                    "binary" => self.handle(Input::Binary { socket }),
                    "too much" => self.handle(Input::TooBig { socket }),
                    _ => self.handle(Input::Text { socket, text }),
                }
            }
            (_, "closes") => {
                let how = match rest.split_once(' ').unwrap_or((rest, "")) {
                    ("", _) => Closed::NoStatus,
                    (code, reason) => {
                        Closed::Frame { code: code.parse().unwrap(), reason: reason.into() }
                    }
                };
                self.handle(Input::Closed { socket: self.sockets[who], how });
            }
            (_, "vanishes") => {
                self.handle(Input::Closed { socket: self.sockets[who], how: Closed::Abrupt })
            }
            (_, "is") => self.slow.push(self.sockets[who]),
            (_, "reads") => {
                let socket = self.sockets[who];
                self.handle(Input::Written { socket, bytes: rest.parse().unwrap() });
            }
            (function, verb) => self.runtime(function, verb, rest),
        }
    }

    fn show(&mut self, what: &str) {
        match what {
            "authorizer" | "identity" => {
                let from = self.last_payload.find(&format!("\"{what}\"")).unwrap();
                let until = from + self.last_payload[from..].find('}').unwrap();
                self.out.push_str(&pretty(&self.last_payload[from..=until]));
            }
            "event" => self.out.push_str(&pretty(&self.last_payload)),
            "variables" => {
                for (name, value) in &self.last_variables {
                    let _ = writeln!(self.out, "{name}={value}");
                }
            }
            // The execution log of `dev`, as `FilterLogEvents` gives it.
            "log" => {
                let api = self.setup.topology().apis.into_keys().next().unwrap();
                let group = format!("API-Gateway-Execution-Logs_{api}/dev");
                let asked = serde_json::json!({ "logGroupName": group }).to_string();
                let before = self.out.len();
                self.service("Logs_20140328.FilterLogEvents", &asked);
                self.out.truncate(before);
                let told: serde_json::Value = serde_json::from_str(&self.last_reply).unwrap();
                for event in told["events"].as_array().unwrap() {
                    let line = self.name_ids(event["message"].as_str().unwrap());
                    let _ = writeln!(self.out, "{}", line.replace(&api, "{api}"));
                }
            }
            // What was too long for a line of the transcript.
            "reply" => {
                let reply = mask_uuids(&self.last_reply);
                self.out.push_str(&if reply.starts_with('<') {
                    reply.replace("><", ">\n<") + "\n"
                } else {
                    pretty(&reply)
                });
            }
            other => panic!("nothing is shown as {other}"),
        }
    }

    /// `FUNCTION[#N] VERB …`: of several environments the first with something to do.
    fn runtime(&mut self, who: &str, verb: &str, rest: &str) {
        let found = self.environments.iter().find(|(_, environment)| {
            let is_meant =
                environment.name == who || environment.name.split('#').next() == Some(who);
            let is_busy = environment.delivery.is_some();
            is_meant
                && (who.contains('#')
                    || is_busy
                    || !matches!(verb, "answers" | "says" | "fails" | "allows"))
        });
        let Some((&environment, _)) = found else {
            panic!("{who} cannot do `{verb}`: nothing to do")
        };
        if verb == "prints" {
            return self.handle(Input::Output { environment, lines: vec![rest.into()] });
        }
        let delivery = self.environments.get_mut(&environment).and_then(|e| e.delivery.take());
        let request_id = delivery.map(|d| d.request_id).unwrap_or_else(|| "none".into());
        let event = match verb {
            "answers" => {
                let (status, body) = rest.split_once(' ').unwrap_or((rest, ""));
                let mut answer =
                    serde_json::json!({ "statusCode": status.parse::<u16>().unwrap() });
                if let Some(headers) = body.strip_prefix("with ") {
                    let (name, value) = headers.split_once(": ").unwrap();
                    answer["headers"] = serde_json::json!({ name: value });
                } else if !body.is_empty() {
                    answer["body"] = body.into();
                }
                RuntimeEvent::Response { request_id, body: answer.to_string().into() }
            }
            "allows" => {
                let policy = |effect: &str, resource: &str| serde_json::json!({ "Effect": effect, "Action": "execute-api:Invoke", "Resource": resource });
                let statements = match rest {
                    "" => vec![policy("Allow", "*")],
                    "nothing" => Vec::new(),
                    "and denies" => vec![policy("Allow", "*"), policy("Deny", "*/$connect")],
                    "other stage" => {
                        vec![policy("Allow", "arn:aws:execute-api:*:*:*/prod/$connect")]
                    }
                    _ => vec![policy("Allow", "arn:aws:execute-api:*/$connect")],
                };
                let mut answer = serde_json::json!({
                    "principalId": "user-1",
                    "policyDocument": { "Version": "2012-10-17", "Statement": statements },
                });
                if let Some(more) = rest.strip_prefix("with ") {
                    let more: serde_json::Map<String, serde_json::Value> =
                        serde_json::from_str(more).unwrap();
                    answer.as_object_mut().unwrap().extend(more);
                }
                RuntimeEvent::Response { request_id, body: answer.to_string().into() }
            }
            "says" => RuntimeEvent::Response { request_id, body: rest.to_owned().into() },
            "fails" => RuntimeEvent::Error {
                request_id,
                error_type: None,
                body: serde_json::json!({ "errorType": "Error", "errorMessage": rest })
                    .to_string()
                    .into(),
            },
            "crashes" => {
                let event = RuntimeEvent::Exited { status: "exit status: 1".into() };
                self.handle(Input::Runtime { environment, event });
                self.environments.remove(&environment);
                return;
            }
            "asks" => RuntimeEvent::Next,
            "rejects" => RuntimeEvent::InitError {
                error_type: None,
                body: serde_json::json!({ "errorType": "Init", "errorMessage": rest })
                    .to_string()
                    .into(),
            },
            other => panic!("no such verb: {other}"),
        };
        let asks_again =
            matches!(event, RuntimeEvent::Response { .. } | RuntimeEvent::Error { .. });
        self.handle(Input::Runtime { environment, event });
        if asks_again && !self.setup.by_hand {
            self.handle(Input::Runtime { environment, event: RuntimeEvent::Next });
        }
    }

    fn backend(&mut self, result: Result<http::Reply, String>) {
        let request = self.requests.pop_front().expect("the backend was asked nothing");
        self.handle(Input::HttpDone { request, result });
    }

    fn advance(&mut self, by: Duration) {
        let target = self.now + by;
        while let Some(due) = self.cloud.poll_timeout().filter(|due| *due <= target) {
            self.now = due.max(self.now);
            let before = self.out.len();
            self.cloud.handle_timeout(self.now);
            self.drain();
            if self.out.len() > before {
                let after = format!("after {:?}\n", self.now - START);
                self.out.insert_str(before, &after);
            }
        }
        self.now = target;
    }

    pub(crate) fn handle(&mut self, input: Input) {
        self.cloud.handle(self.now, input);
        self.drain();
    }

    fn drain(&mut self) {
        if let Some(read) = self.stream.held() {
            self.cloud.handle(self.now, read);
        }
        while let Some(effect) = self.cloud.poll_effect() {
            let mut next = None;
            if let Some(line) = self.carry_out(effect, &mut next) {
                let line = self.name_ids(&line);
                let _ = writeln!(self.out, "{line}");
            }
            if let Some(input) = next {
                self.cloud.handle(self.now, input);
            }
        }
    }

    pub(crate) fn newest_socket(&self) -> String {
        let newest = self.sockets.iter().max_by_key(|(_, socket)| **socket);
        newest.map(|(who, _)| who.clone()).unwrap_or_default()
    }

    pub(crate) fn who(&self, socket: SocketId) -> String {
        self.sockets
            .iter()
            .find(|(_, known)| **known == socket)
            .map(|(who, _)| who.clone())
            .unwrap_or_default()
    }

    pub(crate) fn environment(&self, id: EnvironmentId) -> String {
        self.environments.get(&id).map(|e| e.name.clone()).unwrap_or_else(|| format!("{id:?}"))
    }

    /// Replaces ids: connections by their names, request and message ids by `{id}`.
    fn name_ids(&self, line: &str) -> String {
        let mut line = line.to_owned();
        for (id, name) in &self.ids {
            line = line.replace(id, &format!("{{{name}}}"));
        }
        let is_id = |text: &str| gateway_core::id::Id::parse(text).is_some();
        let begins = |at: usize| at == 0 || !line.as_bytes()[at - 1].is_ascii_alphanumeric();
        let starts: Vec<usize> = (0..line.len())
            .rev()
            .filter(|at| begins(*at) && line.get(*at..at + 16).is_some_and(is_id))
            .collect();
        for at in starts {
            line.replace_range(at..at + 16, "{id}");
        }
        line
    }
}

pub(crate) fn duration(text: &str) -> Duration {
    let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap();
    let number: u64 = text[..end].parse().unwrap();
    match &text[end..] {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number * 60),
        "h" => Duration::from_secs(number * 3600),
        other => panic!("no such unit: {other}"),
    }
}
