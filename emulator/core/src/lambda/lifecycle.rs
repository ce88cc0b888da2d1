//! What environments say, and what becomes of them: ready, answered, late, gone.

use super::environment::Phase;
use super::faults::Doom;
use super::lines::{Line, Status};
use super::{ANSWER_MAX, Lambda, Outcome, RuntimeEvent, Ticket, reply};
use crate::log::Log;
use crate::{EnvironmentId, Time, http};
use std::sync::Arc;

impl Lambda {
    /// An environment spoke, or ended. One that is not known any more gets no answer but an error.
    pub(crate) fn runtime(&mut self, now: Time, id: EnvironmentId, event: RuntimeEvent) {
        match event {
            RuntimeEvent::Next => self.next(now, id),
            RuntimeEvent::Response { request_id, body } => {
                if body.len() > ANSWER_MAX {
                    return self.answered(
                        now,
                        id,
                        &request_id,
                        reply::answer_too_large(),
                        reply::too_large(),
                    );
                }
                self.answered(now, id, &request_id, Outcome::Answer(body), reply::accepted());
            }
            RuntimeEvent::Error { request_id, error_type, body } => {
                self.answered(
                    now,
                    id,
                    &request_id,
                    reply::reported(error_type, body),
                    reply::accepted(),
                );
            }
            RuntimeEvent::InitError { error_type, body } => {
                let starting =
                    self.environments.get(&id).map(|e| matches!(e.phase, Phase::Starting { .. }));
                if starting == Some(true) {
                    self.reply_runtime(id, reply::accepted());
                    self.kill(id, "failed to start".into());
                    self.init_failed(now, id, reply::reported(error_type, body));
                } else {
                    self.reply_runtime(id, reply::invalid_state("init/error"));
                }
            }
            RuntimeEvent::Exited { status } => self.exited(now, id, &status),
        }
    }

    fn next(&mut self, now: Time, id: EnvironmentId) {
        let Some(environment) = self.environments.get_mut(&id) else { return };
        let function = Arc::clone(&environment.function);
        match std::mem::replace(&mut environment.phase, Phase::Idle) {
            Phase::Starting { .. } => {
                let took = now - environment.started;
                environment.init_took = Some(took);
                let pool = self.pool(&function);
                pool.starting -= 1;
                pool.second_chances = 0;
                let function = function.to_string();
                self.tell(Log::EnvironmentReady { function, environment: id, took });
            }
            Phase::Idle => return,
            Phase::Busy { invocation, since } => {
                self.pool(&function).running -= 1;
                let outcome = reply::not_answered(&invocation.request_id);
                self.report(now, id, &invocation.request_id, since, Status::Error);
                self.finish(now, invocation.ticket, outcome);
            }
            Phase::Answered => {
                let pool = self.pool(&function);
                pool.settling -= 1;
                pool.freed = now;
            }
            Phase::Dying { why } => {
                environment.phase = Phase::Dying { why };
                return;
            }
        }
        let topology = Arc::clone(&self.topology);
        let outdated = self.environments.get(&id).is_some_and(|e| e.outdated);
        let Some(spec) = topology.functions.get(&*function).filter(|_| !outdated) else {
            return self.kill(id, "replaced by a newer one".into());
        };
        self.set_timer(id, Some(now + self.limits.environment_idle));
        self.pool(&function).idle.push(id);
        self.pump(now, &function, spec);
        self.release(now, id);
    }

    fn answered(
        &mut self,
        now: Time,
        id: EnvironmentId,
        request_id: &str,
        outcome: Outcome,
        accepted: http::Reply,
    ) {
        let Some(environment) = self.environments.get_mut(&id) else { return };
        let running = matches!(&environment.phase, Phase::Busy { invocation, .. } if invocation.request_id == request_id);
        if !running {
            return self.reply_runtime(id, reply::invalid_request_id());
        }
        let Phase::Busy { invocation, since } =
            std::mem::replace(&mut environment.phase, Phase::Answered)
        else {
            return;
        };
        let function = Arc::clone(&environment.function);
        let pool = self.pool(&function);
        pool.running -= 1;
        pool.settling += 1;
        pool.pace.add(now - since);
        self.reply_runtime(id, accepted);
        let status =
            if matches!(outcome, Outcome::Answer(_)) { Status::Success } else { Status::Error };
        self.report(now, id, request_id, since, status);
        match invocation.ticket {
            // Whoever asked has the next batch ready, and would make for another environment.
            Ticket::Batch(ticket) => drop(self.held.insert(id, (ticket, outcome))),
            ticket => self.finish(now, ticket, outcome),
        }
    }

    /// Hands on the outcome that waited for its environment to be idle, or gone.
    fn release(&mut self, now: Time, id: EnvironmentId) {
        if let Some((ticket, outcome)) = self.held.remove(&id) {
            self.finish(now, Ticket::Batch(ticket), outcome);
        }
    }

    fn exited(&mut self, now: Time, id: EnvironmentId, status: &str) {
        let Some(environment) = self.environments.get_mut(&id) else { return };
        let function = Arc::clone(&environment.function);
        let dying = Phase::Dying { why: status.to_owned() };
        match std::mem::replace(&mut environment.phase, dying) {
            Phase::Starting { .. } => {
                self.pool(&function).starting -= 1;
                let request_id =
                    self.pool(&function).waiting.front().map(|w| w.invocation.request_id.clone());
                let outcome = reply::exited(&request_id.unwrap_or_default(), status);
                self.init_failed(now, id, outcome);
            }
            Phase::Busy { invocation, since } => {
                self.pool(&function).running -= 1;
                self.report(now, id, &invocation.request_id, since, Status::Error);
                let outcome = reply::exited(&invocation.request_id, status);
                self.finish(now, invocation.ticket, outcome);
            }
            Phase::Idle => self.pool(&function).idle.retain(|idle| *idle != id),
            Phase::Answered => self.pool(&function).settling -= 1,
            Phase::Dying { why } => {
                if let Some(environment) = self.environments.get_mut(&id) {
                    environment.phase = Phase::Dying { why };
                }
            }
        }
        self.set_timer(id, None);
        let Some(gone) = self.environments.remove(&id) else { return };
        self.pool(&function).total -= 1;
        self.release(now, id);
        if let Phase::Dying { why } = gone.phase {
            self.tell(Log::EnvironmentEnded {
                function: function.to_string(),
                environment: id,
                why,
            });
        }
        let topology = Arc::clone(&self.topology);
        if let Some(spec) = topology.functions.get(&*function) {
            self.pump(now, &function, spec);
        }
    }

    /// The environment will never be ready. Whoever waits is told; the next attempt is made for the
    /// next invocation only, so that a function that cannot start does not start over and over.
    fn init_failed(&mut self, now: Time, id: EnvironmentId, outcome: Outcome) {
        let Some(environment) = self.environments.get(&id) else { return };
        let function = Arc::clone(&environment.function);
        let took = now - environment.started;
        let why = match &outcome {
            Outcome::Failed { why, .. } => why.clone(),
            Outcome::Answer(_) | Outcome::Throttled | Outcome::Unknown => "failed to start".into(),
        };
        self.line(now, id, Line::InitReport { took, status: Status::Error });
        self.tell(Log::EnvironmentFailed { function: function.to_string(), environment: id, why });
        let pool = self.pool(&function);
        let others = pool.starting + pool.running + pool.idle.len();
        if others == 0 {
            self.fail_waiting(now, &function, &outcome);
        } else if let Some(waiting) = self.pool(&function).waiting.pop_front() {
            self.finish(now, waiting.invocation.ticket, outcome);
        }
    }

    pub(super) fn fail_waiting(&mut self, now: Time, function: &Arc<str>, outcome: &Outcome) {
        let waiting = std::mem::take(&mut self.pool(function).waiting);
        for waiting in waiting {
            self.finish(now, waiting.invocation.ticket, outcome.clone());
        }
    }

    pub(super) fn timer_fired(&mut self, now: Time, id: EnvironmentId) {
        let Some(environment) = self.environments.get_mut(&id) else { return };
        environment.timer = None;
        let function = Arc::clone(&environment.function);
        let topology = Arc::clone(&self.topology);
        let timeout =
            topology.functions.get(&*function).map(|spec| spec.timeout).unwrap_or_default();
        match &environment.phase {
            Phase::Starting { retried: false } => {
                let took = now - environment.started;
                self.line(now, id, Line::InitReport { took, status: Status::Timeout });
                self.kill(id, format!("not ready after {took:?}"));
                self.pool(&function).second_chances += 1;
                if let Some(spec) = topology.functions.get(&*function) {
                    self.pump(now, &function, spec);
                }
            }
            Phase::Starting { retried: true } => {
                let request_id =
                    self.pool(&function).waiting.front().map(|w| w.invocation.request_id.clone());
                let outcome = reply::timed_out(&request_id.unwrap_or_default(), timeout);
                self.kill(id, "not ready in time".into());
                self.init_failed(now, id, outcome);
            }
            Phase::Idle => self.kill(id, "idle".into()),
            Phase::Busy { .. } => self.befall(now, id, Doom::TimedOut),
            Phase::Answered => self.kill(id, "still working when its time was over".into()),
            Phase::Dying { .. } => {}
        }
    }

    /// Ends the invocation that runs in this environment, and the environment with it.
    pub(super) fn befall(&mut self, now: Time, id: EnvironmentId, doom: Doom) {
        let Some(environment) = self.environments.get(&id) else { return };
        let Phase::Busy { invocation, since } = &environment.phase else { return };
        let function = Arc::clone(&environment.function);
        let (invocation, since) = (invocation.clone(), *since);
        let request_id = &invocation.request_id;
        let outcome = match doom {
            Doom::Killed => {
                self.kill(id, "killed".into());
                self.report(now, id, request_id, since, Status::Error);
                reply::exited(request_id, "signal: killed")
            }
            Doom::TimedOut => {
                self.kill(id, "timed out".into());
                let spec = self.topology.functions.get(&*function);
                let timeout = spec.map(|spec| spec.timeout).unwrap_or_default();
                let said = format!("Task timed out after {:.2} seconds", timeout.as_secs_f64());
                let line = format!("{} {request_id} {said}", now.iso8601());
                self.say(id, line);
                self.report(now, id, request_id, since, Status::Timeout);
                reply::timed_out(request_id, timeout)
            }
        };
        self.finish(now, invocation.ticket, outcome);
    }
}
