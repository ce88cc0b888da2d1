//! One browser, by the protocol: its cursors, what it has shown, and what it asks for next.
//!
//! Pure: [`session`](super::session) carries frames to and fro. It shows the inbox in the order of
//! `seq`, each once; broadcasts as they come, each name once. What came again is counted and dropped.

use super::plan::{name_of_topic, name_of_user};
use herald_contract::wire::{ErrorCode, Event, Notification, NotificationId, Request, Seq};
use herald_contract::{BroadcastId, Millis, Topic};
use std::collections::{BTreeMap, BTreeSet};

/// Posts at the same time may overtake each other; what is still missing then has to be asked for.
const GAP_MS: u64 = 3_000;
/// A message without an answer by then is said again.
const ANSWER_MS: u64 = 15_000;
/// The same after the server has said that it failed.
const FAILED_MS: u64 = 500;
/// Between two words of how far it has come.
const ACK_MS: u64 = 20_000;

#[derive(Debug)]
pub(crate) struct Device {
    pub(super) user: usize,
    pub(super) topic: usize,
    number: usize,
    /// Everything in the inbox up to here was shown.
    cursor: Seq,
    acked: Seq,
    acked_at: Millis,
    /// Where to go on with broadcasts: to everyone, and to its topic.
    since: [Option<BroadcastId>; 2],
    /// What came too early, and since when something before it is missing.
    ahead: BTreeMap<Seq, Notification>,
    gap_since: Option<Millis>,
    hello: Ask,
    join: Ask,
    caught_up_at: Option<Millis>,
    broadcasts: BTreeSet<BroadcastId>,
    /// How often each was shown: by title, or by the job it is about.
    pub(super) shown: BTreeMap<String, u32>,
    pub(super) lags: Vec<u64>,
    pub(super) again_inbox: u64,
    pub(super) again_broadcast: u64,
    pub(super) connections: u64,
    pub(super) connect_failures: u64,
}

/// Where a question is that has an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ask {
    Wanted,
    /// To be said again at this time.
    Said(Millis),
    Answered,
}

impl Ask {
    fn is_due(self, now: Millis) -> bool {
        match self {
            Self::Wanted => true,
            Self::Said(again_at) => now >= again_at,
            Self::Answered => false,
        }
    }

    fn failed(&mut self, now: Millis) {
        if let Self::Said(again_at) = self {
            *again_at = (*again_at).min(now.plus(FAILED_MS));
        }
    }
}

/// What a frame means for the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    GoOn,
    /// The server knows it no more.
    ConnectAgain,
}

impl Device {
    pub(super) fn new(user: usize, topic: usize, number: usize) -> Self {
        Self {
            user,
            topic,
            number,
            cursor: Seq::ZERO,
            acked: Seq::ZERO,
            acked_at: Millis::default(),
            since: [None, None],
            ahead: BTreeMap::new(),
            gap_since: None,
            hello: Ask::Wanted,
            join: Ask::Wanted,
            caught_up_at: None,
            broadcasts: BTreeSet::new(),
            shown: BTreeMap::new(),
            lags: Vec::new(),
            again_inbox: 0,
            again_broadcast: 0,
            connections: 0,
            connect_failures: 0,
        }
    }

    /// A connection of its own: the server knows nothing of the last one.
    pub(super) fn connected(&mut self) {
        self.connections += 1;
        (self.hello, self.join) = (Ask::Wanted, Ask::Wanted);
        self.caught_up_at = None;
        self.gap_since = None;
    }

    /// Whether it is told whatever is sent from now on.
    pub(super) fn is_caught_up(&self) -> bool {
        self.caught_up_at.is_some() && self.join == Ask::Answered
    }

    /// What to say now.
    pub(super) fn asks(&mut self, now: Millis) -> Vec<String> {
        let mut frames = Vec::new();
        let gap = self.gap_since.is_some_and(|since| now.since(since) >= GAP_MS);
        if self.hello.is_due(now) || gap && self.hello == Ask::Answered {
            self.hello = Ask::Said(now.plus(ANSWER_MS));
            frames.extend(self.say_hello());
        }
        if self.join.is_due(now) {
            self.join = Ask::Said(now.plus(ANSWER_MS));
            let topic = name_of_topic(self.topic).ok();
            let since = self.since[1].clone();
            frames.extend(topic.map(|topic| Request::Subscribe { topic, since }));
        }
        if self.cursor > self.acked && now.since(self.acked_at) >= ACK_MS {
            (self.acked, self.acked_at) = (self.cursor, now);
            frames.push(Request::Ack { up_to: self.cursor });
        }
        frames.iter().map(Request::to_frame).collect()
    }

    fn say_hello(&self) -> Option<Request> {
        let user = name_of_user(self.user).ok()?;
        let device = format!("{user}-{}", self.number).parse().ok();
        Some(Request::Hello { cursor: Some(self.cursor), since: self.since[0].clone(), device })
    }

    /// Takes a frame.
    pub(super) fn hear(&mut self, frame: &str, now: Millis) -> Heard {
        match serde_json::from_str(frame) {
            Ok(Event::Notification(notification)) => self.notified(notification, now),
            Ok(Event::CaughtUp { seq, since, topic, more }) => {
                self.caught_up(seq, since, topic.as_ref(), more, now);
            }
            Ok(Event::Error { code: ErrorCode::Unregistered, .. }) => return Heard::ConnectAgain,
            // What the gateway itself says is no event of the protocol: a function has failed.
            Ok(Event::Error { .. }) | Err(_) => {
                self.hello.failed(now);
                self.join.failed(now);
            }
            Ok(_) => {}
        }
        Heard::GoOn
    }

    fn notified(&mut self, notification: Notification, now: Millis) {
        let is_new = match &notification.id {
            NotificationId::Inbox(seq) => *seq > self.cursor && !self.ahead.contains_key(seq),
            NotificationId::Broadcast(id) => self.broadcasts.insert(id.clone()),
        };
        let is_broadcast = matches!(notification.id, NotificationId::Broadcast(_));
        if !is_new {
            let again =
                if is_broadcast { &mut self.again_broadcast } else { &mut self.again_inbox };
            *again += 1;
            return;
        }
        // What was written before it was there has waited for it, not the other way round.
        if self.caught_up_at.is_some_and(|at| at <= notification.at) {
            self.lags.push(now.since(notification.at));
        }
        match notification.id {
            NotificationId::Inbox(seq) => {
                self.ahead.insert(seq, notification);
                self.show_what_follows(now);
            }
            NotificationId::Broadcast(_) => self.show(notification),
        }
    }

    /// All that is kept up to `seq` has come; nothing expires here, so what is missing is lost.
    fn caught_up(
        &mut self,
        seq: Seq,
        since: Option<BroadcastId>,
        topic: Option<&Topic>,
        more: bool,
        now: Millis,
    ) {
        let state = if more { Ask::Wanted } else { Ask::Answered };
        let of = usize::from(topic.is_some());
        self.since[of] = since.max(self.since[of].take());
        if topic.is_some() {
            self.join = state;
            return;
        }
        self.hello = state;
        if !more {
            self.caught_up_at.get_or_insert(now);
        }
        let later = self.ahead.split_off(&seq.next());
        for (_, notification) in std::mem::replace(&mut self.ahead, later) {
            self.show(notification);
        }
        self.cursor = self.cursor.max(seq);
        self.show_what_follows(now);
    }

    fn show_what_follows(&mut self, now: Millis) {
        let before = self.cursor;
        while let Some(notification) = self.ahead.remove(&self.cursor.next()) {
            self.cursor = self.cursor.next();
            self.show(notification);
        }
        // A later gap has waited for less time.
        if self.ahead.is_empty() {
            self.gap_since = None;
        } else if self.gap_since.is_none() || self.cursor > before {
            self.gap_since = Some(now);
        }
    }

    fn show(&mut self, notification: Notification) {
        let Notification { title, job_id, .. } = notification;
        let name = job_id.map_or(title, |job_id| job_id.to_string());
        *self.shown.entry(name).or_default() += 1;
    }
}

#[cfg(test)]
mod tests;
