//! What goes wrong while notifications are sent: processes are killed in the middle of an event,
//! browsers lose their connections, batches come twice.

use super::backend::Backend;
use super::session::Order;
use fastrand::Rng;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::{MissedTickBehavior, interval};

/// Every so manieth kill, a batch of the stream comes twice as well.
const KILLS_PER_DUPLICATE: u64 = 5;
/// How long a browser that has lost its connection stays away.
const AWAY_MS: std::ops::Range<u64> = 0..8_000;

pub(super) struct Plan {
    pub(super) kill: Vec<String>,
    pub(super) duplicate: Option<String>,
    pub(super) kill_every: Duration,
    pub(super) drop_every: Duration,
    pub(super) seed: u64,
}

#[derive(Default)]
pub(super) struct Done {
    pub(super) kills: BTreeMap<String, u64>,
    pub(super) duplicated: u64,
}

/// Goes on until `stopped` says so.
pub(super) async fn run(
    plan: Plan,
    backend: Arc<Backend>,
    browsers: Vec<Sender<Order>>,
    mut stopped: Receiver<()>,
) -> Done {
    let mut rng = Rng::with_seed(plan.seed);
    let every = |period| {
        let mut ticks = interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks
    };
    let (mut kills, mut drops) = (every(plan.kill_every), every(plan.drop_every));
    let mut done = Done::default();
    let mut count = 0;
    loop {
        tokio::select! {
            _ = stopped.recv() => break,
            _ = kills.tick() => {
                count += 1;
                kill(&plan, &backend, &mut rng, &mut done).await;
                if count % KILLS_PER_DUPLICATE == 0 {
                    duplicate(&plan, &backend, &mut done).await;
                }
            }
            _ = drops.tick() => {
                let away = Duration::from_millis(rng.u64(AWAY_MS));
                if let Some(browser) = rng.choice(&browsers) {
                    // One that is away already need not be told twice.
                    _ = browser.try_send(Order::Drop { away });
                }
            }
        }
    }
    // What has not happened by now would befall the last events only.
    let pending = backend.control(&json!({"do": "list"})).await.unwrap_or_default();
    _ = backend.control(&json!({"do": "clear"})).await;
    done.take_back(&pending);
    done
}

impl Done {
    /// Those that were asked for and did not happen.
    fn take_back(&mut self, pending: &[Value]) {
        for fault in pending {
            let Some(function) = fault["function"].as_str() else { continue };
            let asked = self.kills.iter_mut().find(|(name, _)| function.ends_with(name.as_str()));
            if let Some((_, count)) = asked {
                *count = count.saturating_sub(1);
            }
        }
    }
}

async fn kill(plan: &Plan, backend: &Backend, rng: &mut Rng, done: &mut Done) {
    let Some(function) = rng.choice(&plan.kill) else { return };
    let command = json!({"do": "killEnvironment", "function": function});
    if backend.control(&command).await.is_ok() {
        *done.kills.entry(function.clone()).or_default() += 1;
    }
}

async fn duplicate(plan: &Plan, backend: &Backend, done: &mut Done) {
    let Some(mapping) = &plan.duplicate else { return };
    let command = json!({"do": "duplicateBatch", "mapping": mapping});
    if backend.control(&command).await.is_ok() {
        done.duplicated += 1;
    }
}
