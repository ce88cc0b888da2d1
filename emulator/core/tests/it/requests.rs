//! Requests of a transcript, as their commands say them.

use crate::scenario::Scenario;
use crate::signing::by_default;
use gateway_core::control::Command;
use gateway_core::{CallId, Input, SocketId, http};

impl Scenario {
    /// `PATH[ with NAME: VALUE[, NAME: VALUE]…]`
    pub(crate) fn connect(&mut self, who: &str, line: &str) {
        let (path, headers) = line.split_once(" with ").unwrap_or((line, ""));
        let mut request = self.request("GET", path);
        for header in headers.split("; ").filter(|header| !header.is_empty()) {
            let (name, value) = header.split_once(": ").unwrap();
            request.headers.retain(|(known, _)| name != "Host" || known != name);
            request.headers.push((name.into(), value.into()));
        }
        request.headers.extend(
            [
                ("Connection", "Upgrade"),
                ("Upgrade", "websocket"),
                ("Sec-WebSocket-Version", "13"),
                ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ]
            .map(|(name, value)| (name.into(), value.into())),
        );
        if let Some(signing) = self.signing.take() {
            signing.apply(&mut request, "execute-api", self.now - self.ahead);
        }
        let socket = SocketId(self.sockets.len() as u64 + 1);
        self.sockets.insert(who.into(), socket);
        self.handle(Input::Upgrade { socket, request });
    }

    pub(crate) fn request(&self, method: &str, path: &str) -> http::Request {
        let mut path = path.to_owned();
        for (id, name) in &self.ids {
            path = path.replace(&format!("{{{name}}}"), id);
            path = path.replace(&format!("{{{name}%}}"), &id.replace('=', "%3D"));
        }
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
            None => (path, None),
        };
        http::Request {
            method: method.into(),
            path,
            query,
            headers: vec![("Host".into(), "127.0.0.1:4000".into())],
            source_ip: "203.0.113.9".into(),
            body: Default::default(),
        }
    }

    pub(crate) fn http(&mut self, method: &str, path: &str, body: &str) {
        let mut request = self.request(method, path);
        request.body = match body.strip_suffix(" bytes") {
            Some(bytes) => "x".repeat(bytes.parse().unwrap()).into(),
            None => match body.strip_prefix("latin1 ") {
                Some(text) => text.chars().map(|c| c as u8).collect::<Vec<_>>().into(),
                None => body.to_owned().into(),
            },
        };
        self.calls += 1;
        let (call, now) = (CallId(self.calls), self.now - self.ahead);
        if request.path.starts_with("/2015-03-31/") {
            by_default(self.signing.take(), &mut request, "lambda", now);
            return self.handle(Input::Functions { call, request });
        }
        by_default(self.signing.take(), &mut request, "execute-api", now);
        self.handle(Input::Http { call, request });
    }

    /// `TARGET BODY`: a request to a service.
    pub(crate) fn service(&mut self, target: &str, body: &str) {
        let mut request = self.request("POST", "/");
        request.headers.push(("X-Amz-Target".into(), target.into()));
        request.body = body.replace("{receipt}", &self.stream.receipt).into();
        let service = match target.split('.').next() {
            Some("AmazonSQS") => "sqs",
            Some("AWSEvents") => "events",
            Some("Logs_20140328") => "logs",
            _ => "dynamodb",
        };
        by_default(self.signing.take(), &mut request, service, self.now - self.ahead);
        self.calls += 1;
        self.handle(Input::Service { call: CallId(self.calls), request });
    }

    /// A request in the Query protocol: `[PATH ]FORM`.
    pub(crate) fn form(&mut self, first: &str, rest: &str) {
        let (path, form) = if rest.is_empty() { ("/", first) } else { (first, rest) };
        let mut request = self.request("POST", path);
        let kind = "application/x-www-form-urlencoded; charset=utf-8";
        request.headers.push(("Content-Type".into(), kind.into()));
        request.body = form.replace("{receipt}", &self.stream.receipt).into();
        let service = if form.contains("2012-11-05") { "sqs" } else { "cloudformation" };
        by_default(self.signing.take(), &mut request, service, self.now - self.ahead);
        self.calls += 1;
        self.handle(Input::Service { call: CallId(self.calls), request });
    }

    /// `[TYPE ]PAYLOAD`
    pub(crate) fn invoke(&mut self, function: &str, rest: &str) {
        let mut request = self.request("POST", "/");
        let (kind, payload) = match rest.split_once(' ') {
            Some((kind @ ("Event" | "DryRun"), payload)) => (kind, payload),
            _ => ("RequestResponse", rest),
        };
        request.headers.push(("X-Amz-Invocation-Type".into(), kind.into()));
        request.body = payload.to_owned().into();
        by_default(self.signing.take(), &mut request, "lambda", self.now - self.ahead);
        self.calls += 1;
        self.handle(Input::Invoke { call: CallId(self.calls), function: function.into(), request });
    }

    /// A command of the control API, with `{a}` for the id of a connection.
    pub(crate) fn control(&mut self, json: &str) {
        let mut json = json.to_owned();
        for (id, name) in &self.ids {
            json = json.replace(&format!("{{{name}}}"), id);
        }
        let command = Command::parse(json.as_bytes()).unwrap();
        if let Command::Advance { by } = command {
            self.now = self.now + by;
            self.ahead += by;
        }
        self.calls += 1;
        self.handle(Input::Control { call: CallId(self.calls), command });
    }
}
