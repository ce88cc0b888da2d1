//! Notifications to one user: the inbox and its sequence.
//!
//! One transaction writes the head (`seq + 1`, under the value that was read), the item of the
//! inbox and the idempotency item. So a sequence has no gaps, and a client that sees one has missed
//! something. Nothing is sent here: the table's stream brings the item to the
//! [`dispatcher`](crate::dispatcher).

use crate::bucket::{Bucket, Rate};
use crate::content::{Content, TooLarge, check_size};
use crate::idempotency::{self, Replayed, Scope};
use crate::table::ATTEMPTS;
use crate::table::{Condition, Item, Live as _, StoreError, Table, TableError, Update, Write};
use crate::table::{ItemError, WriteError};
use herald_contract::table::{EXP, Key, attr, life};
use herald_contract::wire::{NotificationId, Seq};
use herald_contract::{IdempotencyKey, Millis, UserId};

/// What one user may be sent: more is a mistake somewhere, and nobody reads it.
const RATE: Rate = Rate { burst: 120, per_second: 2 };

/// Where a notification is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Notified {
    /// Its place in the inbox.
    pub(crate) seq: Seq,
    /// Whether the same request had put it there before.
    pub(crate) repeated: bool,
}

/// Whether the rate of a user counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// It does.
    Rate,
    /// What our own bookkeeping says must be said, such as the end of a job.
    None,
}

/// Puts a notification into the inbox of a user.
///
/// # Errors
/// Where it is not in the inbox, or nobody knows. With a key, the same may be asked again.
pub(crate) async fn notify<T: Table>(
    table: &T,
    user: &UserId,
    content: &Content,
    key: Option<(Scope, &IdempotencyKey)>,
    limit: Limit,
    now: Millis,
) -> Result<Notified, NotifyError> {
    check_size(content, NotificationId::Inbox(Seq::LAST), None)?;
    let key = key.map(|(scope, key)| (scope.key(Some(user), key), content.hash()));
    for _ in 0..ATTEMPTS {
        let head = table.get(&Key::user_head(user)).await.map_err(StoreError::from)?;
        let head = Head::of_item(head.as_ref(), now).map_err(StoreError::from)?;
        let seq = head.seq.next();
        let bucket = match (limit, head.bucket.take(RATE, now)) {
            (Limit::Rate, taken) => {
                taken.map_err(|retry_after_ms| NotifyError::RateLimited { retry_after_ms })?
            }
            (Limit::None, _) => head.bucket,
        };
        let mut writes = vec![
            Write::Update(head.advance(user, seq, bucket, now)),
            Write::insert(Key::notification(user, seq), content.to_item(now, life::NOTIFICATION)),
        ];
        if let Some((key, hash)) = &key {
            writes.push(idempotency::claim(key.clone(), hash, &seq.to_string(), now));
        }
        match (table.transact(writes).await, &key) {
            (Ok(()), _) => return Ok(Notified { seq, repeated: false }),
            (Err(error), Some((key, hash))) if error.failed_at(2) => {
                match idempotency::replay(table, key, hash, now).await? {
                    Replayed::Same(result) => {
                        let seq = result.parse::<u64>().ok().and_then(|n| n.try_into().ok());
                        let unreadable = StoreError::from(ItemError::of(attr::RESULT));
                        return seq
                            .map(|seq| Notified { seq, repeated: true })
                            .ok_or(unreadable.into());
                    }
                    Replayed::Other => return Err(NotifyError::KeyReused),
                    // It expired in this very moment.
                    Replayed::Nothing => {}
                }
            }
            // Somebody else has taken this place.
            (Err(WriteError::Conflict | WriteError::Failed(_)), _) => {}
            (Err(error), _) => return Err(StoreError::from(error).into()),
        }
    }
    Err(NotifyError::Busy)
}

/// What there is once for each user.
pub(crate) struct Head {
    /// The last place taken.
    pub(crate) seq: Seq,
    /// How many are unread.
    pub(crate) unread: u64,
    bucket: Bucket,
    is_new: bool,
}

impl Head {
    /// A head never counts as expired: its sequence must not begin anew.
    pub(crate) fn of_item(item: Option<&Item>, now: Millis) -> Result<Self, ItemError> {
        let Some(item) = item else {
            let bucket = Bucket::full(RATE, now);
            return Ok(Self { seq: Seq::ZERO, unread: 0, bucket, is_new: true });
        };
        let seq = item.count(attr::SEQ)?.try_into().map_err(|_| ItemError::of(attr::SEQ))?;
        let bucket = match (item.number(attr::BUCKET), item.number(attr::BUCKET_AT)) {
            (Some(thousandths), Some(at)) => Bucket { thousandths, at: Millis::new(at) },
            _ => Bucket::full(RATE, now),
        };
        let unread = item.number(attr::UNREAD).unwrap_or_default();
        Ok(Self { seq, unread, bucket, is_new: false })
    }

    pub(crate) async fn read<T: Table>(
        table: &T,
        user: &UserId,
        now: Millis,
    ) -> Result<Self, TableError> {
        let item = table.get(&Key::user_head(user)).await?;
        Ok(Self::of_item(item.as_ref(), now)?)
    }

    fn advance(&self, user: &UserId, seq: Seq, bucket: Bucket, now: Millis) -> Update {
        let same = if self.is_new {
            Condition::absent()
        } else {
            Condition::eq(attr::SEQ, self.seq.get())
        };
        let update = Update::of(Key::user_head(user))
            .set(attr::SEQ, seq.get())
            .set(attr::BUCKET, bucket.thousandths)
            .set(attr::BUCKET_AT, bucket.at)
            .add(attr::UNREAD, 1)
            .when(same);
        if user.is_anonymous() {
            // It ends with its one connection, long before this.
            update.set(EXP, now.plus(life::NOTIFICATION).seconds())
        } else {
            update
        }
    }
}

/// Why a notification is not in an inbox.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotifyError {
    /// It does not fit a frame.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// The user is being told too much.
    #[error("this user is sent too much at the moment; try again in {retry_after_ms} ms")]
    RateLimited {
        /// When it may succeed.
        retry_after_ms: u64,
    },
    /// The key stands for something else.
    #[error("the idempotency key stands for another notification; use a new one")]
    KeyReused,
    /// Others write to the same inbox all the time.
    #[error("the inbox is being written by others; try again")]
    Busy,
    /// The table cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl NotifyError {
    /// Whether the same may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::TooLarge(_) | Self::KeyReused => false,
            Self::RateLimited { .. } | Self::Busy => true,
            Self::Store(e) => e.is_retryable(),
        }
    }
}
