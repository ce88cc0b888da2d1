//! Schedules: when a rule of EventBridge is due.
//!
//! Arithmetic on calendar days only; [`crate::events`] keeps the deadlines and says what happens
//! when one has come. All times are UTC, as for rules on AWS. Syntax and meaning are those of
//! "Creating a scheduled rule (legacy)" in the EventBridge User Guide.

mod cron;
mod field;

use crate::Time;
use cron::Cron;
use std::time::Duration;

/// A schedule expression.
///
/// ```
/// use gateway_core::{Time, schedule::Schedule};
///
/// let noon = Schedule::parse("cron(0 12 ? * MON-FRI *)")?;
/// assert_eq!(noon.next_after(Time(0)).map(Time::iso8601).as_deref(), Some("1970-01-01T12:00:00.000Z"));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Schedule(Kind);

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Rate(Duration),
    Cron(Box<Cron>),
}

impl Schedule {
    /// Reads `rate(…)` or `cron(…)`.
    ///
    /// # Errors
    ///
    /// In words for the author of the template: which part is wrong, and what is allowed there.
    pub fn parse(text: &str) -> Result<Self, String> {
        let inside = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
        let kind = if let Some(rate) = inside("rate") {
            self::rate(rate).map(Kind::Rate)
        } else if let Some(cron) = inside("cron") {
            Cron::parse(cron).map(|cron| Kind::Cron(Box::new(cron)))
        } else {
            Err("must be rate(…) or cron(…), such as rate(5 minutes) or cron(0 12 * * ? *)".into())
        };
        kind.map(Self).map_err(|why| format!("schedule `{text}`: {why}"))
    }

    /// The time between two moments of a rate.
    pub(crate) fn period(&self) -> Option<Duration> {
        match &self.0 {
            Kind::Rate(period) => Some(*period),
            Kind::Cron(_) => None,
        }
    }

    /// The first moment later than `time`; `None` when there is none until the year 2199 ends.
    ///
    /// A rate counts from the moment it is given, so the caller passes on what it got last.
    pub fn next_after(&self, time: Time) -> Option<Time> {
        match &self.0 {
            Kind::Rate(period) => Some(time + *period),
            Kind::Cron(cron) => cron.next_after(time),
        }
    }
}

fn rate(text: &str) -> Result<Duration, String> {
    let usage = "rate takes a number and a unit, such as rate(1 minute) or rate(2 hours)";
    let (number, unit) = text.trim().split_once(' ').ok_or(usage)?;
    let number = number.parse::<u64>().ok().filter(|n| *n > 0).ok_or(usage)?;
    let unit = unit.trim();
    let seconds = match unit.strip_suffix('s').unwrap_or(unit) {
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        _ => return Err(format!("unknown unit `{unit}`; there are minutes, hours and days")),
    };
    if unit.ends_with('s') == (number == 1) {
        return Err("the unit is singular after 1 and plural after every other number".into());
    }
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(|| usage.into())
}

#[cfg(test)]
mod tests;
