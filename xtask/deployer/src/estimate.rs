//! How long it may take: as long as it took the last time.

use crate::cloudformation::Event;
use crate::state;
use crate::time::{between, parse};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// Events looked at, at most: a handful of deployments.
pub const EVENTS: usize = 500;

/// What earlier deployments took.
#[derive(Clone, Debug, Default)]
pub struct Estimates {
    by_resource: BTreeMap<String, Duration>,
    whole: Option<Duration>,
}

impl Estimates {
    /// From the events of a stack before this deployment, the newest first; only successes of the
    /// same kind count: `CREATE` or `UPDATE`.
    pub fn of_events(events: &[Event], kind: &str) -> Self {
        let (running, complete) = (format!("{kind}_IN_PROGRESS"), format!("{kind}_COMPLETE"));
        let mut estimates = Self::default();
        let mut began: BTreeMap<&str, SystemTime> = BTreeMap::new();
        for event in events.iter().rev() {
            let Some(at) = parse(&event.timestamp) else { continue };
            let id = event.logical_resource_id.as_str();
            if event.resource_status == running {
                // A resource says twice that it has begun: once before it has its physical id.
                began.entry(id).or_insert(at);
            } else if state::is_running(&event.resource_status) {
                // The end of an update, and its cleaning up after that.
                continue;
            } else if let Some(start) = began.remove(id)
                && event.resource_status == complete
            {
                let took = between(start, at);
                match event.is_of_stack() {
                    true => estimates.whole = Some(took),
                    false => _ = estimates.by_resource.insert(id.to_owned(), took),
                }
            }
        }
        estimates
    }

    /// Of a resource.
    pub fn of(&self, id: &str) -> Option<Duration> {
        self.by_resource.get(id).copied()
    }

    /// Of the deployment.
    pub fn whole(&self) -> Option<Duration> {
        self.whole
    }
}
