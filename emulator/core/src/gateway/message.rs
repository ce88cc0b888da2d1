//! A message from a client: which route takes it, and what its sender is told.
//!
//! Messages of one connection are dispatched at once, not one after the other, as on AWS.

use super::access_log::{Extra, wants_log};
use super::answer::Answer;
use super::connection::Phase;
use super::event::{Context, Event, Kind};
use super::frame::{self, Trouble};
use super::integration::{Call, Failure, Purpose};
use super::transform::Prepared;
use super::{Gateway, Id, SocketId, Time};
use crate::log::{Log, SentBy};
use crate::selection::Scope;
use crate::topology::{Api, Route};
use std::sync::Arc;

/// The route of messages no other route takes.
pub(super) const DEFAULT: &str = "$default";

impl Gateway {
    /// A text message has come in.
    pub(crate) fn text(&mut self, now: Time, socket: SocketId, text: &str) {
        let topology = Arc::clone(&self.topology);
        let Some(connection) = self.connections.get_mut(socket) else { return };
        let Phase::Open = connection.phase else { return };
        if text.len() > self.limits.message_bytes {
            return self.too_big(now, socket);
        }
        connection.last_active = now;
        let (request, message) = (self.ids.id(), self.ids.id());
        let trace_id = self.ids.trace(now);
        let Some(connection) = self.connections.get(socket) else { return };
        self.metrics.of(&connection.api, &connection.stage).messages += 1;
        let api = topology.apis.get(&*connection.api);
        let stage = api.and_then(|api| api.stages.get(&*connection.stage));
        let route = api.and_then(|api| route_of(api, text));
        self.outputs.push_back(super::Output::Effect(crate::Effect::Log(Log::Received {
            connection: connection.id.to_string(),
            bytes: text.len(),
            text: text.to_owned(),
            route: route.map(|route| route.key.clone()),
        })));
        let (Some(stage), Some(route)) = (stage, route) else {
            return self.turned_away(
                now,
                socket,
                Trouble::Forbidden,
                "$default",
                (request, message),
                None,
            );
        };
        if self.faults.throttles(now)
            || !self.account.take(now)
            || !self.buckets.take(now, &connection.api, stage, &route.key)
        {
            return self.turned_away(
                now,
                socket,
                Trouble::TooMany,
                &route.key,
                (request, message),
                None,
            );
        }
        if let Err(why) = check_model(route, text) {
            let what = format!("message to route {} is not what its model wants: {why}", route.key);
            self.tell(Log::Warning { what });
            let ids = (request, message);
            return self.turned_away(now, socket, Trouble::BadBody, &route.key, ids, Some(why));
        }
        let event = Event {
            headers: None,
            multi_value_headers: None,
            query_string_parameters: None,
            multi_value_query_string_parameters: None,
            stage_variables: &stage.variables,
            request_context: Context::new(
                now,
                connection,
                &route.key,
                request,
                Kind::Message { message },
            ),
            body: Some(text),
            is_base64_encoded: false,
        };
        let wants_log = wants_log(stage, &route.key);
        let prepared = Prepared::new(route.integration.as_deref(), &event, &[], &[], wants_log);
        let call = Call {
            socket,
            connection: connection.id,
            api: Arc::clone(&connection.api),
            stage: Arc::clone(&connection.stage),
            purpose: Purpose::Message { request, message, replies: route.replies },
            route: route.key.clone(),
            integration: route.integration.clone(),
            trace_id,
            prepared,
        };
        self.log_begin(&call, Some(text));
        self.integrate(now, call);
    }

    /// A binary message has come in: the connection ends.
    pub(crate) fn binary(&mut self, now: Time, socket: SocketId) {
        self.close(now, socket, 1003, "Binary messages are not supported");
    }

    /// A frame or message over the limit has come in: the connection ends.
    pub(crate) fn too_big(&mut self, now: Time, socket: SocketId) {
        self.close(now, socket, 1009, "Message too big");
    }

    /// The integration of a message has answered, or failed.
    pub(super) fn message_completed(
        &mut self,
        now: Time,
        socket: SocketId,
        (request, message): (Id, Id),
        replies: bool,
        result: Result<Answer, Failure>,
    ) {
        match result {
            Ok(answer) if replies => {
                if let Some(body) =
                    answer.body.or_else(|| self.guesses.empty_reply.then(String::new))
                {
                    self.send(now, socket, body, SentBy::Route);
                }
            }
            Ok(_) => {}
            Err(Failure::TimedOut) => {
                self.trouble(now, socket, Trouble::TimedOut, (request, message))
            }
            Err(Failure::Misconfigured(_) | Failure::Backend(_)) => {
                self.trouble(now, socket, Trouble::Internal, (request, message));
            }
        }
    }

    /// Refuses a message that reaches no integration.
    fn turned_away(
        &mut self,
        now: Time,
        socket: SocketId,
        trouble: Trouble,
        route: &str,
        ids: (Id, Id),
        validation: Option<String>,
    ) {
        self.trouble(now, socket, trouble, ids);
        let Some(connection) = self.connections.get(socket) else { return };
        let (api, stage) = (Arc::clone(&connection.api), Arc::clone(&connection.stage));
        self.metrics.of(&api, &stage).client_errors += 1;
        if self.wants_access_log(&api, &stage) {
            let context =
                Context::new(now, connection, route, ids.0, Kind::Message { message: ids.1 })
                    .to_value();
            let extra = Extra {
                status: trouble.status(),
                error: Some(trouble.text().into()),
                validation,
                ..Extra::default()
            };
            self.log_access(&api, &stage, &context, &extra);
        }
    }

    /// Tells the client that its message was not handled; the connection stays.
    pub(super) fn trouble(
        &mut self,
        now: Time,
        socket: SocketId,
        trouble: Trouble,
        (request, message): (Id, Id),
    ) {
        let Some(connection) = self.connections.get(socket) else { return };
        let text = frame::error(trouble, connection.id, request, message);
        self.send(now, socket, text, SentBy::Gateway);
    }
}

/// The route that takes a message.
fn route_of<'a>(api: &'a Api, text: &str) -> Option<&'a Route> {
    let body = serde_json::from_str(text).ok();
    let key = api.route_selection.select(&Scope { body: body.as_ref(), ..Scope::default() });
    // `$connect` and `$disconnect` are not for messages, whatever a message says.
    let named = key.filter(|key| !key.starts_with('$')).and_then(|key| api.routes.get(&key));
    named.or_else(|| api.routes.get(DEFAULT))
}

/// Whether a message fits the model its route selects, or `$default`'s. A route without models takes
/// everything.
fn check_model(route: &Route, text: &str) -> Result<(), String> {
    if route.models.is_empty() {
        return Ok(());
    }
    let body: serde_json::Value =
        serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
    let scope = Scope { body: Some(&body), ..Scope::default() };
    let key = route.model_selection.as_ref().and_then(|selection| selection.select(&scope));
    let model = key.and_then(|key| route.models.get(&key)).or_else(|| route.models.get(DEFAULT));
    model.ok_or("no model is selected, and there is none for $default")?.check(&body)
}
