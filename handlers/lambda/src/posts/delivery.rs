//! What an answer to PostToConnection means.

use herald_core::Delivery;

/// Goes by the status rather than by the exception's name: a proxy in between keeps the one and
/// loses the other.
pub(super) fn of_status(status: u16, code: Option<&str>, message: Option<&str>) -> Delivery {
    match status {
        410 => Delivery::Gone,
        429 => Delivery::Slow,
        _ => Delivery::Failed { why: refusal(status, code, message), retryable: status >= 500 },
    }
}

/// What the gateway says, and what to do about it.
pub(super) fn refusal(status: u16, code: Option<&str>, message: Option<&str>) -> String {
    let code = code.unwrap_or("no exception named");
    let message = message.unwrap_or("no message");
    let hint = match status {
        403 => {
            "; allow execute-api:ManageConnections to the role, and behind a custom domain set \
             `callback_url` of the stage to https://HOST/MAPPING-KEY"
        }
        _ => "",
    };
    format!("{status} {code}: {message}{hint}")
}
