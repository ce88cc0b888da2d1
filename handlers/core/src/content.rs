//! What a notification says, as attributes of an item and back.
//!
//! The inbox and the broadcasts of a topic keep it alike; where it stands among others is known to
//! [`notify`](crate::notify) and [`broadcast`](crate::broadcast).

use crate::table::{Attribute, Item, ItemError, Live as _};
use herald_contract::table::{Key, Kind, attr};
use herald_contract::wire::{Event, Level, NOTIFICATION_BYTES_MAX, Notification, NotificationId};
use herald_contract::{JobId, Millis, Topic, TraceParent};
use sha2::{Digest as _, Sha256};

/// What a notification says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    /// How loud.
    pub(crate) level: Level,
    /// One line.
    pub(crate) title: String,
    /// The rest.
    pub(crate) body: String,
    /// The job it is about.
    pub(crate) job_id: Option<JobId>,
    /// The trace it belongs to.
    pub(crate) traceparent: Option<TraceParent>,
}

impl Content {
    /// The bytes of its frame, at most.
    pub(crate) fn frame_bytes(&self, id: NotificationId, topic: Option<&Topic>) -> usize {
        self.event(id, topic, Millis::default(), false).to_frame().len()
    }

    fn event(&self, id: NotificationId, topic: Option<&Topic>, at: Millis, read: bool) -> Event {
        let seq = match &id {
            NotificationId::Inbox(seq) => Some(*seq),
            NotificationId::Broadcast(_) => None,
        };
        Event::Notification(Notification {
            id,
            seq,
            topic: topic.cloned(),
            level: self.level,
            title: self.title.clone(),
            body: self.body.clone(),
            job_id: self.job_id.clone(),
            at,
            read,
        })
    }

    pub(crate) fn to_item(&self, now: Millis, life_ms: u64) -> Item {
        let mut item = Item::from([
            (attr::LEVEL.to_owned(), Attribute::from(self.level.as_str())),
            (attr::TITLE.to_owned(), self.title.clone().into()),
            (attr::BODY.to_owned(), self.body.clone().into()),
            (attr::AT.to_owned(), now.into()),
            (herald_contract::table::EXP.to_owned(), now.plus(life_ms).seconds().into()),
        ]);
        if let Some(job_id) = &self.job_id {
            item.insert(attr::JOB_ID.to_owned(), job_id.as_str().into());
        }
        if let Some(parent) = &self.traceparent {
            item.insert(attr::TRACE.to_owned(), parent.as_str().into());
        }
        item
    }

    fn of_item(item: &Item) -> Result<Self, ItemError> {
        let level = item.text(attr::LEVEL).and_then(Level::of_str);
        Ok(Self {
            level: level.ok_or(ItemError::of(attr::LEVEL))?,
            title: item.parse(attr::TITLE)?,
            body: item.parse(attr::BODY)?,
            job_id: item.text(attr::JOB_ID).and_then(|id| id.parse().ok()),
            traceparent: trace_of(item),
        })
    }

    /// A fingerprint of what it says, by which the same request twice is told from two requests.
    pub(crate) fn hash(&self) -> String {
        hash(&[self.level.as_str(), &self.title, &self.body])
    }
}

/// A hash of texts, each with its length so that no two lists of them are alike.
pub(crate) fn hash(texts: &[&str]) -> String {
    let hash = texts.iter().fold(Sha256::new(), |hash, text| {
        hash.chain_update((text.len() as u64).to_be_bytes()).chain_update(text)
    });
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The trace that an item belongs to.
pub(crate) fn trace_of(item: &Item) -> Option<TraceParent> {
    item.text(attr::TRACE).and_then(|text| text.to_owned().try_into().ok())
}

/// The event that an item of an inbox or of a topic's broadcasts is.
///
/// # Errors
/// Where the item is not as this version writes it.
pub(crate) fn event_of(key: &Key, item: &Item) -> Result<Event, ItemError> {
    let content = Content::of_item(item)?;
    let read = item.contains_key(attr::READ_AT);
    let at = item.millis(attr::AT)?;
    match key.kind() {
        Kind::Notification(_, seq) => Ok(content.event(NotificationId::Inbox(seq), None, at, read)),
        Kind::Broadcast(topic, id) => {
            Ok(content.event(NotificationId::Broadcast(id), Some(&topic), at, read))
        }
        _ => Err(ItemError::of(herald_contract::table::PK)),
    }
}

/// A notification that does not fit a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the notification is {bytes} bytes as a frame; at most {NOTIFICATION_BYTES_MAX} fit, so send a link to the rest"
)]
pub struct TooLarge {
    /// What it would be, at most.
    pub bytes: usize,
}

/// Whether it fits a frame.
pub(crate) fn check_size(
    content: &Content,
    id: NotificationId,
    topic: Option<&Topic>,
) -> Result<(), TooLarge> {
    // A name or a time with fewer digits now may have more when it is sent.
    const GROWTH: usize = 64;
    let bytes = content.frame_bytes(id, topic) + GROWTH;
    if bytes > NOTIFICATION_BYTES_MAX { Err(TooLarge { bytes }) } else { Ok(()) }
}
