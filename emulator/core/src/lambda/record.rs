//! What a destination gets: the event that has come to its end, and what the function said to it
//! ("Capturing records of Lambda asynchronous invocations").

use super::Outcome;
use super::asynchronous::Event;
use crate::Time;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;

/// Characters of an error message that a dead letter carries.
const ERROR_MAX: usize = 1024;

/// Why an event is at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Success,
    RetriesExhausted,
    EventAgeExceeded,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Success => "Success",
            Self::RetriesExhausted => "RetriesExhausted",
            Self::EventAgeExceeded => "EventAgeExceeded",
        })
    }
}

pub(super) fn record(now: Time, arn: &str, event: &Event, condition: Condition) -> String {
    let invocations = event.failures + usize::from(condition == Condition::Success);
    let mut record = json!({
        "version": "1.0",
        "timestamp": now.iso8601(),
        "requestContext": {
            "requestId": event.invocation.request_id,
            "functionArn": format!("{arn}:$LATEST"),
            "condition": condition.to_string(),
            "approximateInvokeCount": invocations,
        },
        "requestPayload": json_or_text(&event.invocation.payload),
    });
    // An event that was never taken has no response.
    let (body, error) = match &event.last {
        Some(Outcome::Answer(body)) => (body, false),
        Some(Outcome::Failed { body, why: _ }) => (body, true),
        Some(Outcome::Throttled | Outcome::Unknown) | None => return record.to_string(),
    };
    record["responseContext"] = json!({ "statusCode": 200, "executedVersion": "$LATEST" });
    if error {
        record["responseContext"]["functionError"] = "Unhandled".into();
    }
    record["responsePayload"] = json_or_text(body);
    record.to_string()
}

/// Type and value of each message attribute of a dead letter.
pub(super) fn dead_letter_attributes(event: &Event) -> BTreeMap<String, (&'static str, String)> {
    let error = match &event.last {
        Some(Outcome::Failed { body, why }) => {
            let error: Option<Value> = serde_json::from_slice(body).ok();
            let message = error.as_ref().and_then(|error| error.get("errorMessage")?.as_str());
            message.unwrap_or(why).to_owned()
        }
        Some(Outcome::Answer(_) | Outcome::Throttled | Outcome::Unknown) | None => String::new(),
    };
    let all = [
        ("RequestID", ("String", event.invocation.request_id.clone())),
        ("ErrorCode", ("Number", "200".to_owned())),
        ("ErrorMessage", ("String", error.chars().take(ERROR_MAX).collect())),
    ];
    let given = all.into_iter().filter(|(_, (_, value))| !value.is_empty());
    given.map(|(name, attribute)| (name.to_owned(), attribute)).collect()
}

fn json_or_text(body: &[u8]) -> Value {
    serde_json::from_slice(body)
        .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(body).into_owned()))
}
