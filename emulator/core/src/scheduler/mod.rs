//! EventBridge Scheduler: one call at a time, or the same one again and again.
//!
//! Decides when a target is called and what it is sent; whoever carries out a [`Delivery`] calls it.
//! Expressions are [`crate::schedule`]'s; schedules come from the template only.

use crate::Time;
use crate::events::Delivery;
use crate::schedule::Schedule;
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// One `AWS::Scheduler::Schedule`.
#[derive(Clone, Debug, PartialEq)]
pub struct Timetable {
    /// `Name`.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Whether `State` is not `DISABLED`.
    pub enabled: bool,
    /// `ScheduleExpression`.
    pub when: When,
    /// `StartDate`.
    pub start: Option<Time>,
    /// `EndDate`.
    pub end: Option<Time>,
    /// `Target.Arn`.
    pub target: String,
    /// `Target.SqsParameters.MessageGroupId`.
    pub group: Option<String>,
    /// `Target.Input`.
    pub input: Option<String>,
}

/// When a target is called.
#[derive(Clone, Debug, PartialEq)]
pub enum When {
    /// `at(…)`.
    Once(Time),
    /// `rate(…)`: from the start on, which is at once without a `StartDate`.
    Rate(Duration),
    /// `cron(…)`.
    Cron(Schedule),
}

impl When {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        if let Some(at) = text.strip_prefix("at(").and_then(|rest| rest.strip_suffix(')')) {
            let time = Time::parse_iso8601(&format!("{at}Z"));
            return time.map(Self::Once).ok_or_else(|| {
                format!("schedule `{text}`: must be a time such as at(2026-11-25T08:15:30)")
            });
        }
        let schedule = Schedule::parse(text)?;
        Ok(schedule.period().map_or(Self::Cron(schedule), Self::Rate))
    }
}

impl Timetable {
    /// When it is due for the first time.
    fn first(&self, now: Time) -> Option<Time> {
        let from = self.start.map_or(now, |start| start.max(now));
        let first = match &self.when {
            When::Once(at) => Some(*at).filter(|at| *at >= now),
            When::Rate(period) => {
                let start = self.start.unwrap_or(now);
                // Those that have passed do not count, but their rhythm does.
                let passed = (now - start).as_millis().div_ceil(period.as_millis().max(1));
                let passed = u32::try_from(passed).unwrap_or(u32::MAX);
                Some(start + period.saturating_mul(passed))
            }
            When::Cron(schedule) => schedule.next_after(from),
        };
        self.within(first)
    }

    /// The next time after it was due, of which only the last counts if several have passed.
    fn next(&self, due: Time, now: Time) -> Option<Time> {
        let next = match &self.when {
            When::Once(_) => None,
            When::Rate(period) => {
                Some(if due + *period > now { due + *period } else { now + *period })
            }
            When::Cron(schedule) => schedule.next_after(due.max(now)),
        };
        self.within(next)
    }

    fn within(&self, time: Option<Time>) -> Option<Time> {
        time.filter(|time| self.enabled && self.end.is_none_or(|end| *time <= end))
    }
}

/// All schedules, and when each is due.
#[derive(Debug)]
pub(crate) struct Scheduler {
    account_id: String,
    region: String,
    timetables: Vec<Timetable>,
    due: Vec<Option<Time>>,
}

impl Scheduler {
    pub(crate) fn new(
        now: Time,
        account_id: &str,
        region: &str,
        timetables: Vec<Timetable>,
    ) -> Self {
        let due = timetables.iter().map(|timetable| timetable.first(now)).collect();
        Self { account_id: account_id.into(), region: region.into(), timetables, due }
    }

    /// Takes over another template; what is as before stays due when it was.
    pub(crate) fn reload(&mut self, now: Time, timetables: Vec<Timetable>) {
        let due = timetables.iter().map(|timetable| {
            match self.timetables.iter().position(|old| old == timetable) {
                Some(known) => self.due[known],
                None => timetable.first(now),
            }
        });
        self.due = due.collect();
        self.timetables = timetables;
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        self.due.iter().flatten().min().copied()
    }

    /// What is due now; `ids` makes up ids of executions.
    pub(crate) fn handle_timeout(
        &mut self,
        now: Time,
        ids: &mut impl FnMut() -> String,
    ) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        for (timetable, due) in self.timetables.iter().zip(&mut self.due) {
            let Some(at) = due.filter(|at| *at <= now) else { continue };
            *due = timetable.next(at, now);
            let id = ids();
            let payload = match &timetable.input {
                Some(input) => filled_in(input, timetable, at, &id),
                None => json!({
                    "version": "0",
                    "id": id,
                    "detail-type": "Scheduled Event",
                    "source": "aws.scheduler",
                    "account": self.account_id,
                    "time": at.iso8601_seconds(),
                    "region": self.region,
                    "resources": [timetable.arn],
                    // Text, unlike that of a rule.
                    "detail": "{}",
                })
                .to_string(),
            };
            deliveries.push(Delivery {
                rule: timetable.name.clone(),
                target_id: String::new(),
                arn: timetable.target.clone(),
                payload: payload.into(),
                group: timetable.group.clone(),
                attributes: BTreeMap::new(),
            });
        }
        deliveries
    }
}

/// Replaces Scheduler's own keywords.
fn filled_in(input: &str, timetable: &Timetable, at: Time, id: &str) -> String {
    input
        .replace("<aws.scheduler.schedule-arn>", &timetable.arn)
        .replace("<aws.scheduler.scheduled-time>", &at.iso8601_seconds())
        .replace("<aws.scheduler.execution-id>", id)
        .replace("<aws.scheduler.attempt-number>", "1")
}
