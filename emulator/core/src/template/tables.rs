//! Tables as far as others depend on them: names, partition keys, streams.
//!
//! What a table is made of is checked by whoever makes it.

use super::eval::Evaluator;
use super::properties::Properties;
use super::stand_in;
use crate::topology::{Table, Topology};
use serde_json::{Map, Value};

pub(super) fn read(evaluator: &mut Evaluator<'_>, topology: &mut Topology) {
    for kind in ["AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"] {
        for id in evaluator.of_kind(kind) {
            let name = stand_in::name(evaluator, &id);
            let stream_arn = stand_in::attribute(evaluator, &id, "StreamArn");
            let mut properties = Properties::of(evaluator, &id);
            let partition_key = properties.value("KeySchema").and_then(partition_key);
            if partition_key.is_none() {
                properties.problem("KeySchema", "must name an attribute with KeyType HASH");
            }
            let mut stream = properties.within("StreamSpecification");
            stream.choice(
                "StreamViewType",
                &["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"],
            );
            let mut ttl = properties.within("TimeToLiveSpecification");
            let has_time_to_live = ttl.flag("Enabled");
            if has_time_to_live {
                ttl.required("AttributeName");
            }
            let has_stream = properties.has("StreamSpecification");
            for part in [&mut properties, &mut stream, &mut ttl] {
                evaluator.problems.append(&mut part.problems);
            }
            let table = Table {
                logical_id: id,
                partition_key: partition_key.unwrap_or_default(),
                indexes: indexes(&properties),
                properties: properties.into_map(),
                stream_arn: stream_arn.filter(|_| has_stream),
                has_time_to_live,
            };
            topology.tables.insert(name, table);
        }
    }
}

fn indexes(properties: &Properties) -> std::collections::BTreeMap<String, String> {
    ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"]
        .iter()
        .filter_map(|list| properties.value(list)?.as_array())
        .flatten()
        .filter_map(Value::as_object)
        .filter_map(|index: &Map<String, Value>| {
            let name = index.get("IndexName")?.as_str()?;
            Some((name.to_owned(), partition_key(index.get("KeySchema")?)?))
        })
        .collect()
}

fn partition_key(schema: &Value) -> Option<String> {
    let mut keys = schema.as_array()?.iter();
    let hash = keys.find(|key| key.get("KeyType").is_some_and(|kind| kind == "HASH"))?;
    hash.get("AttributeName")?.as_str().map(ToOwned::to_owned)
}
