//! DynamoDB and DynamoDB Streams, by the embedded engine of `dynoxide-rs`.
//!
//! Everything that is particular to that crate stays in this module: its operations by name and its
//! error texts (`engine`), what it writes into ARNs (`names`), and what it leaves to others (`tokens`,
//! `retention`). It does not know who may call what.

mod engine;
mod names;
mod retention;
mod streams;
#[cfg(test)]
mod tests;
mod tokens;

use dynoxide::DynoxideError;
use engine::Engine;
use retention::Retention;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::Arc;

pub(crate) use dynoxide::storage_backend::Clock;
pub(crate) use streams::Read;

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

/// Bytes of all records of all streams.
const RECORDS_MAX: u64 = 128 * 1024 * 1024;
/// Retention is looked after once in so many writes, of so many bytes each.
const TRIM_EVERY: usize = 64;
const WRITE_BYTES: usize = 16 * 1024;

/// All tables of the local cloud.
pub(crate) struct DynamoDb {
    engine: Engine,
    retention: Retention,
    /// Writes since retention was looked after.
    writes: usize,
    region: Arc<str>,
}

/// The answer to one call: status and JSON.
pub(crate) type Answer = (u16, String);

/// Why an operation is not carried out.
enum Refusal {
    Engine(DynoxideError),
    Trimmed,
}

impl From<DynoxideError> for Refusal {
    fn from(error: DynoxideError) -> Self {
        Self::Engine(error)
    }
}

impl DynamoDb {
    /// Opens the tables kept in `file`, or empty ones in memory; they see the time of `clock`.
    pub(crate) fn open(
        file: Option<&Path>,
        clock: Arc<dyn Clock>,
        region: &str,
    ) -> Result<Self, String> {
        Self::open_with(file, clock, region, RECORDS_MAX).map_err(|e| match file {
            Some(path) => format!("the tables in {} cannot be opened: {e}", path.display()),
            None => format!("there is no room for tables: {e}"),
        })
    }

    fn open_with(
        file: Option<&Path>,
        clock: Arc<dyn Clock>,
        region: &str,
        records_max: u64,
    ) -> Result<Self, DynoxideError> {
        let (engine, database) = Engine::open(file, clock)?;
        let retention = Retention::new(database, records_max)?;
        Ok(Self { engine, retention, writes: 0, region: region.into() })
    }

    /// Creates the table that an `AWS::DynamoDB::Table` with these resolved properties is, unless
    /// it is there already.
    pub(crate) fn create_table(
        &mut self,
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
    fn ensure(&mut self, operation: &str, request: &Value) -> Result<(), String> {
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
    pub(crate) fn call(&mut self, operation: &str, body: &[u8]) -> Answer {
        match self.dispatch(operation, body) {
            Ok(answer) => (200, answer),
            Err(Refusal::Engine(error)) => (error.status_code(), error.to_json()),
            Err(Refusal::Trimmed) => (400, streams::TRIMMED.to_owned()),
        }
    }

    fn dispatch(&mut self, operation: &str, body: &[u8]) -> Result<String, Refusal> {
        match operation {
            "GetRecords" => self.get_records(body),
            "GetShardIterator" => self.get_shard_iterator(body),
            _ if writes(operation) => {
                self.writes += 1 + body.len() / WRITE_BYTES;
                if self.writes >= TRIM_EVERY {
                    self.trim()?;
                }
                Ok(self.engine.call(operation, body)?)
            }
            "BatchGetItem" | "GetItem" | "Query" | "Scan" | "TransactGetItems" => {
                Ok(self.engine.call(operation, body)?)
            }
            // Calls about tables carry names and no items, so names can be exchanged in their text.
            _ => {
                let body = names::to_engine(body, &self.region)?;
                let answer = self.engine.call(operation, &body)?;
                Ok(names::from_engine(&answer, &self.region))
            }
        }
    }

    fn trim(&mut self) -> Result<(), DynoxideError> {
        self.writes = 0;
        let now = i64::try_from(self.engine.now_seconds()).unwrap_or(i64::MAX);
        Ok(self.retention.keep_up(now)?)
    }

    /// Deletes what has outlived its time to live; gives how many items.
    pub(crate) fn sweep(&self) -> Result<usize, String> {
        self.engine.sweep().map_err(|e| e.to_string())
    }

    /// After a panic in the midst of a call: nothing of it happened.
    pub(crate) fn recover(&self) {
        self.engine.recover();
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
