//! What the engine calls its things, and what the template does: Regions, labels of streams, shard
//! iterators.

use dynoxide::DynoxideError;
use gateway_core::topology::STREAM_LABEL;
use serde_json::Value;

/// The Region that the engine writes into ARNs.
const ENGINE_REGION: &str = "dynoxide";
const STREAM: &str = "/stream/";
/// The one shard that each stream has. The engine's own id of it is shorter than SDKs let through.
pub(super) const SHARD: &str = "shardId-00000001704067200000-00000001";

/// A request about tables or streams, in the engine's names. It finds a stream by its table and does
/// not look at the label, so that one is looked at here.
pub(super) fn to_engine(body: &[u8], region: &str) -> Result<Vec<u8>, DynoxideError> {
    let mut text = String::from_utf8_lossy(body).into_owned();
    let mut request: Value = serde_json::from_str(&text).unwrap_or_default();
    if let Some(arn) = request.get("StreamArn").and_then(Value::as_str) {
        let table = match arn.rsplit_once(STREAM) {
            Some((table, STREAM_LABEL)) => table.rsplit('/').next().unwrap_or_default(),
            _ => return Err(not_found(&format!("Stream: {arn}"))),
        };
        let shard = format!("shardId-00000001-{table}");
        match request.get("ShardId").and_then(Value::as_str) {
            Some(SHARD) => {
                request["ShardId"] = shard.into();
                text = request.to_string();
            }
            Some(other) => return Err(not_found(&format!("Shard: {other} in stream: {arn}"))),
            None => {}
        }
    }
    Ok(exchange(&text, region, ENGINE_REGION).into_bytes())
}

fn not_found(what: &str) -> DynoxideError {
    let message = format!("Requested resource not found: {what} not found");
    DynoxideError::ResourceNotFoundException(message)
}

/// An answer in the template's names. The engine makes up a label for each stream; here they have all
/// the same, which is the one the template knows.
pub(super) fn from_engine(answer: &str, region: &str) -> String {
    let answer = exchange(answer, ENGINE_REGION, region);
    match serde_json::from_str(&answer) {
        Ok(mut value) => {
            label(&mut value);
            value.to_string()
        }
        Err(_) => answer,
    }
}

/// Another Region in every ARN of DynamoDB.
fn exchange(text: &str, from: &str, to: &str) -> String {
    text.replace(&format!("arn:aws:dynamodb:{from}:"), &format!("arn:aws:dynamodb:{to}:"))
}

fn label(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match (key.as_str(), value.as_str()) {
                    ("ShardId", Some(_)) => *value = SHARD.into(),
                    ("LatestStreamLabel" | "StreamLabel", Some(_)) => *value = STREAM_LABEL.into(),
                    ("LatestStreamArn" | "StreamArn" | "LastEvaluatedStreamArn", Some(arn)) => {
                        if let Some((table, _)) = arn.rsplit_once(STREAM) {
                            *value = format!("{table}{STREAM}{STREAM_LABEL}").into();
                        }
                    }
                    _ => label(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(label),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// An iterator begins with the ARN of its stream, as on AWS: permissions depend on it.
pub(super) fn iterator(stream_arn: &str, engine: &str) -> String {
    format!("{stream_arn}|1|{engine}")
}

/// The stream of an iterator, and the iterator as the engine knows it.
pub(super) fn of_iterator(iterator: &str) -> Result<(String, String), DynoxideError> {
    let invalid = || DynoxideError::ValidationException("Invalid ShardIterator".to_owned());
    let (rest, engine) = iterator.rsplit_once('|').ok_or_else(invalid)?;
    let (stream_arn, _) = rest.split_once('|').ok_or_else(invalid)?;
    Ok((stream_arn.to_owned(), engine.to_owned()))
}
