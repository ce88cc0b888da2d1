//! What a request to a service that speaks AWS JSON asks for: `X-Amz-Target` and body read as
//! actions on resources.
//!
//! The services themselves are elsewhere; here is only what their permissions depend on. What
//! `DynamoDB` asks for is in `dynamodb`.

use super::refusal::{coral, json_error};
use super::{Ask, Iam, Permissions, Principal, Refusal, dynamodb};
use crate::topology::Topology;
use crate::{Time, http, logs};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The services, by what their targets begin with, and the names they sign for.
const SERVICES: [(&str, Service, &str); 5] = [
    ("DynamoDB_20120810", Service::DynamoDb, "dynamodb"),
    ("DynamoDBStreams_20120810", Service::DynamoDbStreams, "dynamodb"),
    ("AmazonSQS", Service::Sqs, "sqs"),
    ("AWSEvents", Service::Events, "events"),
    (logs::TARGET, Service::Logs, "logs"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    DynamoDb,
    DynamoDbStreams,
    Sqs,
    Events,
    Logs,
}

impl Permissions {
    /// Looks at a request to a service behind `X-Amz-Target`: who signed it, and whether they may do
    /// everything it asks for. `meant` is what was signed, unless that is in another protocol.
    ///
    /// # Errors
    /// The reply that refuses it, and why, unless it could not be read at all.
    pub(crate) fn authorize_service(
        &self,
        now: Time,
        signed: &http::Request,
        meant: &http::Request,
    ) -> Result<Arc<Principal>, Refused> {
        let asked = Asked::of(meant)?;
        let refused = |refusal: Refusal| asked.refused(refusal);
        let principal = self.authorize(now, signed, asked.name, &[]).map_err(refused)?;
        let asks = asked.asks(&self.topology, meant)?;
        self.permit(now, meant, &principal, &asks)
            .map_err(|denied| asked.refused(denied.into()))?;
        Ok(principal)
    }

    /// The same for a request that API Gateway makes in this role.
    ///
    /// # Errors
    /// As for [`Self::authorize_service`].
    pub(crate) fn authorize_gateway(
        &self,
        now: Time,
        role: &str,
        request: &http::Request,
    ) -> Result<(), Refused> {
        let asked = Asked::of(request)?;
        let asks = asked.asks(&self.topology, request)?;
        if self.iam == Iam::Off {
            return Ok(());
        }
        let permitted = self.permit(now, request, &self.gateway(role), &asks);
        permitted.map_err(|denied| asked.refused(denied.into()))
    }
}

/// A refusal, and why, unless the request could not be read at all.
pub(crate) type Refused = (http::Reply, Option<Box<Refusal>>);

/// What a target names.
struct Asked<'r> {
    service: Service,
    /// The name it is signed for.
    name: &'static str,
    operation: &'r str,
}

impl<'r> Asked<'r> {
    fn of(request: &'r http::Request) -> Result<Self, Refused> {
        let target = request.header("X-Amz-Target").and_then(|target| target.split_once('.'));
        let known = target.and_then(|(prefix, operation)| {
            let (_, service, name) = SERVICES.into_iter().find(|(known, ..)| *known == prefix)?;
            Some(Self { service, name, operation })
        });
        known.ok_or_else(|| {
            (json_error(&json!({ "__type": coral("UnknownOperationException") })), None)
        })
    }

    fn asks(&self, topology: &Topology, request: &http::Request) -> Result<Vec<Ask>, Refused> {
        let Ok(body) = serde_json::from_slice::<Value>(&request.body) else {
            return Err((json_error(&json!({ "__type": coral("SerializationException") })), None));
        };
        let operation = self.operation;
        Ok(match self.service {
            Service::DynamoDb => dynamodb::asks(topology, operation, &body),
            Service::DynamoDbStreams => dynamodb::stream_asks(topology, operation, &body),
            Service::Sqs => vec![sqs(topology, operation, &body)],
            Service::Events => events(topology, operation, &body),
            Service::Logs => vec![log_group(topology, operation, &body)],
        })
    }

    fn refused(&self, refusal: Refusal) -> Refused {
        (refusal.json_reply(self.name), Some(Box::new(refusal)))
    }
}

/// `arn:aws:{service}:{region}:{account}:{rest}`.
pub(super) fn arn(topology: &Topology, service: &str, rest: &str) -> String {
    format!("arn:aws:{service}:{}:{}:{rest}", topology.region, topology.account_id)
}

pub(super) fn text<'v>(body: &'v Value, key: &str) -> Option<&'v str> {
    body.get(key).and_then(Value::as_str)
}

/// SQS names its actions in lower case when it refuses one. A batch needs what its messages need.
fn sqs(topology: &Topology, operation: &str, body: &Value) -> Ask {
    let name =
        text(body, "QueueUrl").and_then(|url| url.rsplit('/').next()).or(text(body, "QueueName"));
    let operation = operation.strip_suffix("Batch").unwrap_or(operation);
    let resource = match (operation, text(body, "SourceArn")) {
        ("StartMessageMoveTask" | "ListMessageMoveTasks", Some(arn)) => arn.to_owned(),
        _ => arn(topology, "sqs", name.unwrap_or_default()),
    };
    Ask { action: format!("sqs:{}", operation.to_ascii_lowercase()), resource, ..Ask::default() }
}

/// Refusals name a group together with its streams, though it be none of them that is asked for.
fn log_group(topology: &Topology, operation: &str, body: &Value) -> Ask {
    let named = text(body, "logGroupName").or(text(body, "logGroupIdentifier"));
    let group = logs::group_name(named.unwrap_or_default());
    let stream = text(body, "logStreamName").unwrap_or_default();
    let resource = arn(topology, "logs", &format!("log-group:{group}:log-stream:{stream}"));
    Ask { action: format!("logs:{operation}"), resource, ..Ask::default() }
}

/// Each entry goes to a bus of its own.
fn events(topology: &Topology, operation: &str, body: &Value) -> Vec<Ask> {
    let action = format!("events:{operation}");
    if operation != "PutEvents" {
        let resource = text(body, "Name").map_or_else(
            || "*".to_owned(),
            |name| arn(topology, "events", &format!("rule/{name}")),
        );
        return vec![Ask { action, resource, ..Ask::default() }];
    }
    let entries = body.get("Entries").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let ask = |entry: &Value| {
        let resource = match text(entry, "EventBusName").unwrap_or("default") {
            bus if bus.starts_with("arn:") => bus.to_owned(),
            bus => arn(topology, "events", &format!("event-bus/{bus}")),
        };
        let keys = [("events:source", "Source"), ("events:detail-type", "DetailType")];
        let context = keys.iter().filter_map(|(key, field)| {
            Some(((*key).to_owned(), vec![text(entry, field)?.to_owned()]))
        });
        Ask { action: action.clone(), resource, context: context.collect::<BTreeMap<_, _>>() }
    };
    entries.iter().map(ask).collect()
}
