//! A browser that follows the protocol, and what it must never see.

use herald_contract::wire::{Event, Notification, NotificationId, Request, Seq};
use herald_contract::{BroadcastId, ConnectionId, Device, Millis, Topic, UserId};
use std::collections::{BTreeMap, BTreeSet};

pub(super) struct Client {
    pub(super) user: UserId,
    pub(super) device: Device,
    /// Sockets it believes to be open; more than one while it renews.
    pub(super) sockets: Vec<ConnectionId>,
    /// The cursor of the first `hello` on each.
    asked: BTreeMap<ConnectionId, Seq>,
    /// Everything in the inbox up to here has been shown.
    pub(super) cursor: Seq,
    /// What came too early.
    ahead: BTreeMap<Seq, Notification>,
    /// What was shown of the inbox, by title.
    pub(super) shown: BTreeMap<Seq, String>,
    /// Where to go on with the broadcasts of a topic.
    pub(super) since: BTreeMap<Topic, BroadcastId>,
    /// From when on it is told of everything in a topic.
    pub(super) told_from: BTreeMap<Topic, Millis>,
    pub(super) broadcasts: BTreeSet<BroadcastId>,
    pub(super) topics: BTreeSet<Topic>,
    /// Whether the server has said that there is more.
    pub(super) more: bool,
    /// Messages that came back refused.
    pub(super) refused: u32,
}

impl Client {
    pub(super) fn new(user: UserId, device: Device) -> Self {
        Self {
            user,
            device,
            sockets: Vec::new(),
            asked: BTreeMap::new(),
            cursor: Seq::ZERO,
            ahead: BTreeMap::new(),
            shown: BTreeMap::new(),
            since: BTreeMap::new(),
            told_from: BTreeMap::new(),
            broadcasts: BTreeSet::new(),
            topics: BTreeSet::new(),
            more: false,
            refused: 0,
        }
    }

    pub(super) fn hello(&mut self, on: &ConnectionId) -> Request {
        self.asked.entry(on.clone()).or_insert(self.cursor);
        Request::Hello {
            cursor: Some(self.cursor),
            since: self.since.get(&Topic::everyone()).cloned(),
            device: Some(self.device.clone()),
        }
    }

    pub(super) fn subscribe(&self, topic: &Topic) -> Request {
        Request::Subscribe { topic: topic.clone(), since: self.since.get(topic).cloned() }
    }

    /// Takes a frame off one of its sockets.
    pub(super) fn receive(&mut self, frame: &str, now: Millis) {
        match serde_json::from_str(frame).unwrap() {
            Event::Notification(notification) => self.notified(notification),
            Event::CaughtUp { seq, since, topic, more } => {
                let since = since.expect("the cursor of broadcasts is always told");
                let of = topic.clone().unwrap_or_else(Topic::everyone);
                self.told_from.entry(of.clone()).or_insert(now);
                // Two sockets may tell it in any order.
                let known = self.since.entry(of).or_insert_with(|| since.clone());
                *known = since.max(known.clone());
                if topic.is_none() {
                    self.caught_up(seq);
                    self.more = more;
                }
            }
            Event::Welcome { connection_id, seq, renew_after_ms, .. } => {
                // The cursor may have moved on since it was asked.
                let asked = self.asked[&connection_id];
                assert!(seq >= asked, "{}: the inbox has lost its end", self.user);
                // Clocks are off by two seconds.
                assert!(renew_after_ms <= 115 * 60 * 1000 + 2_000);
            }
            Event::Error { .. } => self.refused += 1,
            Event::Job { .. } | Event::Ok { .. } | Event::ReadUpTo { .. } | Event::Pong => {}
        }
    }

    fn notified(&mut self, notification: Notification) {
        let title = &notification.title;
        match notification.id {
            NotificationId::Inbox(seq) => {
                assert_eq!(notification.seq, Some(seq));
                let mine = title.starts_with(&format!("to {} ", self.user));
                // What jobs say does not name anybody, but the job does.
                let of_job = notification.job_id.is_some();
                assert!(mine || of_job, "{} is told `{title}`", self.user);
                if seq > self.cursor {
                    self.ahead.insert(seq, notification);
                    self.show_what_follows();
                }
            }
            NotificationId::Broadcast(id) => {
                // What was shown is known by name.
                self.broadcasts.insert(id);
            }
        }
    }

    /// All that is kept up to `seq` has come; what is missing has expired.
    fn caught_up(&mut self, seq: Seq) {
        let later = self.ahead.split_off(&seq.next());
        for (_, notification) in std::mem::replace(&mut self.ahead, later) {
            self.show(notification);
        }
        self.cursor = self.cursor.max(seq);
        self.show_what_follows();
    }

    fn show_what_follows(&mut self) {
        while let Some(notification) = self.ahead.remove(&self.cursor.next()) {
            self.cursor = self.cursor.next();
            self.show(notification);
        }
        let cursor = self.cursor;
        self.ahead.retain(|seq, _| *seq > cursor);
    }

    fn show(&mut self, notification: Notification) {
        let seq = notification.seq.expect("it is of the inbox");
        let last = self.shown.keys().next_back();
        assert!(last.is_none_or(|last| *last < seq), "{} is shown {seq} too late", self.user);
        let before = self.shown.insert(seq, notification.title);
        assert_eq!(before, None, "{} is shown {seq} twice", self.user);
    }
}
