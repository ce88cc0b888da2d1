//! Integrations other than the proxy to a function.

use crate::scenario::check;
use expect_test::expect;

#[test]
fn http_proxy_passes_body_and_answer_on() {
    check(
        r#"
        route ask via {"IntegrationType": "HTTP_PROXY", "IntegrationMethod": "PUT", "IntegrationUri": "http://backend/${stageVariables.version}/{user}", "RequestParameters": {"integration.request.path.user": "route.request.body.user", "integration.request.querystring.from": "context.identity.sourceIp", "integration.request.header.X-Static": "'text'", "integration.request.header.X-Stage": "stageVariables.version"}} replies
        stage dev {"StageVariables": {"version": "v2"}}
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"ask","user":"me & you"}
            backend gets PUT http://backend/v2/me%20%26%20you?from=203.0.113.9 [Content-Type: application/json; X-Stage: v2; X-Static: text] {"action":"ask","user":"me & you"}
            > backend replies 200 hello
            a gets hello
            > a sends {"action":"ask","user":"x"}
            backend gets PUT http://backend/v2/x?from=203.0.113.9 [Content-Type: application/json; X-Stage: v2; X-Static: text] {"action":"ask","user":"x"}
            > backend replies 404 not here
            a gets not here
            > a sends {"action":"ask","user":"x"}
            backend gets PUT http://backend/v2/x?from=203.0.113.9 [Content-Type: application/json; X-Stage: v2; X-Static: text] {"action":"ask","user":"x"}
            > backend fails connection refused
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
            > a sends {"action":"ask","user":"x"}
            backend gets PUT http://backend/v2/x?from=203.0.113.9 [Content-Type: application/json; X-Stage: v2; X-Static: text] {"action":"ask","user":"x"}
            > advance 29s
            after 29s
            a gets {"message": "Endpoint request timed out", "connectionId":"{a}", "requestId":"{id}"}
            > backend replies 200 too late
        "#]],
    );
}

#[test]
fn http_backend_of_connect_gets_the_handshakes_headers_and_decides_by_its_status() {
    check(
        r#"
        route $connect via {"IntegrationType": "HTTP_PROXY", "IntegrationUri": "http://backend/", "RequestParameters": {"integration.request.header.Sec-WebSocket-Version": "'0'"}}
        "#,
        expect![[r#"
            > a connects /dev with Cookie: a=b
            backend gets POST http://backend/ [Content-Type: application/json; Cookie: a=b; Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==; X-Amzn-Trace-Id: Root=1-6b069922-027a617d2237a6c9c7f4e5c4; X-Forwarded-For: 203.0.113.9; X-Forwarded-Port: 443; X-Forwarded-Proto: https; Sec-WebSocket-Version: 0]
            > backend replies 200
            a is connected
            > b connects /dev
            backend gets POST http://backend/ [Content-Type: application/json; Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==; X-Amzn-Trace-Id: Root=1-6b069922-104a64fb4fa6048b28f35694; X-Forwarded-For: 203.0.113.9; X-Forwarded-Port: 443; X-Forwarded-Proto: https; Sec-WebSocket-Version: 0]
            > backend replies 400
            b is refused: 400 {"message": "Bad Request", "connectionId":"{id}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn function_can_be_invoked_as_an_event() {
    check(
        r#"
        route work to worker, replies, {"IntegrationType": "AWS", "RequestParameters": {"integration.request.header.X-Amz-Invocation-Type": "'Event'"}}
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"work"}
            a gets an empty message
            worker#1 starts
            worker#1 gets {"action":"work"}
            > worker fails and is tried again
            > advance 1m
            after 60s
            worker#1 gets {"action":"work"}
        "#]],
    );
}

#[test]
fn other_services_are_not_emulated() {
    check(
        r#"
        route queue via {"IntegrationType": "AWS", "IntegrationUri": "arn:aws:apigateway:eu-central-1:sqs:path/123456789012/queue"}
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"queue"}
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
        "#]],
    );
}
