//! Why a call failed, and whether the same may succeed later.

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::error::Error;

/// Why a call failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CallError {
    /// The service said no.
    #[error("{operation}: {code}: {message}")]
    Service {
        /// What was asked for.
        operation: &'static str,
        /// The HTTP status.
        status: u16,
        /// The name of the exception, without a namespace.
        code: String,
        /// What the service says about it.
        message: String,
        /// What the service calls the request.
        request_id: String,
        /// All of the answer.
        body: Bytes,
    },
    /// There was no answer, or not all of it.
    #[error("{operation}: no answer from {host}: {why}")]
    NoAnswer {
        /// What was asked for.
        operation: &'static str,
        /// Whom.
        host: String,
        /// What went wrong.
        why: String,
        /// Whether the request has certainly not been read.
        unsent: bool,
    },
    /// There was an answer and it makes no sense.
    #[error("{operation}: the answer is not understood: {why}")]
    Answer {
        /// What was asked for.
        operation: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// The request cannot be made.
    #[error("{operation}: the request cannot be made: {why}")]
    Request {
        /// What was asked for.
        operation: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// There is nobody to sign as.
    #[error("no AWS credentials: {why}")]
    Credentials {
        /// What the provider says.
        why: String,
    },
}

impl CallError {
    /// The name of the exception, where the service named one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Service { code, .. } => Some(code),
            _ => None,
        }
    }

    /// The HTTP status, where there was an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Service { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// What the service says, without the operation and the name of the exception.
    pub fn message(&self) -> String {
        match self {
            Self::Service { message, .. } => message.clone(),
            other => other.to_string(),
        }
    }

    /// The answer of the service as the exception's own type.
    pub fn detail<T: DeserializeOwned>(&self) -> Option<T> {
        match self {
            Self::Service { body, .. } => serde_json::from_slice(body).ok(),
            _ => None,
        }
    }

    /// Whether there are too many calls.
    pub fn is_throttling(&self) -> bool {
        self.status() == Some(429) || self.code().is_some_and(|code| THROTTLING.contains(&code))
    }

    /// Whether the credentials have ended.
    pub fn is_expired(&self) -> bool {
        self.code().is_some_and(|code| EXPIRED.contains(&code))
    }

    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Service { status, .. } => *status >= 500 || self.is_throttling(),
            Self::NoAnswer { .. } => true,
            Self::Answer { .. } | Self::Request { .. } | Self::Credentials { .. } => false,
        }
    }

    /// Whether the call has certainly not been done.
    pub(crate) fn is_undone(&self) -> bool {
        match self {
            Self::NoAnswer { unsent, .. } => *unsent,
            _ => self.is_throttling(),
        }
    }
}

/// As the SDKs have it (AWS SDKs and Tools Reference Guide, retry behavior).
const THROTTLING: [&str; 14] = [
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
];

const EXPIRED: [&str; 4] =
    ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"];

/// Reads the error out of an answer.
pub(crate) fn of_answer(
    operation: &'static str,
    status: u16,
    header: impl Fn(&str) -> Option<String>,
    body: Bytes,
) -> CallError {
    let (code, message, id) =
        if body.first() == Some(&b'<') { of_xml(&body) } else { of_json(&body) };
    // `com.amazonaws.dynamodb.v20120810#ValidationException:http://…` is `ValidationException`.
    let code = header("x-amzn-errortype").filter(|code| !code.is_empty()).or(code);
    let code = code.unwrap_or_else(|| format!("HTTP {status}"));
    let code = code.rsplit('#').next().unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default().to_owned();
    let request_id = header("x-amzn-requestid").or_else(|| header("x-amz-request-id")).or(id);
    CallError::Service {
        operation,
        status,
        code,
        message: message.unwrap_or_else(|| "no message".to_owned()),
        request_id: request_id.unwrap_or_default(),
        body,
    }
}

type Parts = (Option<String>, Option<String>, Option<String>);

fn of_json(body: &[u8]) -> Parts {
    #[derive(Default, Deserialize)]
    struct Body {
        #[serde(rename = "__type", alias = "code", alias = "Code")]
        code: Option<String>,
        #[serde(alias = "Message", alias = "errorMessage")]
        message: Option<String>,
    }
    let body: Body = serde_json::from_slice(body).unwrap_or_default();
    (body.code, body.message, None)
}

/// `ErrorResponse` of the query protocol has an `Error` in it; with S3 it is the root.
fn of_xml(body: &[u8]) -> Parts {
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "PascalCase", default)]
    struct Body {
        error: Option<Inner>,
        code: Option<String>,
        message: Option<String>,
        request_id: Option<String>,
    }
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "PascalCase", default)]
    struct Inner {
        code: Option<String>,
        message: Option<String>,
    }
    let text = String::from_utf8_lossy(body);
    let body: Body = quick_xml::de::from_str(&text).unwrap_or_default();
    let Inner { code, message } =
        body.error.unwrap_or(Inner { code: body.code, message: body.message });
    (code, message, body.request_id)
}

/// An error and its causes in one line, none of them twice.
pub fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !line.contains(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        cause = error.source();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(status: u16, errortype: Option<&str>, body: &'static str, want: Expect) {
        let header =
            |name: &str| errortype.filter(|_| name == "x-amzn-errortype").map(str::to_owned);
        let error = of_answer("Ask", status, header, Bytes::from_static(body.as_bytes()));
        let CallError::Service { request_id, .. } = &error else { panic!("{error}") };
        want.assert_eq(&format!(
            "{error}\nid `{request_id}`, {}\n",
            if error.is_throttling() {
                "throttled"
            } else if error.is_expired() {
                "expired"
            } else if error.is_retryable() {
                "may succeed later"
            } else {
                "final"
            }
        ));
    }

    #[test]
    fn errors_are_read_in_every_protocol() {
        check(
            400,
            None,
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no table"}"#,
            expect![[r#"
                Ask: ResourceNotFoundException: no table
                id ``, final
            "#]],
        );
        check(
            429,
            Some("TooManyRequestsException:http://internal.amazon.com/"),
            r#"{"Reason":"x","message":"Rate Exceeded."}"#,
            expect![[r#"
                Ask: TooManyRequestsException: Rate Exceeded.
                id ``, throttled
            "#]],
        );
        check(
            400,
            None,
            "<ErrorResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>ended</Message></Error><RequestId>r-1</RequestId></ErrorResponse>",
            expect![[r#"
                Ask: ExpiredToken: ended
                id `r-1`, expired
            "#]],
        );
        check(
            404,
            None,
            "<Error><Code>NoSuchBucket</Code><Message>none</Message><RequestId>r-2</RequestId></Error>",
            expect![[r#"
                Ask: NoSuchBucket: none
                id `r-2`, final
            "#]],
        );
    }

    #[test]
    fn an_answer_without_an_error_is_told_by_its_status() {
        check(
            503,
            None,
            "upstream",
            expect![[r#"
                Ask: HTTP 503: no message
                id ``, may succeed later
            "#]],
        );
        check(
            403,
            None,
            "<html><body>blocked",
            expect![[r#"
                Ask: HTTP 403: no message
                id ``, final
            "#]],
        );
    }
}
