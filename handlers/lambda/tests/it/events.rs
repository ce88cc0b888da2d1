//! Golden events: from the JSON of the gateway to the reply, the posts and the log.

use crate::lines::logged;
use expect_test::{Expect, expect};
use herald_contract::{CallbackUrl, ConnectionId};
use herald_core::{Delivery, Sender};
use herald_lambda::{GatewayEvent, Socket};
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use serde_json::Value;
use std::sync::Mutex;
use std::time::{Duration, UNIX_EPOCH};

const CONNECT: &str = include_str!("../events/connect.json");
const MESSAGE: &str = include_str!("../events/message.json");
const DISCONNECT: &str = include_str!("../events/disconnect.json");

struct Fake {
    answer: Delivery,
    posted: Mutex<Vec<String>>,
}

impl Sender for Fake {
    async fn send_to_client(
        &self,
        callback_url: &CallbackUrl,
        connection_id: &ConnectionId,
        payload: String,
    ) -> Delivery {
        let post = format!("posts {payload}\n   to {connection_id} at {callback_url}\n");
        self.posted.lock().unwrap().push(post);
        self.answer.clone()
    }
}

struct Case {
    event: Value,
    answer: Delivery,
    callback_url: Option<&'static str>,
}

fn case(event: &str) -> Case {
    Case { event: serde_json::from_str(event).unwrap(), answer: Delivery::Sent, callback_url: None }
}

impl Case {
    fn answered(self, answer: Delivery) -> Self {
        Self { answer, ..self }
    }

    /// With another value of a field of the request context, or without it.
    fn with(mut self, field: &str, value: Option<&str>) -> Self {
        let context = self.event["requestContext"].as_object_mut().unwrap();
        match value {
            Some(value) => context.insert(field.to_owned(), value.into()),
            None => context.remove(field),
        };
        self
    }

    async fn check(self, expected: Expect) {
        let posted = Mutex::default();
        let socket = Socket {
            sender: Fake { answer: self.answer, posted },
            callback_url: self.callback_url.map(|url| url.parse().unwrap()),
            // Two seconds after the message was received.
            clock: || UNIX_EPOCH + Duration::from_millis(1_795_514_407_000),
        };
        let mut context = Context::default();
        context.request_id = "6bc28136-xmpl-4365-b021-0ce6b2e64ab0".to_owned();
        let payload: GatewayEvent = serde_json::from_value(self.event).unwrap();
        let (result, log) = logged(None, socket.handle(LambdaEvent::new(payload, context))).await;
        let result = match result {
            Ok(reply) => format!("replies {}", serde_json::to_string(&reply).unwrap()),
            Err(e) => {
                let Diagnostic { error_type, error_message } = e.into();
                format!("fails with {error_type}: {error_message}")
            }
        };
        let posted = socket.sender.posted.lock().unwrap().concat();
        assert!(!log.contains("a-secret"), "bodies and query strings are not logged");
        assert_eq!(log.lines().count(), 1, "one line an event");
        expected.assert_eq(&format!("{result}\n{posted}logs {log}"));
    }
}

#[tokio::test]
async fn connect_is_accepted_and_nothing_is_posted() {
    case(CONNECT).check(expect![[r#"
        replies {"statusCode":200}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"$connect","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"6bc28136-xmpl-4365-b021-0ce6b2e64ab0","gatewayRequestId":"Hh1c0nEctIdMAbc=","latencyMs":6999,"outcome":"accepted"}
    "#]]).await;
}

#[tokio::test]
async fn a_message_is_answered_with_connection_id_and_callback_url() {
    case(MESSAGE).check(expect![[r#"
        replies {"statusCode":200}
        posts {"connectionId":"Hh1b-9ExoAMC_Qw=","callbackUrl":"https://abc123defg.execute-api.us-east-1.amazonaws.com/dev"}
           to Hh1b-9ExoAMC_Qw= at https://abc123defg.execute-api.us-east-1.amazonaws.com/dev
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"$default","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"6bc28136-xmpl-4365-b021-0ce6b2e64ab0","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"outcome":"sent"}
    "#]]).await;
}

#[tokio::test]
async fn disconnect_is_noted_with_its_code() {
    case(DISCONNECT).check(expect![[r#"
        replies {"statusCode":200}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"$disconnect","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"6bc28136-xmpl-4365-b021-0ce6b2e64ab0","gatewayRequestId":"Hh1dIscOnnEctId=","disconnectCode":1005,"latencyMs":0,"outcome":"closed"}
    "#]]).await;
}

#[tokio::test]
async fn on_this_machine_the_callback_url_is_http() {
    case(MESSAGE).with("domainName", Some("127.0.0.1:4000")).check(expect![[r#"
        replies {"statusCode":200}
        posts {"connectionId":"Hh1b-9ExoAMC_Qw=","callbackUrl":"http://127.0.0.1:4000/dev"}
           to Hh1b-9ExoAMC_Qw= at http://127.0.0.1:4000/dev
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"$default","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"6bc28136-xmpl-4365-b021-0ce6b2e64ab0","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"outcome":"sent"}
    "#]]).await;
}

#[tokio::test]
async fn the_setting_replaces_what_the_event_says() {
    let mut case = case(MESSAGE).with("domainName", Some("ws.example.com"));
    case.callback_url = Some("https://ws.example.com/mapping-key");
    case.check(expect![[r#"
        replies {"statusCode":200}
        posts {"connectionId":"Hh1b-9ExoAMC_Qw=","callbackUrl":"https://ws.example.com/mapping-key"}
           to Hh1b-9ExoAMC_Qw= at https://ws.example.com/mapping-key
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"$default","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"6bc28136-xmpl-4365-b021-0ce6b2e64ab0","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"outcome":"sent"}
    "#]]).await;
}

#[tokio::test]
async fn a_client_that_left_is_no_error() {
    case(MESSAGE).answered(Delivery::Gone).check(expect![[r#"
        replies {"statusCode":200}
        posts {"connectionId":"Hh1b-9ExoAMC_Qw=","callbackUrl":"https://abc123defg.execute-api.us-east-1.amazonaws.com/dev"}
           to Hh1b-9ExoAMC_Qw= at https://abc123defg.execute-api.us-east-1.amazonaws.com/dev
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"$default","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"6bc28136-xmpl-4365-b021-0ce6b2e64ab0","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"outcome":"gone"}
    "#]]).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_a_warning() {
    case(MESSAGE).answered(Delivery::Slow).check(expect![[r#"
        replies {"statusCode":200}
        posts {"connectionId":"Hh1b-9ExoAMC_Qw=","callbackUrl":"https://abc123defg.execute-api.us-east-1.amazonaws.com/dev"}
           to Hh1b-9ExoAMC_Qw= at https://abc123defg.execute-api.us-east-1.amazonaws.com/dev
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"WARN","message":"the client takes no more","routeKey":"$default","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"6bc28136-xmpl-4365-b021-0ce6b2e64ab0","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"outcome":"slow"}
    "#]]).await;
}

#[tokio::test]
async fn a_post_that_failed_is_an_error_of_the_function() {
    let why = "403 ForbiddenException: Forbidden".to_owned();
    let failed = Delivery::Failed { why, retryable: false };
    case(MESSAGE).answered(failed).check(expect![[r#"
        fails with NotSent: failed to post to the connection: 403 ForbiddenException: Forbidden
        posts {"connectionId":"Hh1b-9ExoAMC_Qw=","callbackUrl":"https://abc123defg.execute-api.us-east-1.amazonaws.com/dev"}
           to Hh1b-9ExoAMC_Qw= at https://abc123defg.execute-api.us-east-1.amazonaws.com/dev
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","routeKey":"$default","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"6bc28136-xmpl-4365-b021-0ce6b2e64ab0","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"error":"failed to post to the connection: 403 ForbiddenException: Forbidden","retryable":false}
    "#]]).await;
}

#[tokio::test]
async fn a_route_without_code_is_an_error() {
    case(MESSAGE).with("routeKey", Some("ping")).check(expect![[r#"
        fails with UnknownRoute: function `socket` has no route `ping`; deploy template and functions of the same version
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","routeKey":"ping","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"6bc28136-xmpl-4365-b021-0ce6b2e64ab0","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"error":"function `socket` has no route `ping`; deploy template and functions of the same version","retryable":false}
    "#]]).await;
}

#[tokio::test]
async fn an_event_that_lacks_a_field_is_an_error_that_names_it() {
    case(MESSAGE).with("connectionId", None).check(expect![[r#"
        fails with MalformedEvent: the event has no `requestContext.connectionId`; it is not from a route of a WebSocket API
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","routeKey":"$default","requestId":"6bc28136-xmpl-4365-b021-0ce6b2e64ab0","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"error":"the event has no `requestContext.connectionId`; it is not from a route of a WebSocket API","retryable":false}
    "#]]).await;
    case(MESSAGE).with("connectionId", Some("")).check(expect![[r#"
        fails with MalformedEvent: the event has no `requestContext.connectionId`; it is not from a route of a WebSocket API
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","routeKey":"$default","connectionId":"","requestId":"6bc28136-xmpl-4365-b021-0ce6b2e64ab0","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"error":"the event has no `requestContext.connectionId`; it is not from a route of a WebSocket API","retryable":false}
    "#]]).await;
    case(CONNECT).with("routeKey", None).check(expect![[r#"
        fails with MalformedEvent: the event has no `requestContext.routeKey`; it is not from a route of a WebSocket API
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"6bc28136-xmpl-4365-b021-0ce6b2e64ab0","gatewayRequestId":"Hh1c0nEctIdMAbc=","latencyMs":6999,"error":"the event has no `requestContext.routeKey`; it is not from a route of a WebSocket API","retryable":false}
    "#]]).await;
    case(MESSAGE).with("domainName", None).check(expect![[r#"
        fails with MalformedEvent: the event has no `requestContext.domainName`; it is not from a route of a WebSocket API
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","routeKey":"$default","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"6bc28136-xmpl-4365-b021-0ce6b2e64ab0","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"error":"the event has no `requestContext.domainName`; it is not from a route of a WebSocket API","retryable":false}
    "#]]).await;
    case(MESSAGE).with("domainName", Some("evil.example/?")).check(expect![[r#"
        fails with MalformedEvent: the event's `requestContext` names no callback URL: `evil.example/?` is no domain name; it is HOST or HOST:PORT
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","routeKey":"$default","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"6bc28136-xmpl-4365-b021-0ce6b2e64ab0","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"error":"the event's `requestContext` names no callback URL: `evil.example/?` is no domain name; it is HOST or HOST:PORT","retryable":false}
    "#]]).await;
    case(DISCONNECT).with("stage", None).check(expect![[r#"
        fails with MalformedEvent: the event has no `requestContext.stage`; it is not from a route of a WebSocket API
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","routeKey":"$disconnect","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"6bc28136-xmpl-4365-b021-0ce6b2e64ab0","gatewayRequestId":"Hh1dIscOnnEctId=","disconnectCode":1005,"latencyMs":0,"error":"the event has no `requestContext.stage`; it is not from a route of a WebSocket API","retryable":false}
    "#]]).await;
}

#[test]
fn an_event_of_another_service_is_refused() {
    let refused = |json| serde_json::from_str::<GatewayEvent>(json).unwrap_err().to_string();
    expect!["missing field `requestContext` at line 1 column 14"]
        .assert_eq(&refused(r#"{"Records":[]}"#));
    expect!["missing field `connectedAt` at line 1 column 29"]
        .assert_eq(&refused(r#"{"requestContext":{"http":{}}}"#));
}
