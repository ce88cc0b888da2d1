//! Starts, feeds and ends environments. What an invocation is for, it does not know; what environments
//! say is `lifecycle`'s.

use super::environment::{Environment, Phase, Pool, Waiting};
use super::lines::{Line, Status};
use super::{Invocation, Outcome, Output, Ticket, variables};
use crate::id::Ids;
use crate::log::Log;
use crate::timers::Timers;
use crate::topology::{Function, Topology};
use crate::{Config, Effect, EnvironmentId, Limits, Time, http, logs};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// All functions with all their environments.
#[derive(Debug)]
pub(crate) struct Lambda {
    pub(super) topology: Arc<Topology>,
    pub(super) limits: Limits,
    pub(super) domain_name: String,
    pub(super) ids: Ids,
    pools: BTreeMap<Arc<str>, Pool>,
    pub(super) environments: BTreeMap<EnvironmentId, Environment>,
    pub(super) timers: Timers<EnvironmentId>,
    /// When a call that waits for a busy environment gets another one.
    held_until: Option<Time>,
    last_environment: u64,
    pub(super) events: super::asynchronous::Events,
    /// Outcomes of batches, until their environments are idle.
    pub(super) held: BTreeMap<EnvironmentId, (u64, Outcome)>,
    pub(super) faults: super::faults::Faults,
    pub(super) outputs: VecDeque<Output>,
}

impl Lambda {
    pub(crate) fn new(topology: Arc<Topology>, config: &Config, seed: u64) -> Self {
        Self {
            topology,
            limits: config.limits.clone(),
            domain_name: config.domain_name.clone(),
            ids: Ids::new(seed),
            pools: BTreeMap::new(),
            environments: BTreeMap::new(),
            timers: Timers::new(),
            held_until: None,
            last_environment: 0,
            events: super::asynchronous::Events::new(),
            held: BTreeMap::new(),
            faults: super::faults::Faults::default(),
            outputs: VecDeque::new(),
        }
    }

    pub(crate) fn poll(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub(crate) fn poll_timeout(&self) -> Option<Time> {
        [self.timers.next(), self.events.next(), self.held_until].into_iter().flatten().min()
    }

    pub(crate) fn handle_timeout(&mut self, now: Time) {
        while let Some(id) = self.timers.pop(now) {
            self.timer_fired(now, id);
        }
        if self.held_until.is_some_and(|until| until <= now) {
            self.held_until = None;
            self.pump_all(now);
        }
        self.retry_events(now);
    }

    /// Environments of the function that has most, and the same for what waits.
    pub(crate) fn usage(&self) -> (usize, usize) {
        let most = |of: fn(&Pool) -> usize| self.pools.values().map(of).max().unwrap_or_default();
        (most(|pool| pool.total), most(|pool| pool.waiting.len()))
    }

    /// Runs a function, now or as soon as an environment is free.
    pub(crate) fn invoke(&mut self, now: Time, function: &str, invocation: Invocation) {
        let topology = Arc::clone(&self.topology);
        let Some(spec) = topology.functions.get(function) else {
            return self.finish(now, invocation.ticket, Outcome::Unknown);
        };
        let name = self.intern(&spec.name);
        let pool = self.pools.entry(Arc::clone(&name)).or_default();
        let at_once = pool.running + pool.waiting.len();
        if spec.reserved_concurrency.is_some_and(|reserved| at_once >= reserved)
            || pool.waiting.len() >= self.limits.waiting_per_function
        {
            return self.finish(now, invocation.ticket, Outcome::Throttled);
        }
        pool.waiting.push_back(Waiting { since: now, invocation });
        self.pump(now, &name, spec);
    }

    /// Starts an environment that nobody waits for, unless the function has all it may have.
    pub(crate) fn warm(&mut self, now: Time, function: &str) {
        let topology = Arc::clone(&self.topology);
        let Some(spec) = topology.functions.get(function) else {
            let what = format!("function {function} is not in the template");
            return self.tell(Log::Warning { what });
        };
        let name = self.intern(&spec.name);
        if self.pools.entry(Arc::clone(&name)).or_default().total < self.environments_max(spec) {
            self.start(now, &name, spec, false);
        }
    }

    /// Takes over another template. Environments of changed functions are replaced.
    pub(crate) fn reload(&mut self, now: Time, topology: Arc<Topology>, changed: &[String]) {
        let old = std::mem::replace(&mut self.topology, Arc::clone(&topology));
        let is_changed = |name: &str| {
            let (before, after) = (old.functions.get(name), topology.functions.get(name));
            let named =
                |spec: &Function| changed.iter().any(|c| *c == spec.name || *c == spec.logical_id);
            before != after || after.is_some_and(named)
        };
        let outdated: Vec<EnvironmentId> = self
            .environments
            .iter()
            .filter(|(_, environment)| is_changed(&environment.function))
            .map(|(id, _)| *id)
            .collect();
        for id in outdated {
            let Some(environment) = self.environments.get_mut(&id) else { continue };
            environment.outdated = true;
            if matches!(environment.phase, Phase::Idle | Phase::Starting { .. } | Phase::Answered) {
                self.kill(id, "replaced by a newer one".into());
            }
        }
        self.pump_all(now);
    }

    fn pump_all(&mut self, now: Time) {
        let topology = Arc::clone(&self.topology);
        let names: Vec<Arc<str>> = self.pools.keys().cloned().collect();
        for name in names {
            match topology.functions.get(&*name) {
                Some(spec) => self.pump(now, &name, spec),
                None => self.fail_waiting(now, &name, &Outcome::Unknown),
            }
        }
    }

    /// Gives waiting invocations to idle environments, then starts as many as are still wanted.
    pub(super) fn pump(&mut self, now: Time, function: &Arc<str>, spec: &Function) {
        let crowd = self.limits.crowd;
        let due = loop {
            let pool = self.pool(function);
            let (due, until) = pool.due(now, crowd);
            if let Some(until) = until {
                self.held_until = Some(self.held_until.map_or(until, |other| other.min(until)));
            }
            let pool = self.pool(function);
            if due == 0 {
                return;
            }
            let Some(id) = pool.idle.pop() else { break due };
            if let Some(Waiting { invocation, .. }) = pool.waiting.pop_front() {
                self.deliver(now, id, spec, invocation);
            }
        };
        let most = self.environments_max(spec);
        while let pool = self.pool(function)
            && pool.starting < due
            && pool.total < most
        {
            let retried = pool.second_chances > 0;
            pool.second_chances -= usize::from(retried);
            self.start(now, function, spec, retried);
        }
    }

    fn deliver(&mut self, now: Time, id: EnvironmentId, spec: &Function, invocation: Invocation) {
        let deadline = now + spec.timeout;
        self.set_timer(id, Some(deadline));
        let delivery = super::Delivery {
            request_id: invocation.request_id.clone(),
            deadline,
            function_arn: spec.arn.clone(),
            trace_id: invocation.trace_id.clone(),
            client_context: invocation.client_context.clone(),
            payload: invocation.payload.clone(),
        };
        if let Some(environment) = self.environments.get_mut(&id) {
            let function = Arc::clone(&environment.function);
            self.line(now, id, Line::Start { request_id: &invocation.request_id });
            if let Some(environment) = self.environments.get_mut(&id) {
                environment.phase = Phase::Busy { invocation, since: now };
            }
            self.pool(&function).running += 1;
        }
        self.effect(Effect::Deliver { environment: id, invocation: delivery });
        if let Some(doom) = self.faults.take(&spec.name) {
            self.tell(Log::Control { what: format!("{}: {doom}", spec.name) });
            self.befall(now, id, doom);
        }
    }

    pub(super) fn start(&mut self, now: Time, function: &Arc<str>, spec: &Function, retried: bool) {
        self.last_environment += 1;
        let id = EnvironmentId(self.last_environment);
        let allowed = if retried { spec.timeout } else { self.limits.init };
        let log_stream = format!("{}/[$LATEST]{}", now.slashed_date(), self.ids.hex(32));
        let variables = variables::variables(&self.topology, spec, &self.domain_name, &log_stream);
        self.environments.insert(
            id,
            Environment {
                function: Arc::clone(function),
                log_stream: log_stream.into(),
                phase: Phase::Starting { retried },
                timer: None,
                started: now,
                init_took: None,
                outdated: false,
            },
        );
        self.set_timer(id, Some(now + allowed));
        let pool = self.pool(function);
        pool.total += 1;
        pool.starting += 1;
        self.tell(Log::EnvironmentStarting { function: function.to_string(), environment: id });
        self.effect(Effect::Start { environment: id, function: spec.name.clone(), variables });
    }

    /// Ends an environment; it counts until its process is gone.
    pub(super) fn kill(&mut self, id: EnvironmentId, why: String) {
        self.set_timer(id, None);
        let Some(environment) = self.environments.get_mut(&id) else { return };
        let function = Arc::clone(&environment.function);
        match std::mem::replace(&mut environment.phase, Phase::Dying { why }) {
            Phase::Starting { .. } => self.pool(&function).starting -= 1,
            Phase::Idle => self.pool(&function).idle.retain(|idle| *idle != id),
            Phase::Busy { .. } => self.pool(&function).running -= 1,
            Phase::Answered => self.pool(&function).settling -= 1,
            Phase::Dying { .. } => return,
        }
        self.effect(Effect::Kill { environment: id });
    }

    /// Hands an outcome to whoever asked.
    pub(super) fn finish(&mut self, now: Time, ticket: Ticket, outcome: Outcome) {
        match ticket {
            Ticket::Gateway(ticket) => self.outputs.push_back(Output::Done { ticket, outcome }),
            Ticket::Call(call) => self.reply_call(call, outcome),
            Ticket::Event(number) => self.event_finished(now, number, outcome),
            Ticket::Batch(ticket) => self.outputs.push_back(Output::BatchDone { ticket, outcome }),
        }
    }

    pub(super) fn report(
        &mut self,
        now: Time,
        id: EnvironmentId,
        request_id: &str,
        since: Time,
        status: Status,
    ) {
        let Some(environment) = self.environments.get_mut(&id) else { return };
        let init = environment.init_took.take();
        self.line(now, id, Line::End { request_id });
        self.line(now, id, Line::Report { request_id, took: now - since, init, status });
    }

    fn environments_max(&self, spec: &Function) -> usize {
        let most = self.limits.environments_per_function;
        spec.reserved_concurrency.map_or(most, |reserved| reserved.min(most)).max(1)
    }

    pub(super) fn set_timer(&mut self, id: EnvironmentId, at: Option<Time>) {
        let Some(environment) = self.environments.get_mut(&id) else { return };
        if let Some(old) = std::mem::replace(&mut environment.timer, at) {
            self.timers.cancel(old, id);
        }
        if let Some(at) = at {
            self.timers.set(at, id);
        }
    }

    pub(super) fn pool(&mut self, function: &Arc<str>) -> &mut Pool {
        self.pools.entry(Arc::clone(function)).or_default()
    }

    /// The one shared copy of a function's name.
    fn intern(&self, name: &str) -> Arc<str> {
        self.pools.get_key_value(name).map_or_else(|| name.into(), |(known, _)| Arc::clone(known))
    }

    pub(super) fn reply_runtime(&mut self, environment: EnvironmentId, reply: http::Reply) {
        self.effect(Effect::RuntimeReply { environment, reply });
    }

    /// One of Lambda's own lines.
    pub(super) fn line(&mut self, now: Time, id: EnvironmentId, line: Line<'_>) {
        let Some(environment) = self.environments.get(&id) else { return };
        let Some(spec) = self.topology.functions.get(&*environment.function) else { return };
        if let Some(line) = line.write(now, spec) {
            self.say(id, line);
        }
    }

    /// A line of Lambda's, for people and for the log group.
    pub(super) fn say(&mut self, id: EnvironmentId, line: String) {
        let Some(environment) = self.environments.get(&id) else { return };
        let function = environment.function.to_string();
        self.wrote(id, vec![line.clone()]);
        self.tell(Log::FunctionLine { function, line });
    }

    /// Keeps lines in the function's log group, where each has a line end.
    pub(crate) fn wrote(&mut self, id: EnvironmentId, lines: Vec<String>) {
        let Some(environment) = self.environments.get(&id) else { return };
        let Some(spec) = self.topology.functions.get(&*environment.function) else { return };
        let (group, stream) = (&spec.log_group, &environment.log_stream);
        let kept = lines.into_iter().map(|mut text| {
            text.push('\n');
            Output::Written(logs::Line { group: group.clone(), stream: Arc::clone(stream), text })
        });
        self.outputs.extend(kept);
    }

    pub(super) fn tell(&mut self, log: Log) {
        self.effect(Effect::Log(log));
    }

    pub(super) fn effect(&mut self, effect: Effect) {
        self.outputs.push_back(Output::Effect(effect));
    }
}
