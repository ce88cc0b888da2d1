//! DynamoDB and DynamoDB Streams, by the embedded engine of `dynoxide-rs`.
//!
//! Everything that is particular to that crate stays in this module: its operations by name, its
//! error texts, and what it writes into ARNs (`names`). It does not know who may call what.

mod names;
#[cfg(test)]
mod tests;

use dynoxide::{Database, DynoxideError};
use gateway_core::stream::{Page, Position};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::Arc;

pub(crate) use dynoxide::storage_backend::Clock;

/// What of a table's properties the engine is told.
const CREATED_WITH: [&str; 7] = [
    "AttributeDefinitions",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "ProvisionedThroughput",
    "Tags",
];

/// All tables of the local cloud.
#[derive(Clone)]
pub(crate) struct DynamoDb {
    db: Database,
    region: Arc<str>,
}

/// The answer to one call: status and JSON.
pub(crate) type Answer = (u16, String);

impl DynamoDb {
    /// Opens the tables kept in `file`, or empty ones in memory that see the time of `clock`.
    pub(crate) fn open(
        file: Option<&Path>,
        clock: Arc<dyn Clock>,
        region: &str,
    ) -> Result<Self, String> {
        let db = match file {
            Some(path) => Database::new(&path.to_string_lossy())
                .map_err(|e| format!("the tables in {} cannot be opened: {e}", path.display())),
            None => Database::memory_with_clock(clock)
                .map_err(|e| format!("there is no room for tables: {e}")),
        };
        Ok(Self { db: db?, region: region.into() })
    }

    /// Creates the table that an `AWS::DynamoDB::Table` with these resolved properties is, unless
    /// it is there already.
    pub(crate) fn create_table(
        &self,
        name: &str,
        properties: &Map<String, Value>,
    ) -> Result<(), String> {
        let mut request = json!({ "TableName": name });
        for key in CREATED_WITH {
            if let Some(value) = properties.get(key) {
                request[key] = value.clone();
            }
        }
        if properties.contains_key("Replicas") {
            // Throughput of a global table is set otherwise, and does not matter here.
            request["BillingMode"] = "PAY_PER_REQUEST".into();
        }
        if let Some(stream) = properties.get("StreamSpecification") {
            let view = stream
                .get("StreamViewType")
                .cloned()
                .unwrap_or_else(|| "NEW_AND_OLD_IMAGES".into());
            request["StreamSpecification"] =
                json!({ "StreamEnabled": true, "StreamViewType": view });
        }
        numbers(&mut request);
        self.ensure("CreateTable", &request)?;
        if let Some(ttl) = properties.get("TimeToLiveSpecification") {
            // CloudFormation writes booleans as text now and then.
            let enabled = ttl.get("Enabled").is_some_and(|e| *e == json!(true) || *e == "true");
            if enabled {
                let specification =
                    json!({ "AttributeName": ttl.get("AttributeName"), "Enabled": true });
                let request =
                    json!({ "TableName": name, "TimeToLiveSpecification": specification });
                self.ensure("UpdateTimeToLive", &request)?;
            }
        }
        Ok(())
    }

    /// A call that may find its work done.
    fn ensure(&self, operation: &str, request: &Value) -> Result<(), String> {
        match self.call(operation, request.to_string().as_bytes()) {
            (200, _) => Ok(()),
            (_, body)
                if body.contains("ResourceInUseException") || body.contains("already enabled") =>
            {
                Ok(())
            }
            (_, body) => Err(message(&body)),
        }
    }

    /// Answers one operation.
    pub(crate) fn call(&self, operation: &str, body: &[u8]) -> Answer {
        match self.dispatch(operation, body) {
            Ok(answer) => (200, answer),
            Err(error) => (error.status_code(), error.to_json()),
        }
    }

    fn dispatch(&self, operation: &str, body: &[u8]) -> Result<String, DynoxideError> {
        let db = &self.db;
        match operation {
            "BatchExecuteStatement" => run(body, |r| db.batch_execute_statement(r)),
            "BatchGetItem" => run(body, |r| db.batch_get_item(r)),
            "BatchWriteItem" => run(body, |r| db.batch_write_item(r)),
            "DeleteItem" => run(body, |r| db.delete_item(r)),
            "ExecuteStatement" => run(body, |r| db.execute_statement(r)),
            "ExecuteTransaction" => run(body, |r| db.execute_transaction(r)),
            "GetItem" => run(body, |r| db.get_item(r)),
            "PutItem" => run(body, |r| db.put_item(r)),
            "Query" => run(body, |r| db.query(r)),
            "Scan" => run(body, |r| db.scan(r)),
            "TransactGetItems" => run(body, |r| db.transact_get_items(r)),
            "TransactWriteItems" => run(body, |r| db.transact_write_items(r)),
            "UpdateItem" => run(body, |r| db.update_item(r)),
            "GetRecords" => self.get_records(body),
            // Calls about tables carry names and no items, so names can be exchanged in their text.
            _ => {
                let body = names::to_engine(body, &self.region)?;
                let answer = self.about_tables(operation, &body)?;
                Ok(names::from_engine(&answer, &self.region))
            }
        }
    }

    fn about_tables(&self, operation: &str, body: &[u8]) -> Result<String, DynoxideError> {
        let db = &self.db;
        match operation {
            "CreateTable" => run(body, |r| db.create_table(r)),
            "DeleteTable" => run(body, |r| db.delete_table(r)),
            "DescribeStream" => run(body, |r| db.describe_stream(r)),
            "DescribeTable" => run(body, |r| db.describe_table(r)),
            "DescribeTimeToLive" => run(body, |r| db.describe_time_to_live(r)),
            "GetShardIterator" => {
                run(body, |r: dynoxide::actions::get_shard_iterator::GetShardIteratorRequest| {
                    let stream_arn = r.stream_arn.clone();
                    let mut answer = db.get_shard_iterator(r)?;
                    answer.shard_iterator = answer
                        .shard_iterator
                        .map(|iterator| names::iterator(&stream_arn, &iterator));
                    Ok(answer)
                })
            }
            "ListStreams" => run(body, |r| db.list_streams(r)),
            "ListTables" => run(body, |r| db.list_tables(r)),
            "ListTagsOfResource" => run(body, |r| db.list_tags_of_resource(r)),
            "TagResource" => run(body, |r| db.tag_resource(r).map(|_| json!({}))),
            "UntagResource" => run(body, |r| db.untag_resource(r).map(|_| json!({}))),
            "UpdateTable" => run(body, |r| db.update_table(r)),
            "UpdateTimeToLive" => run(body, |r| db.update_time_to_live(r)),
            _ => Err(DynoxideError::ValidationException(format!(
                "the local cloud does not know the DynamoDB operation {operation}"
            ))),
        }
    }

    fn get_records(&self, body: &[u8]) -> Result<String, DynoxideError> {
        run(body, |mut request: dynoxide::actions::get_records::GetRecordsRequest| {
            let (stream_arn, iterator) = names::of_iterator(&request.shard_iterator)?;
            request.shard_iterator = iterator;
            let mut answer = self.db.get_records(request)?;
            for record in &mut answer.records {
                record.aws_region = self.region.to_string();
            }
            answer.next_shard_iterator =
                answer.next_shard_iterator.map(|next| names::iterator(&stream_arn, &next));
            Ok(answer)
        })
    }

    /// One page of a stream. Its end, given as a position, is where the next page begins.
    pub(crate) fn read(
        &self,
        stream_arn: &str,
        from: &Position,
        limit: usize,
    ) -> Result<Page, String> {
        let (shard, iterator) = match from {
            Position::At(end) => end.split_once(' ').map(|(s, i)| (s.to_owned(), i.to_owned())),
            Position::TrimHorizon => Some(self.iterator(stream_arn, "TRIM_HORIZON", None)?),
            Position::Latest => Some(self.iterator(stream_arn, "LATEST", None)?),
            Position::After(number) => {
                Some(self.iterator(stream_arn, "AFTER_SEQUENCE_NUMBER", Some(number))?)
            }
        }
        .ok_or("a position that was never given out")?;
        let mut answer =
            self.ask("GetRecords", &json!({ "ShardIterator": iterator, "Limit": limit }))?;
        let Value::Array(records) = answer["Records"].take() else {
            return Err("GetRecords gave no records".into());
        };
        let next = answer["NextShardIterator"].as_str().unwrap_or(&iterator);
        Ok(Page { next: format!("{shard} {next}"), shard, records })
    }

    /// The shard of a stream, and an iterator on it.
    fn iterator(
        &self,
        stream_arn: &str,
        kind: &str,
        number: Option<&str>,
    ) -> Result<(String, String), String> {
        let stream = self.ask("DescribeStream", &json!({ "StreamArn": stream_arn }))?;
        let shard = &stream["StreamDescription"]["Shards"][0]["ShardId"];
        let mut request =
            json!({ "StreamArn": stream_arn, "ShardId": shard, "ShardIteratorType": kind });
        if let Some(number) = number {
            request["SequenceNumber"] = number.into();
        }
        let answer = self.ask("GetShardIterator", &request)?;
        match (shard.as_str(), answer["ShardIterator"].as_str()) {
            (Some(shard), Some(iterator)) => Ok((shard.to_owned(), iterator.to_owned())),
            _ => Err(format!("{stream_arn} has no shard")),
        }
    }

    fn ask(&self, operation: &str, request: &Value) -> Result<Value, String> {
        match self.call(operation, request.to_string().as_bytes()) {
            (200, answer) => serde_json::from_str(&answer).map_err(|e| e.to_string()),
            (_, answer) => Err(format!("{operation} failed: {}", message(&answer))),
        }
    }

    /// Deletes what has outlived its time to live; gives how many items.
    pub(crate) fn sweep(&self) -> Result<usize, String> {
        self.db.sweep_ttl().map_err(|e| e.to_string())
    }
}

/// Whether an operation may have changed an item, and so a stream.
pub(crate) fn writes(operation: &str) -> bool {
    matches!(
        operation,
        "BatchExecuteStatement"
            | "BatchWriteItem"
            | "DeleteItem"
            | "ExecuteStatement"
            | "ExecuteTransaction"
            | "PutItem"
            | "TransactWriteItems"
            | "UpdateItem"
    )
}

/// The message in an error's body.
fn message(body: &str) -> String {
    let error: Value = serde_json::from_str(body).unwrap_or_default();
    let message = error.get("message").or(error.get("Message")).and_then(Value::as_str);
    message.unwrap_or(body).to_owned()
}

/// CloudFormation takes numbers as text too.
fn numbers(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value.as_str().and_then(|text| text.parse::<u64>().ok()) {
                    Some(number) if key.ends_with("CapacityUnits") => *value = number.into(),
                    _ => numbers(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(numbers),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn run<Q: DeserializeOwned, A: Serialize>(
    body: &[u8],
    operation: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<String, DynoxideError> {
    let body = if body.is_empty() { b"{}" } else { body };
    let request = serde_json::from_slice(body).map_err(|e| refuse(&e))?;
    serde_json::to_string(&operation(request)?)
        .map_err(|e| DynoxideError::InternalServerError(e.to_string()))
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
