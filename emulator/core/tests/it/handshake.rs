//! From an upgrade request to 101 or a refusal.

use crate::scenario::check;
use expect_test::expect;

#[test]
fn connection_is_made_when_connect_answers_2xx() {
    check(
        "route $connect to auth",
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            a is connected
            > b connects /dev
            auth#1 gets CONNECT from {b}
            > auth answers 201 whatever it says
            b is connected
        "#]],
    );
}

#[test]
fn any_other_status_refuses_with_that_status() {
    check(
        "route $connect to auth",
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 301
            a is refused: 301 {"message": "Refused", "connectionId":"{a}", "requestId":"{id}"}
            > b connects /dev
            auth#1 gets CONNECT from {b}
            > auth answers 400
            b is refused: 400 {"message": "Bad Request", "connectionId":"{b}", "requestId":"{id}"}
            > c connects /dev
            auth#1 gets CONNECT from {c}
            > auth answers 401
            c is refused: 401 {"message": "Unauthorized", "connectionId":"{c}", "requestId":"{id}"}
            > d connects /dev
            auth#1 gets CONNECT from {d}
            > auth answers 403
            d is refused: 403 {"message": "Forbidden", "connectionId":"{d}", "requestId":"{id}"}
            > e connects /dev
            auth#1 gets CONNECT from {e}
            > auth answers 404
            e is refused: 404 {"message": "Not Found", "connectionId":"{e}", "requestId":"{id}"}
            > f connects /dev
            auth#1 gets CONNECT from {f}
            > auth answers 501
            f is refused: 501 {"message": "Internal server error", "connectionId":"{f}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn failing_function_is_a_bad_gateway() {
    check(
        "route $connect to auth",
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth fails boom
            a is refused: 502 InternalServerErrorException {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
            > b connects /dev
            auth#1 gets CONNECT from {b}
            > auth crashes
            b is refused: 502 InternalServerErrorException {"message": "Internal server error", "connectionId":"{b}", "requestId":"{id}"}
            > c connects /dev
            auth#2 starts
            auth#2 gets CONNECT from {c}
            > auth says null
            c is refused: 502 InternalServerErrorException {"message": "Internal server error", "connectionId":"{c}", "requestId":"{id}"}
            > d connects /dev
            auth#2 gets CONNECT from {d}
            > auth says {"isAuthorized": true}
            d is refused: 502 InternalServerErrorException {"message": "Internal server error", "connectionId":"{d}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn slow_integration_is_a_gateway_timeout() {
    check(
        r#"
        route $connect to auth
        function auth {"Timeout": 60}
        "#,
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > advance 28999ms
            > advance 1ms
            after 29s
            a is refused: 504 GatewayTimeoutException {"message": "Endpoint request timed out", "connectionId":"{a}", "requestId":"{id}"}
            > auth answers 200
        "#]],
    );
}

#[test]
fn integration_may_have_a_shorter_timeout() {
    check(
        r#"route $connect to auth, {"TimeoutInMillis": 50}"#,
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > advance 1s
            after 50ms
            a is refused: 504 GatewayTimeoutException {"message": "Endpoint request timed out", "connectionId":"{a}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn function_without_permission_is_an_internal_error() {
    check(
        "route $connect to auth, not permitted",
        expect![[r#"
            warning: route $connect fails on stage dev: API Gateway may not invoke auth for arn:aws:execute-api:eu-central-1:123456789012:noc08ugru8/dev/$connect; add an AWS::Lambda::Permission with Principal apigateway.amazonaws.com and that SourceArn
            > a connects /dev
            a is refused: 500 InternalServerErrorException {"message": "Internal server error", "connectionId":"{id}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn unknown_stage_or_path_is_forbidden() {
    check(
        "route $connect to auth",
        expect![[r#"
            > a connects /prod
            a is refused: 403 ForbiddenException {"message":"Forbidden"}
            > b connects /
            b is refused: 403 ForbiddenException {"message":"Forbidden"}
            > c connects /dev/more
            c is refused: 403 ForbiddenException {"message":"Forbidden"}
            > d connects /_aws/execute-api/unknown123/dev
            d is refused: 403 ForbiddenException {"message":"Forbidden"}
            > e connects /dev/
            auth#1 starts
            auth#1 gets CONNECT from {e}
            > GET /dev
            403 ForbiddenException {"message":"Forbidden"}
            > GET /nowhere
            403 ForbiddenException {"message":"Forbidden"}
        "#]],
    );
}

#[test]
fn api_may_be_named_in_the_path_or_by_the_host() {
    check(
        "route $default to echo",
        expect![[r#"
            > a connects /_aws/execute-api/noc08ugru8/dev
            a is connected
            > b connects /dev with Host: noc08ugru8.execute-api.eu-central-1.amazonaws.com
            b is connected
            > c connects /dev with Host: other12345.execute-api.eu-central-1.amazonaws.com
            c is refused: 403 ForbiddenException {"message":"Forbidden"}
        "#]],
    );
}

#[test]
fn stage_without_deployment_refuses_everyone() {
    check(
        r#"
        route $default to echo
        stage dev {"AutoDeploy": false}
        "#,
        expect![[r#"
            warning: stage dev has neither AutoDeploy nor a DeploymentId: every handshake is answered 403
            > a connects /dev
            a is refused: 403 ForbiddenException {"message":"Forbidden"}
        "#]],
    );
}

#[test]
fn without_connect_route_everyone_is_let_in() {
    check(
        "route $default to echo",
        expect![[r#"
            > a connects /dev
            a is connected
        "#]],
    );
}

#[test]
fn route_without_integration_is_an_internal_error() {
    check(
        "route $connect",
        expect![[r#"
            warning: route $connect fails on stage dev: it has no integration; give it a Target
            > a connects /dev
            a is refused: 500 InternalServerErrorException {"message": "Internal server error", "connectionId":"{id}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn sub_protocol_is_the_functions_choice() {
    check(
        "route $connect to auth",
        expect![[r#"
            > a connects /dev with Sec-WebSocket-Protocol: chat, json
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200 with Sec-WebSocket-Protocol: json
            a is connected, protocol json
            > b connects /dev with Sec-WebSocket-Protocol: chat, json
            auth#1 gets CONNECT from {b}
            > auth answers 200
            b is connected
            > c connects /dev with Sec-WebSocket-Protocol: chat
            auth#1 gets CONNECT from {c}
            > auth answers 200 with sec-websocket-protocol: chat
            c is connected, protocol chat
            > d connects /dev
            auth#1 gets CONNECT from {d}
            > auth answers 200 with Set-Cookie: a=b
            d is connected
        "#]],
    );
}

#[test]
fn client_that_gives_up_was_never_connected() {
    check(
        r#"
        route $connect to auth
        route $disconnect to bye
        "#,
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > a vanishes
            > auth answers 200
        "#]],
    );
}

#[test]
fn connections_are_bounded() {
    check(
        r#"
        route $default to echo
        limit connections 1
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > b connects /dev
            b is refused: 429 TooManyRequestsException {"message": "Too Many Requests", "connectionId":"{id}", "requestId":"{id}"}
            > a closes
            > c connects /dev
            c is connected
        "#]],
    );
}

#[test]
fn a_url_may_have_4096_characters() {
    let connect = |query: usize| {
        let url = format!("/dev?{}", "q".repeat(query));
        let mut scenario = crate::scenario::Scenario::new("");
        scenario.connect("a", &url);
        scenario.out
    };
    // Scheme, host, path and the question mark.
    let rest = "wss://127.0.0.1:4000/dev?".len();
    assert_eq!(connect(4096 - rest), "a is connected\n");
    assert_eq!(connect(4097 - rest), "a is refused: 414 {\"message\":\"URI Too Long\"}\n");
}
