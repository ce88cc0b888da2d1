//! Plays the script of a row, and says in a few words what comes of each line.
//!
//! ```text
//! create                               what was said to the whole template
//! connect STAGE[?QUERY][ offering A, B]
//! send TEXT | binary | N of BYTES      N frames of so many bytes
//! hear                                 what the client gets before the answer to one more message
//! ping, close[ CODE[ REASON]], vanish
//! [unsigned ]POST|GET|DELETE ID[ TEXT| N bytes]    {} is this connection
//! event KIND PATH[ as in KIND]         what stands there in the function's event
//! ```

use super::clouds::Cloud;
use crate::emulator::PATIENCE;
use gateway_core::id::Id;
use serde_json::Value;
use std::net::TcpStream;
use tokio_tungstenite::tungstenite::client::{IntoClientRequest as _, client};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::{Error, HandshakeError, Message, WebSocket};

/// Answered with itself by both APIs.
const FENCE: &str = r#"{"action":"echo"}"#;

pub(super) fn play(cloud: &Cloud, script: &[&str]) -> String {
    // What the rows before have left.
    cloud.events.try_iter().for_each(drop);
    let mut player = Player { cloud, stage: "", socket: None, id: String::new(), seen: Vec::new() };
    let mut said: Vec<String> = script.iter().filter_map(|line| player.line(line)).collect();
    // That is where it begins, not what comes of it.
    if said.len() > 1 && said[0] == "connected" {
        said.remove(0);
    }
    player.mask(&said.join("; "))
}

struct Player<'a> {
    cloud: &'a Cloud,
    stage: &'a str,
    socket: Option<WebSocket<TcpStream>>,
    /// Of the connection, once an event has told.
    id: String,
    seen: Vec<Value>,
}

impl<'a> Player<'a> {
    fn line(&mut self, line: &'a str) -> Option<String> {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "create" => return Some(self.cloud.created.clone()),
            "connect" => return Some(self.connect(rest)),
            "hear" => return Some(self.hear()),
            "event" => return Some(self.event(rest)),
            "POST" | "GET" | "DELETE" => return Some(self.ask(verb, rest, true)),
            "unsigned" => {
                let (method, rest) = rest.split_once(' ').unwrap();
                return Some(self.ask(method, rest, false));
            }
            "send" => self.send(rest),
            "ping" => {
                self.socket().send(Message::Ping("x".into())).unwrap();
                let pong = self.socket().read().unwrap();
                return Some(if pong.is_pong() { "pong".to_owned() } else { pong.to_string() });
            }
            "close" => {
                let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
                let code = code.parse::<u16>().ok();
                let frame =
                    code.map(|code| CloseFrame { code: code.into(), reason: reason.into() });
                self.socket().close(frame).unwrap();
                while self.socket().read().is_ok() {}
            }
            "vanish" => drop(self.socket.take()),
            other => panic!("no such line: {other}"),
        }
        None
    }

    fn socket(&mut self) -> &mut WebSocket<TcpStream> {
        self.socket.as_mut().unwrap()
    }

    fn connect(&mut self, rest: &'a str) -> String {
        let (target, offer) = rest.split_once(" offering ").unwrap_or((rest, ""));
        let (stage, query) = target.split_at(target.find('?').unwrap_or(target.len()));
        self.stage = stage;
        let url = format!("ws://{}{}{query}", self.cloud.address, self.cloud.path(stage));
        let mut request = url.into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("user-agent", "test".parse().unwrap());
        if !offer.is_empty() {
            headers.insert("sec-websocket-protocol", offer.parse().unwrap());
        }
        let done = client(request, self.cloud.open());
        // Also what is of no use is taken, so that the next row does not meet it.
        if stage == "dev" || (stage != "strict" && done.is_ok()) {
            let event = self.event_of("CONNECT");
            self.id = event["requestContext"]["connectionId"].as_str().unwrap().to_owned();
        }
        match done {
            Ok((socket, response)) => {
                self.socket = Some(socket);
                match response.headers().get("sec-websocket-protocol") {
                    Some(protocol) => format!("connected, protocol {}", protocol.to_str().unwrap()),
                    None => "connected".to_owned(),
                }
            }
            Err(HandshakeError::Failure(Error::Http(reply))) => {
                format!("refused {}", reply.status().as_u16())
            }
            Err(HandshakeError::Failure(Error::Protocol(broken))) => broken.to_string(),
            Err(error) => panic!("{error}"),
        }
    }

    fn send(&mut self, what: &str) {
        if let Some((frames, bytes)) = what.split_once(" of ") {
            let (frames, bytes): (usize, usize) = (frames.parse().unwrap(), bytes.parse().unwrap());
            for index in 0..frames {
                let opcode = if index == 0 { Data::Text } else { Data::Continue };
                let payload = vec![b'x'; bytes];
                let frame = Frame::message(payload, OpCode::Data(opcode), index + 1 == frames);
                // It may be refused while it is on its way.
                drop(self.socket().send(Message::Frame(frame)));
            }
            return;
        }
        let message = match what {
            "binary" => Message::binary(vec![1, 2, 3]),
            text => Message::text(text),
        };
        self.socket().send(message).unwrap();
    }

    fn hear(&mut self) -> String {
        // Where that fails, the end of the connection is what there is to hear.
        drop(self.socket().send(Message::text(FENCE)));
        let mut heard = Vec::new();
        loop {
            match self.socket().read() {
                Ok(Message::Text(text)) if text.as_str() == FENCE => break,
                Ok(Message::Text(text)) if text.len() > 300 => {
                    heard.push(format!("{} bytes", text.len()));
                }
                Ok(Message::Text(text)) if text.contains(char::is_control) => {
                    heard.push(format!("{:?}", text.as_str()));
                }
                Ok(Message::Text(text)) => heard.push(text.to_string()),
                Ok(Message::Close(frame)) => {
                    let code = frame.map_or(1005, |frame| u16::from(frame.code));
                    heard.push(format!("closed {code}"));
                    break;
                }
                Ok(other) => heard.push(other.to_string()),
                Err(error) => {
                    heard.push(format!("error: {error}"));
                    break;
                }
            }
        }
        if heard.is_empty() { "nothing".to_owned() } else { heard.join(", ") }
    }

    fn ask(&mut self, method: &str, rest: &str, is_signed: bool) -> String {
        let (id, text) = rest.split_once(' ').unwrap_or((rest, ""));
        let id = id.replace("{}", &self.id).replace('=', "%3D");
        let text = match text.strip_suffix(" bytes") {
            Some(bytes) => "x".repeat(bytes.parse().unwrap()),
            None => text.to_owned(),
        };
        let path = format!("{}/@connections/{id}", self.cloud.path(self.stage));
        let (status, kind, body) = self.cloud.ask(method, &path, "execute-api", is_signed, &text);
        let shape =
            if method == "GET" { shape(&serde_json::from_str(&body).unwrap()) } else { kind };
        format!("{status} {shape}").trim_end().to_owned()
    }

    fn event(&mut self, rest: &str) -> String {
        let (what, other) = rest.split_once(" as in ").unwrap_or((rest, ""));
        let (kind, path) = what.split_once(' ').unwrap();
        let value = at(&self.event_of(kind), path);
        if other.is_empty() {
            return value;
        }
        let before = at(&self.event_of(other), path);
        if value == before { "the same".to_owned() } else { "another".to_owned() }
    }

    /// The first event of this kind since the row began.
    fn event_of(&mut self, kind: &str) -> Value {
        let is_meant = |event: &&Value| {
            let context = &event["requestContext"];
            context["eventType"] == kind
                && (self.id.is_empty() || context["connectionId"] == *self.id)
        };
        if let Some(event) = self.seen.iter().find(is_meant) {
            return event.clone();
        }
        let event = self.cloud.events.recv_timeout(PATIENCE).unwrap();
        self.seen.push(event);
        self.event_of(kind)
    }

    /// Ids differ from run to run.
    fn mask(&self, text: &str) -> String {
        let mut text = text.to_owned();
        if Id::parse(&self.id).is_some() {
            text = text.replace(&self.id, "{id}");
        } else if !self.id.is_empty() {
            text = text.replace(&self.id, &format!("{} hexadecimal digits", self.id.len()));
        }
        let begins: Vec<usize> = (0..text.len())
            .rev()
            .filter(|at| text.get(*at..at + 16).is_some_and(|id| Id::parse(id).is_some()))
            .collect();
        for at in begins {
            text.replace_range(at..at + 16, "{id}");
        }
        text
    }
}

fn at(event: &Value, path: &str) -> String {
    let found = path.split('.').try_fold(event, |value, key| value.get(key));
    found.map_or("nothing".to_owned(), Value::to_string)
}

/// The names in an object, and what kinds of values they have.
fn shape(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{name}: {}", shape(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
        Value::String(_) => "text".to_owned(),
        Value::Number(_) => "number".to_owned(),
        other => other.to_string(),
    }
}
