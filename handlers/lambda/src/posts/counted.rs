//! Counts what becomes of posts, for the metrics of one invocation.

use herald_contract::metric::Metric;
use herald_contract::{CallbackUrl, ConnectionId};
use herald_core::{Delivery, Sender};
use std::sync::atomic::{AtomicU64, Ordering};

/// A sender that counts.
#[derive(Debug)]
pub struct Counted<'a, S> {
    sender: &'a S,
    posts: AtomicU64,
    gone: AtomicU64,
    throttled: AtomicU64,
}

impl<'a, S> Counted<'a, S> {
    /// Nothing has been posted yet.
    pub fn new(sender: &'a S) -> Self {
        let [posts, gone, throttled] = [0; 3].map(AtomicU64::new);
        Self { sender, posts, gone, throttled }
    }

    /// The counts so far; nothing where nothing was posted.
    pub fn values(&self) -> Vec<(Metric, Vec<u64>)> {
        let of = |count: &AtomicU64| vec![count.load(Ordering::Relaxed)];
        match self.posts.load(Ordering::Relaxed) {
            0 => Vec::new(),
            posts => vec![
                (Metric::Posts, vec![posts]),
                (Metric::Gone, of(&self.gone)),
                (Metric::Throttled, of(&self.throttled)),
            ],
        }
    }
}

impl<S: Sender> Sender for Counted<'_, S> {
    async fn send_to_client(
        &self,
        callback_url: &CallbackUrl,
        connection_id: &ConnectionId,
        payload: String,
    ) -> Delivery {
        let delivery = self.sender.send_to_client(callback_url, connection_id, payload).await;
        self.posts.fetch_add(1, Ordering::Relaxed);
        match delivery {
            Delivery::Gone => self.gone.fetch_add(1, Ordering::Relaxed),
            Delivery::Slow => self.throttled.fetch_add(1, Ordering::Relaxed),
            Delivery::Sent | Delivery::Failed { .. } => 0,
        };
        delivery
    }
}
