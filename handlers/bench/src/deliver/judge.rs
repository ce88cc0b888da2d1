//! What was acknowledged against what was shown.

use super::device::Device;
use super::plan::{Letter, Plan, To};
use super::publisher::{Published, Receipt};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Lines about single losses in a report.
const EXAMPLES_MAX: usize = 10;

/// What came of it.
#[derive(Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Verdict {
    /// What all browsers together must have been shown.
    pub(super) expected: u64,
    pub(super) shown: u64,
    /// Acknowledged, and not shown to somebody it was for.
    pub(super) lost: u64,
    /// Shown more than once to the same browser.
    pub(super) duplicated: u64,
    /// Shown to somebody it was not for.
    pub(super) strange: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) examples: Vec<String>,
}

/// What each browser must be shown, by name.
pub(super) struct Expected {
    to_users: BTreeMap<usize, BTreeSet<String>>,
    to_topics: BTreeMap<usize, BTreeSet<String>>,
    to_everyone: BTreeSet<String>,
    /// Sent, but never acknowledged: it may be shown and need not.
    doubtful: BTreeSet<String>,
}

pub(super) fn expected(plan: &Plan, published: &Published) -> Expected {
    let mut expected = Expected {
        to_users: BTreeMap::new(),
        to_topics: BTreeMap::new(),
        to_everyone: BTreeSet::new(),
        doubtful: BTreeSet::new(),
    };
    for (Letter { key, to, .. }, receipt) in plan.letters.iter().zip(&published.receipts) {
        let name = match receipt {
            Some(Receipt::Told) => key.clone(),
            Some(Receipt::Job(job_id)) => job_id.to_string(),
            None => {
                expected.doubtful.insert(key.clone());
                continue;
            }
        };
        match to {
            To::User(user) | To::Job(user) => expected.to_users.entry(*user).or_default(),
            To::Topic(topic) => expected.to_topics.entry(*topic).or_default(),
            To::Everyone => &mut expected.to_everyone,
        }
        .insert(name);
    }
    expected
}

impl Expected {
    fn of<'a>(&'a self, device: &Device) -> impl Iterator<Item = &'a String> {
        let to_user = self.to_users.get(&device.user).into_iter().flatten();
        let to_topic = self.to_topics.get(&device.topic).into_iter().flatten();
        to_user.chain(to_topic).chain(&self.to_everyone)
    }

    /// Whether the browser has shown all it must.
    pub(super) fn is_met_by(&self, device: &Device) -> bool {
        self.of(device).all(|name| device.shown.contains_key(name))
    }

    pub(super) fn judge(&self, devices: &[Device]) -> Verdict {
        let mut verdict = Verdict::default();
        for device in devices {
            let wanted: BTreeSet<&String> = self.of(device).collect();
            verdict.expected += wanted.len() as u64;
            verdict.shown += device.shown.len() as u64;
            for name in &wanted {
                if !device.shown.contains_key(*name) {
                    verdict.lost += 1;
                    verdict.example(device, name, "is not shown");
                }
            }
            for (name, times) in &device.shown {
                if *times > 1 {
                    verdict.duplicated += 1;
                    verdict.example(device, name, &format!("is shown {times} times"));
                }
                if !wanted.contains(name) && !self.doubtful.contains(name) {
                    verdict.strange += 1;
                    verdict.example(device, name, "is not for it");
                }
            }
        }
        verdict
    }
}

impl Verdict {
    fn example(&mut self, device: &Device, name: &str, what: &str) {
        if self.examples.len() < EXAMPLES_MAX {
            let Device { user, topic, .. } = device;
            self.examples.push(format!("{name} {what}, to user {user} in topic {topic}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::{Letter, Plan, Size};
    use super::{Device, Published, Receipt, To, Verdict, expected};

    fn letter(key: &str, to: To) -> Letter {
        Letter { key: key.to_owned(), to, not_before_ms: 0 }
    }

    /// User 0 is sent `a` and a job, topic 1 `t`, everyone `e`; `x` to user 0 was never acknowledged.
    fn check(shown: &[(&str, u32)], lost: u64, duplicated: u64, strange: u64) {
        const JOB: &str = "01JZ7Y3KQ8W6V5T4R3P2N1M0GH";
        let size = Size { browsers: 2, notifications: 0, jobs: 0 };
        let mut plan = Plan::draw(size, 1);
        plan.letters = vec![
            letter("a", To::User(0)),
            letter("t", To::Topic(1)),
            letter("e", To::Everyone),
            letter("job-0", To::Job(0)),
            letter("x", To::User(0)),
        ];
        let told = Some(Receipt::Told);
        let job = Some(Receipt::Job(JOB.parse().unwrap()));
        let receipts = vec![told.clone(), told.clone(), told, job, None];
        let expected = expected(&plan, &Published { receipts, ..Published::default() });
        let mut device = Device::new(0, 1, 0);
        device.shown =
            shown.iter().map(|(name, times)| ((*name).replace("JOB", JOB), *times)).collect();
        assert_eq!(expected.is_met_by(&device), lost == 0);
        let verdict = expected.judge(&[device]);
        let Verdict { lost: l, duplicated: d, strange: s, .. } = verdict;
        assert_eq!((l, d, s, verdict.expected), (lost, duplicated, strange, 4), "{shown:?}");
        assert_eq!(verdict.examples.len() as u64, lost + duplicated + strange);
    }

    #[test]
    fn everything_once_is_what_is_wanted() {
        check(&[("a", 1), ("t", 1), ("e", 1), ("JOB", 1)], 0, 0, 0);
    }

    #[test]
    fn what_was_never_acknowledged_may_be_shown() {
        check(&[("a", 1), ("t", 1), ("e", 1), ("JOB", 1), ("x", 1)], 0, 0, 0);
    }

    #[test]
    fn what_is_missing_is_lost() {
        check(&[("a", 1), ("e", 1)], 2, 0, 0);
        check(&[], 4, 0, 0);
    }

    #[test]
    fn what_is_shown_twice_or_to_others_is_found() {
        check(&[("a", 2), ("t", 1), ("e", 1), ("JOB", 3)], 0, 2, 0);
        check(&[("a", 1), ("t", 1), ("e", 1), ("JOB", 1), ("b", 1)], 0, 0, 1);
    }
}
