//! `POST /2015-03-31/functions/{name}/invocations`: the Invoke API.

use super::{Invocation, Lambda, Outcome, PAYLOAD_MAX, Ticket};
use crate::http::{Reply, Request};
use crate::log::Log;
use crate::permissions::{Ask, Permissions};
use crate::sigv4::query;
use crate::topology::Topology;
use crate::{CallId, Effect, Time};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::json;

/// The longest payload of an asynchronous invocation.
const EVENT_MAX: usize = 1024 * 1024;

impl Lambda {
    /// Answers one call of the Invoke API, at once or when the function has answered.
    pub(crate) fn call(
        &mut self,
        now: Time,
        call: CallId,
        function: &str,
        request: &Request,
        permissions: &Permissions,
    ) {
        let kind = request.header("X-Amz-Invocation-Type").unwrap_or("RequestResponse");
        let most = if kind == "Event" { EVENT_MAX } else { PAYLOAD_MAX };
        // Before the signature, which cannot be looked at when the body is not here in full.
        if request.body.len() > most {
            return self.refuse(call, &Refusal::too_large(request.body.len(), most));
        }
        let ask = ask(&self.topology, "lambda:InvokeFunction", function, request);
        if let Err(refusal) = permissions.authorize(now, request, "lambda", &[ask]) {
            self.tell(Log::denied(request, &refusal));
            let kind = ("x-amzn-ErrorType".to_owned(), refusal.error_type().to_owned());
            return self.answer(call, 403, vec![kind], refusal.rest_body());
        }
        let Some(name) =
            function_name(function).filter(|name| self.topology.functions.contains_key(*name))
        else {
            return self.refuse(
                call,
                &not_found(&self.topology.region, &self.topology.account_id, function),
            );
        };
        let name = name.to_owned();
        let client_context = match request
            .header("X-Amz-Client-Context")
            .map(|text| STANDARD.decode(text))
        {
            None => None,
            Some(Ok(bytes)) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Some(Err(_)) => {
                return self.refuse(
                    call,
                    &Refusal::content("Client context must be a valid Base64-encoded JSON object."),
                );
            }
        };
        if !request.body.is_empty()
            && serde_json::from_slice::<serde::de::IgnoredAny>(&request.body).is_err()
        {
            return self.refuse(call, &Refusal::content("Could not parse request body into json"));
        }
        let payload =
            if request.body.is_empty() { Bytes::from_static(b"{}") } else { request.body.clone() };
        let trace_id = request
            .header("X-Amzn-Trace-Id")
            .map_or_else(|| self.ids.trace(now), ToOwned::to_owned);
        let request_id = self.ids.uuid();
        let invocation = Invocation {
            ticket: Ticket::Call(call),
            request_id,
            trace_id,
            client_context,
            payload,
        };
        match kind {
            "RequestResponse" => self.invoke(now, &name, invocation),
            "Event" => {
                if self.invoke_later(now, name, invocation) {
                    self.answer(call, 202, Vec::new(), Bytes::new());
                } else {
                    self.refuse(call, &Refusal::throttled());
                }
            }
            "DryRun" => self.answer(call, 204, Vec::new(), Bytes::new()),
            _ => self.refuse(call, &Refusal::parameter(kind)),
        }
    }

    /// The outcome of a synchronous call.
    pub(super) fn reply_call(&mut self, call: CallId, outcome: Outcome) {
        let version = ("X-Amz-Executed-Version".to_owned(), "$LATEST".to_owned());
        match outcome {
            Outcome::Answer(body) => self.answer(call, 200, vec![version], body),
            Outcome::Failed { body, why: _ } => {
                let error = ("X-Amz-Function-Error".to_owned(), "Unhandled".to_owned());
                self.answer(call, 200, vec![version, error], body);
            }
            Outcome::Throttled => self.refuse(call, &Refusal::throttled()),
            Outcome::Unknown => {
                self.refuse(
                    call,
                    &not_found(&self.topology.region, &self.topology.account_id, "it"),
                );
            }
        }
    }

    pub(super) fn answer(
        &mut self,
        call: CallId,
        status: u16,
        headers: Vec<(String, String)>,
        body: Bytes,
    ) {
        let mut all = vec![("x-amzn-RequestId".to_owned(), self.ids.uuid())];
        if !body.is_empty() {
            all.push(("Content-Type".into(), "application/json".into()));
        }
        all.extend(headers);
        self.effect(Effect::Reply { call, reply: Reply { status, headers: all, body } });
    }

    pub(super) fn refuse(&mut self, call: CallId, refusal: &Refusal) {
        let headers = vec![("x-amzn-ErrorType".to_owned(), refusal.kind.to_owned())];
        self.answer(call, refusal.status, headers, refusal.body.to_string().into());
    }
}

/// Who asks for a version or alias has to be allowed just that.
pub(super) fn ask(topology: &Topology, action: &str, function: &str, request: &Request) -> Ask {
    let (region, account) = (&topology.region, &topology.account_id);
    let (name, in_name) = name_and_qualifier(function).unwrap_or((function, None));
    let in_query = query(request).into_iter().find(|(key, _)| key == "Qualifier");
    let qualifier = in_name.map(ToOwned::to_owned).or(in_query.map(|(_, value)| value));
    let qualifier = qualifier.map(|qualifier| format!(":{qualifier}")).unwrap_or_default();
    let resource = format!("arn:aws:lambda:{region}:{account}:function:{name}{qualifier}");
    Ask { action: action.into(), resource, ..Ask::default() }
}

pub(super) struct Refusal {
    status: u16,
    kind: &'static str,
    body: serde_json::Value,
}

impl Refusal {
    fn content(message: &str) -> Self {
        let body = json!({ "Type": "User", "message": message });
        Self { status: 400, kind: "InvalidRequestContentException", body }
    }

    fn parameter(kind: &str) -> Self {
        let message =
            format!("Invocation type `{kind}` is not one of RequestResponse, Event, DryRun");
        Self {
            status: 400,
            kind: "InvalidParameterValueException",
            body: json!({ "Type": "User", "message": message }),
        }
    }

    pub(super) fn out_of_range(name: &str, value: &str, least: usize, most: usize) -> Self {
        let message = format!("`{value}` at `{name}` must be a number from {least} to {most}");
        let body = json!({ "Type": "User", "message": message });
        Self { status: 400, kind: "InvalidParameterValueException", body }
    }

    pub(super) fn unknown_operation(path: &str) -> Self {
        let message = format!(
            "{path} is not emulated: functions are invoked, listed and described; the template changes them"
        );
        Self { status: 404, kind: "UnknownOperationException", body: json!({ "Message": message }) }
    }

    fn too_large(bytes: usize, most: usize) -> Self {
        let message = format!(
            "{bytes} byte payload is too large for the RequestResponse invocation type (limit {most} bytes)"
        );
        Self {
            status: 413,
            kind: "RequestTooLargeException",
            body: json!({ "Type": "User", "message": message }),
        }
    }

    fn throttled() -> Self {
        let body = json!({ "Reason": "ReservedFunctionConcurrentInvocationLimitExceeded", "Type": "User", "message": "Rate Exceeded." });
        Self { status: 429, kind: "TooManyRequestsException", body }
    }
}

pub(super) fn not_found(region: &str, account: &str, function: &str) -> Refusal {
    let message = if function.starts_with("arn:") {
        format!("Function not found: {function}")
    } else {
        format!("Function not found: arn:aws:lambda:{region}:{account}:function:{function}")
    };
    Refusal {
        status: 404,
        kind: "ResourceNotFoundException",
        body: json!({ "Type": "User", "Message": message }),
    }
}

/// The name in a name, a partial ARN or an ARN, each with or without a qualifier.
pub(crate) fn function_name(text: &str) -> Option<&str> {
    name_and_qualifier(text).map(|(name, _)| name)
}

fn name_and_qualifier(text: &str) -> Option<(&str, Option<&str>)> {
    let after = match text.split_once(":function:") {
        Some((_, after)) => after,
        None if text.starts_with("arn:") => return None,
        None => text,
    };
    let (name, qualifier) = match after.split_once(':') {
        Some((name, qualifier)) => (name, Some(qualifier)),
        None => (after, None),
    };
    (!name.is_empty()).then_some((name, qualifier))
}

#[cfg(test)]
mod tests {
    use super::function_name;

    #[test]
    fn functions_are_named_in_several_ways() {
        for text in [
            "fn",
            "fn:live",
            "1:function:fn",
            "arn:aws:lambda:eu-central-1:1:function:fn",
            "arn:aws:lambda:eu-central-1:1:function:fn:$LATEST",
        ] {
            assert_eq!(function_name(text), Some("fn"), "{text}");
        }
        assert_eq!(function_name("arn:aws:sqs:x"), None);
        assert_eq!(function_name(""), None);
    }
}
