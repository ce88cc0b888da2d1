//! The port to the table: items, reads, and writes under conditions, as data.
//!
//! It is as low as DynamoDB's own interface, so that every rule (which condition, which sequence,
//! which fence) stands in this crate and the adapter translates without deciding. [`fake`] is one
//! in memory; [`conformance`] is what every implementation has to pass.

pub mod conformance;
pub mod fake;
mod item;
mod write;

pub use item::{Attribute, Item, ItemError, Live, Row};
pub use write::{Condition, Update, Write};

use herald_contract::table::{Index, Key};

/// The table.
///
/// Reads of the table see every write before them. Reads of an index may be late, and give no other
/// attributes than the keys of the index. What has expired may still be there: who reads leaves it
/// out, see [`Live`].
pub trait Table: Sync {
    /// The item of this key.
    fn get(&self, key: &Key) -> impl Future<Output = Result<Option<Item>, TableError>> + Send;

    /// Items of one partition in the order of their sort keys.
    fn query(&self, query: &Query) -> impl Future<Output = Result<Page, TableError>> + Send;

    /// One write; the new item where it is an update.
    fn write(&self, write: Write) -> impl Future<Output = Result<Option<Item>, WriteError>> + Send;

    /// All of these writes or none of them; 1 to [`TRANSACTION_MAX`], no two of one item.
    fn transact(&self, writes: Vec<Write>) -> impl Future<Output = Result<(), WriteError>> + Send;
}

/// The most writes in one transaction (DynamoDB, service quotas).
pub const TRANSACTION_MAX: usize = 100;

/// How often a write is begun again because another transaction was at the same items.
pub(crate) const ATTEMPTS: u32 = 8;

/// Which items of one partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Of the table itself, or of an index.
    pub index: Option<Index>,
    /// The partition key.
    pub pk: String,
    /// Which sort keys.
    pub range: Range,
    /// From the last one on, where not.
    pub forward: bool,
    /// At most so many, at least 1. There may be fewer though there are more.
    pub limit: u32,
    /// Only what comes after this one, which need not be there.
    pub after: Option<Position>,
}

impl Query {
    /// All of a partition, from the first item on.
    pub fn of(pk: impl Into<String>, limit: u32) -> Self {
        Self { index: None, pk: pk.into(), range: Range::All, forward: true, limit, after: None }
    }
}

/// Which sort keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Range {
    /// Every one.
    All,
    /// Those that begin so.
    BeginsWith(String),
    /// Those that sort before this one.
    Before(String),
}

/// Where in a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The key of the item.
    pub key: Key,
    /// Its sort key in the index that is queried.
    pub index_sk: Option<String>,
}

/// Some of what was queried.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// In order.
    pub rows: Vec<Row>,
    /// Where the next page begins; none where this is the last.
    pub next: Option<Position>,
}

/// The rows of a query from page to page, at most so many as its limit; whether there are more.
pub(crate) async fn rows<T: Table>(
    table: &T,
    mut query: Query,
) -> Result<(Vec<Row>, bool), TableError> {
    let mut rows = Vec::new();
    loop {
        let page = table.query(&query).await?;
        query.limit =
            query.limit.saturating_sub(u32::try_from(page.rows.len()).unwrap_or(u32::MAX));
        rows.extend(page.rows);
        match page.next {
            Some(next) if query.limit > 0 => query.after = Some(next),
            next => return Ok((rows, next.is_some())),
        }
    }
}

/// Why the table could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// It did not answer, or not with items.
    #[error("the table could not be read: {why}")]
    Unavailable {
        /// What went wrong, in words for a log.
        why: String,
        /// Whether the same read may succeed later.
        retryable: bool,
    },
    /// An item is not as this version writes it.
    #[error(transparent)]
    Item(#[from] ItemError),
}

impl TableError {
    /// Whether the same read may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable { retryable, .. } => *retryable,
            Self::Item(_) => false,
        }
    }
}

/// Why nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Another transaction was at one of the items. Read again and try again.
    #[error("another transaction was writing the same items")]
    Conflict,
    /// Conditions do not hold: of the writes with these indices, in order. There is at least one,
    /// and there may be others that do not hold either.
    #[error("the conditions of the writes {0:?} do not hold")]
    Failed(Vec<usize>),
    /// It did not answer, or would not do it. It may have been done all the same.
    #[error("the table could not be written: {why}")]
    Unavailable {
        /// What went wrong, in words for a log.
        why: String,
        /// Whether the same write may succeed later.
        retryable: bool,
    },
}

impl WriteError {
    /// Whether the condition of the write with this index is known not to hold.
    pub fn failed_at(&self, index: usize) -> bool {
        matches!(self, Self::Failed(failed) if failed.contains(&index))
    }
}

/// Why the table could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It could not be read.
    #[error(transparent)]
    Read(#[from] TableError),
    /// It could not be written, for another reason than a condition that tells something.
    #[error(transparent)]
    Write(#[from] WriteError),
}

impl StoreError {
    /// Whether the same may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Read(e) => e.is_retryable(),
            Self::Write(WriteError::Conflict | WriteError::Failed(_)) => true,
            Self::Write(WriteError::Unavailable { retryable, .. }) => *retryable,
        }
    }
}

impl From<ItemError> for StoreError {
    fn from(error: ItemError) -> Self {
        Self::Read(error.into())
    }
}
