//! What a `DynamoDB` request asks for: actions on tables, indexes and streams, with the condition
//! keys of fine-grained access ("Using IAM policy conditions for fine-grained access control").

use super::Ask;
use super::expression::Placeholders;
use super::partiql;
use super::service::{arn, text};
use crate::topology::Topology;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Parameters that are expressions.
const EXPRESSIONS: [&str; 5] = [
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ProjectionExpression",
    "UpdateExpression",
];
/// Parameters of before there were expressions: maps by attribute.
const MAPS: [&str; 7] =
    ["AttributeUpdates", "Expected", "Item", "Key", "KeyConditions", "QueryFilter", "ScanFilter"];

pub(super) fn asks(topology: &Topology, operation: &str, body: &Value) -> Vec<Ask> {
    let one = |action: &str, request: &Value| Access { topology, operation, request }.ask(action);
    match operation {
        "BatchGetItem" | "BatchWriteItem" => {
            let tables = body.get("RequestItems").and_then(Value::as_object).into_iter().flatten();
            tables.map(|(table, requests)| batch(topology, operation, table, requests)).collect()
        }
        "TransactGetItems" | "TransactWriteItems" => list(body, "TransactItems")
            .flat_map(|item| item.as_object().into_iter().flatten())
            .map(|(kind, request)| match kind.as_str() {
                "ConditionCheck" => one("ConditionCheckItem", request),
                kind => one(&format!("{kind}Item"), request),
            })
            .collect(),
        "ExecuteStatement" => vec![statement(topology, body)],
        "BatchExecuteStatement" => {
            list(body, "Statements").map(|s| statement(topology, s)).collect()
        }
        "ExecuteTransaction" => {
            list(body, "TransactStatements").map(|s| statement(topology, s)).collect()
        }
        _ => vec![one(operation, body)],
    }
}

/// A shard iterator begins with the ARN of its stream, as AWS's do.
pub(super) fn stream_asks(topology: &Topology, operation: &str, body: &Value) -> Vec<Ask> {
    let iterator = text(body, "ShardIterator").and_then(|iterator| iterator.split('|').next());
    let named = text(body, "StreamArn").or(iterator.filter(|stream| stream.starts_with("arn:")));
    let resource = named.map_or_else(
        || format!("{}/stream/*", table_arn(topology, text(body, "TableName").unwrap_or("*"))),
        ToOwned::to_owned,
    );
    vec![Ask { action: format!("dynamodb:{operation}"), resource, ..Ask::default() }]
}

fn list<'v>(body: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    body.get(key).and_then(Value::as_array).into_iter().flatten()
}

/// A table may be named by its ARN.
fn table_arn(topology: &Topology, table: &str) -> String {
    if table.starts_with("arn:") {
        table.to_owned()
    } else {
        arn(topology, "dynamodb", &format!("table/{table}"))
    }
}

fn statement(topology: &Topology, request: &Value) -> Ask {
    let read = text(request, "Statement").and_then(partiql::read);
    let (action, table, index) = match &read {
        Some(s) => (s.action, s.table.as_str(), s.index.as_deref()),
        None => ("PartiQLSelect", "*", None),
    };
    let resource =
        table_arn(topology, table) + &index.map(|i| format!("/index/{i}")).unwrap_or_default();
    Ask { action: format!("dynamodb:{action}"), resource, ..Ask::default() }
}

/// One table's part of a batch: `Keys` to get, or a list of `PutRequest` and `DeleteRequest`.
fn batch(topology: &Topology, operation: &str, table: &str, requests: &Value) -> Ask {
    let mut access = Keys::default();
    let partition_key =
        topology.tables.get(table_name(table)).map(|table| table.partition_key.as_str());
    for key in list(requests, "Keys") {
        access.item(key, partition_key);
    }
    for request in requests.as_array().into_iter().flatten() {
        for item in [&request["PutRequest"]["Item"], &request["DeleteRequest"]["Key"]] {
            access.item(item, partition_key);
        }
    }
    access.expressions(requests);
    if operation == "BatchGetItem" {
        access.select = Some(selected(requests).to_owned());
    }
    Ask {
        action: format!("dynamodb:{operation}"),
        resource: table_arn(topology, table),
        context: access.into_context(),
    }
}

fn table_name(table: &str) -> &str {
    table.rsplit('/').next().unwrap_or(table)
}

/// A request about one table or index, alone or as a part of a transaction.
struct Access<'a> {
    topology: &'a Topology,
    operation: &'a str,
    request: &'a Value,
}

impl Access<'_> {
    fn ask(&self, action: &str) -> Ask {
        let named = ["TableName", "ResourceArn", "TableArn", "SourceTableName", "TargetTableName"];
        let table = named.iter().find_map(|key| text(self.request, key)).unwrap_or("*");
        let index = text(self.request, "IndexName");
        let resource = table_arn(self.topology, table)
            + &index.map(|i| format!("/index/{i}")).unwrap_or_default();
        Ask {
            action: format!("dynamodb:{action}"),
            resource,
            context: self.context(action, table, index),
        }
    }

    fn context(
        &self,
        action: &str,
        table: &str,
        index: Option<&str>,
    ) -> BTreeMap<String, Vec<String>> {
        let known = self.topology.tables.get(table_name(table));
        let partition_key = match index {
            None => known.map(|table| table.partition_key.as_str()),
            Some(index) => known.and_then(|table| table.indexes.get(index)).map(String::as_str),
        };
        let mut access = Keys::default();
        for part in ["Key", "Item"] {
            access.item(&self.request[part], partition_key);
        }
        if let Some(key) = partition_key {
            let wanted = text(self.request, "KeyConditionExpression")
                .and_then(|expression| Placeholders::of(self.request).equal_to(expression, key));
            let listed = &self.request["KeyConditions"][key]["AttributeValueList"][0];
            access.leading.extend(wanted.or(Some(listed)).and_then(key_text));
        }
        access.expressions(self.request);
        if matches!(action, "GetItem" | "Query" | "Scan") {
            let given = text(self.request, "Select");
            access.select = Some(given.unwrap_or_else(|| selected(self.request)).to_owned());
        }
        let mut context = access.into_context();
        for key in ["ReturnConsumedCapacity", "ReturnValues"] {
            let value = text(self.request, key).map(|value| vec![value.to_owned()]);
            context.extend(
                value.map(|value| (format!("dynamodb:{}", key.to_ascii_lowercase()), value)),
            );
        }
        if self.operation.starts_with("Transact") {
            context.insert("dynamodb:enclosingoperation".into(), vec![self.operation.to_owned()]);
        }
        context
    }
}

/// What a request that says nothing about it gets. That AWS fills in `dynamodb:Select` like this is
/// a guess; else its own example policies would let through whoever asks for no attribute at all.
fn selected(request: &Value) -> &'static str {
    let has = |key| request.get(key).is_some();
    if has("ProjectionExpression") || has("AttributesToGet") {
        "SPECIFIC_ATTRIBUTES"
    } else if has("IndexName") {
        "ALL_PROJECTED_ATTRIBUTES"
    } else {
        "ALL_ATTRIBUTES"
    }
}

/// Values of condition keys, as they are gathered.
#[derive(Debug, Default)]
struct Keys {
    leading: BTreeSet<String>,
    attributes: BTreeSet<String>,
    select: Option<String>,
}

impl Keys {
    /// An item, or the key of one.
    fn item(&mut self, item: &Value, partition_key: Option<&str>) {
        self.leading.extend(partition_key.and_then(|key| item.get(key)).and_then(key_text));
        self.attributes.extend(item.as_object().into_iter().flat_map(|item| item.keys().cloned()));
    }

    fn expressions(&mut self, request: &Value) {
        let placeholders = Placeholders::of(request);
        for expression in EXPRESSIONS.iter().filter_map(|key| text(request, key)) {
            placeholders.attributes(expression, &mut self.attributes);
        }
        for map in MAPS.iter().filter_map(|key| request.get(key)?.as_object()) {
            self.attributes.extend(map.keys().cloned());
        }
        let names = list(request, "AttributesToGet").filter_map(Value::as_str);
        self.attributes.extend(names.map(ToOwned::to_owned));
    }

    fn into_context(self) -> BTreeMap<String, Vec<String>> {
        let all = [
            ("dynamodb:leadingkeys", self.leading.into_iter().collect::<Vec<_>>()),
            ("dynamodb:attributes", self.attributes.into_iter().collect()),
            ("dynamodb:select", self.select.into_iter().collect()),
        ];
        let present = all.into_iter().filter(|(_, values)| !values.is_empty());
        present.map(|(key, values)| (key.to_owned(), values)).collect()
    }
}

/// The value of a key as policies write it: `{"S": "x"}` is `x`.
fn key_text(value: &Value) -> Option<String> {
    let value = ["S", "N", "B"].iter().find_map(|kind| value.get(kind))?;
    value.as_str().map(ToOwned::to_owned)
}
