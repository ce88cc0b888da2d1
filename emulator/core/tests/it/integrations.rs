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
        route queue via {"IntegrationType": "AWS", "IntegrationUri": "arn:aws:apigateway:eu-central-1:states:action/StartExecution"}
        "#,
        expect![[r#"
            warning: Integrationqueue calls arn:aws:apigateway:eu-central-1:states:action/StartExecution, which is not emulated: every request to it fails
            > a connects /dev
            a is connected
            > a sends {"action":"queue"}
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn mock_answers_by_its_templates_alone() {
    check(
        r##"
        route $connect via {"IntegrationType": "MOCK", "TemplateSelectionExpression": "200", "RequestTemplates": {"200": "#if($input.params('token') == 'good'){\"statusCode\":200}#else{\"statusCode\":403}#end"}}
        response $connect $default
        route ping via {"IntegrationType": "MOCK", "RequestTemplates": {"$default": "{\"statusCode\":200}"}} replies
        response ping /2\d\d/ {"ResponseTemplates": {"$default": "{\"pong\":\"$context.connectionId\",\"color\":\"$stageVariables.color\"}"}}
        stage dev {"StageVariables": {"color": "blue"}}
        "##,
        expect![[r#"
            > a connects /dev?token=good
            a is connected
            > a sends {"action":"ping"}
            a gets {"pong":"{a}","color":"blue"}
            > b connects /dev
            b is refused: 403 {"message": "Forbidden", "connectionId":"{id}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn mock_without_a_status_or_connect_without_a_response_is_an_internal_error() {
    check(
        r#"
        route $connect via {"IntegrationType": "MOCK", "RequestTemplates": {"$default": "{\"statusCode\":200}"}}
        "#,
        expect![[r#"
            > a connects /dev
            a is refused: 500 InternalServerErrorException {"message": "Internal server error", "connectionId":"{id}", "requestId":"{id}"}
        "#]],
    );
    check(
        r#"
        route ping via {"IntegrationType": "MOCK"} replies
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"ping"}
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn function_behind_templates_gets_what_they_make_and_is_answered_for() {
    check(
        r#"
        route sum to adder, replies, {"IntegrationType": "AWS", "TemplateSelectionExpression": "${request.body.kind}", "RequestTemplates": {"two": "{\"numbers\":$input.json('$.values'),\"from\":\"$context.identity.sourceIp\"}"}, "PassthroughBehavior": "NEVER"}
        response sum $default {"ResponseTemplates": {"$default": "sum: $input.path('$.sum')"}}
        response sum /.*empty.*/ {"ResponseTemplates": {"$default": "nothing to add: $input.path('$.errorMessage')"}}
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"sum","kind":"two","values":[1,2]}
            adder#1 starts
            adder#1 gets {"numbers":[1,2],"from":"203.0.113.9"}
            > adder says {"sum":3}
            a gets sum: 3
            > a sends {"action":"sum","kind":"two","values":[]}
            adder#1 gets {"numbers":[],"from":"203.0.113.9"}
            > adder fails list is empty
            a gets nothing to add: list is empty
            > a sends {"action":"sum","kind":"two","values":[]}
            adder#1 gets {"numbers":[],"from":"203.0.113.9"}
            > adder fails otherwise
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
            > a sends {"action":"sum","kind":"three"}
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn http_backend_behind_templates() {
    check(
        r#"
        route ask via {"IntegrationType": "HTTP", "IntegrationUri": "http://backend/", "RequestTemplates": {"$default": "<ask>$input.path('$.what')</ask>"}} replies
        response ask /4\d\d/ {"ResponseTemplates": {"$default": "refused"}}
        response ask $default {"ResponseTemplates": {"$default": "answer: $input.body"}}
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"ask","what":"time"}
            backend gets POST http://backend/ [Content-Type: application/json] <ask>time</ask>
            > backend replies 200 noon
            a gets answer: noon
            > a sends {"action":"ask","what":"time"}
            backend gets POST http://backend/ [Content-Type: application/json] <ask>time</ask>
            > backend replies 404
            a gets refused
        "#]],
    );
}

#[test]
fn broken_template_is_warned_of_and_fails() {
    check(
        r##"
        route ping via {"IntegrationType": "MOCK", "RequestTemplates": {"$default": "#if(true)"}} replies
        "##,
        expect![[r#"
            warning: mapping template $default of Integrationping cannot be rendered: an `#if` without its `#end` (line 1, column 1)
            > a connects /dev
            a is connected
            > a sends {"action":"ping"}
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn content_may_be_binary_on_its_way_to_the_backend_and_base64_on_its_way_back() {
    check(
        r#"
        route up via {"IntegrationType": "HTTP", "IntegrationUri": "http://backend/", "ContentHandlingStrategy": "CONVERT_TO_BINARY", "RequestTemplates": {"$default": "$input.path('$.data')"}} replies
        response up $default {"ContentHandlingStrategy": "CONVERT_TO_TEXT"}
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"up","data":"aGVsbG8="}
            backend gets POST http://backend/ [Content-Type: application/json] hello
            > backend replies 200 bytes
            a gets Ynl0ZXM=
            > a sends {"action":"up","data":"not base64"}
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
        "#]],
    );
}
