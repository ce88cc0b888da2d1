//! Who may connect: signers, Lambda authorizers and API keys.
//!
//! An authorizer runs once for each connection, before `$connect`; what it says about its caller
//! goes into every later event of that connection.

use super::access_log::Authorized;
use super::callee::{function_of_uri, may_invoke, source_arn};
use super::connection::Phase;
use super::event::{self, AuthorizerContext, AuthorizerEvent, Context, Kind};
use super::handshake::CONNECT;
use super::integration::{Call, Purpose};
use super::refusal::Refusal;
use super::transform::Prepared;
use super::{Gateway, SERVICE, SocketId, Time};
use crate::http::Request;
use crate::iam::{self, Decision, Policy};
use crate::lambda::Outcome;
use crate::permissions::{Ask, Permissions};
use crate::topology::{Api, ApiKeySource, Authorization, Authorizer, IdentitySource, Route, Stage};
use bytes::Bytes;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The most an authorizer may answer.
const RESULT_MAX: usize = 8 * 1024;

impl Gateway {
    /// Looks at the authorization of `$connect`, then goes on to its integration.
    pub(super) fn authorize(
        &mut self,
        now: Time,
        socket: SocketId,
        request: &Request,
        (api, stage, route): (&Api, &Stage, &Route),
        permissions: &Permissions,
    ) {
        match &route.authorization {
            Authorization::None => self.authorized(now, socket, api, route),
            Authorization::Iam => {
                let resource =
                    source_arn(&self.topology, &api.id, &format!("{}/{CONNECT}", stage.name));
                let ask = Ask { action: "execute-api:Invoke".into(), resource, ..Ask::default() };
                match permissions.authorize(now, request, SERVICE, &[ask]) {
                    Ok(signer) => {
                        if let Some(connection) = self.connections.get_mut(socket) {
                            connection.signer = Some(signer);
                        }
                        self.authorized(now, socket, api, route);
                    }
                    Err(refusal) => self.refuse_signer(socket, &refusal),
                }
            }
            Authorization::Custom(authorizer) => self.ask(now, socket, api, stage, authorizer),
        }
    }

    fn ask(
        &mut self,
        now: Time,
        socket: SocketId,
        api: &Api,
        stage: &Stage,
        authorizer: &Arc<Authorizer>,
    ) {
        let topology = Arc::clone(&self.topology);
        let Some(connection) = self.connections.get(socket) else { return };
        let Phase::Pending(handshake) = &connection.phase else { return };
        let context = Context::new(
            now,
            connection,
            CONNECT,
            handshake.request,
            Kind::Connect { authorizer_latency: None },
        );
        let missing = authorizer.identity_sources.iter().find(|source| {
            let value = match source {
                IdentitySource::Header(name) => {
                    find(&handshake.headers, |n| n.eq_ignore_ascii_case(name))
                }
                IdentitySource::Query(name) => find(&handshake.query, |n| n == name),
                IdentitySource::Context(name) => event::lookup(&context.to_value(), name),
                IdentitySource::StageVariable(name) => stage.variables.get(name).cloned(),
            };
            value.is_none_or(|value| value.is_empty())
        });
        if let Some(missing) = missing {
            return self.refuse(
                socket,
                Refusal::Unauthorized,
                format!("identity source {missing:?} is missing"),
            );
        }
        let source = source_arn(&topology, &api.id, &format!("authorizers/{}", authorizer.id));
        let callee =
            function_of_uri(&authorizer.uri, Some(&stage.variables)).and_then(|function| {
                may_invoke(&topology, &function, authorizer.credentials.as_deref(), &source)
                    .map(|()| function)
            });
        let function = match callee {
            Ok(function) => function,
            Err(why) => return self.refuse(socket, Refusal::AuthorizerFailed, why),
        };
        let method_arn = source_arn(&topology, &api.id, &format!("{}/{CONNECT}", stage.name));
        let event = AuthorizerEvent {
            r#type: "REQUEST",
            method_arn: &method_arn,
            headers: event::single(&handshake.headers),
            multi_value_headers: event::multi(&handshake.headers),
            query_string_parameters: event::single(&handshake.query),
            multi_value_query_string_parameters: event::multi(&handshake.query),
            stage_variables: &stage.variables,
            request_context: context,
        };
        // Strings, numbers and maps with string keys always serialize.
        let payload = serde_json::to_vec(&event).unwrap_or_default().into();
        let call = Call {
            socket,
            connection: connection.id,
            api: Arc::clone(&connection.api),
            stage: Arc::clone(&connection.stage),
            purpose: Purpose::Authorize,
            route: CONNECT.into(),
            integration: None,
            trace_id: handshake.trace_id.clone(),
            prepared: Prepared::Event { payload: Bytes::new(), context: None },
        };
        self.invoke(now, call, function, payload);
    }

    /// The authorizer has answered, failed, or (`None`) taken too long.
    pub(super) fn authorizer_done(
        &mut self,
        now: Time,
        call: &Call,
        took: Duration,
        outcome: Option<Outcome>,
    ) {
        let topology = Arc::clone(&self.topology);
        let failed = |why: String| (Refusal::AuthorizerFailed, why);
        let verdict = match outcome {
            Some(Outcome::Answer(body)) => {
                let method_arn =
                    source_arn(&topology, &call.api, &format!("{}/{CONNECT}", call.stage));
                match parse(&body).map_err(failed) {
                    Ok((policy, context)) => decide(&policy, &method_arn).map(|()| context),
                    Err(refusal) => Err(refusal),
                }
            }
            Some(Outcome::Failed { body, why }) => {
                let told: Option<Value> = serde_json::from_slice(&body).ok();
                let says =
                    told.as_ref().and_then(|told| told.get("errorMessage")).and_then(Value::as_str);
                if says == Some("Unauthorized") {
                    Err((Refusal::Unauthorized, "the authorizer says Unauthorized".into()))
                } else {
                    Err(failed(format!("the authorizer failed: {why}")))
                }
            }
            Some(Outcome::Throttled) => {
                Err(failed("the authorizer's function is throttled".into()))
            }
            Some(Outcome::Unknown) => {
                Err(failed("the authorizer's function is not in the template".into()))
            }
            None => Err(failed("the authorizer took too long".into())),
        };
        let authorized = match &verdict {
            Ok(_) => Authorized { status: 200, took, error: None },
            Err((refusal, why)) => {
                Authorized { status: refusal.status(), took, error: Some(why.clone()) }
            }
        };
        if let Some(connection) = self.connections.get_mut(call.socket)
            && let Phase::Pending(handshake) = &mut connection.phase
        {
            handshake.authorizer = Some(authorized);
        }
        let context = match verdict {
            Ok(context) => context,
            Err((refusal, why)) => return self.refuse(call.socket, refusal, why),
        };
        let Some(connection) = self.connections.get_mut(call.socket) else { return };
        connection.authorizer = Some(Arc::new(context));
        let api = topology.apis.get(&*call.api);
        if let Some((api, route)) = api.and_then(|api| Some((api, api.routes.get(CONNECT)?))) {
            self.authorized(now, call.socket, api, route);
        } else {
            self.refuse(
                call.socket,
                Refusal::Misconfigured,
                "the route was taken away meanwhile".into(),
            );
        }
    }

    /// Looks at the API key, then goes on.
    fn authorized(&mut self, now: Time, socket: SocketId, api: &Api, route: &Route) {
        if route.api_key_required && !self.has_api_key(socket, api) {
            return self.refuse(socket, Refusal::Forbidden, "there is no valid API key".into());
        }
        self.connect(now, socket, route);
    }

    fn has_api_key(&self, socket: SocketId, api: &Api) -> bool {
        let Some(connection) = self.connections.get(socket) else { return false };
        let key = match api.api_key_source {
            ApiKeySource::Header => self.handshake(socket).and_then(|handshake| {
                find(&handshake.headers, |name| name.eq_ignore_ascii_case("x-api-key"))
            }),
            ApiKeySource::Authorizer => connection
                .authorizer
                .as_ref()
                .and_then(|context| context.usage_identifier_key.clone()),
        };
        key.is_some_and(|key| self.topology.api_keys.contains(&key))
    }
}

fn find(pairs: &[(String, String)], is_meant: impl Fn(&str) -> bool) -> Option<String> {
    pairs.iter().find(|(name, _)| is_meant(name)).map(|(_, value)| value.clone())
}

fn decide(policy: &Policy, method_arn: &str) -> Result<(), (Refusal, String)> {
    let request = iam::Request {
        action: "execute-api:Invoke",
        resource: method_arn,
        ..iam::Request::default()
    };
    match iam::evaluate([policy], &request) {
        Decision::Allowed => Ok(()),
        Decision::ExplicitlyDenied => {
            Err((Refusal::Forbidden, "the authorizer's policy denies it".into()))
        }
        Decision::ImplicitlyDenied => {
            Err((Refusal::Forbidden, "the authorizer's policy does not allow it".into()))
        }
    }
}

/// Reads an authorizer's answer.
fn parse(body: &[u8]) -> Result<(Policy, AuthorizerContext), String> {
    if body.len() > RESULT_MAX {
        return Err(format!("the authorizer's answer is longer than {RESULT_MAX} bytes"));
    }
    let answer: Value = serde_json::from_slice(body)
        .map_err(|error| format!("the authorizer's answer is not JSON: {error}"))?;
    let document =
        answer.get("policyDocument").ok_or("the authorizer's answer has no policyDocument")?;
    let policy =
        Policy::parse(document).map_err(|why| format!("the authorizer's policy: {why}"))?;
    let principal = answer.get("principalId").and_then(Value::as_str);
    let principal = principal.ok_or("the authorizer's answer has no principalId")?;
    let mut values = BTreeMap::new();
    for (name, value) in answer.get("context").and_then(Value::as_object).into_iter().flatten() {
        let value = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            Value::Null => continue,
            Value::Array(_) | Value::Object(_) => {
                return Err(format!(
                    "context.{name} of the authorizer is not text, a number or a boolean"
                ));
            }
        };
        values.insert(name.clone(), value);
    }
    let usage_identifier_key =
        answer.get("usageIdentifierKey").and_then(Value::as_str).map(ToOwned::to_owned);
    Ok((policy, AuthorizerContext { principal_id: principal.into(), values, usage_identifier_key }))
}
