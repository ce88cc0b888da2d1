//! The buses themselves: what comes in, to whom it goes, and when schedules are due.

use super::entry::{ENTRIES_MAX, REQUEST_MAX, Refusal, Request};
use super::event::{Event, rule_arn};
use super::target::Sent;
use super::{Config, DEFAULT_BUS, Delivery, Rule, Target, bus_of};
use crate::{Time, http};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The event buses of a template.
///
/// ```
/// use gateway_core::{Time, events, schedule::Schedule};
///
/// let rule = events::Rule {
///     name: "nightly".into(),
///     bus: events::DEFAULT_BUS.into(),
///     enabled: true,
///     pattern: None,
///     schedule: Some(Schedule::parse("cron(0 3 * * ? *)")?),
///     targets: vec![events::Target {
///         id: "clean".into(),
///         arn: "arn:aws:lambda:eu-west-1:123456789012:function:clean".into(),
///         input: events::TargetInput::Constant("{}".into()),
///         ..events::Target::default()
///     }],
/// };
/// let config = events::Config { rules: vec![rule], ..events::Config::default() };
/// let mut buses = events::Buses::new(Time(0), config);
/// let due = buses.poll_timeout().ok_or("never due")?;
/// let deliveries = buses.handle_timeout(due, &mut || "an-id".to_owned());
/// assert_eq!(deliveries[0].payload, "{}");
/// # Ok::<(), String>(())
/// ```
#[derive(Debug)]
pub struct Buses {
    config: Config,
    /// When the schedule of the rule at the same place is due.
    due: Vec<Option<Time>>,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Published {
    /// The answer to the caller.
    pub reply: http::Reply,
    /// What to send.
    pub deliveries: Vec<Delivery>,
    /// What AWS takes without a word and the developer may want to know.
    pub warnings: Vec<String>,
}

impl Buses {
    /// Buses whose schedules count from now on.
    pub fn new(now: Time, config: Config) -> Self {
        let due = config.rules.iter().map(|rule| scheduled(rule)?.next_after(now)).collect();
        Self { config, due }
    }

    /// Takes over the rules of another template. A schedule that is as before stays due when it was.
    pub fn reload(&mut self, now: Time, config: Config) {
        let due = config.rules.iter().map(|rule| {
            let same = |old: &Rule| old.name == rule.name && scheduled(old) == scheduled(rule);
            let known = self.config.rules.iter().position(same).and_then(|n| self.due[n]);
            known.or_else(|| scheduled(rule)?.next_after(now))
        });
        self.due = due.collect();
        self.config = config;
    }

    /// Answers a request whose `X-Amz-Target` begins with `AWSEvents.`; `ids` makes up event ids.
    pub fn handle(
        &self,
        now: Time,
        request: &http::Request,
        ids: &mut impl FnMut() -> String,
    ) -> Published {
        match request.header("x-amz-target") {
            Some("AWSEvents.PutEvents") => self.put_events(now, &request.body, ids),
            target => {
                let target = target.unwrap_or_default();
                let message = format!(
                    "`{target}` is not emulated: buses and rules come from the template, \
                     and only AWSEvents.PutEvents is answered"
                );
                failed("UnknownOperationException", &message)
            }
        }
    }

    fn put_events(&self, now: Time, body: &[u8], ids: &mut impl FnMut() -> String) -> Published {
        let entries = match serde_json::from_slice::<Request>(body) {
            Ok(request) => request.entries,
            Err(error) => return failed("SerializationException", &error.to_string()),
        };
        if !(1..=ENTRIES_MAX).contains(&entries.len()) {
            return failed(
                "ValidationException",
                &format!(
                    "1 validation error detected: Value at 'entries' failed to satisfy constraint: \
                     Member must have length from 1 to {ENTRIES_MAX}"
                ),
            );
        }
        if entries.iter().map(super::entry::Entry::size).sum::<usize>() > REQUEST_MAX {
            let message = "Total size of the entries in the request is over the limit.";
            return failed("ValidationException", message);
        }
        let (mut answers, mut deliveries, mut warnings) = (Vec::new(), Vec::new(), Vec::new());
        let mut failed_entries = 0;
        for entry in entries {
            let bus = entry.bus().to_owned();
            match entry.into_event(now) {
                Ok(event) => {
                    let id = ids();
                    answers.push(json!({"EventId": id}));
                    if bus != DEFAULT_BUS && !self.config.buses.contains(&bus) {
                        warnings.push(format!(
                            "event {id} was sent to the event bus `{bus}`, which the template does \
                             not have; AWS accepts such an event and drops it"
                        ));
                    }
                    let event = event.into_json(&id, &self.config);
                    deliveries.extend(
                        self.matching(&bus, &event)
                            .flat_map(|rule| self.deliveries(now, rule, &event)),
                    );
                }
                Err(Refusal { code, message }) => {
                    failed_entries += 1;
                    answers.push(json!({"ErrorCode": code, "ErrorMessage": message}));
                }
            }
        }
        let body = json!({"FailedEntryCount": failed_entries, "Entries": answers});
        Published { reply: reply(200, &body), deliveries, warnings }
    }

    /// Publishes the record of an asynchronous invocation to the bus that is its destination.
    pub(crate) fn publish_record(
        &self,
        now: Time,
        destination: &str,
        record: Value,
        id: &str,
    ) -> Vec<Delivery> {
        let bus = bus_of(destination).unwrap_or(DEFAULT_BUS);
        let event = Event::invocation_result(now, record, destination);
        let event = event.into_json(id, &self.config);
        self.matching(bus, &event).flat_map(|rule| self.deliveries(now, rule, &event)).collect()
    }

    /// When [`Self::handle_timeout`] is to be called.
    pub fn poll_timeout(&self) -> Option<Time> {
        self.due.iter().flatten().min().copied()
    }

    /// What the schedules that are due send. One that has been missed more than once, because the
    /// machine slept, is due once.
    pub fn handle_timeout(&mut self, now: Time, ids: &mut impl FnMut() -> String) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        for (index, rule) in self.config.rules.iter().enumerate() {
            let (Some(schedule), Some(at)) = (scheduled(rule), self.due[index]) else { continue };
            if at > now {
                continue;
            }
            let next = schedule.next_after(at);
            self.due[index] =
                if next.is_some_and(|next| next <= now) { schedule.next_after(now) } else { next };
            let event = Event::scheduled(at, &rule_arn(&self.config, rule));
            let event = event.into_json(&ids(), &self.config);
            deliveries.extend(self.deliveries(now, rule, &event));
        }
        deliveries
    }

    fn matching(&self, bus: &str, event: &Value) -> impl Iterator<Item = &Rule> {
        self.config.rules.iter().filter(move |rule| {
            let matches = || rule.pattern.as_ref().is_some_and(|pattern| pattern.matches(event));
            rule.enabled && rule.bus == bus && matches()
        })
    }

    fn deliveries(&self, now: Time, rule: &Rule, event: &Value) -> impl Iterator<Item = Delivery> {
        let rule_arn = rule_arn(&self.config, rule);
        rule.targets.iter().filter_map(move |target| {
            let sent = Sent { event, rule_arn: &rule_arn, rule_name: &rule.name, ingested: now };
            let (arn, attributes) = match &target.refused {
                None => (&target.arn, BTreeMap::new()),
                Some(why) => (target.dead_letters.as_ref()?, dead_letter(&rule_arn, target, why)),
            };
            Some(Delivery {
                rule: rule.name.clone(),
                target_id: target.id.clone(),
                arn: arn.clone(),
                payload: target.input.payload(&sent).into(),
                group: target.group.clone(),
                attributes,
            })
        })
    }
}

/// What a dead letter says besides its event. A target that lets nothing in is not tried again.
fn dead_letter(
    rule_arn: &str,
    target: &Target,
    why: &str,
) -> BTreeMap<String, (&'static str, String)> {
    let all = [
        ("RULE_ARN", rule_arn),
        ("TARGET_ARN", &target.arn),
        ("ERROR_CODE", "NO_PERMISSIONS"),
        ("ERROR_MESSAGE", why),
    ];
    all.into_iter().map(|(name, value)| (name.to_owned(), ("String", value.to_owned()))).collect()
}

fn scheduled(rule: &Rule) -> Option<&crate::schedule::Schedule> {
    rule.schedule.as_ref().filter(|_| rule.enabled && rule.bus == DEFAULT_BUS)
}

fn failed(code: &str, message: &str) -> Published {
    let reply = reply(400, &json!({"__type": code, "message": message}));
    Published { reply, deliveries: Vec::new(), warnings: Vec::new() }
}

fn reply(status: u16, body: &Value) -> http::Reply {
    let headers = vec![("content-type".into(), "application/x-amz-json-1.1".into())];
    http::Reply { status, headers, body: body.to_string().into() }
}
