//! One record of a stream, as `GetRecords` gives it.

use crate::Time;
use serde_json::Value;

/// A record and what the mapping needs to know of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// `dynamodb.SequenceNumber`.
    pub sequence_number: String,
    /// `dynamodb.Keys`: partition and sort key, for Lambda keeps the order of each item.
    pub keys: String,
    /// `dynamodb.ApproximateCreationDateTime`.
    pub created: Time,
    /// All of it.
    pub json: Value,
}

impl Record {
    /// Reads a record.
    ///
    /// # Errors
    ///
    /// Names the member that is missing.
    pub fn parse(json: Value) -> Result<Self, String> {
        let member = |name: &str| {
            let member = json.get("dynamodb").and_then(|dynamodb| dynamodb.get(name));
            member.ok_or_else(|| format!("a stream record without dynamodb.{name}"))
        };
        let sequence_number = member("SequenceNumber")?.as_str();
        let sequence_number = sequence_number.ok_or("a SequenceNumber that is not a string")?;
        let seconds = member("ApproximateCreationDateTime")?.as_f64();
        let seconds = seconds.ok_or("an ApproximateCreationDateTime that is not a number")?;
        Ok(Self {
            sequence_number: sequence_number.to_owned(),
            keys: member("Keys")?.to_string(),
            // Whole seconds on AWS. A cast of a number out of range saturates, which is good enough.
            created: Time((seconds * 1000.0) as u64),
            json,
        })
    }
}
