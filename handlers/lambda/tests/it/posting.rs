//! PostToConnection as a gateway sees it, and what each of its answers means: by the SDK and without
//! it, which must be the same.

use crate::lambda::{SECRET, client, lambda};
use crate::server::{Request, Server, response};
use crate::sigv4::verified_scope;
use expect_test::{Expect, expect};
use herald_contract::{CallbackUrl, ConnectionId};
use herald_core::ports::Closer as _;
use herald_core::{Delivery, Sender as _};
use herald_lambda::{Clients, Connections};
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;
use tokio::time::Instant;

/// How it is posted.
#[derive(Clone, Copy, Debug)]
enum Way {
    Sdk,
    Direct,
}

const WAYS: [Way; 2] = [Way::Sdk, Way::Direct];

fn connections() -> Connections {
    Connections::new(&client(&[]))
}

fn url(gateway: SocketAddr) -> CallbackUrl {
    CallbackUrl::of_stage(&gateway.to_string(), "dev").unwrap()
}

fn id(text: &str) -> ConnectionId {
    text.to_owned().try_into().unwrap()
}

/// Posts to these connections, one after the other.
async fn post(way: Way, gateway: SocketAddr, ids: &[&str]) -> Vec<Delivery> {
    let sdk = Clients::new(&lambda(), client(&[]).transport());
    let direct = connections();
    let url = url(gateway);
    let mut deliveries = Vec::new();
    for text in ids {
        let (id, payload) = (id(text), r#"{"hello":"world"}"#.to_owned());
        deliveries.push(match way {
            Way::Sdk => sdk.send_to_client(&url, &id, payload).await,
            Way::Direct => direct.send_to_client(&url, &id, payload).await,
        });
    }
    deliveries
}

fn line(request: &Request) -> String {
    let scope = verified_scope(request, SECRET);
    assert_eq!(scope.as_deref(), Ok("eu-central-1/execute-api/aws4_request"));
    assert_eq!(request.headers["x-amz-security-token"], "a-token");
    let line = format!("{} {} {}", request.method, request.path, request.body);
    format!("{}\n", line.trim_end())
}

#[tokio::test]
async fn the_request_is_what_the_gateway_expects() {
    for way in WAYS {
        let server = Server::start(|_| response("200 OK", &["content-type: application/json"], ""));
        let ids = ["Hh1b-9ExoAMC_Qw=", "a/../b", "a?b#c", "ü%3D"];
        let deliveries = post(way, server.address, &ids).await;
        assert_eq!(deliveries, vec![Delivery::Sent; 4], "{way:?}");
        let lines: Vec<_> = server.stop().iter().map(line).collect();
        expect![[r#"
            POST /dev/@connections/Hh1b-9ExoAMC_Qw%3D {"hello":"world"}
            POST /dev/@connections/a%2F..%2Fb {"hello":"world"}
            POST /dev/@connections/a%3Fb%23c {"hello":"world"}
            POST /dev/@connections/%C3%BC%253D {"hello":"world"}
        "#]]
        .assert_eq(&lines.concat());
    }
}

/// What an answer means, and how often it was asked for.
async fn check(status: &'static str, exception: &'static str, body: &'static str, want: Expect) {
    let mut seen = Vec::new();
    for way in WAYS {
        let server = Server::start(move |_| {
            let exception = format!("x-amzn-errortype: {exception}");
            response(status, &["content-type: application/json", &exception], body)
        });
        let deliveries = post(way, server.address, &["Hh1b-9ExoAMC_Qw="]).await;
        seen.push(format!("{} x {:?}\n", server.stop().len(), deliveries[0]));
    }
    assert_eq!(seen[0], seen[1], "both ways are the same");
    want.assert_eq(&seen[0]);
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
    for way in WAYS {
        let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        match &post(way, closed, &["Hh1b-9ExoAMC_Qw="]).await[0] {
            Delivery::Failed { why, retryable: true } if why.contains("Connection refused") => {}
            other => panic!("{way:?}: {other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_gateway_that_says_nothing_is_given_up_on_in_time() {
    for way in WAYS {
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let start = Instant::now();
        let delivery = &post(way, silent.local_addr().unwrap(), &["Hh1b-9ExoAMC_Qw="]).await[0];
        assert!(matches!(delivery, Delivery::Failed { retryable: true, .. }), "{delivery:?}");
        assert!(start.elapsed() < Duration::from_secs(8), "{way:?}: {:?}", start.elapsed());
    }
}

/// What comes of closing a connection, and how often it was asked for.
async fn check_closing(status: &'static str, exception: &'static str, want: Expect) {
    let server =
        Server::start(move |_| response(status, &[&format!("x-amzn-errortype: {exception}")], ""));
    let closed = connections().close(&url(server.address), &id("Hh1b-9ExoAMC_Qw=")).await;
    let requests = server.stop();
    want.assert_eq(&format!("{} x {}{closed:?}\n", requests.len(), line(&requests[0])));
}

#[tokio::test]
async fn a_connection_is_closed_where_it_is_still_open() {
    check_closing(
        "204 No Content",
        "",
        expect![[r#"
        1 x DELETE /dev/@connections/Hh1b-9ExoAMC_Qw%3D
        Ok(())
    "#]],
    )
    .await;
    check_closing(
        "410 Gone",
        "GoneException",
        expect![[r#"
        1 x DELETE /dev/@connections/Hh1b-9ExoAMC_Qw%3D
        Ok(())
    "#]],
    )
    .await;
    check_closing("403 Forbidden", "ForbiddenException", expect![[r#"
        1 x DELETE /dev/@connections/Hh1b-9ExoAMC_Qw%3D
        Err(PortError { what: "close connection Hh1b-9ExoAMC_Qw=", why: "403 ForbiddenException: no message; allow execute-api:ManageConnections to the role, and behind a custom domain set `callback_url` of the stage to https://HOST/MAPPING-KEY", retryable: false })
    "#]]).await;
    check_closing("500 Internal Server Error", "InternalServerError", expect![[r#"
        2 x DELETE /dev/@connections/Hh1b-9ExoAMC_Qw%3D
        Err(PortError { what: "close connection Hh1b-9ExoAMC_Qw=", why: "500 InternalServerError: no message", retryable: true })
    "#]]).await;
}
