//! Event buses: rules that send events, or the hour, to targets.
//!
//! Decides what is sent where and answers `PutEvents`. It does not send: whoever carries out a
//! [`Delivery`] looks at the target's ARN and invokes a function or puts a message into a
//! [`crate::queue`].
//!
//! ```text
//! PutEvents ──▶ bus ──▶ rules with a pattern  ──┐
//!                                               ├──▶ targets ──▶ Delivery
//! time      ──────────▶ rules with a schedule ──┘     input, input path or transformer
//! ```

mod buses;
mod entry;
mod event;
mod target;
#[cfg(test)]
mod tests;
mod transformer;

pub use buses::{Buses, Published};
pub use target::TargetInput;
pub use transformer::Transformer;

use crate::pattern::Pattern;
use crate::schedule::Schedule;
use bytes::Bytes;
use std::collections::BTreeMap;

/// The bus every account has.
pub const DEFAULT_BUS: &str = "default";

/// The name of the bus of this ARN.
pub(crate) fn bus_of(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:aws:events:")?.split_once(":event-bus/").map(|(_, name)| name)
}

/// What the buses of a template are like.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// The account of the events.
    pub account_id: String,
    /// The Region of the events.
    pub region: String,
    /// Names of the buses beside [`DEFAULT_BUS`].
    pub buses: Vec<String>,
    /// The rules of all buses.
    pub rules: Vec<Rule>,
}

/// One `AWS::Events::Rule`.
#[derive(Clone, Debug)]
pub struct Rule {
    /// `Name`, or the one made up for it.
    pub name: String,
    /// The name of its bus.
    pub bus: String,
    /// Whether `State` is not `DISABLED`.
    pub enabled: bool,
    /// `EventPattern`.
    pub pattern: Option<Pattern>,
    /// `ScheduleExpression`; looked at on the default bus only, as on AWS.
    pub schedule: Option<Schedule>,
    /// `Targets`.
    pub targets: Vec<Target>,
}

/// One target of a rule.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// `Id`.
    pub id: String,
    /// `Arn`.
    pub arn: String,
    /// What it is sent.
    pub input: TargetInput,
    /// `SqsParameters.MessageGroupId`.
    pub group: Option<String>,
    /// `DeadLetterConfig.Arn`.
    pub dead_letters: Option<String>,
    /// Why it lets nothing in: then the queue for dead letters gets what it would have got.
    pub refused: Option<String>,
}

/// Something to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The name of the rule.
    pub rule: String,
    /// The `Id` of its target.
    pub target_id: String,
    /// Where to: a function, a queue.
    pub arn: String,
    /// What.
    pub payload: Bytes,
    /// The group of a message in a FIFO queue.
    pub group: Option<String>,
    /// Type and value of each message attribute, of a dead letter.
    pub attributes: BTreeMap<String, (&'static str, String)>,
}
