//! The message for an on-failure destination: where the records are, not what is in them.

use super::lane::Batch;
use super::{Condition, Config};
use crate::Time;
use serde_json::{Value, json};

/// There is no request id when there was no invocation, and AWS shows the member in every example.
const NO_REQUEST: &str = "00000000-0000-0000-0000-000000000000";

pub(super) fn message(
    now: Time,
    config: &Config,
    shard: &str,
    batch: &Batch,
    condition: Condition,
) -> String {
    let (first, last) = (batch.entries.first(), batch.entries.last());
    let request_id = batch.last.as_ref().map_or(NO_REQUEST, |last| &last.request_id);
    let mut message = json!({
        "requestContext": {
            "requestId": request_id,
            "functionArn": config.function_arn,
            "condition": condition.to_string(),
            "approximateInvokeCount": batch.invocations,
        },
        "version": "1.0",
        "timestamp": now.iso8601(),
        "DDBStreamBatchInfo": {
            "shardId": shard,
            "startSequenceNumber": first.map(|entry| &*entry.sequence_number),
            "endSequenceNumber": last.map(|entry| &*entry.sequence_number),
            "approximateArrivalOfFirstRecord": first.map(|entry| entry.created.iso8601_seconds()),
            "approximateArrivalOfLastRecord": last.map(|entry| entry.created.iso8601_seconds()),
            "batchSize": batch.entries.len(),
            "streamArn": config.stream_arn,
        },
    });
    if let Some(last) = &batch.last {
        let mut context = json!({"statusCode": 200, "executedVersion": "$LATEST"});
        if last.function_error {
            context["functionError"] = Value::from("Unhandled");
        }
        message["responseContext"] = context;
    }
    message.to_string()
}
