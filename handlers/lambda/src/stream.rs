//! Events of the table's stream, from JSON to the records of `herald-core`.
//!
//! A record that cannot be read fails alone, by its sequence number, so that those beside it are
//! dealt with and it ends where people look.

use crate::table::{to_item, to_key};
use herald_contract::table::Kind;
use herald_core::dispatcher::Record;
use herald_core::table::Item;
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Records")]
    records: Vec<Raw>,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(rename = "eventName")]
    event_name: String,
    dynamodb: Change,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Change {
    sequence_number: String,
    keys: Option<Map<String, Value>>,
    new_image: Option<Map<String, Value>>,
}

/// A record that cannot be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) sequence: String,
    pub(crate) why: String,
}

/// The records of an event, each for itself.
pub(crate) fn parse(event: Value) -> Result<Vec<Result<Record, Unreadable>>, String> {
    let event: Event = serde_json::from_value(event).map_err(|e| {
        format!("this is no event of a stream of DynamoDB: {e}; map the table's stream to it")
    })?;
    let records = event.records.into_iter().map(|raw| {
        let sequence = raw.dynamodb.sequence_number.clone();
        record(raw).map_err(|why| Unreadable { sequence, why })
    });
    Ok(records.collect())
}

fn record(raw: Raw) -> Result<Record, String> {
    let Raw { event_name, dynamodb: Change { sequence_number, keys, new_image } } = raw;
    let key = to_key(&mut keys.unwrap_or_default())?;
    let (is_update, is_there) = match event_name.as_str() {
        "INSERT" => (false, true),
        "MODIFY" => (true, true),
        "REMOVE" => (true, false),
        other => return Err(format!("`{other}` is nothing that happens to an item")),
    };
    let new = match (is_there, key.kind()) {
        (false, _) => None,
        // Nobody looks at what others write into the table.
        (true, Kind::Other) => Some(Item::new()),
        (true, _) => {
            let image =
                new_image.ok_or("it has no new image; the stream is to have NEW_AND_OLD_IMAGES")?;
            Some(to_item(image)?)
        }
    };
    Ok(Record { sequence: sequence_number, key, is_update, new })
}
