//! `@connections`: post to a connection, look at it, end it.

use super::callee::source_arn;
use super::locate::{Place, locate};
use super::{CallId, Gateway, Id, SERVICE, SocketId, Time};
use crate::http::{Reply, Request};
use crate::log::{Log, SentBy};
use crate::permissions::{self, Ask, Permissions};
use crate::sigv4::is_signed;
use crate::topology::Topology;
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use std::sync::Arc;

impl Gateway {
    /// A plain HTTP request to a stage. Everything but `@connections` is forbidden.
    pub(crate) fn http(
        &mut self,
        now: Time,
        call: CallId,
        request: &Request,
        permissions: &Permissions,
    ) {
        let topology = Arc::clone(&self.topology);
        let Some(place) = locate(&topology, request.header("Host"), &request.path) else {
            let reply = self.forbidden();
            return self.reply(call, reply);
        };
        let is_operation = matches!(request.method.as_str(), "POST" | "GET" | "DELETE");
        let Some(text) = connection_of(place.rest).filter(|_| is_operation) else {
            return self.elsewhere(now, call, request, &place, permissions);
        };
        // A body beyond the limit may not be here in full, so its signature cannot be looked at.
        let is_too_long =
            request.method == "POST" && request.body.len() > self.limits.message_bytes;
        let ask = manage_connections(&topology, &place, &request.method);
        let refused = permissions.authorize(now, request, SERVICE, &[ask]).err();
        if let Some(refusal) = refused.filter(|_| !is_too_long) {
            return self.deny(call, request, &refusal);
        }
        let reply = match Id::parse(&text) {
            _ if self.faults.throttles(now) || !self.account.take(now) => self.too_many(),
            None => self.malformed(&text),
            Some(id) => {
                let found = self
                    .connections
                    .find(id)
                    .filter(|(_, c)| c.stage.as_ref() == place.stage.name)
                    .map(|(socket, _)| socket);
                match request.method.as_str() {
                    "POST" => self.post(now, id, found, &request.body),
                    "GET" => self.look(found),
                    _ => self.delete(now, found),
                }
            }
        };
        let method = request.method.clone();
        self.tell(Log::Management { method, connection: text, status: reply.status });
        self.reply(call, reply);
    }

    /// A path that is not of `@connections`, or a method it does not know. Whoever signs such a
    /// request learns that they may not do that, or, if they may, that there is nothing.
    fn elsewhere(
        &mut self,
        now: Time,
        call: CallId,
        request: &Request,
        place: &Place<'_>,
        permissions: &Permissions,
    ) {
        if is_signed(request) {
            let path = format!("{}/{}{}", place.stage.name, request.method, place.rest);
            let resource = source_arn(&self.topology, &place.api.id, &path);
            let ask = Ask { action: "execute-api:Invoke".into(), resource, ..Ask::default() };
            if let Err(refusal) = permissions.authorize(now, request, SERVICE, &[ask]) {
                return self.deny(call, request, &refusal);
            }
        }
        let reply = self.forbidden();
        self.reply(call, reply);
    }

    fn deny(&mut self, call: CallId, request: &Request, refusal: &permissions::Refusal) {
        self.tell(Log::denied(request, refusal));
        let reply = self.answer(403, Some(refusal.error_type()), refusal.rest_body());
        self.reply(call, reply);
    }

    fn post(&mut self, now: Time, id: Id, socket: Option<SocketId>, body: &Bytes) -> Reply {
        if body.len() > self.limits.message_bytes {
            let body = Bytes::from_static(br#"{"message":"Message too long"}"#);
            return self.answer(413, Some("PayloadTooLargeException"), body);
        }
        let socket = socket.filter(|_| !self.faults.is_gone(id));
        let Some(socket) = socket else { return self.gone() };
        let text = String::from_utf8_lossy(body).into_owned();
        if self.send(now, socket, text, SentBy::Post) {
            self.answer(200, None, Bytes::new())
        } else {
            self.too_many()
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

    fn too_many(&mut self) -> Reply {
        self.answer(429, Some("LimitExceededException"), Bytes::new())
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

/// The id is no part of what is asked for: reports quote the path with this placeholder in it. That
/// it is the placeholder that policies are compared with, too, is a guess; it makes no difference to
/// those that end in `@connections/*`.
fn manage_connections(topology: &Topology, place: &Place<'_>, method: &str) -> Ask {
    let path = format!("{}/{method}/@connections/{{connectionId}}", place.stage.name);
    let resource = source_arn(topology, &place.api.id, &path);
    Ask { action: "execute-api:ManageConnections".into(), resource, ..Ask::default() }
}

/// The decoded id in `/@connections/{id}`.
fn connection_of(rest: &str) -> Option<String> {
    let (keyword, id) = rest.strip_prefix('/')?.split_once('/')?;
    let keyword = percent_decode_str(keyword).decode_utf8().ok()?;
    (keyword == "@connections" && !id.contains('/'))
        .then(|| percent_decode_str(id).decode_utf8_lossy().into_owned())
}
