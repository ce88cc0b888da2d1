//! What a running job may say to its worker.

use serde_json::Value;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Poll;

/// One attempt at a job, as its kind sees it.
#[derive(Debug)]
pub struct Attempt {
    number: u64,
    begun_from: Option<Value>,
    progress: Mutex<Progress>,
}

/// How far it has come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    pub(crate) percent: u8,
    pub(crate) checkpoint: Option<Value>,
}

impl Attempt {
    pub(crate) fn new(number: u64, percent: u8, begun_from: Option<Value>) -> Self {
        let progress = Progress { percent, checkpoint: begun_from.clone() };
        Self { number, begun_from, progress: Mutex::new(progress) }
    }

    /// Counts the attempts, from 1 on.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// What [`Self::save`] was told before time ran out, where it has.
    pub fn begun_from(&self) -> Option<&Value> {
        self.begun_from.as_ref()
    }

    /// Says how much is done, and lets the worker do its part: here a job is told from a worker
    /// that hangs, and here it is dropped where it is not wanted any more.
    pub async fn step(&self, percent: u8) {
        self.lock().percent = percent.min(100);
        let mut yielded = false;
        std::future::poll_fn(|context| {
            if yielded {
                return Poll::Ready(());
            }
            yielded = true;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }

    /// Says where the next attempt may go on if time runs out. It is kept with the job, so it is
    /// small.
    pub fn save(&self, checkpoint: Value) {
        self.lock().checkpoint = Some(checkpoint);
    }

    pub(crate) fn progress(&self) -> Progress {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
