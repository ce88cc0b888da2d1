//! One execution environment and the pool of those that serve one function.

use super::Invocation;
use super::pace::Pace;
use crate::{EnvironmentId, Time};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// One process of a function.
#[derive(Debug)]
pub(super) struct Environment {
    pub(super) function: Arc<str>,
    pub(super) log_stream: Arc<str>,
    pub(super) phase: Phase,
    pub(super) timer: Option<Time>,
    pub(super) started: Time,
    /// How long it took to ask for its first event; reported with the first invocation.
    pub(super) init_took: Option<Duration>,
    /// Its code or configuration is out of date: ended as soon as it has nothing to do.
    pub(super) outdated: bool,
}

#[derive(Debug)]
pub(super) enum Phase {
    /// Has not asked for its first event. The first time-out is forgiven, see `retried`.
    Starting {
        retried: bool,
    },
    Idle,
    Busy {
        invocation: Invocation,
        since: Time,
    },
    /// Has answered, but not asked for the next event: it may still be working.
    Answered,
    /// Told to end.
    Dying {
        why: String,
    },
}

/// The environments of one function, and what waits for them.
#[derive(Debug, Default)]
pub(super) struct Pool {
    /// The most recently used last: it is taken first, so that the others can be ended.
    pub(super) idle: Vec<EnvironmentId>,
    pub(super) waiting: VecDeque<Waiting>,
    pub(super) starting: usize,
    /// Environments that took too long to start and may be started once more, with more time.
    pub(super) second_chances: usize,
    /// All environments that are not gone.
    pub(super) total: usize,
    /// Invocations that are running.
    pub(super) running: usize,
    /// Environments that have answered, and ask for the next event in a moment.
    pub(super) settling: usize,
    pub(super) pace: Pace,
    /// When one of them that had answered asked for the next event.
    pub(super) freed: Time,
}

/// An invocation that waits for an environment.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) since: Time,
    pub(super) invocation: Invocation,
}
