//! What clients do, and what happens to their sockets.

use super::super::functions::{self, Done};
use super::super::gateway::{Phase, Socket};
use super::super::state::State;
use super::{TASKS_MAX, TOPICS, World};
use herald_contract::command::Answer;
use herald_contract::wire::{NotificationId, Request};
use herald_contract::{ConnectionId, Function, JobId, Route, Topic, UserId};
use herald_core::auth::Principal;
use serde_json::json;

impl World {
    pub(super) fn client_acts(&mut self) {
        let at = self.below(self.clients.len(), "which client");
        let sockets = self.clients[at].sockets.len();
        if sockets == 0 || sockets == 1 && self.below(20, "renew?") == 0 {
            return self.connect(at);
        }
        if self.tasks.len() >= TASKS_MAX {
            return;
        }
        let id = self.clients[at].sockets[sockets - 1].clone();
        let request = match self.below(12, "what the client says") {
            0..4 => self.clients[at].hello(&id),
            4 => {
                let topic: Topic = TOPICS[self.below(TOPICS.len(), "which topic")].parse().unwrap();
                let request = self.clients[at].subscribe(&topic);
                self.clients[at].topics.insert(topic);
                request
            }
            5 | 6 => Request::Ack { up_to: self.clients[at].cursor },
            7 | 8 => {
                let ids: Vec<_> = self.clients[at].shown.keys().rev().take(3).copied().collect();
                if ids.is_empty() {
                    return;
                }
                Request::Read { ids: ids.into_iter().map(NotificationId::Inbox).collect() }
            }
            9 => {
                let n = self.below(6, "which key");
                Request::SubmitJob {
                    kind: "play".to_owned(),
                    input: json!({"steps": n, "fail": 0, "permanent": false}),
                    idempotency_key: format!("mine-{n}").parse().unwrap(),
                }
            }
            10 => match self.a_job() {
                Some(job_id) => {
                    let user = self.clients[at].user.clone();
                    self.shared.state().judge.asks_to_cancel(&job_id, &user);
                    Request::CancelJob { job_id }
                }
                None => return,
            },
            _ => {
                self.tell(|| format!("{id} is closed by its client"));
                self.shared.state().gateway.close(&id);
                self.clients[at].sockets.retain(|socket| *socket != id);
                return;
            }
        };
        self.say(at, &id, request);
    }

    /// Any job: that of another user too, which must be of no use.
    pub(super) fn a_job(&self) -> Option<JobId> {
        let answers = self.commands.iter().flat_map(|c| &c.answers);
        let jobs = answers.filter_map(|answer| match answer {
            Answer::Job { job_id, .. } => Some(job_id.clone()),
            _ => None,
        });
        let jobs: Vec<_> = jobs.collect();
        let at = self.below(jobs.len().max(1), "which job");
        jobs.get(at).cloned()
    }

    pub(super) fn connect(&mut self, at: usize) {
        if self.tasks.len() >= TASKS_MAX {
            return;
        }
        self.connections += 1;
        let id: ConnectionId = format!("c{}=", self.connections).try_into().unwrap();
        let connected_at = self.now();
        let socket = Socket {
            phase: Phase::Connecting,
            client: at,
            connected_at,
            frames: Default::default(),
            slow: false,
        };
        self.shared.state().gateway.sockets.insert(id.clone(), socket);
        self.clients[at].sockets.push(id.clone());
        let lost = Done::Connected(id.clone(), false);
        self.invoke(Route::Connect, at, &id, None, lost);
    }

    pub(super) fn connected(&mut self, id: &ConnectionId, accepted: bool) {
        let mut state = self.shared.state();
        let socket = state.gateway.sockets.get_mut(id).expect("it was being made");
        if accepted && socket.phase == Phase::Connecting {
            socket.phase = Phase::Open;
            return;
        }
        // A client that gave up in the meantime, or that was refused.
        socket.phase = Phase::Closed;
        let client = socket.client;
        drop(state);
        self.clients[client].sockets.retain(|socket| socket != id);
    }

    pub(super) fn say(&mut self, at: usize, id: &ConnectionId, request: Request) {
        let phase = self.shared.state().gateway.sockets[id].phase;
        match phase {
            Phase::Open => {
                self.invoke(Route::Action(request.action()), at, id, Some(request), Done::Other)
            }
            Phase::Connecting => {}
            // Now it notices.
            Phase::Dead | Phase::Closed => self.clients[at].sockets.retain(|s| s != id),
        }
    }

    pub(super) fn invoke(
        &mut self,
        route: Route,
        at: usize,
        id: &ConnectionId,
        request: Option<Request>,
        lost: Done,
    ) {
        let connected_at = self.shared.state().gateway.sockets[id].connected_at;
        let name = format!(
            "socket {route} of {id} {}",
            request.as_ref().map(Request::to_frame).unwrap_or_default()
        );
        let principal = self.principal(at, id);
        let id = id.clone();
        let run = |ports| functions::socket(ports, route, id, principal, connected_at, request);
        self.start(Function::Socket, name, lost, run);
    }

    /// Every seventh connection has credentials that end soon.
    pub(super) fn principal(&self, at: usize, id: &ConnectionId) -> Principal {
        let user: UserId = self.clients[at].user.clone();
        let number: u64 = id.as_str()[1..].trim_end_matches('=').parse().unwrap();
        let connected_at = self.shared.state().gateway.sockets[id].connected_at;
        let token_exp = number.is_multiple_of(7).then(|| connected_at.plus(20_000));
        Principal { token_exp, ..Principal::of(user) }
    }

    pub(super) fn client_reads_frames(&mut self) {
        let now = self.now();
        for at in 0..self.clients.len() {
            for id in self.clients[at].sockets.clone() {
                let frames = {
                    let mut state = self.shared.state();
                    let socket = state.gateway.sockets.get_mut(&id).expect("it was made");
                    std::mem::take(&mut socket.frames)
                };
                for frame in frames {
                    self.tell(|| format!("{id} reads {frame}"));
                    self.clients[at].receive(&frame, now);
                }
            }
        }
    }

    pub(super) fn socket_dies(&mut self) {
        let mut state = self.shared.state();
        let open: Vec<_> = open(&state);
        let at = state.below(open.len() as u64, "whose line is cut");
        if let Some(id) = open.get(at as usize).filter(|_| !open.is_empty()) {
            state.tell(|| format!("the line of {id} is cut"));
            let socket = state.gateway.sockets.get_mut(id).unwrap();
            socket.phase = Phase::Dead;
            socket.frames.clear();
            let at = socket.client;
            let id = id.clone();
            if state.below(2, "does the gateway notice?") == 0 {
                state.gateway.close(&id);
            }
            drop(state);
            self.clients[at].sockets.retain(|s| *s != id);
        }
    }

    pub(super) fn say_disconnected(&mut self) {
        let closed = std::mem::take(&mut self.shared.state().gateway.closed);
        for id in closed {
            // It is best effort.
            if self.below(4, "is $disconnect lost?") > 0 {
                let client = self.shared.state().gateway.sockets[&id].client;
                self.invoke(Route::Disconnect, client, &id, None, Done::Other);
            }
        }
    }

    pub(super) fn turn_slow(&mut self) {
        let mut state = self.shared.state();
        let open = open(&state);
        let at = state.below(open.len() as u64, "who stops reading, or starts again");
        if let Some(id) = open.get(at as usize).filter(|_| !open.is_empty()) {
            let socket = state.gateway.sockets.get_mut(id).unwrap();
            socket.slow = !socket.slow;
        }
    }
}

fn open(state: &State) -> Vec<ConnectionId> {
    let sockets = state.gateway.sockets.iter();
    sockets.filter(|(_, s)| s.phase == Phase::Open).map(|(id, _)| id.clone()).collect()
}
