//! Faults of the gateway that were asked for: what goes wrong next, and for whom.
//!
//! Asked by the places where things can go wrong; never acts by itself. Faults of functions and of
//! streams are kept there.

use super::{Gateway, Id, SocketId, Time};
use crate::control::{Command, NotFound};
use crate::{Closed, Effect};
use std::collections::BTreeSet;
use std::num::NonZeroU32;

/// What has been asked for and has not happened yet. Bounded by the open connections.
#[derive(Debug, Default)]
pub(super) struct Faults {
    refusals: u32,
    refusal_status: u16,
    lost_disconnects: u32,
    throttled: u32,
    throttled_until: Time,
    loses_disconnect: BTreeSet<Id>,
    gone: BTreeSet<Id>,
    slow: BTreeSet<Id>,
}

/// Takes one of a number, if there is one.
fn take(count: &mut u32) -> bool {
    let any = *count > 0;
    *count = count.saturating_sub(1);
    any
}

impl Faults {
    /// The status to refuse this upgrade with.
    pub(super) fn refusal(&mut self) -> Option<u16> {
        take(&mut self.refusals).then_some(self.refusal_status)
    }

    /// Whether this request to a stage is one too many.
    pub(super) fn throttles(&mut self, now: Time) -> bool {
        now < self.throttled_until || take(&mut self.throttled)
    }

    /// Whether this post meets a connection that seems gone.
    pub(super) fn is_gone(&mut self, id: Id) -> bool {
        self.gone.remove(&id)
    }

    /// Whether the client takes nothing in.
    pub(super) fn is_slow(&self, id: Id) -> bool {
        self.slow.contains(&id)
    }

    /// A connection has ended: whether its `$disconnect` is lost. Nothing of it is kept.
    pub(super) fn ended(&mut self, id: Id) -> bool {
        self.gone.remove(&id);
        self.slow.remove(&id);
        self.loses_disconnect.remove(&id) || take(&mut self.lost_disconnects)
    }

    fn list(&self, now: Time) -> Vec<Command> {
        let mut list = Vec::new();
        if let Some(count) = NonZeroU32::new(self.refusals) {
            list.push(Command::RefuseConnect { count, status: self.refusal_status });
        }
        if let Some(count) = NonZeroU32::new(self.lost_disconnects) {
            list.push(Command::LoseDisconnect { connection: None, count: Some(count) });
        }
        if let Some(count) = NonZeroU32::new(self.throttled) {
            list.push(Command::Throttle { count: Some(count), duration: None });
        }
        if now < self.throttled_until {
            let duration = Some(self.throttled_until - now);
            list.push(Command::Throttle { count: None, duration });
        }
        list.extend(
            self.loses_disconnect.iter().map(|id| Command::LoseDisconnect {
                connection: Some(id.to_string()),
                count: None,
            }),
        );
        list.extend(self.gone.iter().map(|id| Command::Gone { connection: id.to_string() }));
        list.extend(self.slow.iter().map(|id| Command::Slow { connection: id.to_string() }));
        list
    }
}

impl Gateway {
    /// What has not happened yet.
    pub(crate) fn faults(&self, now: Time) -> Vec<Command> {
        self.faults.list(now)
    }

    pub(crate) fn clear_faults(&mut self) {
        self.faults = Faults::default();
    }

    /// Carries out a command that concerns connections.
    pub(crate) fn control(&mut self, now: Time, command: &Command) -> Result<(), NotFound> {
        let faults = &mut self.faults;
        match command {
            Command::RefuseConnect { count, status } => {
                (faults.refusals, faults.refusal_status) = (count.get(), *status);
            }
            Command::Throttle { duration: Some(duration), .. } => {
                faults.throttled_until = now + *duration;
            }
            Command::Throttle { duration: None, count } => {
                faults.throttled = count.map_or(1, NonZeroU32::get);
            }
            Command::LoseDisconnect { connection: None, count } => {
                faults.lost_disconnects = count.map_or(1, NonZeroU32::get);
            }
            Command::LoseDisconnect { connection: Some(connection), .. } => {
                let (_, id) = self.open(connection)?;
                self.faults.loses_disconnect.insert(id);
            }
            // Cut as by a network; that the gateway notices at once is not like AWS.
            Command::Drop { connection } => {
                let (socket, _) = self.open(connection)?;
                self.effect(Effect::Abort { socket });
                self.closed(now, socket, Closed::Abrupt);
            }
            Command::Gone { connection } => {
                let (_, id) = self.open(connection)?;
                self.faults.gone.insert(id);
            }
            Command::Slow { connection } => {
                let (_, id) = self.open(connection)?;
                self.faults.slow.insert(id);
            }
            Command::Release { connection } => {
                let (_, id) = self.open(connection)?;
                self.faults.slow.remove(&id);
            }
            Command::List
            | Command::Clear
            | Command::Advance { .. }
            | Command::KillEnvironment { .. }
            | Command::TimeOut { .. }
            | Command::DuplicateBatch { .. }
            | Command::DelayBatch { .. } => {}
        }
        Ok(())
    }

    fn open(&self, id: &str) -> Result<(SocketId, Id), NotFound> {
        let found = Id::parse(id).and_then(|id| Some((self.connections.find(id)?.0, id)));
        found.ok_or_else(|| NotFound(format!("no connection `{id}` is open")))
    }
}
