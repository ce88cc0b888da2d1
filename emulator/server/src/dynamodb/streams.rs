//! Reading streams: by DynamoDB Streams, and for event source mappings.
//!
//! Who asks for records that are gone is told so; a mapping goes on with the oldest there is.

use super::engine;
use super::{DynamoDb, Refusal, names};
use dynoxide::DynoxideError;
use dynoxide::actions::get_records::{GetRecordsRequest, Record};
use dynoxide::actions::get_shard_iterator::{GetShardIteratorRequest, decode_shard_iterator};
use gateway_core::stream::{Page, Position};
use serde_json::json;

/// As DynamoDB words it.
pub(super) const TRIMMED: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TrimmedDataAccessException","message":"The operation attempted to read past the oldest stream record in a shard."}"#;

/// What is read for an event source mapping.
#[derive(Debug)]
pub(crate) struct Read {
    pub(crate) page: Page,
    /// Records between the last page and this one are gone.
    pub(crate) lost: bool,
}

impl DynamoDb {
    pub(super) fn get_shard_iterator(&mut self, body: &[u8]) -> Result<String, Refusal> {
        let (stream_arn, iterator) = self.iterator(body)?;
        self.trim()?;
        if self.is_trimmed(&iterator) {
            return Err(Refusal::Trimmed);
        }
        let answer = json!({ "ShardIterator": names::iterator(&stream_arn, &iterator) });
        Ok(names::from_engine(&answer.to_string(), &self.region))
    }

    pub(super) fn get_records(&mut self, body: &[u8]) -> Result<String, Refusal> {
        let mut request: GetRecordsRequest = engine::request(body)?;
        let (stream_arn, iterator) = names::of_iterator(&request.shard_iterator)?;
        self.trim()?;
        if self.is_trimmed(&iterator) {
            return Err(Refusal::Trimmed);
        }
        request.shard_iterator = iterator;
        let mut answer = self.engine.get_records(request)?;
        answer.records.iter_mut().for_each(|record| self.localize(record));
        answer.next_shard_iterator =
            answer.next_shard_iterator.map(|next| names::iterator(&stream_arn, &next));
        Ok(engine::json(&answer)?)
    }

    /// One page of a stream. Its end, given as a position, is where the next page begins.
    pub(crate) fn read(
        &mut self,
        stream_arn: &str,
        from: &Position,
        limit: usize,
    ) -> Result<Read, String> {
        self.page(stream_arn, from, limit).map_err(|e| format!("{stream_arn} cannot be read: {e}"))
    }

    fn page(
        &mut self,
        stream_arn: &str,
        from: &Position,
        limit: usize,
    ) -> Result<Read, DynoxideError> {
        let ask = |kind: &str, number: Option<&str>| {
            let request = json!({
                "StreamArn": stream_arn,
                "ShardId": names::SHARD,
                "ShardIteratorType": kind,
                "SequenceNumber": number,
            });
            self.iterator(request.to_string().as_bytes()).map(|(_, iterator)| iterator)
        };
        let shard_iterator = match from {
            Position::At(iterator) => Ok(iterator.clone()),
            Position::TrimHorizon => ask("TRIM_HORIZON", None),
            Position::Latest => ask("LATEST", None),
            Position::After(number) => ask("AFTER_SEQUENCE_NUMBER", Some(number)),
        }?;
        self.trim()?;
        let lost = self.is_trimmed(&shard_iterator);
        let next = shard_iterator.clone();
        let request = GetRecordsRequest { shard_iterator, limit: Some(limit) };
        let mut answer = self.engine.get_records(request)?;
        let records = answer.records.iter_mut().map(|record| {
            self.localize(record);
            serde_json::to_value(record)
        });
        let records = records
            .collect::<Result<_, _>>()
            .map_err(|e| DynoxideError::InternalServerError(e.to_string()))?;
        let next = answer.next_shard_iterator.unwrap_or(next);
        Ok(Read { page: Page { shard: names::SHARD.to_owned(), records, next }, lost })
    }

    /// The stream and the iterator that a request asks for, as the engine knows them.
    fn iterator(&self, body: &[u8]) -> Result<(String, String), DynoxideError> {
        let request: GetShardIteratorRequest =
            engine::request(&names::to_engine(body, &self.region)?)?;
        let stream_arn = request.stream_arn.clone();
        let iterator = self.engine.get_shard_iterator(request)?.shard_iterator;
        Ok((stream_arn, iterator.unwrap_or_default()))
    }

    fn localize(&self, record: &mut Record) {
        record.aws_region = self.region.to_string();
    }

    /// Whether records behind this iterator of the engine's are gone. One that begins at the oldest
    /// record is behind none.
    fn is_trimmed(&self, iterator: &str) -> bool {
        decode_shard_iterator(iterator).is_some_and(|(table, _, position)| {
            position > 0 && self.retention.has_trimmed(&table, position)
        })
    }
}
