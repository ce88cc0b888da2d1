//! The engine itself: its storage, its operations by name, and what it needs beside its tables.
//!
//! Its operations are used directly rather than through its `Database`, which can be told the time
//! only when its tables are in memory. They never wait, so that each is done when it is first polled.

use super::tokens::Tokens;
use dynoxide::DynoxideError;
use dynoxide::actions::get_records::{GetRecordsRequest, GetRecordsResponse};
use dynoxide::actions::get_shard_iterator::{GetShardIteratorRequest, GetShardIteratorResponse};
use dynoxide::actions::vector_lifecycle::VectorIndexLifecycle;
use dynoxide::actions::{
    batch_execute_statement, batch_get_item, batch_write_item, create_table, delete_item,
    delete_table, describe_stream, describe_table, describe_time_to_live, execute_statement,
    execute_transaction, get_item, get_records, get_shard_iterator, list_streams, list_tables,
    list_tags_of_resource, put_item, query, scan, tag_resource, transact_get_items,
    transact_write_items, untag_resource, update_item, update_table, update_time_to_live,
};
use dynoxide::storage::Storage;
use dynoxide::storage_backend::Clock;
use dynoxide::ttl::sweep_expired_items;
use futures_util::FutureExt as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(super) struct Engine {
    storage: Storage,
    clock: Arc<dyn Clock>,
    tokens: Tokens,
    vector_indexes: VectorIndexLifecycle,
}

/// JSON, or why there is none.
pub(super) type Answered = Result<String, DynoxideError>;

impl Engine {
    /// Opens the tables kept in `file`, or empty ones in memory, and a second way to them.
    pub(super) fn open(
        file: Option<&Path>,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, rusqlite::Connection), DynoxideError> {
        let name = file.map_or_else(in_memory, |path| path.to_string_lossy().into_owned());
        let storage = Storage::new(&name)?.with_clock(Arc::clone(&clock));
        let second = rusqlite::Connection::open(&name)?;
        let (tokens, vector_indexes) = (Tokens::default(), VectorIndexLifecycle::new());
        Ok((Self { storage, clock, tokens, vector_indexes }, second))
    }

    pub(super) fn now_seconds(&self) -> u64 {
        self.clock.now_unix_secs()
    }

    pub(super) fn call(&mut self, operation: &str, body: &[u8]) -> Answered {
        let Self { storage, clock, tokens, vector_indexes } = self;
        tokens.once(clock.now_unix_secs(), operation, body, || {
            carry_out(storage, vector_indexes, operation, body)
        })
    }

    pub(super) fn get_shard_iterator(
        &self,
        request: GetShardIteratorRequest,
    ) -> Result<GetShardIteratorResponse, DynoxideError> {
        done(get_shard_iterator::execute(&self.storage, request))
    }

    pub(super) fn get_records(
        &self,
        request: GetRecordsRequest,
    ) -> Result<GetRecordsResponse, DynoxideError> {
        done(get_records::execute(&self.storage, request))
    }

    /// Deletes what has outlived its time to live; gives how many items.
    pub(super) fn sweep(&self) -> Result<usize, DynoxideError> {
        done(sweep_expired_items(&self.storage))
    }

    /// After a panic in the midst of an operation: nothing of it happened.
    pub(super) fn recover(&self) {
        // Mostly there is nothing to roll back, which is refused.
        _ = self.storage.rollback();
    }
}

fn carry_out(
    db: &Storage,
    vectors: &VectorIndexLifecycle,
    operation: &str,
    body: &[u8],
) -> Answered {
    match operation {
        "BatchExecuteStatement" => run(body, |r| batch_execute_statement::execute(db, r)),
        "BatchGetItem" => run(body, |r| batch_get_item::execute(db, r)),
        "BatchWriteItem" => run(body, |r| batch_write_item::execute(db, r)),
        "CreateTable" => run(body, |r| create_table::execute(db, r)),
        "DeleteItem" => run(body, |r| delete_item::execute(db, r)),
        "DeleteTable" => run(body, |r| delete_table::execute(db, r, vectors)),
        "DescribeStream" => run(body, |r| describe_stream::execute(db, r)),
        "DescribeTable" => run(body, |r| describe_table::execute(db, r, vectors)),
        "DescribeTimeToLive" => run(body, |r| describe_time_to_live::execute(db, r)),
        "ExecuteStatement" => run(body, |r| execute_statement::execute(db, r)),
        "ExecuteTransaction" => run(body, |r| execute_transaction::execute(db, r)),
        "GetItem" => run(body, |r| get_item::execute(db, r)),
        "ListStreams" => run(body, |r| list_streams::execute(db, r)),
        "ListTables" => run(body, |r| list_tables::execute(db, r)),
        "ListTagsOfResource" => run(body, |r| list_tags_of_resource::execute(db, r)),
        "PutItem" => run(body, |r| put_item::execute(db, r)),
        "Query" => run(body, |r| query::execute(db, r)),
        "Scan" => run(body, |r| scan::execute(db, r)),
        "TagResource" => run(body, |r| nothing(tag_resource::execute(db, r))),
        "TransactGetItems" => run(body, |r| transact_get_items::execute(db, r)),
        "TransactWriteItems" => run(body, |r| transact_write_items::execute(db, r)),
        "UntagResource" => run(body, |r| nothing(untag_resource::execute(db, r))),
        "UpdateItem" => run(body, |r| update_item::execute(db, r)),
        "UpdateTable" => run(body, |r| update_table::execute(db, r, vectors)),
        "UpdateTimeToLive" => run(body, |r| update_time_to_live::execute(db, r)),
        _ => Err(DynoxideError::ValidationException(format!(
            "the local cloud does not know the DynamoDB operation {operation}"
        ))),
    }
}

/// An empty object, whatever the engine says.
async fn nothing<T>(
    operation: impl Future<Output = Result<T, DynoxideError>>,
) -> Result<Value, DynoxideError> {
    operation.await.map(|_| Value::Object(Map::new()))
}

/// A name under which two connections of this process find the same tables, and no others do. SQLite
/// lets them grow to 1 GiB.
fn in_memory() -> String {
    static LAST: AtomicU64 = AtomicU64::new(0);
    format!("file:/tables-{}?vfs=memdb", LAST.fetch_add(1, Ordering::Relaxed))
}

fn run<Q, A, F>(body: &[u8], operation: impl FnOnce(Q) -> F) -> Answered
where
    Q: DeserializeOwned,
    A: Serialize,
    F: Future<Output = Result<A, DynoxideError>>,
{
    json(&done(operation(request(body)?))?)
}

/// The request in a body.
pub(super) fn request<Q: DeserializeOwned>(body: &[u8]) -> Result<Q, DynoxideError> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|e| refuse(&e))
}

pub(super) fn json(answer: &impl Serialize) -> Answered {
    serde_json::to_string(answer).map_err(|e| DynoxideError::InternalServerError(e.to_string()))
}

fn done<T>(operation: impl Future<Output = Result<T, DynoxideError>>) -> Result<T, DynoxideError> {
    operation.now_or_never().unwrap_or_else(|| {
        let why = "the tables have to wait for something, which they never do; this is a bug";
        Err(DynoxideError::InternalServerError(why.to_owned()))
    })
}

/// The engine marks what its own parsing refuses by a prefix; the rest is serde's.
fn refuse(error: &serde_json::Error) -> DynoxideError {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    for marker in ["VALIDATION_REQUEST:", "VALIDATION:"] {
        if let Some(message) = text.strip_prefix(marker) {
            return DynoxideError::ValidationException(message.trim_start().to_owned());
        }
    }
    match text.strip_prefix("SERIALIZATION:") {
        Some(message) => DynoxideError::SerializationException(message.trim_start().to_owned()),
        None if error.is_data() => DynoxideError::ValidationException(text.to_owned()),
        None => DynoxideError::SerializationException(text.to_owned()),
    }
}
