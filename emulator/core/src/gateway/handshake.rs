//! From an upgrade request to its 101 or its refusal.

use super::access_log::{Authorized, Extra, wants_log};
use super::answer::Answer;
use super::connection::{Connection, Phase};
use super::event::{self, Context, Event, Kind};
use super::integration::{Call, Failure, Purpose};
use super::locate::locate;
use super::refusal::Refusal;
use super::transform::Prepared;
use super::{Gateway, Id, SocketId, Time, Timer};
use crate::Effect;
use crate::http::{Reply, Request};
use crate::log::Log;
use crate::permissions::{self, Permissions};
use crate::topology::Route;
use std::sync::Arc;
use std::time::Duration;

/// The route of an upgrade.
pub(super) const CONNECT: &str = "$connect";

/// Characters of the URL of an upgrade.
const URL_MAX: usize = 4096;

fn url_length(request: &Request) -> usize {
    let host = request.header("Host").unwrap_or_default();
    let query = request.query.as_ref().map_or(0, |query| query.len() + 1);
    "wss://".len() + host.len() + request.path.len() + query
}

/// What is kept of an upgrade until it is answered.
#[derive(Debug)]
pub(super) struct Handshake {
    pub(super) path: String,
    pub(super) request: Id,
    pub(super) trace_id: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) query: Vec<(String, String)>,
    pub(super) authorizer: Option<Authorized>,
    /// What the integration said, for the access log.
    pub(super) integration: Option<Extra>,
}

impl Handshake {
    /// How long the authorizer took that has let it through.
    fn authorizer_latency(&self) -> Option<Duration> {
        self.authorizer.as_ref().filter(|said| said.error.is_none()).map(|said| said.took)
    }
}

impl Gateway {
    /// A client asks for a WebSocket.
    pub(crate) fn upgrade(
        &mut self,
        now: Time,
        socket: SocketId,
        request: Request,
        permissions: &Permissions,
    ) {
        let length = url_length(&request);
        if length > URL_MAX {
            let why = format!("a URL of {length} characters; {URL_MAX} is the limit");
            let reply = self.too_long();
            return self.refuse_early(socket, request.path, reply, why);
        }
        let topology = Arc::clone(&self.topology);
        let place = locate(&topology, request.header("Host"), &request.path);
        let Some(place) = place.filter(|place| matches!(place.rest, "" | "/")) else {
            let why = "no API has such a stage; connect to /{stage}".to_owned();
            let reply = self.forbidden();
            return self.refuse_early(socket, request.path, reply, why);
        };
        if !place.stage.deployed {
            let why = format!(
                "nothing is deployed to stage {}; give it a DeploymentId or AutoDeploy",
                place.stage.name
            );
            let reply = self.forbidden();
            return self.refuse_early(socket, request.path, reply, why);
        }
        let (id, request_id) = (self.ids.id(), self.ids.id());
        if self.connections.len() >= self.limits.connections {
            let reply = self.refusal(Refusal::TooMany, id, request_id);
            return self.refuse_early(socket, request.path, reply, "too many connections".into());
        }
        let trace_id = self.ids.trace(now);
        let headers = event::handshake_headers(&request, &trace_id);
        let handshake = Handshake {
            request: request_id,
            trace_id,
            headers,
            query: event::query(request.query.as_deref()),
            authorizer: None,
            integration: None,
            path: request.path.clone(),
        };
        let connection = Connection {
            id,
            phase: Phase::Pending(Box::new(handshake)),
            api: self.connections.share(&place.api.id, |c| &c.api),
            stage: self.connections.share(&place.stage.name, |c| &c.stage),
            domain: place.domain.map_or_else(|| Arc::clone(&self.domain_name), Into::into),
            connected_at: now,
            last_active: now,
            source_ip: request.source_ip.as_str().into(),
            user_agent: request.header("User-Agent").map(Into::into),
            authorizer: None,
            signer: None,
            unwritten: 0,
            timer: None,
        };
        self.connections.insert(socket, connection);
        if let Some(status) = self.faults.refusal() {
            let reply = self.refusal_by_integration(status, id, request_id);
            return self.refuse_with(socket, reply, "the control API asked for it".into());
        }
        if self.faults.throttles(now) {
            return self.refuse(socket, Refusal::TooMany, "the control API asked for it".into());
        }
        if !self.account.take(now) || !self.connects.take(now) {
            return self.refuse(socket, Refusal::TooMany, "the account is throttled".into());
        }
        match place.api.routes.get(CONNECT) {
            None => self.accept(now, socket, None),
            Some(route) => {
                if self.buckets.take(now, &place.api.id, place.stage, CONNECT) {
                    let place = (place.api, place.stage, route);
                    self.authorize(now, socket, &request, place, permissions);
                } else {
                    self.refuse(socket, Refusal::TooMany, "$connect is throttled".into());
                }
            }
        }
    }

    /// Asks the integration of `$connect`.
    pub(super) fn connect(&mut self, now: Time, socket: SocketId, route: &Route) {
        let topology = Arc::clone(&self.topology);
        let Some(connection) = self.connections.get(socket) else { return };
        let Phase::Pending(handshake) = &connection.phase else { return };
        let stage =
            topology.apis.get(&*connection.api).and_then(|api| api.stages.get(&*connection.stage));
        let Some(stage) = stage else { return };
        let has_query = !handshake.query.is_empty();
        let kind = Kind::Connect { authorizer_latency: handshake.authorizer_latency() };
        let headers = event::integration_headers(&handshake.headers);
        let event = Event {
            headers: Some(event::single(&headers)),
            multi_value_headers: Some(event::multi(&headers)),
            query_string_parameters: has_query.then(|| event::single(&handshake.query)),
            multi_value_query_string_parameters: has_query.then(|| event::multi(&handshake.query)),
            stage_variables: &stage.variables,
            request_context: Context::new(now, connection, CONNECT, handshake.request, kind),
            body: None,
            is_base64_encoded: false,
        };
        let wants_log = wants_log(stage, CONNECT);
        let prepared = Prepared::new(
            route.integration.as_deref(),
            &event,
            &headers,
            &handshake.query,
            wants_log,
        );
        let call = Call {
            socket,
            connection: connection.id,
            api: Arc::clone(&connection.api),
            stage: Arc::clone(&connection.stage),
            purpose: Purpose::Connect,
            route: CONNECT.into(),
            integration: route.integration.clone(),
            trace_id: handshake.trace_id.clone(),
            prepared,
        };
        self.log_begin(&call, None);
        self.integrate(now, call);
    }

    /// The integration of `$connect` has answered, or failed.
    pub(super) fn connect_completed(
        &mut self,
        now: Time,
        socket: SocketId,
        result: Result<Answer, Failure>,
        extra: Extra,
    ) {
        if let Some(Connection { phase: Phase::Pending(handshake), .. }) =
            self.connections.get_mut(socket)
        {
            handshake.integration = Some(extra);
        }
        let answer = match result {
            Ok(answer) => answer,
            Err(failure) => {
                let refusal = match failure {
                    Failure::Misconfigured(_) => Refusal::Misconfigured,
                    Failure::Backend(_) => Refusal::BadGateway,
                    Failure::TimedOut => Refusal::TimedOut,
                };
                return self.refuse(socket, refusal, failure.why());
            }
        };
        if !(200..300).contains(&answer.status) {
            let Some((id, request)) = self.pending_ids(socket) else { return };
            let reply = self.refusal_by_integration(answer.status, id, request);
            return self.refuse_with(socket, reply, "the integration of $connect says so".into());
        }
        let protocol = answer.header("Sec-WebSocket-Protocol");
        if protocol.is_some_and(|value| !value.bytes().all(|b| (b' '..=b'~').contains(&b))) {
            let why = "Sec-WebSocket-Protocol of the answer is not a header value".to_owned();
            return self.refuse(socket, Refusal::BadGateway, why);
        }
        self.accept(now, socket, protocol.map(ToOwned::to_owned));
    }

    fn accept(&mut self, now: Time, socket: SocketId, protocol: Option<String>) {
        self.log_handshake(now, socket, 200, None);
        let Some(connection) = self.connections.get_mut(socket) else { return };
        connection.phase = Phase::Open;
        connection.last_active = now;
        let due = connection.due(&self.limits);
        connection.timer = Some(due);
        let log = Log::Connected {
            api: connection.api.to_string(),
            stage: connection.stage.to_string(),
            connection: connection.id.to_string(),
            source_ip: connection.source_ip.to_string(),
        };
        self.timers.set(due, Timer::Connection(socket));
        self.effect(Effect::Accept { socket, protocol });
        self.tell(log);
    }

    /// Refuses with one of the gateway's own refusals.
    pub(super) fn refuse(&mut self, socket: SocketId, refusal: Refusal, why: String) {
        let Some((id, request)) = self.pending_ids(socket) else { return };
        let reply = self.refusal(refusal, id, request);
        self.refuse_with(socket, reply, why);
    }

    /// Refuses whose signature does not hold, or who may not connect.
    pub(super) fn refuse_signer(&mut self, socket: SocketId, refusal: &permissions::Refusal) {
        let Some((id, request)) = self.pending_ids(socket) else { return };
        let reply = self.refusal_of_signer(refusal, id, request);
        self.refuse_with(socket, reply, refusal.in_short());
    }

    fn refuse_with(&mut self, socket: SocketId, reply: Reply, why: String) {
        let since = self.connections.get(socket).map(|connection| connection.connected_at);
        self.log_handshake(since.unwrap_or_default(), socket, reply.status, Some(&why));
        let Some(connection) = self.connections.remove(socket) else { return };
        let path = match connection.phase {
            Phase::Pending(handshake) => {
                if handshake.integration.is_none() && (400..500).contains(&reply.status) {
                    let (api, stage) = (&connection.api, &connection.stage);
                    self.metrics.of(api, stage).client_errors += 1;
                }
                handshake.path
            }
            Phase::Open => String::new(),
        };
        self.refuse_early(socket, path, reply, why);
    }

    /// Writes the access log's line about an upgrade that has been decided.
    fn log_handshake(&mut self, now: Time, socket: SocketId, status: u16, error: Option<&str>) {
        let Some(connection) = self.connections.get(socket) else { return };
        let Some(handshake) = self.handshake(socket) else { return };
        let (api, stage) = (Arc::clone(&connection.api), Arc::clone(&connection.stage));
        if !self.wants_access_log(&api, &stage) {
            return;
        }
        let kind = Kind::Connect { authorizer_latency: handshake.authorizer_latency() };
        let context = Context::new(now, connection, CONNECT, handshake.request, kind).to_value();
        let before = handshake.integration.clone().unwrap_or_default();
        let error = error.map(ToOwned::to_owned);
        let authorizer = handshake.authorizer.clone();
        let extra = Extra { status, error, authorizer, ..before };
        self.log_access(&api, &stage, &context, &extra);
    }

    fn refuse_early(&mut self, socket: SocketId, path: String, reply: Reply, why: String) {
        self.tell(Log::Refused { path, status: reply.status, why });
        self.effect(Effect::Refuse { socket, reply });
    }

    /// The handshake of a socket whose upgrade is not answered yet.
    pub(super) fn handshake(&self, socket: SocketId) -> Option<&Handshake> {
        match &self.connections.get(socket)?.phase {
            Phase::Pending(handshake) => Some(handshake),
            Phase::Open => None,
        }
    }

    fn pending_ids(&self, socket: SocketId) -> Option<(Id, Id)> {
        Some((self.connections.get(socket)?.id, self.handshake(socket)?.request))
    }
}
