//! What is said over a connection.

use crate::{CallbackUrl, ConnectionId};
use serde::Serialize;

/// The answer to `$default`: how a back end reaches this client.
///
/// The order of the fields is the order on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallbackInfo<'a> {
    /// The connection that asked.
    pub connection_id: &'a ConnectionId,
    /// Where messages to it are posted.
    pub callback_url: &'a CallbackUrl,
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn the_answer_names_connection_and_callback_url_in_this_order() {
        let info = CallbackInfo {
            connection_id: &"PJqB0fHsqRcCHlw=".to_owned().try_into().unwrap(),
            callback_url: &CallbackUrl::of_stage("abc123.example.com", "dev").unwrap(),
        };
        expect![[
            r#"{"connectionId":"PJqB0fHsqRcCHlw=","callbackUrl":"https://abc123.example.com/dev"}"#
        ]]
        .assert_eq(&serde_json::to_string(&info).unwrap());
    }
}
