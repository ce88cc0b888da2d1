//! The mapping itself: input to shards and lanes, their decisions to effects.

use super::lane::{Batch, Settled, Step};
use super::shard::Shard;
use super::{BatchId, Condition, Config, Effect, Faults, Input, Log, Outcome, Record, discard};
use crate::Time;
use serde_json::Value;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// One event source mapping.
///
/// ```
/// use gateway_core::{Time, stream};
/// use serde_json::json;
///
/// let mut mapping = stream::Mapping::new(stream::Config::new("arn:function", "arn:stream"));
/// let record = stream::Record::parse(json!({"eventName": "INSERT", "dynamodb": {
///     "ApproximateCreationDateTime": 0, "Keys": {"id": {"S": "a"}}, "SequenceNumber": "1",
/// }}))?;
/// mapping.handle(Time(0), stream::Input::Records { shard: "s".into(), records: vec![record] });
///
/// let Some(stream::Effect::Invoke { batch, .. }) = mapping.poll_effect() else { panic!() };
/// let outcome = stream::Outcome::Success("null".into());
/// let done = stream::Input::InvocationDone { batch, request_id: "r".into(), outcome };
/// mapping.handle(Time(5), done);
/// assert!(matches!(mapping.poll_effect(), Some(stream::Effect::Checkpoint { .. })));
/// # Ok::<(), String>(())
/// ```
#[derive(Debug)]
pub struct Mapping {
    config: Config,
    /// Shards with records that are not done with; the others need no memory.
    shards: BTreeMap<Arc<str>, Shard>,
    /// Where the batches at the function belong: shard and lane.
    running: BTreeMap<BatchId, (Arc<str>, usize)>,
    last_batch: u64,
    effects: VecDeque<Effect>,
    /// May be changed at any time; counts from the next batch on.
    pub faults: Faults,
}

impl Mapping {
    /// A mapping that has read nothing yet.
    pub fn new(config: Config) -> Self {
        Self {
            config,
            shards: BTreeMap::new(),
            running: BTreeMap::new(),
            last_batch: 0,
            effects: VecDeque::new(),
            faults: Faults::default(),
        }
    }

    /// Whether another page of this shard should be read: the mapping is enabled and has room.
    pub fn wants_more(&self, shard: &str) -> bool {
        let has_room = |shard: &Shard| shard.wants_more(&self.config.limits);
        self.config.enabled && self.shards.get(shard).is_none_or(has_room)
    }

    /// Whether everything read of this shard is done with; only then may its children be read.
    pub fn is_drained(&self, shard: &str) -> bool {
        !self.shards.contains_key(shard)
    }

    /// Takes in what has happened.
    pub fn handle(&mut self, now: Time, input: Input) {
        match input {
            Input::Records { shard, records } => self.read(now, shard.into(), records),
            Input::InvocationDone { batch, request_id, outcome } => {
                self.answered(now, batch, request_id, &outcome);
            }
            Input::Enabled(enabled) => {
                self.config.enabled = enabled;
                self.handle_timeout(now);
            }
        }
    }

    /// The next thing to do.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// When [`Self::handle_timeout`] is to be called, if nothing happens until then.
    pub fn poll_timeout(&self) -> Option<Time> {
        if !self.config.enabled {
            return None;
        }
        let lanes = self.shards.values().flat_map(|shard| &shard.lanes);
        lanes.filter_map(|lane| lane.deadline(&self.config)).min()
    }

    /// Does what is due. Harmless when nothing is.
    pub fn handle_timeout(&mut self, now: Time) {
        let shards: Vec<_> = self.shards.keys().cloned().collect();
        for shard in shards {
            self.pump(now, &shard);
        }
    }

    fn read(&mut self, now: Time, id: Arc<str>, records: Vec<Record>) {
        let lanes = self.config.parallelization_factor;
        let shard = self.shards.entry(Arc::clone(&id)).or_insert_with(|| Shard::new(lanes));
        let mut filtered = 0;
        for mut record in records {
            if let Value::Object(json) = &mut record.json {
                // `GetRecords` leaves this one to Lambda.
                let arn = json.entry("eventSourceARN");
                arn.or_insert_with(|| Value::from(self.config.stream_arn.as_str()));
            }
            let filters = &self.config.filters;
            if filters.is_empty() || filters.iter().any(|filter| filter.matches(&record.json)) {
                shard.push(now, &record);
            } else {
                shard.skip(&record.sequence_number);
                filtered += 1;
            }
        }
        if filtered > 0 {
            self.tell(Log::Filtered { shard: id.to_string(), records: filtered });
        }
        self.pump(now, &id);
    }

    fn answered(&mut self, now: Time, batch: BatchId, request_id: String, outcome: &Outcome) {
        let Some((id, lane)) = self.running.remove(&batch) else { return };
        let Some(shard) = self.shards.get_mut(&id) else { return };
        let settled =
            shard.lanes[lane].settle(now, &self.config, &mut self.faults, request_id, outcome);
        let Settled { done, discarded, again } = settled;
        for entry in &done {
            shard.done(entry);
        }
        if let Some(batch) = discarded {
            self.discard(now, &id, &batch, Condition::RetryAttemptsExhausted);
        }
        if let Some(again) = again {
            let (shard, records, why, after) =
                (id.to_string(), again.records, again.why, again.after);
            self.tell(if again.halved {
                Log::Halved { shard, records, why, after }
            } else {
                Log::Retrying { shard, records, why, after }
            });
        }
        self.pump(now, &id);
    }

    /// Lets each lane of the shard do what it can, then moves the checkpoint.
    fn pump(&mut self, now: Time, id: &Arc<str>) {
        let lanes = self.shards.get(id).map_or(0, |shard| shard.lanes.len());
        for lane in 0..lanes {
            while self.config.enabled
                && let Some(shard) = self.shards.get_mut(id)
                && let Some(step) = shard.lanes[lane].next(now, &self.config, &mut self.faults)
            {
                match step {
                    Step::Discard(batch, condition) => self.discard(now, id, &batch, condition),
                    Step::Invoke => self.invoke(id, lane),
                }
            }
        }
        let Some(shard) = self.shards.get_mut(id) else { return };
        let checkpoint = shard.advance();
        if shard.is_drained() {
            self.shards.remove(id);
        }
        if let Some(sequence_number) = checkpoint {
            let (shard, sequence_number) = (id.to_string(), sequence_number.to_string());
            self.effects.push_back(Effect::Checkpoint { shard, sequence_number });
        }
    }

    fn invoke(&mut self, id: &Arc<str>, lane: usize) {
        let running = self.shards.get(id).and_then(|shard| shard.lanes[lane].running());
        let Some((payload, records)) = running.map(|b| (b.payload(), b.entries.len())) else {
            return;
        };
        self.last_batch += 1;
        let batch = BatchId(self.last_batch);
        self.running.insert(batch, (Arc::clone(id), lane));
        let function_arn = self.config.function_arn.clone();
        self.effects.push_back(Effect::Invoke { batch, function_arn, records, payload });
    }

    fn discard(&mut self, now: Time, id: &Arc<str>, batch: &Batch, condition: Condition) {
        if let Some(shard) = self.shards.get_mut(id) {
            for entry in &batch.entries {
                shard.done(entry);
            }
        }
        if let Some(destination) = self.config.on_failure.clone() {
            let body = discard::message(now, &self.config, id, batch, condition);
            self.effects.push_back(Effect::Discard { destination, body });
        }
        let first = batch.entries.first().map(|entry| entry.sequence_number.to_string());
        self.tell(Log::Discarded {
            shard: id.to_string(),
            records: batch.entries.len(),
            first_sequence_number: first.unwrap_or_default(),
            condition,
        });
    }

    fn tell(&mut self, log: Log) {
        self.effects.push_back(Effect::Log(log));
    }
}
