//! Back ends that send what is planned, so many commands at a time, and each until it is
//! acknowledged: the same key makes the same command twice one notification.

use super::backend::Backend;
use super::plan::{Letter, Plan};
use anyhow::{Context as _, ensure};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use herald_contract::JobId;
use herald_contract::command::Answer;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often one command is sent before it counts as refused.
const ATTEMPTS_MAX: u32 = 60;
/// Before the next attempt.
const AGAIN_MS: u64 = 700;
/// Between two looks at the clock while nothing is due.
const LOOK: Duration = Duration::from_millis(20);
/// Reasons that are told apart.
const REASONS_MAX: usize = 8;

/// What came of the plan.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Published {
    /// Commands that were acknowledged, and those that never were.
    pub(super) acknowledged: u64,
    pub(super) refused: u64,
    /// Acknowledged by the word that it had been done before: the answer to an earlier attempt was
    /// lost with a process.
    pub(super) acknowledged_later: u64,
    /// Attempts that failed, by reason.
    pub(super) failures: BTreeMap<String, u64>,
    /// What is known of each letter, in the order of the plan.
    #[serde(skip)]
    pub(super) receipts: Vec<Option<Receipt>>,
}

/// That a command was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Receipt {
    Told,
    Job(JobId),
}

struct Attempt {
    letter: usize,
    number: u32,
}

pub(super) async fn run(
    plan: &Plan,
    backend: &Backend,
    function: &str,
    at_once: usize,
    started: Instant,
) -> anyhow::Result<Published> {
    let function = backend.function(function).await?;
    let mut published =
        Published { receipts: vec![None; plan.letters.len()], ..Published::default() };
    let mut queue = Queue::new(&plan.letters);
    let mut on_their_way = FuturesUnordered::new();
    while on_their_way.len() + queue.len() > 0 {
        while on_their_way.len() < at_once {
            let Some(attempt) = queue.pop(started.elapsed()) else { break };
            let letter = &plan.letters[attempt.letter];
            let function = &function;
            on_their_way.push(async move { (send(backend, function, letter).await, attempt) });
        }
        if on_their_way.is_empty() {
            sleep(LOOK).await;
            continue;
        }
        let Some((sent, attempt)) = on_their_way.next().await else { continue };
        match sent {
            Ok((receipt, is_repeated)) => {
                published.receipts[attempt.letter] = Some(receipt);
                published.acknowledged += 1;
                published.acknowledged_later += u64::from(is_repeated && attempt.number > 0);
            }
            Err(error) => {
                published.fail(&error);
                if attempt.number + 1 < ATTEMPTS_MAX {
                    queue.again(started.elapsed(), attempt);
                } else {
                    published.refused += 1;
                }
            }
        }
    }
    ensure!(published.acknowledged > 0, "nothing was acknowledged: {:?}", published.failures);
    Ok(published)
}

impl Published {
    fn fail(&mut self, error: &anyhow::Error) {
        let mut reason = format!("{error:#}");
        if self.failures.len() >= REASONS_MAX && !self.failures.contains_key(&reason) {
            "others".clone_into(&mut reason);
        }
        *self.failures.entry(reason).or_default() += 1;
    }
}

async fn send(
    backend: &Backend,
    function: &str,
    letter: &Letter,
) -> anyhow::Result<(Receipt, bool)> {
    let command = serde_json::to_value(letter.command()?)?;
    let answer = backend.invoke(function, &command).await?;
    let answer = serde_json::from_slice(&answer).context("the answer is none of `publish`")?;
    Ok(match answer {
        Answer::Job { job_id, .. } => (Receipt::Job(job_id), false),
        Answer::Notified { repeated, .. } | Answer::Broadcast { repeated, .. } => {
            (Receipt::Told, repeated)
        }
        other => anyhow::bail!("{other:?} is the answer to something else"),
    })
}

/// What is to be sent: some of it at any time, and some not before a time.
struct Queue {
    free: VecDeque<usize>,
    paced: BinaryHeap<Reverse<(u64, usize, u32)>>,
}

impl Queue {
    fn new(letters: &[Letter]) -> Self {
        let mut queue = Self { free: VecDeque::new(), paced: BinaryHeap::new() };
        for (index, letter) in letters.iter().enumerate() {
            match letter.not_before_ms {
                0 => queue.free.push_back(index),
                due => queue.paced.push(Reverse((due, index, 0))),
            }
        }
        queue
    }

    fn len(&self) -> usize {
        self.free.len() + self.paced.len()
    }

    /// What is due goes first, or it would pile up behind everything else.
    fn pop(&mut self, elapsed: Duration) -> Option<Attempt> {
        let due = self.paced.peek().is_some_and(|Reverse((due, ..))| *due <= milliseconds(elapsed));
        if due && let Some(Reverse((_, letter, number))) = self.paced.pop() {
            return Some(Attempt { letter, number });
        }
        self.free.pop_front().map(|letter| Attempt { letter, number: 0 })
    }

    fn again(&mut self, elapsed: Duration, Attempt { letter, number }: Attempt) {
        self.paced.push(Reverse((milliseconds(elapsed) + AGAIN_MS, letter, number + 1)));
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::plan::{Letter, To};
    use super::{AGAIN_MS, Queue};
    use std::time::Duration;

    #[test]
    fn what_has_a_time_waits_for_it_and_then_goes_first() {
        let letter = |not_before_ms| Letter { key: String::new(), to: To::Everyone, not_before_ms };
        let mut queue = Queue::new(&[letter(0), letter(500), letter(0)]);
        let mut pop = |ms| queue.pop(Duration::from_millis(ms)).map(|attempt| attempt.letter);
        assert_eq!([pop(0), pop(500), pop(500), pop(500)], [Some(0), Some(1), Some(2), None]);
    }

    #[test]
    fn what_failed_is_tried_again_a_little_later() {
        let letter = Letter { key: String::new(), to: To::Everyone, not_before_ms: 0 };
        let mut queue = Queue::new(&[letter]);
        let attempt = queue.pop(Duration::ZERO).unwrap();
        queue.again(Duration::from_millis(5), attempt);
        assert!(queue.pop(Duration::from_millis(4 + AGAIN_MS)).is_none());
        assert_eq!(queue.pop(Duration::from_millis(5 + AGAIN_MS)).unwrap().number, 1);
        assert_eq!(queue.len(), 0);
    }
}
