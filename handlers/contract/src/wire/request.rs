//! Client to server.

use super::{NotificationId, Seq};
use crate::{Action, BroadcastId, Device, IdempotencyKey, JobId, Topic};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a client asks for. `action` on the wire is the variant, and the route that the gateway
/// chose by it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Request {
    /// Takes up where the client left off.
    Hello {
        /// The last notification of the inbox that was shown, in order. Without it, what the
        /// device has acknowledged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<Seq>,
        /// The `since` of the last `caughtUp`, for broadcasts to everyone. Without it, none is
        /// sent again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<BroadcastId>,
        /// Which browser this is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        device: Option<Device>,
    },
    /// Joins a topic.
    Subscribe {
        /// Which.
        topic: Topic,
        /// The `since` of the last `caughtUp` of this topic. Without it, none is sent again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<BroadcastId>,
    },
    /// Leaves a topic.
    Unsubscribe {
        /// Which.
        topic: Topic,
    },
    /// Everything up to here has been shown on this device.
    Ack {
        /// The last one.
        up_to: Seq,
    },
    /// The user has read these.
    Read {
        /// Their names.
        ids: Vec<NotificationId>,
    },
    /// Submits a job.
    #[serde(rename = "job.submit")]
    SubmitJob {
        /// What is to be done.
        kind: String,
        /// With what.
        input: Value,
        /// What makes the same request twice one job.
        idempotency_key: IdempotencyKey,
    },
    /// Asks for the end of a job.
    #[serde(rename = "job.cancel")]
    CancelJob {
        /// Which.
        job_id: JobId,
    },
}

impl Request {
    /// The most notifications that one `read` may name.
    pub const READ_IDS_MAX: usize = 50;

    /// Reads the body of a message.
    ///
    /// # Errors
    /// Where it is not what its action asks for.
    pub fn parse(body: &str) -> Result<Self, RequestError> {
        let request: Self = serde_json::from_str(body).map_err(|e| RequestError::Shape {
            message: e.to_string().chars().take(MESSAGE_CHARS_MAX).collect(),
        })?;
        match &request {
            Self::Read { ids } if ids.is_empty() => Err(RequestError::NoIds),
            Self::Read { ids } if ids.len() > Self::READ_IDS_MAX => {
                Err(RequestError::TooManyIds { count: ids.len() })
            }
            Self::Subscribe { topic, .. } | Self::Unsubscribe { topic } if topic.is_everyone() => {
                Err(RequestError::Everyone)
            }
            _ => Ok(request),
        }
    }

    /// Its action.
    pub fn action(&self) -> Action {
        match self {
            Self::Hello { .. } => Action::Hello,
            Self::Subscribe { .. } => Action::Subscribe,
            Self::Unsubscribe { .. } => Action::Unsubscribe,
            Self::Ack { .. } => Action::Ack,
            Self::Read { .. } => Action::Read,
            Self::SubmitJob { .. } => Action::SubmitJob,
            Self::CancelJob { .. } => Action::CancelJob,
        }
    }

    /// As a text frame.
    pub fn to_frame(&self) -> String {
        serde_json::to_string(self).expect("a request has text keys only")
    }
}

/// What is repeated of a parser's message, which repeats what the client sent, in characters.
const MESSAGE_CHARS_MAX: usize = 200;

/// Why a message is not what its action asks for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// A key is missing, or its value is of another kind.
    #[error("{message}")]
    Shape {
        /// Which.
        message: String,
    },
    /// A `read` of nothing.
    #[error("`ids` is empty; name what was read")]
    NoIds,
    /// A `read` of too much.
    #[error("`ids` has {count} entries; send at most {} at once", Request::READ_IDS_MAX)]
    TooManyIds {
        /// How many there are.
        count: usize,
    },
    /// The topic that is not for joining.
    #[error("`$all` is no topic to join or leave; every connection is in it")]
    Everyone,
}
