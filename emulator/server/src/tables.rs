//! The thread that keeps the tables: one call after the other, so that a stream has the order of the
//! answers.
//!
//! The driver hands jobs in and never waits. Callers are answered from here; what the core has to
//! know comes back as events.

use crate::checkpoints::Checkpoints;
use crate::driver::{Event, Events};
use crate::dynamodb::{self, DynamoDb, Read};
use crate::http::Answer;
use crate::report::Reporter;
use bytes::Bytes;
use gateway_core::stream::Position;
use gateway_core::topology::Table;
use gateway_core::{Input, SourceId};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Calls that wait; one more is told to come again. Of every other job there are few: one read for
/// each event source mapping, one sweep, a checkpoint for each batch.
const CALLS_MAX: usize = 1024;

/// A call of DynamoDB, and whom to answer.
pub(crate) struct Call {
    pub(crate) operation: String,
    pub(crate) body: Bytes,
    pub(crate) request_id: String,
    pub(crate) reply: oneshot::Sender<Answer>,
}

enum Job {
    Call(Call),
    Read { source: SourceId, stream_arn: String, from: Position, limit: usize },
    Sweep,
    Checkpoint { mapping: String, sequence_number: String },
    Create(BTreeMap<String, Table>),
}

/// Hands jobs to the thread, which ends when this is dropped.
pub(crate) struct Tables {
    jobs: Sender<Job>,
    waiting: Arc<AtomicUsize>,
}

impl Tables {
    /// Makes the template's tables and starts the thread.
    ///
    /// # Errors
    /// Each table that cannot be made, and why.
    pub(crate) fn start(
        store: DynamoDb,
        tables: &BTreeMap<String, Table>,
        checkpoints: Checkpoints,
        events: Events,
        reporter: Reporter,
    ) -> Result<(Self, JoinHandle<()>), Vec<String>> {
        let waiting = Arc::new(AtomicUsize::new(0));
        let mut keeper = Keeper {
            store,
            made: BTreeMap::new(),
            checkpoints,
            events,
            reporter,
            waiting: Arc::clone(&waiting),
        };
        let refused = keeper.create(tables);
        if !refused.is_empty() {
            return Err(refused);
        }
        let (jobs, received) = channel();
        let thread = std::thread::spawn(move || keeper.run(&received));
        Ok((Self { jobs, waiting }, thread))
    }

    pub(crate) fn call(&self, call: Call) {
        if self.waiting.load(Ordering::Relaxed) >= CALLS_MAX {
            let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"The local tables are busy; try again."}"#;
            let busy = answer(400, body.into(), call.request_id);
            return drop(call.reply.send(busy));
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.give(Job::Call(call));
    }

    pub(crate) fn read(&self, source: SourceId, stream_arn: String, from: Position, limit: usize) {
        self.give(Job::Read { source, stream_arn, from, limit });
    }

    pub(crate) fn sweep(&self) {
        self.give(Job::Sweep);
    }

    pub(crate) fn checkpoint(&self, mapping: String, sequence_number: String) {
        self.give(Job::Checkpoint { mapping, sequence_number });
    }

    /// Makes those that are not there yet.
    pub(crate) fn create(&self, tables: BTreeMap<String, Table>) {
        self.give(Job::Create(tables));
    }

    /// Without its thread, everything is ending.
    fn give(&self, job: Job) {
        drop(self.jobs.send(job));
    }
}

struct Keeper {
    store: DynamoDb,
    /// The properties of each table as it was made.
    made: BTreeMap<String, Map<String, Value>>,
    checkpoints: Checkpoints,
    events: Events,
    reporter: Reporter,
    waiting: Arc<AtomicUsize>,
}

impl Keeper {
    fn run(mut self, jobs: &Receiver<Job>) {
        loop {
            let job = match jobs.try_recv() {
                Ok(job) => job,
                Err(TryRecvError::Disconnected) => break,
                Err(TryRecvError::Empty) => {
                    self.save();
                    match jobs.recv() {
                        Ok(job) => job,
                        Err(_) => break,
                    }
                }
            };
            self.carry_out(job);
        }
        self.save();
    }

    fn carry_out(&mut self, job: Job) {
        match job {
            Job::Call(call) => self.call(call),
            Job::Read { source, stream_arn, from, limit } => {
                let page = self.store.read(&stream_arn, &from, limit).map(|Read { page, lost }| {
                    if lost {
                        let trouble = format!(
                            "records of {stream_arn} were dropped before an event source mapping had read them: they were too old, or too many"
                        );
                        self.reporter.trouble(trouble);
                    }
                    page
                });
                self.tell(Input::StreamRead { source, page });
            }
            Job::Sweep => match self.store.sweep() {
                Ok(0) => {}
                Ok(_) => self.tell(Input::TablesWritten),
                Err(why) => self.reporter.trouble(format!("time to live does not work: {why}")),
            },
            Job::Checkpoint { mapping, sequence_number } => {
                self.checkpoints.set(mapping, sequence_number);
            }
            Job::Create(tables) => {
                for why in self.create(&tables) {
                    self.reporter.trouble(why);
                }
            }
        }
    }

    fn call(&mut self, call: Call) {
        let Call { operation, body, request_id, reply } = call;
        // One request that upsets the engine is no reason to lose the tables.
        let answered = catch_unwind(AssertUnwindSafe(|| self.store.call(&operation, &body)));
        let (status, body) = answered.unwrap_or_else(|_| {
            self.store.recover();
            let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"The local tables have failed; this is a bug."}"#;
            (500, body.to_owned())
        });
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        // A caller that has gone away needs no answer.
        drop(reply.send(answer(status, body, request_id)));
        if status == 200 && dynamodb::writes(&operation) {
            self.tell(Input::TablesWritten);
        }
    }

    /// Makes tables, and says which could not be made.
    fn create(&mut self, tables: &BTreeMap<String, Table>) -> Vec<String> {
        let mut troubles = Vec::new();
        for (name, table) in tables {
            let Table { logical_id, properties, .. } = table;
            match self.made.get(name) {
                Some(before) if before != properties => troubles.push(format!(
                    "table {name} stays as it was made; start again for its new properties"
                )),
                Some(_) => {}
                None => match self.store.create_table(name, properties) {
                    Ok(()) => {
                        self.made.insert(name.clone(), properties.clone());
                    }
                    Err(why) => troubles.push(format!("Resources.{logical_id}: {why}")),
                },
            }
        }
        troubles
    }

    fn save(&mut self) {
        if let Err(why) = self.checkpoints.save() {
            self.reporter.trouble(why);
        }
    }

    fn tell(&self, input: Input) {
        // Without a driver there is nobody to tell.
        drop(self.events.blocking_send(Event::Input(input)));
    }
}

fn answer(status: u16, body: String, request_id: String) -> Answer {
    let headers = vec![
        ("Content-Type".to_owned(), "application/x-amz-json-1.0".to_owned()),
        ("x-amzn-RequestId".to_owned(), request_id),
    ];
    Answer { status, headers, body: body.into() }
}
