//! Server to client.

use super::{NotificationId, Seq, VERSION};
use crate::{Action, BroadcastId, ConnectionId, JobId, Millis, Topic};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;
use std::fmt;

/// What a client is told. `type` on the wire is the variant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// The answer to `hello`; missed notifications follow, then [`Self::CaughtUp`].
    Welcome {
        /// What this connection is called.
        connection_id: ConnectionId,
        /// The last notification in the user's inbox.
        seq: Seq,
        /// How many of the inbox are unread.
        unread: u64,
        /// How often to `ping` while nothing else is said, in milliseconds.
        heartbeat_ms: u64,
        /// When to open the next connection, in milliseconds from now.
        renew_after_ms: u64,
    },
    /// A notification, in the inbox or to a topic.
    Notification(Notification),
    /// All that is kept up to `seq` has been sent on this connection: what is missing below it has
    /// expired. Where `seq` is less than the one of `welcome`, another `hello` brings the rest.
    CaughtUp {
        /// Up to here.
        seq: Seq,
        /// The same for broadcasts: the cursor for the next `hello` or `subscribe`. Some may come
        /// once more from there on; they are known by their names.
        #[serde(skip_serializing_if = "Option::is_none")]
        since: Option<BroadcastId>,
        /// Which topic it is about; without it, the inbox and the broadcasts to everyone.
        #[serde(skip_serializing_if = "Option::is_none")]
        topic: Option<Topic>,
        /// Whether there is more to fetch with the cursors given here.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        more: bool,
    },
    /// How a job stands.
    Job {
        /// Which.
        job_id: JobId,
        /// Its kind.
        kind: String,
        /// Where it is.
        state: JobState,
        /// How much of it is done, 0 to 100.
        percent: u8,
        /// Since when.
        at: Millis,
        /// What came out, where it has ended well and the result fits a frame.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        result: Option<Value>,
        /// Why it failed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// The user has read these on another device.
    ReadUpTo {
        /// Their names.
        ids: Vec<NotificationId>,
    },
    /// The answer to `ping`.
    Pong,
    /// It is done.
    Ok {
        /// What is.
        #[serde(rename = "for")]
        action: String,
    },
    /// It is not done, and nothing has changed.
    Error {
        /// For programs.
        code: ErrorCode,
        /// For people.
        message: String,
        /// What to look for in the log.
        request_id: String,
    },
}

impl Event {
    /// That `action` is done.
    pub fn ok(action: Action) -> Self {
        Self::Ok { action: action.key().to_owned() }
    }

    /// As a text frame.
    pub fn to_frame(&self) -> String {
        #[derive(Serialize)]
        struct Frame<'a> {
            #[serde(flatten)]
            event: &'a Event,
            v: u32,
        }
        serde_json::to_string(&Frame { event: self, v: VERSION })
            .expect("texts and numbers are always JSON")
    }
}

/// Something that a user is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// Its name, unique within what one user is told.
    pub id: NotificationId,
    /// Its place in the inbox; a broadcast has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<Seq>,
    /// The topic it was sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<Topic>,
    /// How loud it is.
    pub level: Level,
    /// One line.
    pub title: String,
    /// The rest.
    pub body: String,
    /// The job it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_id: Option<JobId>,
    /// When it was written.
    pub at: Millis,
    /// Whether the user has read it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub read: bool,
}

/// How loud a notification is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Good to know.
    #[default]
    Info,
    /// Something went well.
    Success,
    /// Something may go wrong.
    Warning,
    /// Something went wrong.
    Error,
}

impl Level {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Success => "success",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The level that is written so.
    pub fn of_str(text: &str) -> Option<Self> {
        [Self::Info, Self::Success, Self::Warning, Self::Error]
            .into_iter()
            .find(|level| level.as_str() == text)
    }
}

/// Where a job is.
///
/// ```text
/// QUEUED ──▶ RUNNING ──▶ SUCCEEDED | FAILED | CANCELLED
///              │  ▲
///              ▼  │
///           RETRY_WAIT
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum JobState {
    /// Nobody has begun.
    Queued,
    /// A worker holds its lease.
    Running,
    /// It is tried again later.
    RetryWait,
    /// It is done.
    Succeeded,
    /// It is given up.
    Failed,
    /// Its user wanted it to end.
    Cancelled,
}

impl JobState {
    /// Every state, in the order of the variants.
    pub const ALL: &'static [Self] = &[
        Self::Queued,
        Self::Running,
        Self::RetryWait,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
    ];

    /// As it is written, on the wire and in the table.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::Running => "RUNNING",
            Self::RetryWait => "RETRY_WAIT",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
        }
    }

    /// The state that is written so.
    pub fn of_str(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|state| state.as_str() == text)
    }

    /// Whether nothing comes after it.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

impl Serialize for JobState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why something is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ErrorCode {
    /// The message is not what its action asks for.
    BadRequest,
    /// The same idempotency key stands for another request.
    Conflict,
    /// The credentials do not cover it.
    Forbidden,
    /// There is nothing of this name, or it is another user's.
    NotFound,
    /// Too many of it; later it may succeed.
    RateLimited,
    /// It is longer than it may be.
    TooLarge,
    /// The server has let go of this connection: connect again.
    Unregistered,
}

impl ErrorCode {
    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BadRequest => "badRequest",
            Self::Conflict => "conflict",
            Self::Forbidden => "forbidden",
            Self::NotFound => "notFound",
            Self::RateLimited => "rateLimited",
            Self::TooLarge => "tooLarge",
            Self::Unregistered => "unregistered",
        }
    }
}
