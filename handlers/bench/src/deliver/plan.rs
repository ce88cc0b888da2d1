//! Who is sent what, drawn by lot before anything begins.

use super::device::Device;
use fastrand::Rng;
use herald_contract::command::{Command, Publish, SubmitJob, Target};
use herald_contract::wire::Level;
use herald_contract::{IdempotencyKey, NameError, Topic, UserId};
use serde_json::json;

const BROWSERS_PER_USER: u32 = 2;
const BROWSERS_PER_TOPIC: u32 = 66;
/// Of a hundred notifications, so many go to a topic.
const PERCENT_TO_TOPICS: u32 = 9;
const PERCENT_TO_EVERYONE: u32 = 1;
/// What a topic takes at once, and how far apart more may be: a little less than it takes.
const BURST: u64 = 25;
const APART_MS: u64 = 1_100;
/// As long as notifications are.
const BODY: &str = "Your export of the last quarter is ready. It has 12 sheets and stays here for 30 days; open it from the bell.";

/// How much there is to do.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) browsers: u32,
    pub(super) notifications: u32,
    pub(super) jobs: u32,
}

pub(super) struct Plan {
    browsers: u32,
    pub(super) users: usize,
    pub(super) topics: usize,
    /// In the order in which they are sent.
    pub(super) letters: Vec<Letter>,
}

/// One command to `publish`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Letter {
    /// Its idempotency key, and what is shown as its title.
    pub(super) key: String,
    pub(super) to: To,
    /// Not before so many milliseconds have passed: a topic has a rate.
    pub(super) not_before_ms: u64,
}

/// For whom it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To {
    User(usize),
    Topic(usize),
    Everyone,
    /// A job of this user, who is told its end.
    Job(usize),
}

impl Plan {
    pub(super) fn draw(size: Size, seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let users = (size.browsers / BROWSERS_PER_USER).max(1) as usize;
        let topics = size.browsers.div_ceil(BROWSERS_PER_TOPIC) as usize;
        let everyone = size.notifications * PERCENT_TO_EVERYONE / 100;
        let to_topics = size.notifications * PERCENT_TO_TOPICS / 100;
        let to_users = size.notifications - everyone - to_topics;
        let mut letters = Vec::new();
        let mut add = |count, what: &str, to: &mut dyn FnMut(u32) -> (To, u64)| {
            for number in 0..count {
                let (to, nth) = to(number);
                let not_before_ms = nth.saturating_sub(BURST) * APART_MS;
                letters.push(Letter { key: format!("{what}-{number}"), to, not_before_ms });
            }
        };
        // In turn rather than by lot, so that no target is sent more than its rate allows.
        add(to_users, "user", &mut |n| (To::User(n as usize % users), 0));
        add(to_topics, "topic", &mut |n| {
            (To::Topic(n as usize % topics), u64::from(n) / topics as u64)
        });
        add(everyone, "everyone", &mut |n| (To::Everyone, n.into()));
        add(size.jobs, "job", &mut |_| (To::Job(rng.usize(..users)), 0));
        rng.shuffle(&mut letters);
        Self { browsers: size.browsers, users, topics, letters }
    }

    pub(super) fn devices(&self) -> impl Iterator<Item = Device> {
        (0..self.browsers as usize).map(|number| {
            let user = number % self.users;
            Device::new(user, number % self.topics, number / self.users)
        })
    }
}

impl Letter {
    pub(super) fn command(&self) -> Result<Command, NameError> {
        let key: IdempotencyKey = self.key.parse()?;
        let to = match self.to {
            To::User(user) => Target::User(name_of_user(user)?),
            To::Topic(topic) => Target::Topic(name_of_topic(topic)?),
            To::Everyone => Target::Everyone,
            To::Job(user) => {
                return Ok(Command::SubmitJob(SubmitJob {
                    user: name_of_user(user)?,
                    kind: "manifest.sha256".to_owned(),
                    input: json!({"blocks": vec![self.key.repeat(64); 24]}),
                    idempotency_key: Some(key),
                    traceparent: None,
                }));
            }
        };
        Ok(Command::Publish(Publish {
            to,
            level: Level::Info,
            title: self.key.clone(),
            body: BODY.to_owned(),
            idempotency_key: Some(key),
            traceparent: None,
        }))
    }
}

pub(super) fn name_of_user(number: usize) -> Result<UserId, NameError> {
    format!("user-{number}").parse()
}

pub(super) fn name_of_topic(number: usize) -> Result<Topic, NameError> {
    format!("topic-{number}").parse()
}

#[cfg(test)]
mod tests {
    use super::{APART_MS, BURST, Plan, Size, To};
    use std::collections::BTreeMap;

    const SIZE: Size = Size { browsers: 200, notifications: 10_000, jobs: 50 };

    #[test]
    fn the_mix_is_as_announced() {
        let plan = Plan::draw(SIZE, 7);
        let count = |is: fn(To) -> bool| plan.letters.iter().filter(|l| is(l.to)).count();
        assert_eq!((plan.users, plan.topics, plan.devices().count()), (100, 4, 200));
        assert_eq!(count(|to| matches!(to, To::User(_))), 9_000);
        assert_eq!(count(|to| matches!(to, To::Topic(_))), 900);
        assert_eq!(count(|to| matches!(to, To::Everyone)), 100);
        assert_eq!(count(|to| matches!(to, To::Job(_))), 50);
    }

    #[test]
    fn no_topic_is_sent_more_than_it_takes() {
        let mut times: BTreeMap<_, Vec<u64>> = BTreeMap::new();
        for letter in Plan::draw(SIZE, 7).letters {
            if let To::Topic(topic) = letter.to {
                times.entry(topic).or_default().push(letter.not_before_ms);
            }
        }
        for (topic, mut times) in times {
            times.sort_unstable();
            for (n, time) in times.iter().enumerate() {
                assert_eq!(*time, (n as u64).saturating_sub(BURST) * APART_MS, "topic {topic}");
            }
        }
    }

    #[test]
    fn the_same_seed_is_the_same_plan() {
        assert_eq!(Plan::draw(SIZE, 7).letters, Plan::draw(SIZE, 7).letters);
        assert_ne!(Plan::draw(SIZE, 7).letters, Plan::draw(SIZE, 8).letters);
    }
}
