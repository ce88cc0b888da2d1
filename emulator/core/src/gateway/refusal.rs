//! HTTP replies the gateway itself makes when it refuses an upgrade or a request.

use super::{Gateway, Id};
use crate::http::Reply;
use crate::permissions;
use bytes::Bytes;

/// Kinds of refusal, each with the status and the type AWS gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The identity sources are not all there, or the authorizer says so.
    Unauthorized,
    /// No such API or stage, or the policy denies it.
    Forbidden,
    /// Throttled.
    TooMany,
    /// The authorizer failed or answered nonsense.
    AuthorizerFailed,
    /// The integration may not be called, or is not what it should be.
    Misconfigured,
    /// The function failed.
    BadGateway,
    /// The integration took too long.
    TimedOut,
}

impl Refusal {
    pub(super) fn status(self) -> u16 {
        match self {
            Self::Unauthorized => 401,
            Self::Forbidden => 403,
            Self::TooMany => 429,
            Self::AuthorizerFailed | Self::Misconfigured => 500,
            Self::BadGateway => 502,
            Self::TimedOut => 504,
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Unauthorized => "UnauthorizedException",
            Self::Forbidden => "ForbiddenException",
            Self::TooMany => "TooManyRequestsException",
            Self::AuthorizerFailed => "AuthorizerConfigurationException",
            Self::Misconfigured | Self::BadGateway => "InternalServerErrorException",
            Self::TimedOut => "GatewayTimeoutException",
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::Unauthorized => "Unauthorized",
            Self::Forbidden => "Forbidden",
            Self::TooMany => "Too Many Requests",
            Self::AuthorizerFailed | Self::Misconfigured | Self::BadGateway => {
                "Internal server error"
            }
            Self::TimedOut => "Endpoint request timed out",
        }
    }
}

impl Gateway {
    /// An upgrade whose URL is too long. That there is such a limit is known, not what is answered.
    pub(super) fn too_long(&mut self) -> Reply {
        let headers = self.gateway_headers();
        Reply { status: 414, headers, body: Bytes::from_static(br#"{"message":"URI Too Long"}"#) }
    }

    /// A refusal that belongs to no connection: unknown API, stage or path.
    pub(super) fn forbidden(&mut self) -> Reply {
        let mut headers = self.gateway_headers();
        headers.push(("x-amzn-ErrorType".into(), Refusal::Forbidden.kind().into()));
        Reply { status: 403, headers, body: Bytes::from_static(br#"{"message":"Forbidden"}"#) }
    }

    /// The refusal of an upgrade.
    pub(super) fn refusal(&mut self, refusal: Refusal, connection: Id, request: Id) -> Reply {
        let mut headers = self.gateway_headers();
        headers.push(("x-amzn-ErrorType".into(), refusal.kind().into()));
        Reply {
            status: refusal.status(),
            headers,
            body: told(refusal.message(), connection, request),
        }
    }

    /// The refusal of an upgrade whose signer is unknown or may not connect. Its status is known; that
    /// the body has the shape of the gateway's other refusals is a guess.
    pub(super) fn refusal_of_signer(
        &mut self,
        refusal: &permissions::Refusal,
        connection: Id,
        request: Id,
    ) -> Reply {
        let mut headers = self.gateway_headers();
        headers.push(("x-amzn-ErrorType".into(), refusal.error_type().into()));
        Reply { status: 403, headers, body: told(&refusal.to_string(), connection, request) }
    }

    /// The refusal of an upgrade with the status the integration chose.
    pub(super) fn refusal_by_integration(
        &mut self,
        status: u16,
        connection: Id,
        request: Id,
    ) -> Reply {
        let headers = self.gateway_headers();
        let message = match status {
            400 => "Bad Request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not Found",
            429 => "Too Many Requests",
            500..=599 => "Internal server error",
            _ => "Refused",
        };
        Reply { status, headers, body: told(message, connection, request) }
    }

    fn gateway_headers(&mut self) -> Vec<(String, String)> {
        vec![
            ("Content-Type".into(), "application/json".into()),
            ("x-amzn-RequestId".into(), self.ids.uuid()),
            ("x-amz-apigw-id".into(), self.ids.id().to_string()),
        ]
    }
}

fn told(message: &str, connection: Id, request: Id) -> Bytes {
    let message = serde_json::Value::from(message);
    format!(r#"{{"message": {message}, "connectionId":"{connection}", "requestId":"{request}"}}"#)
        .into()
}
