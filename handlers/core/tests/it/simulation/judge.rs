//! What must hold of the table at every moment, and of the world when all has come to rest.

use super::client::Client;
use super::state::State;
use herald_contract::table::{Key, Kind, attr};
use herald_contract::wire::JobState;
use herald_contract::{BroadcastId, JobId, Millis, Topic, UserId};
use herald_core::table::fake::{Change, FakeTable};
use herald_core::table::{Item, Live as _};
use std::collections::{BTreeMap, BTreeSet};

/// By how much the clocks of two functions differ at most, in milliseconds.
const CLOCKS_DIFFER_MS: u64 = 4_000;

#[derive(Default)]
pub(super) struct Judge {
    seqs: BTreeMap<UserId, u64>,
    ended: BTreeMap<JobId, JobState>,
    letters: BTreeSet<JobId>,
    owners: BTreeMap<JobId, UserId>,
    /// The invocation that has claimed a job.
    holders: BTreeMap<JobId, usize>,
    /// Jobs whose owner has asked for their end.
    unwanted: BTreeSet<JobId>,
    /// Jobs that have not ended, and letters that were not told.
    open: BTreeSet<Key>,
    pub(super) broadcasts: BTreeMap<BroadcastId, (Topic, Millis)>,
}

impl Judge {
    pub(super) fn change(&mut self, change: &Change, by: usize, now: Millis) {
        let Change { key, old, new } = change;
        let is_open = new.as_ref().is_some_and(|item| match key.kind() {
            Kind::Job(_) => !state_of(item).is_final(),
            Kind::Outbox(..) => true,
            _ => false,
        });
        if is_open {
            self.open.insert(key.clone());
        } else {
            self.open.remove(key);
        }
        match (key.kind(), old, new) {
            (Kind::Notification(user, seq), None, Some(_)) => {
                let last = self.seqs.entry(user.clone()).or_default();
                assert_eq!(seq.get(), *last + 1, "the inbox of {user} has a gap or a fold");
                *last = seq.get();
            }
            (Kind::Notification(..), Some(old), Some(new)) => {
                assert_eq!(old.text(attr::TITLE), new.text(attr::TITLE));
                assert!(!old.contains_key(attr::READ_AT), "it is read once");
            }
            (Kind::Notification(..), _, None) => panic!("nothing is taken out of an inbox"),
            (Kind::Broadcast(topic, id), None, Some(_)) => {
                self.broadcasts.insert(id, (topic, now));
            }
            (Kind::Job(id), old, Some(new)) => self.job(id, old.as_ref(), new, by, now),
            (Kind::Job(_), _, None) => panic!("jobs go by Time to Live only"),
            (Kind::Outbox(id, _), None, Some(_)) => {
                assert!(self.letters.insert(id), "a job ends once, with one letter");
            }
            _ => {}
        }
        if key.sk == "HEAD"
            && key.pk.starts_with("U#")
            && let (Some(old), Some(new)) = (old, new)
        {
            assert!(new.number(attr::SEQ) >= old.number(attr::SEQ), "a sequence goes back");
        }
    }

    /// Somebody asks for the end of a job.
    pub(super) fn asks_to_cancel(&mut self, id: &JobId, user: &UserId) {
        if self.owners.get(id) == Some(user) {
            self.unwanted.insert(id.clone());
        }
    }

    /// Whether every job has ended and every letter was told.
    pub(super) fn is_settled(&self) -> bool {
        self.open.is_empty()
    }

    fn job(&mut self, id: JobId, old: Option<&Item>, new: &Item, by: usize, now: Millis) {
        use JobState::{Cancelled, Failed, Queued, RetryWait, Running, Succeeded};
        let fence = |item: &Item| item.number(attr::FENCE).unwrap();
        let to = state_of(new);
        let Some(old) = old else {
            assert_eq!((to, fence(new)), (Queued, 0));
            self.owners.insert(id, new.parse(attr::USER).unwrap());
            return;
        };
        let from = state_of(old);
        assert!(fence(new) >= fence(old), "a fence goes back");
        let allowed = match (from, to) {
            (Queued | RetryWait, Queued | RetryWait) => from == to,
            (Queued | RetryWait, Running) => fence(new) == fence(old) + 1,
            (Running, Running | RetryWait | Succeeded) => true,
            (Queued | RetryWait | Running, Failed | Cancelled) => true,
            _ => false,
        };
        assert!(allowed, "{id} goes from {from} to {to}");
        if from == Running && fence(new) > fence(old) {
            let lease = old.millis(attr::LEASE_UNTIL).unwrap();
            assert!(lease < now.plus(CLOCKS_DIFFER_MS), "a worker that is alive loses its job");
        }
        let same = |name| old.get(name) == new.get(name);
        if fence(new) > fence(old) {
            self.holders.insert(id.clone(), by);
        } else if from == Running && !(same(attr::STATE) && same(attr::LEASE_UNTIL)) {
            let lost = old.millis(attr::LEASE_UNTIL).unwrap() < now.plus(CLOCKS_DIFFER_MS);
            // Whoever finds a job without a worker may end it; a worker only its own.
            let ends = to.is_final() && lost;
            assert!(self.holders.get(&id) == Some(&by) || ends, "{id}: a lost worker writes");
        }
        if to == Cancelled || new.contains_key(attr::CANCEL) {
            assert!(self.unwanted.contains(&id), "{id} is cancelled, and not by its owner");
        }
        if to.is_final() {
            assert_eq!(self.ended.insert(id, to), None, "a job ends once");
        }
    }
}

fn state_of(item: &Item) -> JobState {
    JobState::of_str(item.text(attr::STATE).unwrap()).unwrap()
}

/// A notification that a back end was told is done.
pub(super) struct Acknowledged {
    pub(super) to: UserId,
    pub(super) seq: u64,
    pub(super) title: String,
}

/// Judges a world in which nothing goes on any more, all clients are back, and nothing was left out
/// by a fault since.
pub(super) fn at_rest(
    state: &State,
    table: &FakeTable,
    clients: &[Client],
    acknowledged: &[Acknowledged],
) {
    let rows = table.rows();
    let judge = &state.judge;
    for Acknowledged { to, seq, title } in acknowledged {
        let key = Key::notification(to, (*seq).try_into().unwrap());
        let item = table.read(&key).expect("what was acknowledged is in the inbox");
        assert_eq!(item.text(attr::TITLE), Some(title.as_str()));
    }
    let mut titles: Vec<_> = acknowledged.iter().map(|a| (&a.to, &a.title, a.seq)).collect();
    titles.sort();
    titles.dedup();
    let unique: BTreeSet<_> = titles.iter().map(|(to, title, _)| (to, title)).collect();
    assert_eq!(titles.len(), unique.len(), "the same request twice is one notification");

    for client in clients {
        let Client { user, device, .. } = client;
        let all = judge.seqs.get(user).copied().unwrap_or_default();
        let shown: Vec<_> = client.shown.keys().map(|seq| seq.get()).collect();
        assert_eq!(shown, (1..=all).collect::<Vec<_>>(), "{device} of {user} is shown everything");
        for (id, (topic, at)) in &judge.broadcasts {
            let told = client.told_from.get(topic).is_some_and(|from| from < at);
            let is_in = topic.is_everyone() || client.topics.contains(topic);
            assert!(
                !told || !is_in || client.broadcasts.contains(id),
                "{device} of {user} is told of {id} to {topic}"
            );
        }
    }

    for row in &rows {
        match row.key.kind() {
            Kind::Job(id) => {
                let state = judge.ended.get(&id);
                assert!(state.is_some(), "{id} comes to an end: {row:?}");
                let told = rows.iter().filter(|r| {
                    matches!(r.key.kind(), Kind::Notification(..))
                        && r.item.text(attr::JOB_ID) == Some(id.as_str())
                });
                let told: Vec<_> = told.collect();
                assert_eq!(told.len(), 1, "the end of {id} is told once");
                let owner: UserId = row.item.parse(attr::USER).unwrap();
                assert!(matches!(told[0].key.kind(), Kind::Notification(user, _) if user == owner));
            }
            Kind::Outbox(id, _) => panic!("the letter of {id} is left over"),
            Kind::Connection(id) => {
                let user: UserId = row.item.parse(attr::USER).unwrap();
                let of_user = table.read(&Key::user_connection(&user, &id));
                assert!(of_user.is_some(), "{id} is in the registry as a whole");
            }
            _ => {}
        }
        if row.key.pk.starts_with("U#")
            && let Some(id) = Key::connection_of_sort(&row.key.sk)
        {
            assert!(table.read(&Key::connection(&id)).is_some(), "{id} is gone as a whole");
        }
    }
    for user in judge.seqs.keys() {
        let head = table.read(&Key::user_head(user)).unwrap();
        let unread = rows.iter().filter(|row| {
            matches!(row.key.kind(), Kind::Notification(of, _) if of == *user)
                && !row.item.contains_key(attr::READ_AT)
        });
        assert_eq!(head.number(attr::UNREAD), Some(unread.count() as u64), "{user}: unread");
    }
    let failed = |id: &JobId| judge.ended.get(id) == Some(&JobState::Failed);
    let dead: BTreeSet<_> = state.dead_letters.iter().map(|letter| &letter.job_id).collect();
    assert!(dead.iter().all(|id| failed(id)), "only what failed is put where people look");
    assert!(
        judge.ended.iter().all(|(id, s)| *s != JobState::Failed || dead.contains(id)),
        "all that failed is put where people look"
    );
}
