//! What an error of PostToConnection means.

use aws_sdk_apigatewaymanagement::error::SdkError;
use aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError;
use herald_core::Delivery;
use std::error::Error;

/// Goes by the status rather than by the exception's name: a proxy in between keeps the one and
/// loses the other.
pub(super) fn of_error(error: &SdkError<PostToConnectionError>) -> Delivery {
    let status = error.raw_response().map(|response| response.status().as_u16());
    match status {
        Some(410) => Delivery::Gone,
        Some(429) => Delivery::Slow,
        Some(status) => refused(status, error),
        // No answer: nobody knows whether the message arrived.
        None => Delivery::Failed { why: chain(error), retryable: is_transient(error) },
    }
}

fn refused(status: u16, error: &SdkError<PostToConnectionError>) -> Delivery {
    let meta = error.as_service_error().map(PostToConnectionError::meta);
    let code = meta.and_then(|m| m.code()).unwrap_or("no exception named");
    let message = meta.and_then(|m| m.message()).unwrap_or("no message");
    let hint = match status {
        403 => {
            "; allow execute-api:ManageConnections to the role, and behind a custom domain set \
             `callback_url` of the stage to https://HOST/MAPPING-KEY"
        }
        _ => "",
    };
    Delivery::Failed { why: format!("{status} {code}: {message}{hint}"), retryable: status >= 500 }
}

/// A request that could not be made will never be; one that got no answer may yet.
fn is_transient<E>(error: &SdkError<E>) -> bool {
    !matches!(error, SdkError::ConstructionFailure(_))
}

/// An error and its causes in one line.
fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}
