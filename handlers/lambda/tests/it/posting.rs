//! PostToConnection as a gateway sees it, and what each of its answers means.

use crate::server::{Server, response};
use crate::sigv4::verified_scope;
use expect_test::{Expect, expect};
use herald_contract::{CallbackUrl, ConnectionId};
use herald_core::{Delivery, Sender as _};
use herald_lambda::{Clients, LambdaEnv};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use tokio::time::Instant;

const SECRET: &str = "a-secret-key";

fn clients() -> Clients {
    let variables = [
        ("AWS_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", SECRET),
        ("AWS_SESSION_TOKEN", "a-token"),
        ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"),
        ("AWS_LAMBDA_FUNCTION_NAME", "socket"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Clients::new(LambdaEnv::read(variables).unwrap().into())
}

async fn post(clients: &Clients, gateway: SocketAddr, connection_id: &str) -> Delivery {
    let url = CallbackUrl::of_stage(&gateway.to_string(), "dev").unwrap();
    let id = ConnectionId::try_from(connection_id.to_owned()).unwrap();
    clients.send_to_client(&url, &id, r#"{"hello":"world"}"#.to_owned()).await
}

#[tokio::test]
async fn the_request_is_what_the_gateway_expects() {
    let server = Server::start(|_| response("200 OK", &["content-type: application/json"], ""));
    let delivery = post(&clients(), server.address, "Hh1b-9ExoAMC_Qw=").await;
    assert_eq!(delivery, Delivery::Sent);
    let [request] = &server.stop()[..] else { panic!("one request is enough") };
    expect![[r#"
        POST /dev/@connections/Hh1b-9ExoAMC_Qw%3D
        {"hello":"world"}
        a-token
        Ok("eu-central-1/execute-api/aws4_request")
    "#]]
    .assert_eq(&format!(
        "{} {}\n{}\n{}\n{:?}\n",
        request.method,
        request.path,
        request.body,
        request.headers["x-amz-security-token"],
        verified_scope(request, SECRET),
    ));
}

#[tokio::test]
async fn an_id_stays_one_path_segment_whatever_is_in_it() {
    let server = Server::start(|_| response("200 OK", &[], ""));
    let clients = clients();
    for id in ["AbC=", "a/../b", "a?b#c", "ü%3D"] {
        assert_eq!(post(&clients, server.address, id).await, Delivery::Sent);
    }
    let requests = server.stop();
    for request in &requests {
        assert_eq!(
            verified_scope(request, SECRET).as_deref(),
            Ok("eu-central-1/execute-api/aws4_request")
        );
    }
    let paths: Vec<_> = requests.iter().map(|r| format!("{}\n", r.path)).collect();
    expect![[r#"
        /dev/@connections/AbC%3D
        /dev/@connections/a%2F..%2Fb
        /dev/@connections/a%3Fb%23c
        /dev/@connections/%C3%BC%253D
    "#]]
    .assert_eq(&paths.concat());
}

/// What an answer means, and how often it was asked for.
async fn check(status: &'static str, exception: &'static str, body: &'static str, want: Expect) {
    let server = Server::start(move |_| {
        let exception = format!("x-amzn-errortype: {exception}");
        response(status, &["content-type: application/json", &exception], body)
    });
    let delivery = post(&clients(), server.address, "Hh1b-9ExoAMC_Qw=").await;
    want.assert_eq(&format!("{} x {delivery:?}\n", server.stop().len()));
}

#[tokio::test]
async fn a_connection_that_has_ended_is_gone() {
    check(
        "410 Gone",
        "GoneException",
        "",
        expect![[r#"
        1 x Gone
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_connection_that_takes_no_more_is_slow() {
    let exception = "LimitExceededException";
    check(
        "429 Too Many Requests",
        exception,
        "",
        expect![[r#"
        2 x Slow
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_refusal_is_final_and_says_what_to_do() {
    let text = r#"{"message":"User: arn:aws:sts::1:x is not authorized to perform: execute-api:ManageConnections"}"#;
    check("403 Forbidden", "AccessDeniedException", text, expect![[r#"
        1 x Failed { why: "403 AccessDeniedException: User: arn:aws:sts::1:x is not authorized to perform: execute-api:ManageConnections; allow execute-api:ManageConnections to the role, and behind a custom domain set `callback_url` of the stage to https://HOST/MAPPING-KEY", retryable: false }
    "#]]).await;
    let text = r#"{"message":"Forbidden"}"#;
    check("403 Forbidden", "ForbiddenException", text, expect![[r#"
        1 x Failed { why: "403 ForbiddenException: Forbidden; allow execute-api:ManageConnections to the role, and behind a custom domain set `callback_url` of the stage to https://HOST/MAPPING-KEY", retryable: false }
    "#]]).await;
    let text = r#"{"message":"Invalid connectionId: x"}"#;
    check(
        "400 Bad Request",
        "BadRequestException",
        text,
        expect![[r#"
        1 x Failed { why: "400 BadRequestException: Invalid connectionId: x", retryable: false }
    "#]],
    )
    .await;
    let text = r#"{"message":"too large"}"#;
    check(
        "413 Payload Too Large",
        "PayloadTooLargeException",
        text,
        expect![[r#"
        1 x Failed { why: "413 PayloadTooLargeException: too large", retryable: false }
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_gateway_in_trouble_is_asked_once_more() {
    check(
        "500 Internal Server Error",
        "InternalServerError",
        "",
        expect![[r#"
        2 x Failed { why: "500 InternalServerError: no message", retryable: true }
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_gateway_that_is_not_there_may_be_there_later() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let delivery = post(&clients(), closed, "Hh1b-9ExoAMC_Qw=").await;
    expect![[r#"
        Failed { why: "dispatch failure: io error: client error (Connect): tcp connect error: Connection refused (os error 111)", retryable: true }
    "#]].assert_eq(&format!("{delivery:?}\n"));
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_says_nothing_is_given_up_on_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let start = Instant::now();
    let delivery = post(&clients(), silent.local_addr().unwrap(), "Hh1b-9ExoAMC_Qw=").await;
    assert!(matches!(delivery, Delivery::Failed { retryable: true, .. }), "{delivery:?}");
    assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
}
