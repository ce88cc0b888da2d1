//! A browser of a user, as far as the protocol is concerned: it waits for events, never for time.

use crate::dev::Client;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

/// As long as a test may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asking more often than this does not help.
const HELLOS_MAX: usize = 50;

pub(crate) struct Device {
    socket: Client,
    /// Notifications of the inbox that have come, by their place; a client drops repeats.
    seen: u64,
    /// What came while something else was waited for.
    kept: VecDeque<Value>,
}

impl Device {
    pub(crate) async fn connect(url: &str) -> Self {
        let (socket, _) = connect_async(url).await.unwrap();
        Self { socket, seen: 0, kept: VecDeque::new() }
    }

    pub(crate) async fn say(&mut self, request: &Value) {
        self.socket.send(Message::text(request.to_string())).await.unwrap();
    }

    /// The next event from the socket.
    async fn read(&mut self) -> Value {
        let message = timeout(PATIENCE, self.socket.next()).await;
        match message.expect("nothing came").unwrap().unwrap() {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("expected an event, got {other:?}"),
        }
    }

    /// The next event, whatever it is.
    pub(crate) async fn next(&mut self) -> Value {
        match self.kept.pop_front() {
            Some(event) => event,
            None => self.read().await,
        }
    }

    /// The next event that is meant; others are kept for later.
    pub(crate) async fn until(&mut self, is_meant: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&is_meant) {
            return self.kept.remove(at).unwrap();
        }
        loop {
            let event = self.read().await;
            if is_meant(&event) {
                return event;
            }
            self.kept.push_back(event);
        }
    }

    /// The same, if it comes in time.
    pub(crate) async fn within(
        &mut self,
        time: Duration,
        is_meant: impl Fn(&Value) -> bool,
    ) -> Option<Value> {
        timeout(time, self.until(is_meant)).await.ok()
    }

    /// The next notification that has not been shown yet.
    pub(crate) async fn notification(&mut self) -> Value {
        loop {
            let event = self.until(|event| event["type"] == "notification").await;
            match event["seq"].as_u64() {
                Some(seq) if seq <= self.seen => {}
                Some(seq) => {
                    self.seen = seq;
                    return event;
                }
                None => return event,
            }
        }
    }

    /// The notification at a place of the inbox: pushes may overtake each other.
    pub(crate) async fn notification_at(&mut self, seq: u64) -> Value {
        self.until(|event| event["type"] == "notification" && event["seq"] == seq).await
    }

    /// Says who it is; what it has missed, in the order in which it came.
    pub(crate) async fn hello(&mut self, name: &str) -> Vec<Value> {
        self.say(&json!({ "action": "hello", "device": name })).await;
        self.until(|event| event["type"] == "welcome").await;
        let mut missed = Vec::new();
        loop {
            let event = self.next().await;
            match event["type"].as_str() {
                Some("caughtUp") => break,
                Some("notification") => missed.push(event),
                _ => {}
            }
        }
        let last = missed.iter().filter_map(|n| n["seq"].as_u64()).max();
        self.seen = self.seen.max(last.unwrap_or_default());
        missed
    }

    /// Says who it is until what it has missed is what is meant.
    pub(crate) async fn hello_until(&mut self, name: &str, is_meant: impl Fn(&[Value]) -> bool) {
        for _ in 0..HELLOS_MAX {
            if is_meant(&self.hello(name).await) {
                return;
            }
        }
        panic!("{name} is sent something else again and again");
    }

    pub(crate) async fn leave(mut self) {
        self.socket.close(None).await.unwrap();
    }

    /// Waits until the other side has closed.
    pub(crate) async fn closed(&mut self) {
        let end = async {
            while let Some(Ok(message)) = self.socket.next().await {
                if message.is_close() {
                    break;
                }
            }
        };
        timeout(PATIENCE, end).await.expect("it is still open");
    }
}
