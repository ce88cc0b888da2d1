//! `@connections`: post to a connection, look at it, end it.

use super::locate::locate;
use super::{CallId, Gateway, Id, SocketId, Time};
use crate::http::{Reply, Request};
use crate::log::{Log, SentBy};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use std::sync::Arc;

impl Gateway {
    /// A plain HTTP request to a stage. Everything but `@connections` is forbidden.
    pub(crate) fn http(&mut self, now: Time, call: CallId, request: &Request) {
        let topology = Arc::clone(&self.topology);
        let place = locate(&topology, request.header("Host"), &request.path);
        let target = place.as_ref().and_then(|place| connection_of(place.rest));
        let (Some(place), Some(text)) = (place, target) else {
            let reply = self.forbidden();
            return self.reply(call, reply);
        };
        let reply = match Id::parse(&text) {
            None => self.malformed(&text),
            Some(id) => {
                let found = self
                    .connections
                    .find(id)
                    .filter(|(_, c)| c.stage.as_ref() == place.stage.name)
                    .map(|(socket, _)| socket);
                match request.method.as_str() {
                    "POST" => self.post(now, found, &request.body),
                    "GET" => self.look(found),
                    "DELETE" => self.delete(now, found),
                    _ => self.forbidden(),
                }
            }
        };
        let method = request.method.clone();
        self.tell(Log::Management { method, connection: text, status: reply.status });
        self.reply(call, reply);
    }

    fn post(&mut self, now: Time, socket: Option<SocketId>, body: &Bytes) -> Reply {
        if body.len() > self.limits.message_bytes {
            let body = Bytes::from_static(br#"{"message":"Message too long"}"#);
            return self.answer(413, Some("PayloadTooLargeException"), body);
        }
        let Some(socket) = socket else { return self.gone() };
        let text = String::from_utf8_lossy(body).into_owned();
        if self.send(now, socket, text, SentBy::Post) {
            self.answer(200, None, Bytes::new())
        } else {
            self.answer(429, Some("LimitExceededException"), Bytes::new())
        }
    }

    fn look(&mut self, socket: Option<SocketId>) -> Reply {
        let Some(connection) = socket.and_then(|socket| self.connections.get(socket)) else {
            return self.gone();
        };
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let user_agent = connection.user_agent.as_deref().map_or_else(|| "null".into(), quoted);
        let body = format!(
            "{{\n  \"identity\" : {{\n    \"sourceIp\" : {},\n    \"userAgent\" : {user_agent}\n  }},\n  \"connectedAt\" : \"{}\",\n  \"lastActiveAt\" : \"{}\"\n}}",
            quoted(&connection.source_ip),
            connection.connected_at.iso8601(),
            connection.last_active.iso8601(),
        );
        self.answer(200, None, body.into())
    }

    fn delete(&mut self, now: Time, socket: Option<SocketId>) -> Reply {
        let Some(socket) = socket else { return self.gone() };
        self.close(now, socket, 1000, "Connection Closed Normally");
        self.answer(204, None, Bytes::new())
    }

    fn gone(&mut self) -> Reply {
        self.answer(410, Some("GoneException"), Bytes::new())
    }

    fn malformed(&mut self, id: &str) -> Reply {
        let text = serde_json::Value::from(format!("Invalid connectionId: {id}"));
        self.answer(400, Some("BadRequestException"), format!("{{\"message\":{text}}}").into())
    }

    fn answer(&mut self, status: u16, error: Option<&str>, body: Bytes) -> Reply {
        let mut headers = Vec::with_capacity(5);
        if status != 204 {
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
        }
        headers.push(("x-amzn-requestid".into(), self.ids.uuid()));
        if let Some(error) = error {
            headers.push(("x-amzn-errortype".into(), error.into()));
        }
        headers.push(("x-amz-apigw-id".into(), self.ids.id().to_string()));
        let root = self.ids.hex(32);
        headers.push(("x-amzn-trace-id".into(), format!("Root=1-{}-{}", &root[..8], &root[8..])));
        Reply { status, headers, body }
    }
}

/// The decoded id in `/@connections/{id}`.
fn connection_of(rest: &str) -> Option<String> {
    let (keyword, id) = rest.strip_prefix('/')?.split_once('/')?;
    let keyword = percent_decode_str(keyword).decode_utf8().ok()?;
    (keyword == "@connections" && !id.contains('/'))
        .then(|| percent_decode_str(id).decode_utf8_lossy().into_owned())
}
