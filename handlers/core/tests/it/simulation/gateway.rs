//! API Gateway as far as a connection goes: it is being made, open, open without anybody there, or
//! gone.

use herald_contract::{CallbackUrl, ConnectionId, Millis};
use herald_core::Delivery;
use std::collections::{BTreeMap, VecDeque};

#[derive(Default)]
pub(super) struct Gateway {
    pub(super) sockets: BTreeMap<ConnectionId, Socket>,
    /// Connections of which `$disconnect` is still to be said.
    pub(super) closed: Vec<ConnectionId>,
}

pub(super) struct Socket {
    pub(super) phase: Phase,
    /// Which client it is of.
    pub(super) client: usize,
    pub(super) connected_at: Millis,
    /// Posts that the client has not read yet, in order.
    pub(super) frames: VecDeque<String>,
    /// The client does not read for a while.
    pub(super) slow: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Connecting,
    Open,
    /// The client is gone and the gateway does not know: posts succeed and reach nobody.
    Dead,
    Closed,
}

pub(super) fn url() -> CallbackUrl {
    CallbackUrl::of_stage("ws.example.com", "dev").unwrap()
}

impl Gateway {
    pub(super) fn post(&mut self, id: &ConnectionId, frame: String) -> Delivery {
        let Some(socket) = self.sockets.get_mut(id) else {
            return Delivery::Gone;
        };
        match socket.phase {
            Phase::Connecting | Phase::Closed => Delivery::Gone,
            Phase::Open | Phase::Dead if socket.slow => Delivery::Slow,
            Phase::Open => {
                socket.frames.push_back(frame);
                Delivery::Sent
            }
            Phase::Dead => Delivery::Sent,
        }
    }

    /// Ends a connection, whoever wants it; frames on their way are lost.
    pub(super) fn close(&mut self, id: &ConnectionId) {
        if let Some(socket) = self.sockets.get_mut(id)
            && socket.phase != Phase::Closed
        {
            socket.phase = Phase::Closed;
            socket.frames.clear();
            self.closed.push(id.clone());
        }
    }
}
