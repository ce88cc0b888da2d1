//! One constructor for each kind of item, and the way back for whoever reads the stream.
//!
//! No part of a key but the last of its half holds `#`, as the types of the names see to; so two
//! different items never have the same key.

use crate::wire::Seq;
use crate::{
    BroadcastId, ConnectionId, Device, IdempotencyKey, JobId, Millis, Topic, UserId, name,
};

/// The name of an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

/// What an item is, by its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A connection.
    Connection(ConnectionId),
    /// A notification in an inbox.
    Notification(UserId, Seq),
    /// A notification to a topic.
    Broadcast(Topic, BroadcastId),
    /// A job.
    Job(JobId),
    /// The end of a job, of which its user is to be told.
    Outbox(JobId, u64),
    /// Anything else: nobody waits for it.
    Other,
}

impl Key {
    /// What sort keys of a user's connections and of a topic's members begin with.
    pub const CONNECTIONS: &'static str = "C#";
    /// What sort keys of the topics that a connection is in begin with.
    pub const TOPICS: &'static str = "T#";

    fn new(pk: String, sk: impl Into<String>) -> Self {
        Self { pk, sk: sk.into() }
    }

    /// A connection. The topics it is in stand beside it.
    pub fn connection(id: &ConnectionId) -> Self {
        Self::new(format!("C#{id}"), "C")
    }

    /// That a connection is in a topic, found by the connection.
    pub fn connection_topic(id: &ConnectionId, topic: &Topic) -> Self {
        Self::new(format!("C#{id}"), format!("T#{topic}"))
    }

    /// That a user has a connection.
    pub fn user_connection(user: &UserId, id: &ConnectionId) -> Self {
        Self::new(format!("U#{user}"), format!("C#{id}"))
    }

    /// What there is once for each user.
    pub fn user_head(user: &UserId) -> Self {
        Self::new(format!("U#{user}"), "HEAD")
    }

    /// What there is once for each device of a user.
    pub fn device(user: &UserId, device: &Device) -> Self {
        Self::new(format!("U#{user}"), format!("D#{device}"))
    }

    /// A notification in an inbox.
    pub fn notification(user: &UserId, seq: Seq) -> Self {
        Self::new(format!("N#{user}"), format!("S#{seq:016}", seq = seq.get()))
    }

    /// What a key of a request stands for, within a scope of its own such as `job`.
    pub fn idempotency(scope: &str, owner: Option<&UserId>, key: &IdempotencyKey) -> Self {
        let owner = owner.map_or("", UserId::as_str);
        Self::new(format!("I#{scope}#{owner}#{key}"), "I")
    }

    /// That a connection is in a topic, found by the topic.
    pub fn topic_member(topic: &Topic, shard: u32, id: &ConnectionId) -> Self {
        Self::new(Self::topic_partition(topic, shard), format!("C#{id}"))
    }

    /// The partition that has one part of the members of a topic.
    pub fn topic_partition(topic: &Topic, shard: u32) -> String {
        format!("T#{topic}#{shard}")
    }

    /// What there is once for each topic.
    pub fn topic_head(topic: &Topic) -> Self {
        Self::new(format!("T#{topic}"), "HEAD")
    }

    /// A notification to a topic.
    pub fn broadcast(topic: &Topic, id: &BroadcastId) -> Self {
        Self::new(format!("B#{topic}"), format!("S#{id}"))
    }

    /// A job.
    pub fn job(id: &JobId) -> Self {
        Self::new(format!("J#{id}"), "J")
    }

    /// The end of a job.
    pub fn outbox(id: &JobId, attempt: u64) -> Self {
        Self::new(format!("O#{id}#{attempt}"), "DONE")
    }

    /// That a ticket was used.
    pub fn ticket(nonce: &str) -> Self {
        Self::new(format!("K#{nonce}"), "K")
    }

    /// The partition of [`Index::UserJobs`](super::Index::UserJobs) that has the jobs of a user.
    pub fn user_jobs(user: &UserId) -> String {
        format!("U#{user}")
    }

    /// What the item of this key is.
    pub fn kind(&self) -> Kind {
        self.known().unwrap_or(Kind::Other)
    }

    fn known(&self) -> Option<Kind> {
        let (letter, rest) = self.pk.split_once('#')?;
        let seq = || self.sk.strip_prefix("S#");
        Some(match (letter, self.sk.as_str()) {
            ("C", "C") => Kind::Connection(rest.to_owned().try_into().ok()?),
            ("N", _) => {
                let seq = seq()?.parse::<u64>().ok()?.try_into().ok()?;
                Kind::Notification(rest.parse().ok()?, seq)
            }
            ("B", _) => Kind::Broadcast(rest.parse().ok()?, seq()?.parse().ok()?),
            ("J", "J") => Kind::Job(rest.parse().ok()?),
            ("O", "DONE") => {
                let (job, attempt) = rest.split_once('#')?;
                Kind::Outbox(job.parse().ok()?, attempt.parse().ok()?)
            }
            _ => return None,
        })
    }

    /// The last member of the name in a sort key such as `C#{id}`.
    pub fn connection_of_sort(sk: &str) -> Option<ConnectionId> {
        sk.strip_prefix(Self::CONNECTIONS)?.to_owned().try_into().ok()
    }

    /// The topic in a sort key such as `T#{topic}`.
    pub fn topic_of_sort(sk: &str) -> Option<Topic> {
        sk.strip_prefix(Self::TOPICS)?.parse().ok()
    }
}

/// In how many parts the members of a topic are kept. It can only grow together with a migration:
/// members are found by it.
pub const TOPIC_SHARDS: u32 = 8;

/// In how many parts [`Index::Due`](super::Index::Due) is kept.
pub const DUE_SHARDS: u32 = 16;

/// The part of a topic in which a connection is kept.
pub fn topic_shard(id: &ConnectionId) -> u32 {
    name::spread(id.as_str(), TOPIC_SHARDS)
}

/// The partition of [`Index::Due`](super::Index::Due) in which `name` waits.
pub fn due_shard(name: &str) -> String {
    due_partition(name::spread(name, DUE_SHARDS))
}

/// The partition of [`Index::Due`](super::Index::Due) with this number.
pub fn due_partition(shard: u32) -> String {
    format!("DUE#{shard}")
}

/// The sort key in [`Index::Due`](super::Index::Due) of what is due at `at`; everything that is due
/// by then sorts before [`due_sort`]`(at + 1, "")`.
pub fn due_sort(at: Millis, name: &str) -> String {
    format!("{:016}#{name}", at.get())
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    const ULID: &str = "01JZ7Y3KQ8W6V5T4R3P2N1M0GH";

    fn all() -> Vec<Key> {
        let id = "PJqB0fHsqRcCHlw=".to_owned().try_into().unwrap();
        let user = "ada".parse().unwrap();
        let topic = "news".parse().unwrap();
        let job = ULID.parse().unwrap();
        let key = "k#1".parse().unwrap();
        vec![
            Key::connection(&id),
            Key::connection_topic(&id, &topic),
            Key::user_connection(&user, &id),
            Key::user_head(&user),
            Key::device(&user, &"tab-1".parse().unwrap()),
            Key::notification(&user, 42.try_into().unwrap()),
            Key::idempotency("job", Some(&user), &key),
            Key::idempotency("notify", None, &key),
            Key::topic_member(&topic, topic_shard(&id), &id),
            Key::topic_member(&Topic::everyone(), topic_shard(&id), &id),
            Key::topic_head(&topic),
            Key::broadcast(&topic, &ULID.parse().unwrap()),
            Key::job(&job),
            Key::outbox(&job, 2),
            Key::ticket("c29tZS1ub25jZQ"),
        ]
    }

    #[test]
    fn every_item_has_its_key_and_is_known_by_it() {
        let lines = all().into_iter().map(|key| {
            let kind = key.kind();
            format!("{:40} {:30} {kind:?}\n", key.pk, key.sk)
        });
        expect![[r#"
            C#PJqB0fHsqRcCHlw=                       C                              Connection(ConnectionId("PJqB0fHsqRcCHlw="))
            C#PJqB0fHsqRcCHlw=                       T#news                         Other
            U#ada                                    C#PJqB0fHsqRcCHlw=             Other
            U#ada                                    HEAD                           Other
            U#ada                                    D#tab-1                        Other
            N#ada                                    S#0000000000000042             Notification(UserId("ada"), Seq(42))
            I#job#ada#k#1                            I                              Other
            I#notify##k#1                            I                              Other
            T#news#3                                 C#PJqB0fHsqRcCHlw=             Other
            T#$all#3                                 C#PJqB0fHsqRcCHlw=             Other
            T#news                                   HEAD                           Other
            B#news                                   S#01JZ7Y3KQ8W6V5T4R3P2N1M0GH   Broadcast(Topic("news"), BroadcastId("01JZ7Y3KQ8W6V5T4R3P2N1M0GH"))
            J#01JZ7Y3KQ8W6V5T4R3P2N1M0GH             J                              Job(JobId("01JZ7Y3KQ8W6V5T4R3P2N1M0GH"))
            O#01JZ7Y3KQ8W6V5T4R3P2N1M0GH#2           DONE                           Outbox(JobId("01JZ7Y3KQ8W6V5T4R3P2N1M0GH"), 2)
            K#c29tZS1ub25jZQ                         K                              Other
        "#]]
        .assert_eq(&lines.collect::<String>());
    }

    #[test]
    fn no_two_items_share_a_key() {
        let keys = all();
        let unique: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(unique.len(), keys.len());
    }

    #[test]
    fn a_key_that_is_none_of_ours_is_nothing_to_wait_for() {
        for (pk, sk) in [("", ""), ("N#", "S#1"), ("N#ada", "S#x"), ("J#ada", "J"), ("O#x", "DONE")]
        {
            let key = Key { pk: pk.to_owned(), sk: sk.to_owned() };
            assert_eq!(key.kind(), Kind::Other, "{key:?}");
        }
    }

    #[test]
    fn what_is_due_sorts_by_time() {
        let sorted = |ms| due_sort(Millis::new(ms), ULID);
        assert!(sorted(9) < sorted(10));
        assert!(sorted(10) < due_sort(Millis::new(11), ""));
        assert!(sorted(11) > due_sort(Millis::new(11), ""));
    }
}
