//! Golden events of `socket`: from the JSON of the gateway to the reply, the posts, the log and the
//! metrics.

use crate::fakes::{Told, context, failure, request_id};
use crate::lines::logged;
use expect_test::{Expect, expect};
use herald_contract::table::Key;
use herald_contract::{Function, Millis};
use herald_core::Delivery;
use herald_core::publish::Publisher;
use herald_core::table::fake::FakeTable;
use herald_core::testing::{FakeChance, FakeClock, now_or_never};
use herald_lambda::{GatewayEvent, Metrics, Socket};
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};

const CONNECT: &str = include_str!("../events/connect.json");
const MESSAGE: &str = include_str!("../events/message.json");
const DISCONNECT: &str = include_str!("../events/disconnect.json");

struct Case {
    table: FakeTable,
    event: Value,
    answer: Delivery,
    callback_url: Option<&'static str>,
    stage: Option<&'static str>,
    trace: Option<&'static str>,
}

fn case(event: &str) -> Case {
    let event = serde_json::from_str(event).unwrap();
    let table = FakeTable::default();
    Case { table, event, answer: Delivery::Sent, callback_url: None, stage: None, trace: None }
}

/// A message with this body, which chose the route, by somebody whom the authorizer let in.
fn message(route: &str, body: &Value) -> Case {
    let mut case = case(MESSAGE).with("routeKey", Some(route));
    case.event["body"] = body.to_string().into();
    case.event["requestContext"]["authorizer"] = json!({
        "principalId": "c0ffee",
        "integrationLatency": 7,
        "user": "ada",
        "scopes": "topic:private/orders",
        "tokenExp": "1795518000000",
    });
    case.stage = Some("prod");
    case
}

/// Does what a back end asks for.
fn publish(table: &FakeTable, command: &Value) {
    let publisher = Publisher {
        table,
        closer: &&Told::answering(Delivery::Sent),
        chance: &FakeChance::of_seed(2),
        kinds: &[],
    };
    let now = Millis::new(1_795_514_403_000);
    let answer = herald_core::publish::publish(&publisher, command.clone(), None, None, now);
    now_or_never(answer).unwrap();
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

    async fn check(self, expected: Expect) -> FakeTable {
        let told = Told::answering(self.answer);
        let socket = Socket {
            table: self.table,
            sender: &told,
            closer: &told,
            // Two seconds after the message was received.
            clock: FakeClock::at(Millis::new(1_795_514_407_000)),
            chance: FakeChance::of_seed(1),
            origins: "https://app.example.com".parse().unwrap(),
            callback_url: self.callback_url.map(|url| url.parse().unwrap()),
            metrics: Metrics::new(Function::Socket, self.stage.map(str::to_owned)),
        };
        let payload: GatewayEvent = serde_json::from_value(self.event).unwrap();
        let (result, log) =
            logged(None, socket.handle(LambdaEvent::new(payload, context(self.trace)))).await;
        let result = match result {
            Ok(reply) => format!("replies {}", serde_json::to_string(&reply).unwrap()),
            Err(e) => failure(e),
        };
        assert!(!log.contains("a-secret"), "bodies and query strings are not logged");
        assert!(!log.contains("ada"), "users are not logged by name");
        let lines: Vec<_> = log.lines().map(|line| format!("logs {line}\n")).collect();
        let lines = lines.concat().replace(request_id(), "[REQUEST]");
        expected.assert_eq(&format!("{result}\n{}{lines}", told.lines()));
        socket.table
    }
}

#[tokio::test]
async fn connect_is_accepted_and_nothing_is_posted() {
    case(CONNECT).check(expect![[r#"
        replies {"statusCode":200}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"$connect","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","latencyMs":6999,"outcome":"accepted"}
    "#]]).await;
}

#[tokio::test]
async fn a_message_is_answered_with_connection_id_and_callback_url() {
    case(MESSAGE).check(expect![[r#"
        replies {"statusCode":200}
        posts {"connectionId":"Hh1b-9ExoAMC_Qw=","callbackUrl":"https://abc123defg.execute-api.us-east-1.amazonaws.com/dev"}
           to Hh1b-9ExoAMC_Qw= at https://abc123defg.execute-api.us-east-1.amazonaws.com/dev
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"$default","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"outcome":"sent"}
    "#]]).await;
}

#[tokio::test]
async fn disconnect_is_noted_with_its_code() {
    case(DISCONNECT).check(expect![[r#"
        replies {"statusCode":200}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"$disconnect","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1dIscOnnEctId=","disconnectCode":1005,"latencyMs":0,"outcome":"closed"}
    "#]]).await;
}

#[tokio::test]
async fn on_this_machine_the_callback_url_is_http() {
    case(MESSAGE).with("domainName", Some("127.0.0.1:4000")).check(expect![[r#"
        replies {"statusCode":200}
        posts {"connectionId":"Hh1b-9ExoAMC_Qw=","callbackUrl":"http://127.0.0.1:4000/dev"}
           to Hh1b-9ExoAMC_Qw= at http://127.0.0.1:4000/dev
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"$default","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"outcome":"sent"}
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
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"$default","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"outcome":"sent"}
    "#]]).await;
}

#[tokio::test]
async fn a_client_that_left_is_no_error() {
    case(MESSAGE).answered(Delivery::Gone).check(expect![[r#"
        replies {"statusCode":200}
        posts {"connectionId":"Hh1b-9ExoAMC_Qw=","callbackUrl":"https://abc123defg.execute-api.us-east-1.amazonaws.com/dev"}
           to Hh1b-9ExoAMC_Qw= at https://abc123defg.execute-api.us-east-1.amazonaws.com/dev
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"$default","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"outcome":"gone"}
    "#]]).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_a_warning() {
    case(MESSAGE).answered(Delivery::Slow).check(expect![[r#"
        replies {"statusCode":200}
        posts {"connectionId":"Hh1b-9ExoAMC_Qw=","callbackUrl":"https://abc123defg.execute-api.us-east-1.amazonaws.com/dev"}
           to Hh1b-9ExoAMC_Qw= at https://abc123defg.execute-api.us-east-1.amazonaws.com/dev
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"WARN","message":"the client takes no more","routeKey":"$default","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"outcome":"slow"}
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
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","routeKey":"$default","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"error":"failed to post to the connection: 403 ForbiddenException: Forbidden","retryable":false}
    "#]]).await;
}

#[tokio::test]
async fn a_route_without_code_is_an_error() {
    case(MESSAGE).with("routeKey", Some("ping")).check(expect![[r#"
        fails with UnknownRoute: function `socket` has no route `ping`; deploy template and functions of the same version
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","routeKey":"ping","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"error":"function `socket` has no route `ping`; deploy template and functions of the same version","retryable":false}
    "#]]).await;
}

#[tokio::test]
async fn an_event_that_lacks_a_field_is_an_error_that_names_it() {
    case(MESSAGE).with("connectionId", None).check(expect![[r#"
        fails with MalformedEvent: the event has no `requestContext.connectionId`; it is not from a route of a WebSocket API
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","routeKey":"$default","requestId":"[REQUEST]","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"error":"the event has no `requestContext.connectionId`; it is not from a route of a WebSocket API","retryable":false}
    "#]]).await;
    case(MESSAGE).with("connectionId", Some("")).check(expect![[r#"
        fails with MalformedEvent: the event has no `requestContext.connectionId`; it is not from a route of a WebSocket API
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","routeKey":"$default","connectionId":"","requestId":"[REQUEST]","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"error":"the event has no `requestContext.connectionId`; it is not from a route of a WebSocket API","retryable":false}
    "#]]).await;
    case(CONNECT).with("routeKey", None).check(expect![[r#"
        fails with MalformedEvent: the event has no `requestContext.routeKey`; it is not from a route of a WebSocket API
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","latencyMs":6999,"error":"the event has no `requestContext.routeKey`; it is not from a route of a WebSocket API","retryable":false}
    "#]]).await;
    case(MESSAGE).with("domainName", None).check(expect![[r#"
        fails with MalformedEvent: the event has no `requestContext.domainName`; it is not from a route of a WebSocket API
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","routeKey":"$default","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"error":"the event has no `requestContext.domainName`; it is not from a route of a WebSocket API","retryable":false}
    "#]]).await;
    case(MESSAGE).with("domainName", Some("evil.example/?")).check(expect![[r#"
        fails with MalformedEvent: the event's `requestContext` names no callback URL: `evil.example/?` is no domain name; it is HOST or HOST:PORT
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","routeKey":"$default","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"error":"the event's `requestContext` names no callback URL: `evil.example/?` is no domain name; it is HOST or HOST:PORT","retryable":false}
    "#]]).await;
    case(DISCONNECT).with("stage", None).check(expect![[r#"
        fails with MalformedEvent: the event has no `requestContext.stage`; it is not from a route of a WebSocket API
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","routeKey":"$disconnect","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1dIscOnnEctId=","disconnectCode":1005,"latencyMs":0,"error":"the event has no `requestContext.stage`; it is not from a route of a WebSocket API","retryable":false}
    "#]]).await;
}

#[tokio::test]
async fn who_connects_is_noted_and_spoken_to_in_our_protocol() {
    let mut case = case(CONNECT);
    case.event["headers"]["sec-websocket-protocol"] = "herald.v1, bearer.a-secret".into();
    case.event["requestContext"]["authorizer"] = json!({ "user": "ada" });
    let table = case.check(expect![[r#"
        replies {"statusCode":200,"headers":{"Sec-WebSocket-Protocol":"herald.v1"}}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"$connect","connectionId":"Hh1b-9ExoAMC_Qw=","userHash":"fdee430d40bd57de","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","latencyMs":6999,"outcome":"accepted"}
    "#]]).await;
    let keys = table.rows().into_iter().map(|row| format!("{} {}\n", row.key.pk, row.key.sk));
    expect![[r#"
        C#Hh1b-9ExoAMC_Qw= C
        T#$all#4 C#Hh1b-9ExoAMC_Qw=
        U#ada C#Hh1b-9ExoAMC_Qw=
    "#]]
    .assert_eq(&keys.collect::<String>());
}

#[tokio::test]
async fn a_page_of_somebody_else_is_refused() {
    let mut case = case(CONNECT);
    case.event["headers"]["Origin"] = "https://evil.example".into();
    let table = case.check(expect![[r#"
        replies {"statusCode":403}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"$connect","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","latencyMs":6999,"outcome":"refused"}
    "#]]).await;
    assert_eq!(table.rows(), []);
}

#[tokio::test]
async fn a_hello_is_answered_with_what_was_missed_and_its_depth_is_counted() {
    let mut connected = case(CONNECT);
    connected.event["requestContext"]["authorizer"] = json!({ "user": "ada" });
    let table = connected.check(expect![[r#"
        replies {"statusCode":200}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"$connect","connectionId":"Hh1b-9ExoAMC_Qw=","userHash":"fdee430d40bd57de","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","latencyMs":6999,"outcome":"accepted"}
    "#]]).await;
    for n in 1..=2 {
        publish(&table, &json!({ "to": { "user": "ada" }, "title": format!("a-secret {n}") }));
    }
    let hello = message("hello", &json!({ "action": "hello", "device": "tab-1" }));
    let table = Case { table, ..hello }.check(expect![[r#"
        replies {"statusCode":200}
        posts {"type":"welcome","connectionId":"Hh1b-9ExoAMC_Qw=","seq":2,"unread":2,"heartbeatMs":482465,"renewAfterMs":3593000,"v":1}
           to Hh1b-9ExoAMC_Qw= at https://abc123defg.execute-api.us-east-1.amazonaws.com/dev
        posts {"type":"notification","id":"n1","seq":1,"level":"info","title":"a-secret 1","body":"","at":1795514403000,"v":1}
           to Hh1b-9ExoAMC_Qw= at https://abc123defg.execute-api.us-east-1.amazonaws.com/dev
        posts {"type":"notification","id":"n2","seq":2,"level":"info","title":"a-secret 2","body":"","at":1795514403000,"v":1}
           to Hh1b-9ExoAMC_Qw= at https://abc123defg.execute-api.us-east-1.amazonaws.com/dev
        posts {"type":"caughtUp","seq":2,"since":"01M86FZ62R0000000000000000","v":1}
           to Hh1b-9ExoAMC_Qw= at https://abc123defg.execute-api.us-east-1.amazonaws.com/dev
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"hello","connectionId":"Hh1b-9ExoAMC_Qw=","userHash":"fdee430d40bd57de","requestId":"[REQUEST]","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"outcome":"sent"}
        logs {"Gone":0,"Posts":4,"ReplayDepth":2,"Throttled":0,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["stage","function"]],"Metrics":[{"Name":"Posts","Unit":"Count"},{"Name":"Gone","Unit":"Count"},{"Name":"Throttled","Unit":"Count"},{"Name":"ReplayDepth","Unit":"Count"}],"Namespace":"Herald"}],"Timestamp":1795514407000},"function":"socket","requestId":"[REQUEST]","stage":"prod"}
    "#]]).await;
    let id = "Hh1b-9ExoAMC_Qw=".to_owned().try_into().unwrap();
    assert_eq!(table.read(&Key::connection(&id)).unwrap()["device"], "tab-1".into());
}

#[tokio::test]
async fn a_job_is_submitted_and_belongs_to_the_trace() {
    let input = json!({ "columns": ["a"], "rows": [["1"]] });
    let body = json!({
        "action": "job.submit", "kind": "report.csv", "input": input, "idempotencyKey": "k",
    });
    let mut case = message("job.submit", &body);
    case.trace = Some("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1");
    let table = case.check(expect![[r#"
        replies {"statusCode":200}
        posts {"type":"job","jobId":"01M86FZ62RBK0VXTWDM5JRXV37","kind":"report.csv","state":"QUEUED","percent":0,"at":1795514407000,"v":1}
           to Hh1b-9ExoAMC_Qw= at https://abc123defg.execute-api.us-east-1.amazonaws.com/dev
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"job.submit","connectionId":"Hh1b-9ExoAMC_Qw=","userHash":"fdee430d40bd57de","requestId":"[REQUEST]","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","traceparent":"00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01","latencyMs":2000,"outcome":"sent"}
        logs {"Gone":0,"Posts":1,"Throttled":0,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["stage","function"]],"Metrics":[{"Name":"Posts","Unit":"Count"},{"Name":"Gone","Unit":"Count"},{"Name":"Throttled","Unit":"Count"}],"Namespace":"Herald"}],"Timestamp":1795514407000},"function":"socket","requestId":"[REQUEST]","stage":"prod"}
    "#]]).await;
    let job = table.rows().into_iter().find(|row| row.key.sk == "J").unwrap();
    let trace = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01";
    assert_eq!(job.item["traceparent"], trace.into());
}

#[tokio::test]
async fn credentials_that_have_run_out_end_the_connection() {
    let mut case = message("hello", &json!({ "action": "hello" }));
    case.event["requestContext"]["authorizer"]["tokenExp"] = "1795514400000".into();
    case.check(expect![[r#"
        replies {"statusCode":200}
        closes Hh1b-9ExoAMC_Qw= at https://abc123defg.execute-api.us-east-1.amazonaws.com/dev
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","routeKey":"hello","connectionId":"Hh1b-9ExoAMC_Qw=","userHash":"fdee430d40bd57de","requestId":"[REQUEST]","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"outcome":"expired"}
    "#]]).await;
}

#[tokio::test]
async fn what_an_authorizer_of_another_version_says_is_not_guessed_at() {
    let mut case = message("hello", &json!({ "action": "hello" }));
    case.event["requestContext"]["authorizer"]["user"] = "a#b".into();
    case.check(expect![[r#"
        fails with MalformedEvent: `user` in the authorizer's context cannot be read; deploy authorizer and socket of the same version
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","routeKey":"hello","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1rEquEstIdM02=","messageId":"Hh1mEssAgeIdM01=","latencyMs":2000,"error":"`user` in the authorizer's context cannot be read; deploy authorizer and socket of the same version","retryable":false}
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
