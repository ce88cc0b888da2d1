//! A table of the embedded engine behind a socket: DynamoDB as far as the adapter can tell.

use crate::server::{Request, Server, response};
use dynoxide::{Database, DynoxideError};
use herald_contract::table::{Index, PK, SK};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub(crate) const TABLE: &str = "herald";

/// An engine with the table, empty.
pub(crate) fn engine() -> Database {
    let db = Database::memory().unwrap();
    db.create_table(serde_json::from_value(create_table()).unwrap()).unwrap();
    db
}

/// A server for nothing but the engine.
pub(crate) fn start() -> Server {
    let db = engine();
    Server::start(move |request| answer(&db, request).expect("a call of DynamoDB"))
}

/// The table as the stack makes it, as far as reads and writes can tell.
pub(crate) fn create_table() -> Value {
    let keys = Index::ALL.iter().flat_map(|index| [index.pk(), index.sk()]);
    let attributes = [PK, SK].into_iter().chain(keys);
    let schema = |pk, sk| json!([{ "AttributeName": pk, "KeyType": "HASH" }, { "AttributeName": sk, "KeyType": "RANGE" }]);
    let index = |index: &Index| {
        json!({
            "IndexName": index.name(),
            "KeySchema": schema(index.pk(), index.sk()),
            "Projection": { "ProjectionType": "KEYS_ONLY" },
        })
    };
    json!({
        "TableName": TABLE,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes
            .map(|name| json!({ "AttributeName": name, "AttributeType": "S" }))
            .collect::<Vec<_>>(),
        "KeySchema": schema(PK, SK),
        "GlobalSecondaryIndexes": Index::ALL.iter().map(index).collect::<Vec<_>>(),
    })
}

/// What the engine says to a request, where it is one to DynamoDB.
pub(crate) fn answer(db: &Database, request: &Request) -> Option<String> {
    let operation = request.headers.get("x-amz-target")?.strip_prefix("DynamoDB_20120810.")?;
    let body = &request.body;
    let answer = match operation {
        "GetItem" => run(body, |r| db.get_item(r)),
        "Query" => run(body, |r| db.query(r)),
        "PutItem" => run(body, |r| db.put_item(r)),
        "UpdateItem" => run(body, |r| db.update_item(r)),
        "DeleteItem" => run(body, |r| db.delete_item(r)),
        "TransactWriteItems" => run(body, |r| db.transact_write_items(r)),
        other => panic!("the adapter has no use for {other}"),
    };
    let json = &["content-type: application/x-amz-json-1.0"];
    Some(match answer {
        Ok(body) => response("200 OK", json, &body),
        Err(error) => response("400 Bad Request", json, &error.to_json()),
    })
}

fn run<Q: DeserializeOwned, A: Serialize>(
    body: &str,
    operation: impl FnOnce(Q) -> Result<A, DynoxideError>,
) -> Result<String, DynoxideError> {
    let request = serde_json::from_str(body)
        .map_err(|e| DynoxideError::ValidationException(e.to_string()))?;
    Ok(serde_json::to_string(&operation(request)?).unwrap())
}
