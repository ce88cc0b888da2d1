//! Why a request is not let through, in AWS's words and in the shapes of its protocols.

use super::{Ask, Principal};
use crate::query::Dialect;
use crate::{http, sigv4};
use bytes::Bytes;
use serde_json::json;

/// Why a request is not let through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nobody knows who it is from.
    #[error(transparent)]
    Signature(#[from] sigv4::Refusal),
    /// The policies of its sender do not admit it.
    #[error(transparent)]
    Denied(#[from] Denied),
}

/// What somebody may not do, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("User: {user} is not authorized to perform: {action} on resource: {resource} {reason}")]
pub struct Denied {
    user: String,
    action: String,
    resource: String,
    reason: String,
}

/// Why a role does not admit something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    NotAllowed,
    Denied,
    OutsideBoundary,
    DeniedByBoundary,
}

impl Denied {
    pub(super) fn new(principal: &Principal, ask: &Ask, reason: Reason) -> Self {
        let action = &ask.action;
        let reason = match reason {
            Reason::NotAllowed => {
                format!("because no identity-based policy allows the {action} action")
            }
            Reason::Denied => "with an explicit deny in an identity-based policy".to_owned(),
            Reason::OutsideBoundary => {
                format!("because no permissions boundary allows the {action} action")
            }
            Reason::DeniedByBoundary => {
                "with an explicit deny in a permissions boundary".to_owned()
            }
        };
        Self {
            user: principal.arn.clone(),
            action: action.clone(),
            resource: shown(&ask.resource, &principal.account_id),
            reason,
        }
    }
}

/// API Gateway hides all but the last four digits of the account. That it does so in answers of
/// `@connections` as in those of other stages is a guess from reports of REST APIs.
fn shown(resource: &str, account_id: &str) -> String {
    if !resource.starts_with("arn:aws:execute-api:") {
        return resource.to_owned();
    }
    let last = account_id.get(account_id.len().saturating_sub(4)..).unwrap_or(account_id);
    resource.replacen(&format!(":{account_id}:"), &format!(":********{last}:"), 1)
}

impl Refusal {
    /// In one line and with what to do about it, for people.
    pub(crate) fn in_short(&self) -> String {
        let text = self.to_string();
        let first = text.lines().next().unwrap_or_default().trim_end_matches(['.', ' ']);
        let advice = match self {
            Self::Denied(denied) => format!("add {} to a policy of its role", denied.action),
            Self::Signature(
                sigv4::Refusal::Expired { .. } | sigv4::Refusal::NotYetCurrent { .. },
            ) => "set the clock of whoever signs".to_owned(),
            Self::Signature(_) => {
                "sign with a function's own keys or with test/test, or start with --iam off"
                    .to_owned()
            }
        };
        format!("{first}; {advice}")
    }

    /// The error type, without namespace.
    pub(crate) fn error_type(&self) -> &'static str {
        match self {
            Self::Signature(refusal) => refusal.error_type(),
            Self::Denied(_) => "AccessDeniedException",
        }
    }

    /// The body where the error type is a header: API Gateway and Lambda. The key's case tells who
    /// refused: the front end, which knows signatures only, writes it small.
    pub(crate) fn rest_body(&self) -> Bytes {
        let text = self.to_string();
        let body = match self {
            Self::Signature(_) => json!({ "message": text }),
            Self::Denied(_) => json!({ "Message": text }),
        };
        body.to_string().into()
    }

    /// The reply of services that speak AWS JSON: `DynamoDB`, SQS, `EventBridge`.
    pub(crate) fn json_reply(&self, service: &str) -> http::Reply {
        let kind = self.error_type();
        let body = match self {
            Self::Signature(sigv4::Refusal::Unsigned) => {
                json!({ "__type": coral(kind), "message": "Request is missing Authentication Token" })
            }
            Self::Signature(refusal) => {
                json!({ "__type": coral(kind), "message": refusal.to_string() })
            }
            Self::Denied(denied) => json!({ "__type": coral(kind), "Message": denied.to_string() }),
        };
        let mut reply = json_error(&body);
        // SQS had another protocol once, whose error codes its clients still know.
        if service == "sqs"
            && let Self::Denied(_) = self
        {
            reply.headers.push(("x-amzn-query-error".into(), "AccessDenied;Sender".into()));
        }
        reply
    }
}

impl Refusal {
    /// The reply of services that speak the Query protocol, in which signatures have other names.
    pub(crate) fn query_reply(&self, dialect: Dialect, request_id: &str) -> http::Reply {
        let code = match self {
            Self::Denied(_) => "AccessDenied",
            Self::Signature(sigv4::Refusal::Unsigned) => "MissingAuthenticationToken",
            Self::Signature(sigv4::Refusal::Incomplete(_)) => "IncompleteSignature",
            Self::Signature(sigv4::Refusal::UnknownKey) => "InvalidClientTokenId",
            Self::Signature(_) => "SignatureDoesNotMatch",
        };
        dialect.error(403, code, &self.to_string(), request_id)
    }
}

/// The name of an error that every service has.
pub(super) fn coral(kind: &str) -> String {
    format!("com.amazon.coral.service#{kind}")
}

/// A refusal in AWS JSON.
pub(super) fn json_error(body: &serde_json::Value) -> http::Reply {
    let headers = vec![("Content-Type".to_owned(), "application/x-amz-json-1.0".to_owned())];
    http::Reply { status: 400, headers, body: body.to_string().into() }
}
