//! The inbox as its user sees it: what was missed, what was shown, what was read.

use crate::content::event_of;
use crate::notify::Head;
use crate::table::ATTEMPTS;
use crate::table::WriteError;
use crate::table::{
    self, Condition, Item, Live as _, Position, Query, StoreError, Table, Update, Write,
};
use herald_contract::table::{EXP, Key, Kind, attr, life};
use herald_contract::wire::{Event, NotificationId, Seq};
use herald_contract::{Device, Millis, UserId};

/// The most notifications that are replayed at once: at some 10 ms each, well within a time-out.
pub(crate) const REPLAY_MAX: u32 = 200;

/// What a client missed.
pub(crate) struct Missed {
    /// The last place taken in the inbox.
    pub(crate) head: Seq,
    /// How many are unread.
    pub(crate) unread: u64,
    /// In order, each with its place.
    pub(crate) events: Vec<Event>,
    /// All that is kept up to here is among them.
    pub(crate) upto: Seq,
    /// Whether there is more above.
    pub(crate) more: bool,
}

/// What is in the inbox of a user above `cursor`.
pub(crate) async fn missed<T: Table>(
    table: &T,
    user: &UserId,
    cursor: Seq,
    now: Millis,
) -> Result<Missed, StoreError> {
    // The head before the items: what it counts is there, since both are written at once.
    let head = Head::read(table, user, now).await?;
    // A cursor past the head is of another inbox, and says nothing about this one.
    let cursor = if cursor > head.seq { Seq::ZERO } else { cursor };
    let after = Key::notification(user, cursor);
    let mut query = Query::of(after.pk.clone(), REPLAY_MAX);
    query.after = Some(Position { key: after, index_sk: None });
    let (rows, more) = table::rows(table, query).await?;
    let (mut events, mut last) = (Vec::new(), cursor);
    for row in &rows {
        if let Kind::Notification(_, seq) = row.key.kind() {
            last = last.max(seq);
            if row.item.is_live(now) {
                events.push(event_of(&row.key, &row.item)?);
            }
        }
    }
    // What is missing up to the head has expired.
    let upto = if more { last } else { last.max(head.seq) };
    Ok(Missed { head: head.seq, unread: head.unread, events, upto, more })
}

/// How far a device has come, by its own word.
pub(crate) async fn acknowledged<T: Table>(
    table: &T,
    user: &UserId,
    device: &Device,
    now: Millis,
) -> Result<Option<Seq>, StoreError> {
    let item = table.get(&Key::device(user, device)).await?.filter(|item| item.is_live(now));
    Ok(item.and_then(|item| item.number(attr::ACKED)).and_then(|seq| seq.try_into().ok()))
}

/// Notes how far a device has come; it never goes back.
pub(crate) async fn acknowledge<T: Table>(
    table: &T,
    user: &UserId,
    device: &Device,
    up_to: Seq,
    now: Millis,
) -> Result<(), StoreError> {
    let further = Condition::lacks(attr::ACKED).or(Condition::lt(attr::ACKED, up_to.get()));
    let update = Update::of(Key::device(user, device))
        .set(attr::ACKED, up_to.get())
        .set(EXP, now.plus(life::NOTIFICATION).seconds())
        .when(further);
    match table.write(Write::Update(update)).await {
        // It has been further before, or is being told so at this moment.
        Ok(_) | Err(WriteError::Failed(_) | WriteError::Conflict) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Notes that notifications were read. What is not in the inbox, or was read before, stays as it
/// is; so the count of unread ones goes down once for each.
pub(crate) async fn read<T: Table>(
    table: &T,
    user: &UserId,
    ids: &[NotificationId],
    now: Millis,
) -> Result<(), StoreError> {
    let mut seqs: Vec<Seq> = ids
        .iter()
        .filter_map(|id| match id {
            NotificationId::Inbox(seq) => Some(*seq),
            // A broadcast is one copy for all, so it cannot be read by one.
            NotificationId::Broadcast(_) => None,
        })
        .collect();
    seqs.sort_unstable();
    seqs.dedup();
    // Each attempt that fails by conditions leaves out at least one.
    let mut attempts = ATTEMPTS as usize + seqs.len();
    while !seqs.is_empty() && attempts > 0 {
        attempts -= 1;
        match table.transact(read_writes(user, &seqs, now)).await {
            Ok(()) => return Ok(()),
            Err(WriteError::Failed(failed)) => {
                let mut index = 0;
                seqs.retain(|_| {
                    index += 1;
                    !failed.contains(&(index - 1))
                });
            }
            Err(WriteError::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    if seqs.is_empty() { Ok(()) } else { Err(WriteError::Conflict.into()) }
}

fn read_writes(user: &UserId, seqs: &[Seq], now: Millis) -> Vec<Write> {
    let unread = Condition::present().and(Condition::lacks(attr::READ_AT));
    let mut writes: Vec<_> = seqs
        .iter()
        .map(|seq| {
            let update = Update::of(Key::notification(user, *seq)).set(attr::READ_AT, now);
            Write::Update(update.when(unread.clone()))
        })
        .collect();
    let fewer = i64::try_from(seqs.len()).unwrap_or(0);
    let head = Update::of(Key::user_head(user)).add(attr::UNREAD, -fewer);
    writes.push(Write::Update(head.when(Condition::present())));
    writes
}

/// The event of a notification in an inbox, where it still is.
pub(crate) async fn event<T: Table>(
    table: &T,
    user: &UserId,
    seq: Seq,
    now: Millis,
) -> Result<Option<Event>, StoreError> {
    let key = Key::notification(user, seq);
    let item: Option<Item> = table.get(&key).await?.filter(|item| item.is_live(now));
    Ok(item.map(|item| event_of(&key, &item)).transpose()?)
}
