//! What functions hand to each other by asynchronous invocation.
//!
//! Lambda delivers it at least once, so each says what is to be done and not what has happened.

use crate::wire::Seq;
use crate::{BroadcastId, ConnectionId, Function, JobId, Topic, TraceParent, UserId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The event of a function that is invoked by another.
pub trait Payload: Serialize + DeserializeOwned + Send + Sync {
    /// Which function takes it.
    const FUNCTION: Function;
}

/// A job is due: claim it and run it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunJob {
    /// Which.
    pub job_id: JobId,
    /// The trace it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<TraceParent>,
}

impl Payload for RunJob {
    const FUNCTION: Function = Function::Worker;
}

/// A notification is to be sent to some of its targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SendShard {
    /// What is sent. The payload stays in the table: it is stored once.
    pub message: Message,
    /// To whom.
    pub targets: Targets,
    /// How often it has been handed on because something failed.
    #[serde(default)]
    pub attempt: u32,
    /// The trace it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<TraceParent>,
}

impl Payload for SendShard {
    const FUNCTION: Function = Function::Sender;
}

/// Which notification.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Message {
    /// One of an inbox.
    Inbox {
        /// Whose.
        user: UserId,
        /// Where in it.
        seq: Seq,
    },
    /// One to a topic.
    Broadcast {
        /// Which.
        topic: Topic,
        /// What it is called.
        id: BroadcastId,
    },
}

/// Which of its targets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Targets {
    /// One part of the members of the topic.
    Shard {
        /// Which.
        shard: u32,
        /// The last member that has been dealt with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<ConnectionId>,
    },
    /// These, since it failed for them and for no others.
    Only(Vec<ConnectionId>),
}

impl Targets {
    /// The most connections named at once: some 10 KB of the 256 KB that an asynchronous payload
    /// may have, and no more than one run sends.
    pub const ONLY_MAX: usize = 256;
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use std::fmt::Debug;

    const ULID: &str = "01JZ7Y3KQ8W6V5T4R3P2N1M0GH";

    fn check<P: Payload + PartialEq + Debug>(payload: P, want: Expect) {
        let text = serde_json::to_string(&payload).unwrap();
        want.assert_eq(&text);
        assert_eq!(serde_json::from_str::<P>(&text).unwrap(), payload);
    }

    #[test]
    fn a_worker_is_told_which_job() {
        check(
            RunJob { job_id: ULID.parse().unwrap(), traceparent: None },
            expect![[r#"{"jobId":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH"}"#]],
        );
    }

    #[test]
    fn a_sender_is_told_what_and_to_whom() {
        check(
            SendShard {
                message: Message::Broadcast { topic: Topic::everyone(), id: ULID.parse().unwrap() },
                targets: Targets::Shard {
                    shard: 3,
                    after: Some("a=".to_owned().try_into().unwrap()),
                },
                attempt: 0,
                traceparent: None,
            },
            expect![[
                r#"{"message":{"broadcast":{"topic":"$all","id":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH"}},"targets":{"shard":{"shard":3,"after":"a="}},"attempt":0}"#
            ]],
        );
        check(
            SendShard {
                message: Message::Inbox {
                    user: "ada".parse().unwrap(),
                    seq: 7.try_into().unwrap(),
                },
                targets: Targets::Only(vec!["a=".to_owned().try_into().unwrap()]),
                attempt: 2,
                traceparent: Some(
                    "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
                        .to_owned()
                        .try_into()
                        .unwrap(),
                ),
            },
            expect![[
                r#"{"message":{"inbox":{"user":"ada","seq":7}},"targets":{"only":["a="]},"attempt":2,"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}"#
            ]],
        );
    }
}
