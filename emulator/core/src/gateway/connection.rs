//! What is kept of a connection. Small: ten thousand of them must fit into a few megabytes.

use super::event::AuthorizerContext;
use super::handshake::Handshake;
use super::{Id, Limits, SocketId, Time};
use crate::permissions::Principal;
use std::collections::BTreeMap;
use std::sync::Arc;

/// One socket from its upgrade to its end.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) id: Id,
    pub(super) phase: Phase,
    pub(super) api: Arc<str>,
    pub(super) stage: Arc<str>,
    /// `requestContext.domainName`.
    pub(super) domain: Arc<str>,
    pub(super) connected_at: Time,
    pub(super) last_active: Time,
    pub(super) source_ip: Box<str>,
    pub(super) user_agent: Option<Box<str>>,
    pub(super) authorizer: Option<Arc<AuthorizerContext>>,
    /// Who signed its upgrade, where that was asked for.
    pub(super) signer: Option<Arc<Principal>>,
    /// Bytes given to the shell that it has not reported as written.
    pub(super) unwritten: usize,
    /// The moment of its entry among the timers.
    pub(super) timer: Option<Time>,
}

#[derive(Debug)]
pub(super) enum Phase {
    /// The upgrade is not answered yet.
    Pending(Box<Handshake>),
    /// The client has got its 101.
    Open,
}

impl Connection {
    /// When it has to be closed if nothing happens until then.
    pub(super) fn due(&self, limits: &Limits) -> Time {
        (self.last_active + limits.idle).min(self.connected_at + limits.lifetime)
    }
}

/// All connections, found by socket or by id.
#[derive(Debug, Default)]
pub(super) struct Connections {
    by_socket: BTreeMap<SocketId, Connection>,
    by_id: BTreeMap<Id, SocketId>,
}

impl Connections {
    pub(super) fn len(&self) -> usize {
        self.by_socket.len()
    }

    pub(super) fn insert(&mut self, socket: SocketId, connection: Connection) {
        self.by_id.insert(connection.id, socket);
        self.by_socket.insert(socket, connection);
    }

    pub(super) fn get(&self, socket: SocketId) -> Option<&Connection> {
        self.by_socket.get(&socket)
    }

    pub(super) fn get_mut(&mut self, socket: SocketId) -> Option<&mut Connection> {
        self.by_socket.get_mut(&socket)
    }

    /// The open connection of this id.
    pub(super) fn find(&self, id: Id) -> Option<(SocketId, &Connection)> {
        let socket = *self.by_id.get(&id)?;
        let connection = self.by_socket.get(&socket)?;
        matches!(connection.phase, Phase::Open).then_some((socket, connection))
    }

    pub(super) fn remove(&mut self, socket: SocketId) -> Option<Connection> {
        let connection = self.by_socket.remove(&socket)?;
        self.by_id.remove(&connection.id);
        Some(connection)
    }

    /// The shared copy of a name that many connections have in common.
    pub(super) fn share(&self, name: &str, of: fn(&Connection) -> &Arc<str>) -> Arc<str> {
        let last = self.by_socket.last_key_value().map(|(_, connection)| of(connection));
        last.filter(|known| &***known == name).map_or_else(|| name.into(), Arc::clone)
    }
}

#[cfg(test)]
mod tests {
    use super::Connection;

    #[test]
    fn connection_is_small() {
        let bytes = size_of::<Connection>();
        assert!(
            bytes <= 256,
            "a connection takes {bytes} bytes, and ten thousand of them are kept"
        );
    }
}
