//! The table of `herald-core` on DynamoDB.
//!
//! It translates and decides nothing: which condition, which fence, which order stand in the domain.
//! A write is sent again only where it was certainly not done, or where a token makes the second one
//! do nothing; whoever asked for the write knows what to do otherwise.

mod attribute;
mod expression;

pub(crate) use attribute::{to_item, to_key};

use aws_wire::{CallError, Client, Operation, Service};
use expression::Expressions;
use herald_contract::table::{Index, Key, PK, SK};
use herald_core::ports::Chance;
use herald_core::table::{Item, Page, Position, Query, Range, Row, Table, TableError};
use herald_core::table::{Write, WriteError};
use serde::Deserialize;
use serde_json::{Map, Value, json};

const GET: Operation = Operation::idempotent(Service::DYNAMODB, "GetItem", "dynamodb:GetItem");
const QUERY: Operation = Operation::idempotent(Service::DYNAMODB, "Query", "dynamodb:Query");
const PUT: Operation = Operation::once(Service::DYNAMODB, "PutItem", "dynamodb:PutItem");
const UPDATE: Operation = Operation::once(Service::DYNAMODB, "UpdateItem", "dynamodb:UpdateItem");
const DELETE: Operation = Operation::once(Service::DYNAMODB, "DeleteItem", "dynamodb:DeleteItem");
/// Its parts are what has to be allowed. The token makes it safe to repeat.
const TRANSACT: Operation =
    Operation::idempotent(Service::DYNAMODB, "TransactWriteItems", "dynamodb:PutItem");

/// A table of DynamoDB.
#[derive(Debug)]
pub struct DynamoDb<H> {
    client: Client,
    name: String,
    chance: H,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneItem {
    #[serde(alias = "Attributes")]
    item: Option<Map<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Items {
    #[serde(default)]
    items: Vec<Map<String, Value>>,
    last_evaluated_key: Option<Map<String, Value>>,
}

/// Why a transaction was not done, one reason for each of its writes.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Cancelled {
    cancellation_reasons: Vec<Reason>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Reason {
    code: Option<String>,
    message: Option<String>,
}

impl<H: Chance> DynamoDb<H> {
    /// The table of this name. `chance` is for the tokens of transactions.
    pub fn new(client: &Client, name: String, chance: H) -> Self {
        Self { client: client.clone(), name, chance }
    }

    fn query_request(&self, query: &Query) -> Value {
        let Query { index, pk, range, forward, limit, after } = query;
        let (pk_name, sk_name) = index.map_or((PK, SK), |index| (index.pk(), index.sk()));
        let mut expressions = Expressions::default();
        let of_pk =
            format!("{} = {}", expressions.name(pk_name), expressions.value(pk.as_str().into()));
        let condition = match range {
            Range::All => of_pk,
            Range::BeginsWith(prefix) => {
                let (sk, prefix) =
                    (expressions.name(sk_name), expressions.value(prefix.as_str().into()));
                format!("{of_pk} AND begins_with({sk}, {prefix})")
            }
            Range::Before(end) => {
                let (sk, end) = (expressions.name(sk_name), expressions.value(end.as_str().into()));
                format!("{of_pk} AND {sk} < {end}")
            }
        };
        let mut request = json!({
            "TableName": self.name,
            // Reads of an index cannot be consistent.
            "ConsistentRead": index.is_none(),
            "KeyConditionExpression": condition,
            "ScanIndexForward": forward,
            "Limit": limit,
        });
        if let Some(index) = index {
            request["IndexName"] = index.name().into();
        }
        if let Some(Position { key, index_sk }) = after {
            let mut start = attribute::of_key(key);
            if let (Some(index), Some(sk)) = (index, index_sk) {
                start[index.pk()] = attribute::of(pk.as_str().into());
                start[index.sk()] = attribute::of(sk.as_str().into());
            }
            request["ExclusiveStartKey"] = start;
        }
        expressions.write_to(&mut request);
        request
    }

    /// A write as a single request and as a part of a transaction, by what it is called there.
    fn write_request(&self, write: Write) -> (&'static str, Value) {
        let mut expressions = Expressions::default();
        let mut request = json!({ "TableName": self.name });
        if let Some(condition) = write.condition() {
            request["ConditionExpression"] = expressions.condition(condition).into();
        }
        let name = match write {
            Write::Put { key, item, condition: _ } => {
                request["Item"] = attribute::of_row(&key, item);
                "Put"
            }
            Write::Update(update) => {
                request["Key"] = attribute::of_key(&update.key);
                if let Some(changes) = expressions.update(update) {
                    request["UpdateExpression"] = changes.into();
                }
                "Update"
            }
            Write::Delete { key, condition: _ } => {
                request["Key"] = attribute::of_key(&key);
                "Delete"
            }
            Write::Check { key, condition: _ } => {
                request["Key"] = attribute::of_key(&key);
                "ConditionCheck"
            }
        };
        expressions.write_to(&mut request);
        (name, request)
    }
}

impl<H: Chance> Table for DynamoDb<H> {
    async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        let request = json!({
            "TableName": self.name,
            "Key": attribute::of_key(key),
            "ConsistentRead": true,
        });
        let OneItem { item } = self.client.json(&GET, &request).await.map_err(unread)?;
        item.map(|item| to_item(item).map_err(unreadable)).transpose()
    }

    async fn query(&self, query: &Query) -> Result<Page, TableError> {
        let request = self.query_request(query);
        let answer: Items = self.client.json(&QUERY, &request).await.map_err(unread)?;
        let rows = answer.items.into_iter().map(|mut item| {
            let key = to_key(&mut item)?;
            Ok(Row { key, item: to_item(item)? })
        });
        let rows = rows.collect::<Result<_, String>>().map_err(unreadable)?;
        let next = answer.last_evaluated_key.map(|key| position(query.index, key));
        Ok(Page { rows, next: next.transpose().map_err(unreadable)? })
    }

    async fn write(&self, write: Write) -> Result<Option<Item>, WriteError> {
        let (name, mut request) = self.write_request(write);
        let operation = match name {
            "Put" => &PUT,
            "Delete" => &DELETE,
            "Update" => {
                request["ReturnValues"] = "ALL_NEW".into();
                &UPDATE
            }
            _ => {
                let why = "a check alone is no write".to_owned();
                return Err(WriteError::Unavailable { why, retryable: false });
            }
        };
        let OneItem { item } = self.client.json(operation, &request).await.map_err(unwritten)?;
        let item = item.map(to_item).transpose();
        item.map_err(|why| WriteError::Unavailable { why, retryable: false })
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), WriteError> {
        let items: Vec<_> = writes
            .into_iter()
            .map(|write| {
                let (name, request) = self.write_request(write);
                json!({ name: request })
            })
            .collect();
        let token = format!("{:016x}{:016x}", self.chance.next_u64(), self.chance.next_u64());
        let request = json!({ "TransactItems": items, "ClientRequestToken": token });
        let done: Result<Value, _> = self.client.json(&TRANSACT, &request).await;
        done.map(|_| ()).map_err(|e| cancelled(&e).unwrap_or_else(|| unwritten(e)))
    }
}

fn position(index: Option<Index>, mut key: Map<String, Value>) -> Result<Position, String> {
    let name = to_key(&mut key)?;
    let index_sk = match index {
        None => None,
        Some(index) => Some(attribute::take_text(&mut key, index.sk())?),
    };
    Ok(Position { key: name, index_sk })
}

fn unread(error: CallError) -> TableError {
    TableError::Unavailable { why: error.to_string(), retryable: error.is_retryable() }
}

fn unreadable(why: String) -> TableError {
    TableError::Unavailable { why, retryable: false }
}

fn unwritten(error: CallError) -> WriteError {
    match error.code() {
        Some("ConditionalCheckFailedException") => WriteError::Failed(vec![0]),
        Some("TransactionConflictException") => WriteError::Conflict,
        _ => WriteError::Unavailable { why: error.to_string(), retryable: error.is_retryable() },
    }
}

/// What the reasons of a cancelled transaction come to. A condition that does not hold goes before
/// all others, since no later attempt changes it.
fn cancelled(error: &CallError) -> Option<WriteError> {
    const PASSING: [&str; 2] = ["ProvisionedThroughputExceeded", "ThrottlingError"];
    if error.code() != Some("TransactionCanceledException") {
        return None;
    }
    let Cancelled { cancellation_reasons: reasons } = error.detail()?;
    let code = |reason: &Reason| reason.code.clone().unwrap_or_default();
    let failed: Vec<_> = (0_usize..)
        .zip(&reasons)
        .filter(|(_, reason)| code(reason) == "ConditionalCheckFailed")
        .map(|(index, _)| index)
        .collect();
    if !failed.is_empty() {
        return Some(WriteError::Failed(failed));
    }
    if reasons.iter().any(|reason| code(reason) == "TransactionConflict") {
        return Some(WriteError::Conflict);
    }
    let others = reasons.iter().filter(|reason| !matches!(&*code(reason), "" | "None"));
    let why = others.clone().map(|reason| {
        let message = reason.message.as_deref().unwrap_or("no message");
        format!("{}: {message}", code(reason))
    });
    let why = format!("{}: {}", error.code()?, why.collect::<Vec<_>>().join("; "));
    let retryable = others.clone().all(|reason| PASSING.contains(&&*code(reason)));
    Some(WriteError::Unavailable { why, retryable })
}
