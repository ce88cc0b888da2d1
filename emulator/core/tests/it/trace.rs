//! Effects as lines of a transcript, and what the world does in return.

use crate::scenario::{Environment, Scenario};
use gateway_core::lambda::{Delivery, RuntimeEvent};
use gateway_core::log::Log;
use gateway_core::{Closed, Effect, Input, http};
use std::fmt::Write as _;

impl Scenario {
    /// One line of the transcript, and what the world does in return.
    pub(crate) fn carry_out(&mut self, effect: Effect, next: &mut Option<Input>) -> Option<String> {
        let by_hand = self.setup.by_hand;
        Some(match effect {
            Effect::Accept { socket, protocol } => match protocol {
                Some(protocol) => format!("{} is connected, protocol {protocol}", self.who(socket)),
                None => format!("{} is connected", self.who(socket)),
            },
            Effect::Refuse { socket, reply } => {
                format!("{} is refused: {}", self.who(socket), show(&reply))
            }
            Effect::Send { socket, text } => {
                if !self.slow.contains(&socket) {
                    *next = Some(Input::Written { socket, bytes: text.len() });
                }
                format!("{} gets {}", self.who(socket), shorten(&text))
            }
            Effect::Close { socket, code, reason } => {
                *next = Some(Input::Closed {
                    socket,
                    how: Closed::Frame { code, reason: reason.clone() },
                });
                format!("{} is closed: {code} {reason}", self.who(socket))
            }
            Effect::Abort { socket } => {
                *next = Some(Input::Closed { socket, how: Closed::Abrupt });
                format!("{} is cut off", self.who(socket))
            }
            Effect::Reply { call: _, reply } => {
                self.last_reply = String::from_utf8_lossy(&reply.body).into_owned();
                self.stream.received(&reply).unwrap_or_else(|| show(&reply))
            }
            Effect::Start { environment, function, variables } => {
                self.last_variables = variables;
                let started = self.started.entry(function.clone()).or_insert(0);
                *started += 1;
                let name = format!("{function}#{started}");
                self.environments
                    .insert(environment, Environment { name: name.clone(), delivery: None });
                if !by_hand {
                    *next = Some(Input::Runtime { environment, event: RuntimeEvent::Next });
                }
                format!("{name} starts")
            }
            Effect::Deliver { environment, invocation } => {
                let line =
                    format!("{} gets {}", self.environment(environment), self.event(&invocation));
                if let Some(environment) = self.environments.get_mut(&environment) {
                    environment.delivery = Some(invocation);
                }
                line
            }
            Effect::RuntimeReply { reply, .. } if reply.status == 202 => return None,
            Effect::RuntimeReply { environment, reply } => {
                format!("{} is told {}", self.environment(environment), show(&reply))
            }
            Effect::Kill { environment } => {
                let line = format!("{} is killed", self.environment(environment));
                if !by_hand {
                    let event = RuntimeEvent::Exited { status: "signal: 15 (SIGTERM)".into() };
                    *next = Some(Input::Runtime { environment, event });
                }
                self.environments.remove(&environment);
                line
            }
            Effect::DynamoDb { call, operation, body, .. } => {
                self.requests.extend(call.integration());
                format!("table is asked {operation} {}", String::from_utf8_lossy(&body))
            }
            Effect::ReadStream { source, from, limit, .. } => {
                *next = self.stream.read(source, &from, limit);
                return None;
            }
            Effect::Checkpoint { mapping, sequence_number } => {
                format!("{mapping} has done with all up to {sequence_number}")
            }
            Effect::SweepTables => "tables are swept".into(),
            Effect::Http { request, method, url, headers, body } => {
                self.requests.push_back(request);
                let headers: Vec<String> =
                    headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                let body = String::from_utf8_lossy(&body);
                format!("backend gets {method} {url} [{}] {body}", headers.join("; "))
                    .trim_end()
                    .to_owned()
            }
            Effect::Log(log) => return self.told(log),
        })
    }

    /// What is told to people, as far as it matters here.
    fn told(&mut self, log: Log) -> Option<String> {
        Some(match log {
            Log::Access { line, .. } => format!("access: {line}"),
            Log::Warning { what } => format!("warning: {what}"),
            // The commands stand in the transcript already.
            Log::Control { what } if !what.starts_with('{') => {
                format!("fault: {what}")
            }
            Log::Queued { queue, what } => {
                format!("{queue} gets {}", mask_uuids(&what))
            }
            Log::Connected { connection, .. } => {
                let newest = self.newest_socket();
                self.ids.entry(connection).or_insert(newest);
                return None;
            }
            Log::FunctionLine { line, .. } if self.setup.shows_logs => {
                format!("log: {}", mask_uuids(&line.replace('\t', " ")))
            }
            _ => return None,
        })
    }

    fn event(&mut self, invocation: &Delivery) -> String {
        let payload = String::from_utf8_lossy(&invocation.payload).into_owned();
        self.last_payload.clone_from(&payload);
        let Ok(event) = serde_json::from_str::<serde_json::Value>(&payload) else { return payload };
        let context = &event["requestContext"];
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        if let Some(id) = context["connectionId"].as_str() {
            let newest = self.newest_socket();
            if event["type"] == "REQUEST" || context["eventType"] == "CONNECT" {
                self.ids.entry(id.into()).or_insert(newest);
            }
            if event["type"] == "REQUEST" {
                return format!("AUTHORIZE from {id}");
            }
        }
        match context["eventType"].as_str() {
            Some("CONNECT") => format!("CONNECT from {}", text(&context["connectionId"])),
            Some("MESSAGE") => {
                let (route, body) = (text(&context["routeKey"]), text(&event["body"]));
                format!("{route} from {}: {}", text(&context["connectionId"]), shorten(&body))
            }
            Some("DISCONNECT") => format!(
                "DISCONNECT from {}: {} {:?}",
                text(&context["connectionId"]),
                context["disconnectStatusCode"],
                text(&context["disconnectReason"])
            ),
            _ => payload,
        }
    }
}

/// Status, body, and what else tells the kind of error.
fn show(reply: &http::Reply) -> String {
    let mut line = reply.status.to_string();
    for name in ["x-amzn-errortype", "X-Amz-Function-Error"] {
        if let Some((_, value)) = reply.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)) {
            let _ = write!(line, " {value}");
        }
    }
    if !reply.body.is_empty() {
        let body = String::from_utf8_lossy(&reply.body);
        let _ = write!(line, " {}", mask_uuids(&shorten(&body)));
    }
    line
}

fn shorten(text: &str) -> String {
    if text.is_empty() {
        return "an empty message".into();
    }
    if text.len() > 300 { format!("{} bytes", text.len()) } else { text.to_owned() }
}

pub(crate) fn mask_uuids(text: &str) -> String {
    let mut out = text.to_owned();
    while let Some(at) = (0..out.len()).find(|at| out.get(*at..at + 36).is_some_and(is_uuid)) {
        out.replace_range(at..at + 36, "{uuid}");
    }
    // Names of log streams.
    let latest = "[$LATEST]";
    let streams: Vec<usize> = out.match_indices(latest).map(|(at, _)| at + latest.len()).collect();
    for at in streams.into_iter().rev() {
        if out.get(at..at + 32).is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit())) {
            out.replace_range(at..at + 32, "{hex}");
        }
    }
    out
}

fn is_uuid(text: &str) -> bool {
    text.bytes().enumerate().all(|(i, b)| match i {
        8 | 13 | 18 | 23 => b == b'-',
        _ => b.is_ascii_hexdigit(),
    })
}

/// JSON with one entry a line, in its own order.
pub(crate) fn pretty(json: &str) -> String {
    let (mut out, mut depth, mut in_text, mut escaped) = (String::new(), 0_usize, false, false);
    for c in json.replace("{}", "\u{1}").replace("[]", "\u{2}").chars() {
        if in_text {
            out.push(c);
            in_text = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => {
                in_text = true;
                out.push(c);
            }
            '{' | '[' => {
                depth += 1;
                out.push(c);
                let _ = write!(out, "\n{}", "  ".repeat(depth));
            }
            '}' | ']' => {
                depth -= 1;
                let _ = write!(out, "\n{}{c}", "  ".repeat(depth));
            }
            ',' => {
                let _ = write!(out, ",\n{}", "  ".repeat(depth));
            }
            ':' => out.push_str(": "),
            '\u{1}' => out.push_str("{}"),
            '\u{2}' => out.push_str("[]"),
            other => out.push(other),
        }
    }
    out.push('\n');
    out
}
