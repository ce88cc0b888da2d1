//! Calls what stands behind a route and finds out what became of the call.
//!
//! The users, `handshake`, `message` and `disconnect`, say what for, and get the result; how a request
//! and its answer are mapped is `transform`'s.

use super::access_log::Extra;
use super::answer::{self, Answer};
use super::callee::{NO_CREDENTIALS, fill_in, function_of_uri, may_assume, may_invoke, source_arn};
use super::service;
use super::transform::{self, Prepared};
use super::{Gateway, Id, Output, SocketId, Time, Timer};
use crate::lambda::Outcome;
use crate::log::Log;
use crate::permissions::Iam;
use crate::topology::{Backend, Integration};
use crate::{Effect, HttpId, http};
use bytes::Bytes;
use std::sync::Arc;
use std::time::Duration;

/// A call whose result is awaited.
#[derive(Debug)]
pub(super) struct InFlight {
    call: Call,
    /// What was called, for people.
    target: String,
    started: Time,
    deadline: Time,
}

/// Who wants something called, and for what.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) socket: SocketId,
    pub(super) connection: Id,
    pub(super) api: Arc<str>,
    pub(super) stage: Arc<str>,
    pub(super) purpose: Purpose,
    pub(super) route: String,
    pub(super) integration: Option<Arc<Integration>>,
    pub(super) trace_id: String,
    pub(super) prepared: Prepared,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    Authorize,
    Connect,
    /// `replies`: the route sends the answer to the client.
    Message {
        request: Id,
        message: Id,
        replies: bool,
    },
    Disconnect,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It may not be called, or is not what it should be.
    Misconfigured(String),
    /// The backend failed, or its answer is malformed.
    Backend(String),
    /// It took too long.
    TimedOut,
}

impl Failure {
    pub(super) fn why(&self) -> String {
        match self {
            Self::Misconfigured(why) | Self::Backend(why) => why.clone(),
            Self::TimedOut => "timed out".into(),
        }
    }

    /// The status of a handshake that fails so.
    pub(super) fn status(&self) -> u16 {
        match self {
            Self::Misconfigured(_) => 500,
            Self::Backend(_) => 502,
            Self::TimedOut => 504,
        }
    }
}

impl Gateway {
    /// Calls the integration of a route; the result comes to [`Self::completed`], at once when
    /// nothing is called.
    pub(super) fn integrate(&mut self, now: Time, call: Call) {
        let Some(integration) = call.integration.clone() else {
            let why = format!("route {} has no integration; give it a Target", call.route);
            return self.not_called(now, call, Failure::Misconfigured(why));
        };
        if let Err(failure) = self.start(&call, &integration) {
            return self.not_called(now, call, failure);
        }
        if let Backend::Mock = integration.backend {
            let result = transform::mock(&integration, &call.prepared)
                .and_then(|status| transform::response(&integration, &call, status, b""));
            return self.completed(now, call, "mock".into(), None, result);
        }
        let timeout =
            integration.timeout.unwrap_or(self.limits.integration).min(self.limits.integration);
        self.wait(now, call, integration.backend.to_string(), timeout);
    }

    /// Sends the request to the backend, under the number of the next ticket.
    fn start(&mut self, call: &Call, integration: &Integration) -> Result<(), Failure> {
        let ticket = self.last_ticket + 1;
        let trace_id = call.trace_id.clone();
        match &integration.backend {
            Backend::Mock => {}
            Backend::FunctionProxy { uri } | Backend::Function { uri } => {
                let function = self
                    .callee(call, uri, integration.credentials.as_deref())
                    .map_err(Failure::Misconfigured)?;
                let is_event =
                    transform::parameters(integration, call).iter().any(|(name, value)| {
                        name.eq_ignore_ascii_case("header.X-Amz-Invocation-Type")
                            && value == "Event"
                    });
                let payload = transform::payload(integration, &call.prepared)?;
                self.log_request(call, uri, &payload);
                self.outputs.push_back(Output::Invoke {
                    ticket,
                    function,
                    trace_id,
                    payload,
                    is_event,
                });
            }
            Backend::Http { method, uri } | Backend::HttpProxy { method, uri } => {
                let url = self.filled_in(call, uri);
                let (url, headers) = transform::http_request(integration, call, url);
                let body = transform::payload(integration, &call.prepared)?;
                let request = HttpId(ticket);
                self.log_request(call, &url, &body);
                self.effect(Effect::Http { request, method: method.clone(), url, headers, body });
            }
            Backend::Service { uri } => {
                let role = self.service_role(integration).map_err(Failure::Misconfigured)?;
                let uri = self.filled_in(call, uri);
                let body = transform::payload(integration, &call.prepared)?;
                let asked = service::request(&uri, &transform::parameters(integration, call), body);
                let asked = asked.map_err(Failure::Misconfigured)?;
                self.log_request(call, &uri, &asked.body);
                self.outputs.push_back(Output::Ask { request: HttpId(ticket), role, asked });
            }
            Backend::Unsupported { uri } => {
                let why = format!("integrations with {uri} are not emulated");
                return Err(Failure::Misconfigured(why));
            }
        }
        Ok(())
    }

    fn filled_in(&self, call: &Call, uri: &str) -> String {
        fill_in(uri, self.stage(&call.api, &call.stage).map(|stage| &stage.variables))
    }

    /// The role in which a service is called.
    fn service_role(&self, integration: &Integration) -> Result<String, String> {
        let role = integration.credentials.as_deref().ok_or(NO_CREDENTIALS)?;
        if self.iam == Iam::On {
            may_assume(&self.topology, role)?;
        }
        Ok(role.to_owned())
    }

    /// The function a URI names, if the gateway may invoke it for this route.
    fn callee(&self, call: &Call, uri: &str, credentials: Option<&str>) -> Result<String, String> {
        let topology = &self.topology;
        let stage = topology.apis.get(&*call.api).and_then(|api| api.stages.get(&*call.stage));
        let function = function_of_uri(uri, stage.map(|stage| &stage.variables))?;
        let source = source_arn(topology, &call.api, &format!("{}/{}", call.stage, call.route));
        may_invoke(topology, &function, credentials, &source)?;
        Ok(function)
    }

    /// Invokes a function for an authorizer.
    pub(super) fn invoke(&mut self, now: Time, call: Call, function: String, payload: Bytes) {
        let (ticket, trace_id) = (self.last_ticket + 1, call.trace_id.clone());
        let target = function.clone();
        self.outputs.push_back(Output::Invoke {
            ticket,
            function,
            trace_id,
            payload,
            is_event: false,
        });
        self.wait(now, call, target, self.limits.integration);
    }

    fn wait(&mut self, now: Time, call: Call, target: String, timeout: Duration) {
        self.last_ticket += 1;
        let deadline = now + timeout;
        self.in_flight.insert(self.last_ticket, InFlight { call, target, started: now, deadline });
        self.timers.set(deadline, Timer::Integration(self.last_ticket));
    }

    /// A function has come to an end. Too late, nobody listens any more.
    pub(crate) fn function_done(&mut self, now: Time, ticket: u64, outcome: Outcome) {
        let Some(InFlight { call, target, started, deadline }) = self.in_flight.remove(&ticket)
        else {
            return;
        };
        self.timers.cancel(deadline, Timer::Integration(ticket));
        let took = now - started;
        if let Purpose::Authorize = call.purpose {
            return self.authorizer_done(now, &call, took, Some(outcome));
        }
        if let Outcome::Answer(body) | Outcome::Failed { body, .. } = &outcome {
            self.log_response(&call, 200, took, body);
        }
        let result = match (outcome, &call.integration) {
            (Outcome::Throttled, _) => {
                Err(Failure::Misconfigured("the function is throttled".into()))
            }
            (Outcome::Unknown, _) => {
                Err(Failure::Misconfigured("the function is not in the template".into()))
            }
            (outcome, Some(integration))
                if matches!(integration.backend, Backend::Function { .. }) =>
            {
                transform::function_response(integration, &call, outcome)
            }
            (Outcome::Answer(_), _) if matches!(call.purpose, Purpose::Disconnect) => {
                // Whatever it says, nobody is there to hear it.
                Ok(Answer { status: 200, headers: Vec::new(), body: None })
            }
            (Outcome::Answer(body), _) => answer::parse(&body).map_err(Failure::Backend),
            (Outcome::Failed { why, body: _ }, _) => Err(Failure::Backend(why)),
        };
        self.completed(now, call, target, Some(took), result);
    }

    /// The backend of an HTTP integration has replied, or cannot be reached.
    pub(crate) fn http_done(
        &mut self,
        now: Time,
        request: HttpId,
        result: Result<http::Reply, String>,
    ) {
        let Some(InFlight { call, target, started, deadline }) = self.in_flight.remove(&request.0)
        else {
            return;
        };
        self.timers.cancel(deadline, Timer::Integration(request.0));
        let took = now - started;
        if let Ok(reply) = &result {
            self.log_response(&call, reply.status, took, &reply.body);
        }
        let result = match (result, &call.integration) {
            (Ok(reply), Some(integration)) => {
                transform::response(integration, &call, reply.status, &reply.body)
            }
            (Ok(_), None) => Err(Failure::Misconfigured("the integration is gone".into())),
            (Err(why), _) => Err(Failure::Misconfigured(why)),
        };
        self.completed(now, call, target, Some(took), result);
    }

    pub(super) fn integration_timed_out(&mut self, now: Time, ticket: u64) {
        let Some(InFlight { call, target, started, .. }) = self.in_flight.remove(&ticket) else {
            return;
        };
        let took = now - started;
        if let Purpose::Authorize = call.purpose {
            return self.authorizer_done(now, &call, took, None);
        }
        self.completed(now, call, target, Some(took), Err(Failure::TimedOut));
    }

    fn not_called(&mut self, now: Time, call: Call, failure: Failure) {
        self.completed(now, call, String::new(), None, Err(failure));
    }

    fn completed(
        &mut self,
        now: Time,
        call: Call,
        target: String,
        waited: Option<Duration>,
        result: Result<Answer, Failure>,
    ) {
        let status = result.as_ref().map(|answer| answer.status);
        self.log_end(&call, status);
        self.metrics.of(&call.api, &call.stage).called(call.purpose, waited, status);
        let took = waited.unwrap_or_default();
        let outcome = match &result {
            Ok(answer) => answer.status.to_string(),
            Err(failure) => failure.why(),
        };
        self.tell(Log::Integration {
            connection: call.connection.to_string(),
            route: call.route.clone(),
            target,
            took,
            outcome,
            failed: result.is_err(),
        });
        let extra = Extra::of(&result, took);
        match call.purpose {
            Purpose::Connect => return self.connect_completed(now, call.socket, result, extra),
            Purpose::Message { request, message, replies } => {
                self.message_completed(now, call.socket, (request, message), replies, result);
            }
            Purpose::Authorize | Purpose::Disconnect => {}
        }
        if let Some(context) = call.prepared.context() {
            self.log_access(&call.api, &call.stage, context, &extra);
        }
    }
}
