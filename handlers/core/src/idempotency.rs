//! The same request twice is one request.
//!
//! A key of the caller's making is claimed in the transaction that does what is asked, together
//! with a hash of it and with what came of it. So there is no moment at which the one is there
//! without the other.

use crate::table::{Attribute, Item, Live as _, StoreError, Table, Write};
use herald_contract::table::{EXP, Key, attr, life};
use herald_contract::{IdempotencyKey, Millis, UserId};

/// What a key is about: the same key for something else is another key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// A notification that somebody asked for.
    Publish,
    /// The notification of the end of a job.
    JobEnded,
    /// A job that its user submitted.
    SubmitJob,
}

impl Scope {
    pub(crate) fn key(self, owner: Option<&UserId>, key: &IdempotencyKey) -> Key {
        let scope = match self {
            Self::Publish => "publish",
            Self::JobEnded => "jobEnded",
            Self::SubmitJob => "job",
        };
        Key::idempotency(scope, owner, key)
    }
}

/// Claims a key for a request with this hash, of which `result` will have come.
pub(crate) fn claim(key: Key, hash: &str, result: &str, now: Millis) -> Write {
    let item = Item::from([
        (attr::HASH.to_owned(), Attribute::from(hash)),
        (attr::RESULT.to_owned(), result.into()),
        (EXP.to_owned(), now.plus(life::IDEMPOTENCY).seconds().into()),
    ]);
    Write::insert_or_replace_expired(key, item, now)
}

/// What a key stands for that could not be claimed.
pub(crate) enum Replayed {
    /// The same request, of which this came.
    Same(String),
    /// Another one.
    Other,
    /// Nothing any more.
    Nothing,
}

pub(crate) async fn replay<T: Table>(
    table: &T,
    key: &Key,
    hash: &str,
    now: Millis,
) -> Result<Replayed, StoreError> {
    let item = table.get(key).await?.filter(|item| item.is_live(now));
    let Some(item) = item else {
        return Ok(Replayed::Nothing);
    };
    if item.text(attr::HASH) == Some(hash) {
        Ok(Replayed::Same(item.parse(attr::RESULT)?))
    } else {
        Ok(Replayed::Other)
    }
}
