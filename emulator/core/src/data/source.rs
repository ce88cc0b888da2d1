//! One event source mapping at run time: a reader of a stream, or of a queue.
//!
//! Which records go together and what a failure leads to is decided by [`crate::stream`] and
//! [`crate::poller`]. This module reads streams page by page, when they have grown and there is room.

use crate::Time;
use crate::lambda::Outcome;
use crate::poller::{self, Poller};
use crate::queue::Queues;
use crate::stream::{self, Mapping, Page, Position, Record};
use crate::topology::{EventSource, Polled, StartingPosition};
use bytes::Bytes;
use std::time::Duration;

/// How long after a read that failed the next one is made.
const READ_AGAIN: Duration = Duration::from_secs(1);
/// Records of one page, as many as `GetRecords` gives.
const PAGE_MAX: usize = 1000;

/// What a source wants done.
#[derive(Debug)]
pub(super) enum Step {
    Invoke { batch: u64, records: usize, payload: Bytes },
    Discard { destination: String, body: String },
    Read { stream_arn: String, from: Position, limit: usize },
    Checkpoint { sequence_number: String },
    Log(stream::Log),
}

#[derive(Debug)]
pub(super) struct Source {
    spec: EventSource,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Stream(Box<Reader>),
    Queue(Poller),
}

#[derive(Debug)]
struct Reader {
    mapping: Mapping,
    stream_arn: String,
    /// Where a reader in its place has to begin.
    safe: Position,
    /// Where the next page begins.
    from: Position,
    /// Known from the first page on.
    shard: Option<String>,
    reading: bool,
    /// There may be more than has been read.
    more: bool,
    /// When to read again what could not be read.
    again: Option<Time>,
}

impl Source {
    /// A mapping that goes on after `checkpoint`, or begins where it says.
    pub(super) fn new(spec: EventSource, checkpoint: Option<String>) -> Self {
        let start = match &spec.from {
            Polled::Stream { start: StartingPosition::Latest, .. } => Position::Latest,
            Polled::Stream { .. } | Polled::Queue(_) => Position::TrimHorizon,
        };
        Self::at(spec, checkpoint.map_or(start, Position::After))
    }

    fn at(spec: EventSource, from: Position) -> Self {
        let kind = match &spec.from {
            Polled::Queue(config) => Kind::Queue(Poller::new(config.clone())),
            Polled::Stream { start: _, config } => Kind::Stream(Box::new(Reader {
                mapping: Mapping::new(config.clone()),
                stream_arn: config.stream_arn.clone(),
                safe: from.clone(),
                from,
                shard: None,
                reading: false,
                more: true,
                again: None,
            })),
        };
        Self { spec, kind }
    }

    /// The same mapping after a change: it reads again what it has not done with.
    pub(super) fn changed(self, spec: EventSource) -> Self {
        match self.kind {
            Kind::Stream(reader) => match &spec.from {
                Polled::Stream { config, .. } if config.stream_arn == reader.stream_arn => {
                    Self::at(spec, reader.safe)
                }
                Polled::Stream { .. } | Polled::Queue(_) => Self::new(spec, None),
            },
            Kind::Queue(_) => Self::new(spec, None),
        }
    }

    pub(super) fn spec(&self) -> &EventSource {
        &self.spec
    }

    /// What shall go wrong with its batches; queues have nothing like it.
    pub(super) fn faults(&self) -> Option<&stream::Faults> {
        match &self.kind {
            Kind::Stream(reader) => Some(&reader.mapping.faults),
            Kind::Queue(_) => None,
        }
    }

    pub(super) fn faults_mut(&mut self) -> Option<&mut stream::Faults> {
        match &mut self.kind {
            Kind::Stream(reader) => Some(&mut reader.mapping.faults),
            Kind::Queue(_) => None,
        }
    }

    /// The table behind the stream may have been written to.
    pub(super) fn grew(&mut self) {
        if let Kind::Stream(reader) = &mut self.kind {
            reader.more = true;
        }
    }

    /// Takes in one page of the stream.
    pub(super) fn read(&mut self, now: Time, page: Result<Page, String>) -> Result<(), String> {
        let Kind::Stream(reader) = &mut self.kind else { return Ok(()) };
        reader.reading = false;
        let page = page.inspect_err(|_| reader.again = Some(now + READ_AGAIN))?;
        let Page { shard, records, next } = page;
        // A full page may not be the last one.
        reader.more |= records.len() >= PAGE_MAX;
        if reader.safe == Position::Latest {
            reader.safe = Position::At(next.clone());
        }
        reader.from = Position::At(next);
        reader.shard = Some(shard.clone());
        let (records, broken): (Vec<_>, Vec<_>) =
            records.into_iter().map(Record::parse).partition(Result::is_ok);
        let records: Vec<Record> = records.into_iter().flatten().collect();
        if !records.is_empty() {
            reader.mapping.handle(now, stream::Input::Records { shard, records });
        }
        broken.into_iter().next().map_or(Ok(()), |broken| broken.map(drop))
    }

    /// Takes in what became of a batch of a queue's messages or of a stream's records; how many
    /// messages come again.
    pub(super) fn done(
        &mut self,
        now: Time,
        queues: &mut Queues,
        batch: u64,
        request_id: String,
        outcome: Outcome,
    ) -> usize {
        match &mut self.kind {
            Kind::Queue(poller) => {
                let outcome = match outcome {
                    Outcome::Answer(body) => poller::Outcome::Success(body),
                    Outcome::Failed { .. } | Outcome::Throttled | Outcome::Unknown => {
                        poller::Outcome::Failure
                    }
                };
                poller.done(queues, poller::BatchId(batch), &outcome)
            }
            Kind::Stream(reader) => {
                let outcome = match outcome {
                    Outcome::Answer(body) => stream::Outcome::Success(body),
                    Outcome::Failed { body, why: _ } => stream::Outcome::FunctionError(body),
                    Outcome::Throttled | Outcome::Unknown => stream::Outcome::Throttled,
                };
                let batch = stream::BatchId(batch);
                let done = stream::Input::InvocationDone { batch, request_id, outcome };
                reader.mapping.handle(now, done);
                0
            }
        }
    }

    /// What to do next, if anything.
    pub(super) fn next(&mut self, now: Time, queues: &mut Queues) -> Option<Step> {
        match &mut self.kind {
            Kind::Queue(poller) => {
                let poller::Invoke { batch, messages, payload } = poller.next(now, queues)?;
                Some(Step::Invoke { batch: batch.0, records: messages, payload })
            }
            Kind::Stream(reader) => reader.next(),
        }
    }

    pub(super) fn poll_timeout(&self, queues: &Queues) -> Option<Time> {
        match &self.kind {
            Kind::Queue(poller) => poller.poll_timeout(queues),
            Kind::Stream(reader) => {
                [reader.mapping.poll_timeout(), reader.again].into_iter().flatten().min()
            }
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Time) {
        if let Kind::Stream(reader) = &mut self.kind {
            if reader.again.take_if(|at| *at <= now).is_some() {
                reader.more = true;
            }
            reader.mapping.handle_timeout(now);
        }
    }
}

impl Reader {
    fn next(&mut self) -> Option<Step> {
        if let Some(effect) = self.mapping.poll_effect() {
            return Some(match effect {
                stream::Effect::Invoke { batch, records, payload, function_arn: _ } => {
                    Step::Invoke { batch: batch.0, records, payload }
                }
                stream::Effect::Discard { destination, body } => {
                    Step::Discard { destination, body }
                }
                stream::Effect::Checkpoint { shard: _, sequence_number } => {
                    self.safe = Position::After(sequence_number.clone());
                    Step::Checkpoint { sequence_number }
                }
                stream::Effect::Log(log) => Step::Log(log),
            });
        }
        let wanted = self.mapping.wants_more(self.shard.as_deref().unwrap_or_default());
        if self.reading || !self.more || !wanted {
            return None;
        }
        (self.reading, self.more) = (true, false);
        let (stream_arn, from) = (self.stream_arn.clone(), self.from.clone());
        Some(Step::Read { stream_arn, from, limit: PAGE_MAX })
    }
}
