//! The one table: its keys, its attributes, how long its items live.
//!
//! Names only. What is written under which condition is decided in `herald-core`; how it is sent to
//! DynamoDB is known to `herald-lambda`; the table itself is made by `stacks`. All three take the
//! names from here.

mod key;

pub use key::{
    DUE_SHARDS, Key, Kind, TOPIC_SHARDS, due_partition, due_shard, due_sort, topic_shard,
};

/// Partition key of the table.
pub const PK: &str = "PK";

/// Sort key of the table.
pub const SK: &str = "SK";

/// The attribute that DynamoDB's Time to Live looks at, in seconds. Deletion comes late, so every
/// read leaves out what has passed.
pub const EXP: &str = "exp";

/// A secondary index. It projects the keys only: what changes often, such as a lease, would
/// otherwise write the whole item once more each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Index {
    /// The jobs of a user, by the time they were submitted.
    UserJobs,
    /// What somebody has to look at when its time comes; only items that wait are in it.
    Due,
}

impl Index {
    /// Every index.
    pub const ALL: &'static [Self] = &[Self::UserJobs, Self::Due];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UserJobs => "GSI1",
            Self::Due => "GSI2",
        }
    }

    /// The attribute that is its partition key.
    pub const fn pk(self) -> &'static str {
        match self {
            Self::UserJobs => "GSI1PK",
            Self::Due => "GSI2PK",
        }
    }

    /// The attribute that is its sort key.
    pub const fn sk(self) -> &'static str {
        match self {
            Self::UserJobs => "GSI1SK",
            Self::Due => "GSI2SK",
        }
    }
}

/// The attributes of items beside the keys.
pub mod attr {
    /// The last place in the user's inbox that this device has shown, in order.
    pub const ACKED: &str = "acked";
    /// When a notification was written, in milliseconds.
    pub const AT: &str = "at";
    /// How often a job has been begun, less the times it stopped for want of time.
    pub const ATTEMPT: &str = "attempt";
    /// The rest of a notification.
    pub const BODY: &str = "body";
    /// What a token bucket holds, in thousandths.
    pub const BUCKET: &str = "bucket";
    /// When that was so, in milliseconds.
    pub const BUCKET_AT: &str = "bucketAt";
    /// Whether the user wants the job to end.
    pub const CANCEL: &str = "cancel";
    /// Where a job goes on when it stopped for want of time: JSON.
    pub const CHECKPOINT: &str = "checkpoint";
    /// When the gateway let the connection in, in milliseconds.
    pub const CONNECTED_AT: &str = "connectedAt";
    /// Which browser a connection is from.
    pub const DEVICE: &str = "device";
    /// Why a job failed.
    pub const ERROR: &str = "error";
    /// Counts the claims of a job; a write under an old one changes nothing.
    pub const FENCE: &str = "fence";
    /// Hash of the request an idempotency key stands for.
    pub const HASH: &str = "hash";
    /// What a job works on: JSON.
    pub const INPUT: &str = "input";
    /// The job that a notification is about.
    pub const JOB_ID: &str = "jobId";
    /// What kind of job it is.
    pub const KIND: &str = "kind";
    /// Until when a worker may be taken to be alive, in milliseconds.
    pub const LEASE_UNTIL: &str = "leaseUntil";
    /// How loud a notification is.
    pub const LEVEL: &str = "level";
    /// How much of a job is done, 0 to 100.
    pub const PERCENT: &str = "percent";
    /// When the user read a notification, in milliseconds.
    pub const READ_AT: &str = "readAt";
    /// What came of it: of a job JSON, of an idempotent request the name it was given.
    pub const RESULT: &str = "result";
    /// The last place taken in the user's inbox.
    pub const SEQ: &str = "seq";
    /// Where a job is.
    pub const STATE: &str = "state";
    /// The first line of a notification.
    pub const TITLE: &str = "title";
    /// When the credentials of a connection run out, in milliseconds.
    pub const TOKEN_EXP: &str = "tokenExp";
    /// The topic of a membership.
    pub const TOPIC: &str = "topic";
    /// The trace an item belongs to.
    pub const TRACE: &str = "traceparent";
    /// How many of the inbox are unread.
    pub const UNREAD: &str = "unread";
    /// When an item was last written, in milliseconds.
    pub const UPDATED_AT: &str = "updatedAt";
    /// Where the gateway says that a connection is reached.
    pub const URL: &str = "url";
    /// Whose it is.
    pub const USER: &str = "user";
    /// How often a job has stopped for want of time.
    pub const YIELDS: &str = "yields";
}

/// How long items live, in milliseconds.
pub mod life {
    const MINUTE: u64 = 60 * 1000;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;

    /// A connection, from its beginning: the two hours the gateway gives it, and time to tell.
    pub const CONNECTION: u64 = 2 * HOUR + 10 * MINUTE;
    /// A notification in an inbox, and what a device has acknowledged.
    pub const NOTIFICATION: u64 = 30 * DAY;
    /// A notification to a topic.
    pub const BROADCAST: u64 = 7 * DAY;
    /// What an idempotency key stands for.
    pub const IDEMPOTENCY: u64 = DAY;
    /// A job, from its last change of state.
    pub const JOB: u64 = 30 * DAY;
    /// The end of a job that its user has not been told of.
    pub const OUTBOX: u64 = DAY;
    /// That a ticket was used: longer than a ticket holds, so that none is used twice.
    pub const TICKET_USED: u64 = 2 * MINUTE;
}
