//! CloudWatch Logs, as far as reading goes: what functions and stages write, kept and searched.
//!
//! Each group is a ring: what is old makes room for what is new, whatever its retention says. Who may
//! read is decided by [`crate::permissions`]; groups come from the template, or with their first line.

mod api;
mod error;
mod events;
mod filter;
mod group;
mod lists;
#[cfg(test)]
mod tests;

use crate::Time;
use crate::topology::Topology;
use group::Group;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What `X-Amz-Target` begins with.
pub(crate) const TARGET: &str = "Logs_20140328";

/// Groups that are kept; a template with more of them keeps its own.
const GROUPS_MAX: usize = 500;

/// One line on its way into a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) group: String,
    pub(crate) stream: Arc<str>,
    pub(crate) text: String,
}

/// All log groups.
#[derive(Debug)]
pub(crate) struct Logs {
    region: String,
    account_id: String,
    groups: BTreeMap<String, Group>,
    /// The number of the next event: events of all groups are numbered in their order.
    next: u64,
}

impl Logs {
    pub(crate) fn new(now: Time, topology: &Topology) -> Self {
        let (region, account_id) = (topology.region.clone(), topology.account_id.clone());
        let mut logs = Self { region, account_id, groups: BTreeMap::new(), next: 1 };
        logs.reload(now, topology);
        logs
    }

    /// Takes over the groups of another template; those that nothing was written to may go.
    pub(crate) fn reload(&mut self, now: Time, topology: &Topology) {
        self.groups.retain(|_, group| group.is_written());
        for (name, days) in &topology.log_groups {
            let group = self.groups.entry(name.clone()).or_insert_with(|| Group::new(now));
            group.retention_days = *days;
        }
        // Groups of functions that are gone stay, but not for ever.
        while self.groups.len() > GROUPS_MAX {
            let gone =
                self.groups.iter().filter(|(name, _)| !topology.log_groups.contains_key(*name));
            let oldest = gone.min_by_key(|(_, group)| group.last()).map(|(name, _)| name.clone());
            let Some(oldest) = oldest else { break };
            self.groups.remove(&oldest);
        }
    }

    /// Keeps a line.
    pub(crate) fn write(&mut self, now: Time, line: Line) {
        let Line { group, stream, text } = line;
        let number = self.next;
        self.next += 1;
        let group = match self.groups.get_mut(&group) {
            Some(group) => group,
            None => self.groups.entry(group).or_insert_with(|| Group::new(now)),
        };
        group.push(now, number, stream, text);
    }

    fn group_arn(&self, name: &str) -> String {
        format!("arn:aws:logs:{}:{}:log-group:{name}", self.region, self.account_id)
    }
}

/// The name in a name or an ARN of a group.
pub(crate) fn group_name(identifier: &str) -> &str {
    let name = identifier.split_once(":log-group:").map_or(identifier, |(_, name)| name);
    name.strip_suffix(":*").unwrap_or(name)
}
