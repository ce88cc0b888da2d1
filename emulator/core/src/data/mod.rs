//! The data side: queues, buses and event source mappings, wired to functions.
//!
//! Answers the services behind `X-Amz-Target`, except for `DynamoDB`, which the shell keeps: it hands
//! those requests on, and reads streams by asking the shell. Who may call what has been decided
//! before ([`crate::permissions`]); what a function does with an event is [`crate::lambda`]'s.
//!
//! ```text
//! tables ──stream──▶ source ──batch──▶ functions ──given up──▶ queues ◀── SQS requests
//! queues ──────────▶ source              ▲                       │
//! PutEvents, time ──▶ buses ──event──────┘◀──────────────────────┘ (source)
//! ```

mod faults;
mod services;
mod source;

use crate::events::{self, Buses, Delivery};
use crate::id::Ids;
use crate::lambda::{Outcome, function_name};
use crate::log::Log;
use crate::queue::{self, Queues};
use crate::scheduler::Scheduler;
use crate::stream;
use crate::topology::{EventSource, Topology};
use crate::{CallId, Config, Effect, HttpId, SourceId, Time, http};
use bytes::Bytes;
use source::Source;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// What the data side wants done.
#[derive(Debug)]
pub(crate) enum Output {
    Effect(Effect),
    /// Invoke, and report to [`Data::batch_done`].
    Batch {
        ticket: u64,
        request_id: String,
        function: String,
        payload: Bytes,
    },
    /// The reply to a request that an integration made.
    Answered {
        request: HttpId,
        reply: http::Reply,
    },
    /// Invoke asynchronously.
    Event {
        function: String,
        payload: Bytes,
    },
}

/// What is sent to a destination; only a queue takes more than the body.
#[derive(Debug, Default)]
pub(crate) struct Content {
    pub(crate) body: String,
    /// Type and value of each message attribute.
    pub(crate) attributes: BTreeMap<String, (&'static str, String)>,
    /// The group of a message in a FIFO queue.
    pub(crate) group: Option<String>,
}

/// A batch that is at its function.
#[derive(Debug)]
struct Running {
    source: SourceId,
    /// Its number within the source.
    batch: u64,
    request_id: String,
    since: Time,
    records: usize,
}

/// Everything between tables, queues, buses and functions.
#[derive(Debug)]
pub(crate) struct Data {
    topology: Arc<Topology>,
    queues: Queues,
    buses: Buses,
    scheduler: Scheduler,
    sources: BTreeMap<SourceId, Source>,
    last_source: u64,
    running: BTreeMap<u64, Running>,
    last_ticket: u64,
    sweep_every: Duration,
    next_sweep: Option<Time>,
    /// Actions of requests in SQS's older protocol that wait for their replies.
    forms: BTreeMap<CallId, String>,
    ids: Ids,
    outputs: VecDeque<Output>,
}

impl Data {
    pub(crate) fn new(now: Time, topology: Arc<Topology>, config: &Config, seed: u64) -> Self {
        let queues = queue::Config {
            account_id: topology.account_id.clone(),
            region: topology.region.clone(),
            endpoint: format!("http://{}", config.domain_name),
            queues: topology.messaging.queues.clone(),
            limits: queue::Limits::default(),
        };
        let mut data = Self {
            queues: Queues::new(now, seed.rotate_left(1), queues),
            buses: Buses::new(now, bus_config(&topology)),
            scheduler: Scheduler::new(
                now,
                &topology.account_id,
                &topology.region,
                topology.messaging.timetables.clone(),
            ),
            topology: Arc::clone(&topology),
            sources: BTreeMap::new(),
            last_source: 0,
            running: BTreeMap::new(),
            last_ticket: 0,
            sweep_every: config.limits.time_to_live_sweep,
            next_sweep: None,
            forms: BTreeMap::new(),
            ids: Ids::new(seed),
            outputs: VecDeque::new(),
        };
        for spec in &topology.event_sources {
            let checkpoint = config.checkpoints.get(&spec.logical_id);
            data.add_source(Source::new(spec.clone(), checkpoint.cloned()));
        }
        data.plan_sweep(now);
        data.pump(now);
        data
    }

    pub(crate) fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        let sources = self.sources.values().filter_map(|source| source.poll_timeout(&self.queues));
        let others = [
            self.queues.poll_timeout(),
            self.buses.poll_timeout(),
            self.scheduler.poll_timeout(),
            self.next_sweep,
        ];
        sources.chain(others.into_iter().flatten()).min()
    }

    pub(crate) fn handle_timeout(&mut self, now: Time) {
        self.queues.handle_timeout(now);
        let ids = &mut self.ids;
        let mut due = self.buses.handle_timeout(now, &mut || ids.uuid());
        due.extend(self.scheduler.handle_timeout(now, &mut || ids.uuid()));
        for delivery in due {
            self.deliver_event(now, delivery, true);
        }
        if self.next_sweep.is_some_and(|at| at <= now) {
            self.effect(Effect::SweepTables);
            self.plan_sweep(now);
        }
        for source in self.sources.values_mut() {
            source.handle_timeout(now);
        }
        self.pump(now);
    }

    /// Takes over another template. Mappings that are as before go on; one that has changed begins
    /// after what it had done with, and what of it is still at a function does not count.
    pub(crate) fn reload(&mut self, now: Time, topology: Arc<Topology>) {
        self.topology = Arc::clone(&topology);
        self.queues.reload(now, topology.messaging.queues.clone());
        self.buses.reload(now, bus_config(&topology));
        self.scheduler.reload(now, topology.messaging.timetables.clone());
        let mut before = std::mem::take(&mut self.sources);
        for spec in &topology.event_sources {
            let same = |source: &Source| source.spec().logical_id == spec.logical_id;
            let known = before.iter().find(|(_, source)| same(source)).map(|(id, _)| *id);
            match known.and_then(|id| Some((id, before.remove(&id)?))) {
                Some((id, source)) if source.spec() == spec => {
                    self.sources.insert(id, source);
                }
                Some((_, source)) => self.add_source(source.changed(spec.clone())),
                None => self.add_source(Source::new(spec.clone(), None)),
            }
        }
        self.running.retain(|_, running| self.sources.contains_key(&running.source));
        self.plan_sweep(now);
        self.pump(now);
    }

    /// Some table was written to.
    pub(crate) fn tables_written(&mut self, now: Time) {
        for source in self.sources.values_mut() {
            source.grew();
        }
        self.pump(now);
    }

    /// What came of [`Effect::ReadStream`].
    pub(crate) fn stream_read(
        &mut self,
        now: Time,
        id: SourceId,
        page: Result<stream::Page, String>,
    ) {
        let Some(source) = self.sources.get_mut(&id) else { return };
        if let Err(why) = source.read(now, page) {
            let what = format!("mapping {}: {why}", source.spec().logical_id);
            self.tell(Log::Warning { what });
        }
        self.pump(now);
    }

    /// What became of [`Output::Batch`].
    pub(crate) fn batch_done(&mut self, now: Time, ticket: u64, outcome: Outcome) {
        let Some(running) = self.running.remove(&ticket) else { return };
        let Running { source, batch, request_id, since, records } = running;
        let Some(source) = self.sources.get_mut(&source) else { return };
        let EventSource { logical_id, function, from: _ } = source.spec().clone();
        let (said, failed) = match &outcome {
            Outcome::Answer(_) => ("ok".to_owned(), false),
            Outcome::Failed { why, body: _ } => (why.clone(), true),
            Outcome::Throttled => ("throttled".to_owned(), true),
            Outcome::Unknown => ("no such function".to_owned(), true),
        };
        let again = source.done(now, &mut self.queues, batch, request_id, outcome);
        let said = if again > 0 && !failed { format!("{again} come again") } else { said };
        let (mapping, failed) = (logical_id, failed || again > 0);
        let took = now - since;
        self.tell(Log::Batch { mapping, function, records, took, outcome: said, failed });
        self.pump(now);
    }

    /// Sends something that a function or mapping has come to an end with.
    pub(crate) fn send(&mut self, now: Time, destination: &str, content: Content, what: String) {
        let Content { body, attributes, group } = content;
        let name = destination.rsplit(':').next().unwrap_or_default().to_owned();
        if destination.starts_with("arn:aws:sqs:") {
            match self.queues.send_with(now, destination, &body, attributes, group) {
                Ok(_) => self.tell(Log::Queued { queue: name, what }),
                Err(why) => self.tell(Log::Warning { what: format!("{what} is lost: {why}") }),
            }
        } else if let Some(function) = self.function(destination) {
            self.outputs.push_back(Output::Event { function, payload: body.into() });
        } else if events::bus_of(destination).is_some()
            && let Ok(record) = serde_json::from_str(&body)
        {
            let id = self.ids.uuid();
            for delivery in self.buses.publish_record(now, destination, record, &id) {
                self.deliver_event(now, delivery, false);
            }
        } else {
            let what = format!("{what} is lost: its destination {destination} is not emulated");
            self.tell(Log::Warning { what });
        }
        self.pump(now);
    }

    /// Queues by name, and how many messages each holds.
    pub(crate) fn queue_depths(&mut self, now: Time) -> Vec<(String, usize)> {
        let names: Vec<String> = self.queues.names().map(ToOwned::to_owned).collect();
        let depth = |name: String| (self.queues.list(now, &name).len(), name);
        names.into_iter().map(depth).map(|(depth, name)| (name, depth)).collect()
    }

    pub(crate) fn queue_messages(
        &mut self,
        now: Time,
        queue: &str,
        drain: bool,
    ) -> Option<Vec<queue::Stored>> {
        if !self.queues.names().any(|name| name == queue) {
            return None;
        }
        Some(if drain { self.queues.drain(now, queue) } else { self.queues.list(now, queue) })
    }

    fn deliver_event(&mut self, now: Time, delivery: Delivery, scheduled: bool) {
        let Delivery { rule, target_id: _, arn, payload, group, attributes } = delivery;
        let target = arn.rsplit(':').next().unwrap_or_default().to_owned();
        self.tell(Log::Rule { rule: rule.clone(), target, scheduled });
        let body = String::from_utf8_lossy(&payload).into_owned();
        let what = format!("an event of rule {rule}");
        self.send(now, &arn, Content { body, attributes, group }, what);
    }

    fn function(&self, arn: &str) -> Option<String> {
        let name = function_name(arn).filter(|_| arn.starts_with("arn:aws:lambda:"))?;
        self.topology.functions.contains_key(name).then(|| name.to_owned())
    }

    fn add_source(&mut self, source: Source) {
        self.last_source += 1;
        self.sources.insert(SourceId(self.last_source), source);
    }

    fn plan_sweep(&mut self, now: Time) {
        let wanted = self.topology.tables.values().any(|table| table.has_time_to_live);
        self.next_sweep = wanted.then(|| now + self.sweep_every);
    }

    /// Lets each source do what it can. Ends: a source has a bounded number of batches at its
    /// function, and what it discards never comes back to it at once.
    fn pump(&mut self, now: Time) {
        let ids: Vec<SourceId> = self.sources.keys().copied().collect();
        for id in ids {
            while let Some(step) =
                self.sources.get_mut(&id).and_then(|source| source.next(now, &mut self.queues))
            {
                self.carry_out(now, id, step);
            }
        }
        while let Some(queue::Effect::Reply { call, reply }) = self.queues.poll_effect() {
            self.reply(call, reply);
        }
    }

    fn carry_out(&mut self, now: Time, id: SourceId, step: source::Step) {
        let Some(spec) = self.sources.get(&id).map(|source| source.spec().clone()) else { return };
        match step {
            source::Step::Invoke { batch, records, payload } => {
                self.last_ticket += 1;
                let (ticket, request_id) = (self.last_ticket, self.ids.uuid());
                let running = Running {
                    source: id,
                    batch,
                    request_id: request_id.clone(),
                    since: now,
                    records,
                };
                self.running.insert(ticket, running);
                let function = spec.function;
                self.outputs.push_back(Output::Batch { ticket, request_id, function, payload });
            }
            source::Step::Discard { destination, body } => {
                let what = format!("what mapping {} discarded", spec.logical_id);
                self.send(now, &destination, Content { body, ..Content::default() }, what);
            }
            source::Step::Read { stream_arn, from, limit } => {
                self.effect(Effect::ReadStream { source: id, stream_arn, from, limit });
            }
            source::Step::Checkpoint { sequence_number } => {
                let mapping = spec.logical_id;
                self.effect(Effect::Checkpoint { mapping, sequence_number });
            }
            source::Step::Log(log) => {
                self.tell(Log::Mapping { mapping: spec.logical_id, log });
            }
        }
    }

    fn tell(&mut self, log: Log) {
        self.effect(Effect::Log(log));
    }

    fn effect(&mut self, effect: Effect) {
        self.outputs.push_back(Output::Effect(effect));
    }
}

fn bus_config(topology: &Topology) -> events::Config {
    events::Config {
        account_id: topology.account_id.clone(),
        region: topology.region.clone(),
        buses: topology.messaging.buses.clone(),
        rules: topology.messaging.rules.clone(),
    }
}
