//! The end of a connection, from either side, and the `$disconnect` event after it.

use super::connection::{Connection, Phase};
use super::event::{self, Context, Event, Kind};
use super::integration::{Call, Purpose};
use super::transform::Prepared;
use super::{Gateway, SocketId, Time, Timer};
use crate::log::Log;
use crate::{Closed, Effect};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The route of an ended connection.
const DISCONNECT: &str = "$disconnect";

impl Gateway {
    /// The socket has ended. After the gateway's own close nothing is left to do.
    pub(crate) fn closed(&mut self, now: Time, socket: SocketId, how: Closed) {
        let (code, reason) = match how {
            Closed::Frame { code, reason } => (code, reason),
            Closed::NoStatus => (1005, "Client-side close frame status not set".into()),
            Closed::Abrupt => (1006, String::new()),
        };
        if let Some(connection) = self.forget(socket) {
            self.ended(now, socket, connection, code, &reason);
        }
    }

    /// Ends a connection. `$disconnect` runs at once; whether the client answers does not matter.
    pub(super) fn close(&mut self, now: Time, socket: SocketId, code: u16, reason: &str) {
        if let Some(connection) = self.forget(socket) {
            self.effect(Effect::Close { socket, code, reason: reason.into() });
            self.ended(now, socket, connection, code, reason);
        }
    }

    fn forget(&mut self, socket: SocketId) -> Option<Connection> {
        let connection = self.connections.remove(socket)?;
        if let Some(timer) = connection.timer {
            self.timers.cancel(timer, Timer::Connection(socket));
        }
        Some(connection)
    }

    fn ended(
        &mut self,
        now: Time,
        socket: SocketId,
        connection: Connection,
        code: u16,
        reason: &str,
    ) {
        // A client that gave up before its 101 was never connected.
        let Phase::Open = connection.phase else { return };
        self.tell(Log::Disconnected {
            connection: connection.id.to_string(),
            code,
            reason: reason.into(),
        });
        if self.faults.ended(connection.id) {
            return self
                .tell(Log::Control { what: format!("$disconnect of {} is lost", connection.id) });
        }
        let topology = Arc::clone(&self.topology);
        let Some(api) = topology.apis.get(&*connection.api) else { return };
        let Some(route) = api.routes.get(DISCONNECT) else { return };
        let (request, trace_id) = (self.ids.id(), self.ids.trace(now));
        let none = BTreeMap::new();
        let headers = event::disconnect_headers(&connection.domain);
        let event = Event {
            headers: Some(event::single(&headers)),
            multi_value_headers: Some(event::multi(&headers)),
            query_string_parameters: None,
            multi_value_query_string_parameters: None,
            stage_variables: api
                .stages
                .get(&*connection.stage)
                .map_or(&none, |stage| &stage.variables),
            request_context: Context::new(
                now,
                &connection,
                DISCONNECT,
                request,
                Kind::Disconnect { code, reason },
            ),
            body: None,
            is_base64_encoded: false,
        };
        let wants_log = self.wants_log(&connection.api, &connection.stage, DISCONNECT);
        let prepared =
            Prepared::new(route.integration.as_deref(), &event, &headers, &[], wants_log);
        let call = Call {
            socket,
            connection: connection.id,
            api: Arc::clone(&connection.api),
            stage: Arc::clone(&connection.stage),
            purpose: Purpose::Disconnect,
            route: DISCONNECT.into(),
            integration: route.integration.clone(),
            trace_id,
            prepared,
        };
        self.log_begin(&call, None);
        self.integrate(now, call);
    }
}
