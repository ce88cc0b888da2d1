//! Requests to AWS services that the local cloud does not have. They are refused by name: SDKs are led
//! here whatever they want, and an API would make anything of their paths.

use crate::http::{self, Body};
use hyper::header::{AUTHORIZATION, HeaderValue};
use hyper::{HeaderMap, Response, StatusCode};

/// What services are called in signatures.
const PRESENT: [&str; 7] =
    ["cloudformation", "dynamodb", "events", "execute-api", "lambda", "logs", "sqs"];

/// The service that a request is signed for, if it is not here.
pub(crate) fn service(headers: &HeaderMap) -> Option<&str> {
    let signature = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("AWS4-HMAC-SHA256")?;
    let (_, credential) = signature.split_once("Credential=")?;
    let scope = credential.split(',').next()?;
    let service = scope.trim().strip_suffix("/aws4_request")?.rsplit('/').next()?;
    let is_name =
        !service.is_empty() && service.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (is_name && !PRESENT.contains(&service)).then_some(service)
}

/// For whoever reads the log.
pub(crate) fn trouble(service: &str) -> String {
    format!(
        "a request to {service} was refused: of AWS, the local cloud has {} only",
        PRESENT.join(", ")
    )
}

/// For the SDK that sent it; the status is one that is not tried again.
pub(crate) fn refusal(service: &str) -> Response<Body> {
    let body = serde_json::json!({ "__type": "NotImplemented", "message": trouble(service) });
    let status = StatusCode::NOT_IMPLEMENTED;
    let mut response = http::content(status, "application/x-amz-json-1.1", body.to_string());
    response.headers_mut().insert("x-amzn-errortype", HeaderValue::from_static("NotImplemented"));
    response
}

#[cfg(test)]
mod tests {
    use super::service;
    use hyper::HeaderMap;
    use hyper::header::AUTHORIZATION;

    #[test]
    fn a_signature_names_the_service() {
        let named = |authorization: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, authorization.parse().unwrap());
            service(&headers).map(ToOwned::to_owned)
        };
        let signed = |service: &str| {
            named(&format!(
                "AWS4-HMAC-SHA256 Credential=test/20261124/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
            ))
        };
        assert_eq!(signed("s3").as_deref(), Some("s3"));
        assert_eq!(signed("secretsmanager").as_deref(), Some("secretsmanager"));
        for present in ["dynamodb", "execute-api", "lambda"] {
            assert_eq!(signed(present), None);
        }
        for other in [
            "Bearer x",
            "AWS4-HMAC-SHA256 Credential=test",
            "AWS4-HMAC-SHA256 Credential=a/<b>/aws4_request",
        ] {
            assert_eq!(named(other), None, "{other}");
        }
    }
}
