//! The stream of the one table a scenario may have, and the receipt of the last message received.

use gateway_core::http::Reply;
use gateway_core::stream::{Page, Position};
use gateway_core::{Input, SourceId, Time};
use serde_json::{Value, json};

/// Records have a letter as key and are numbered as they are written, so `b2` is the second record
/// and changes item `b`.
#[derive(Default)]
pub(crate) struct Stream {
    records: Vec<Value>,
    /// While it is, nobody's read is answered.
    pub(crate) is_held: bool,
    waiting: Option<Input>,
    pub(crate) receipt: String,
}

impl Stream {
    pub(crate) fn write(&mut self, now: Time, key: &str) {
        let number = self.records.len() + 1;
        self.records.push(json!({
            "eventName": "INSERT",
            "dynamodb": {
                "ApproximateCreationDateTime": now.0 / 1000,
                "Keys": { "pk": { "S": key } },
                "SequenceNumber": format!("{key}{number}"),
            },
        }));
    }

    /// The records of this key that stand between these two.
    pub(crate) fn of_key(&self, key: char, after: u64, before: u64) -> impl Iterator<Item = u64> {
        let key = key.to_string();
        (after + 1..before)
            .filter(move |n| self.records[*n as usize - 1]["dynamodb"]["Keys"]["pk"]["S"] == *key)
    }

    /// The answer to a read, unless the stream is held.
    pub(crate) fn read(&mut self, id: SourceId, from: &Position, limit: usize) -> Option<Input> {
        let number =
            |record: &Value| record["dynamodb"]["SequenceNumber"].as_str().map(str::to_owned);
        let from = match from {
            Position::TrimHorizon => 0,
            Position::Latest => self.records.len(),
            Position::At(at) => at.parse().unwrap(),
            Position::After(after) => {
                self.records.iter().position(|r| number(r).as_ref() == Some(after)).unwrap() + 1
            }
        };
        let records: Vec<Value> = self.records[from..].iter().take(limit).cloned().collect();
        let next = (from + records.len()).to_string();
        let page = Ok(Page { shard: "shard".into(), records, next });
        let input = Input::StreamRead { source: id, page };
        if self.is_held {
            self.waiting = Some(input);
            return None;
        }
        Some(input)
    }

    /// A read that was held and is no more.
    pub(crate) fn held(&mut self) -> Option<Input> {
        self.waiting.take_if(|_| !self.is_held)
    }

    /// The bodies in the answer to a `ReceiveMessage`, whose last receipt is kept.
    pub(crate) fn received(&mut self, reply: &Reply) -> Option<String> {
        let body: Value = serde_json::from_slice(&reply.body).ok()?;
        let messages = body["Messages"].as_array()?;
        messages.last()?["ReceiptHandle"].as_str()?.clone_into(&mut self.receipt);
        let bodies: Vec<&str> = messages.iter().filter_map(|m| m["Body"].as_str()).collect();
        Some(format!("200 with {}", bodies.join(" ")))
    }
}
