//! Lines of a stage's access log.

use crate::scenario::check;
use expect_test::expect;

const SETUP: &str = r#"
    stage dev {"AccessLogSettings": {"Format": "$context.eventType $context.routeKey $context.status $context.integration.status $context.integrationLatency $context.connectionId $context.identity.sourceIp $context.error.message"}}
    resource Account {"Type": "AWS::ApiGateway::Account", "Properties": {"CloudWatchRoleArn": "arn:aws:iam::123456789012:role/logs"}}
"#;

#[test]
fn every_request_has_its_line() {
    check(
        &format!(
            "{SETUP}
            route $connect to auth
            route join to join
            route $disconnect to bye"
        ),
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > advance 12ms
            > auth answers 200
            access: CONNECT $connect 200 200 12 {a} 203.0.113.9 -
            a is connected
            > a sends {"action":"join"}
            join#1 starts
            join#1 gets join from {a}: {"action":"join"}
            > join answers 500
            access: MESSAGE join 500 500 0 {a} 203.0.113.9 -
            > a sends {"action":"join"}
            join#1 gets join from {a}: {"action":"join"}
            > join fails boom
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
            access: MESSAGE join 502 - 0 {a} 203.0.113.9 Error: boom
            > a sends {"action":"leave"}
            a gets {"message": "Forbidden", "connectionId":"{a}", "requestId":"{id}"}
            access: MESSAGE $default 403 - - {a} 203.0.113.9 Forbidden
            > a closes
            bye#1 starts
            bye#1 gets DISCONNECT from {a}: 1005 "Client-side close frame status not set"
            > bye answers 200
            access: DISCONNECT $disconnect 200 200 0 {a} 203.0.113.9 -
            > b connects /dev
            auth#1 gets CONNECT from {b}
            > auth answers 401
            access: CONNECT $connect 401 401 0 {b} 203.0.113.9 the integration of $connect says so
            b is refused: 401 {"message": "Unauthorized", "connectionId":"{b}", "requestId":"{id}"}
            > c connects /dev
            auth#1 gets CONNECT from {c}
            > auth crashes
            access: CONNECT $connect 502 - 0 {c} 203.0.113.9 Runtime.ExitError: RequestId: edb87fc5-18c7-451c-ae02-11d37a5bf28f Error: Runtime exited with error: exit status: 1
            c is refused: 502 InternalServerErrorException {"message": "Internal server error", "connectionId":"{c}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn requests_refused_before_their_integration_have_a_line_too() {
    check(
        &format!(
            r#"{SETUP}
            authorizer guard {{}}
            route $connect to auth, authorizer guard
            "#
        ),
        expect![[r#"
            > a connects /dev
            guard#1 starts
            guard#1 gets AUTHORIZE from {a}
            > guard allows nothing
            access: CONNECT $connect 403 - - {a} 203.0.113.9 the authorizer's policy does not allow it
            a is refused: 403 ForbiddenException {"message": "Forbidden", "connectionId":"{a}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn connection_without_connect_route_has_a_line() {
    check(
        &format!("{SETUP}\nroute $default to echo"),
        expect![[r#"
            > a connects /dev
            access: CONNECT $connect 200 - - {id} 203.0.113.9 -
            a is connected
        "#]],
    );
}

#[test]
fn message_that_does_not_fit_says_why() {
    check(
        r#"
        stage dev {"AccessLogSettings": {"Format": "$context.routeKey $context.status $context.error.responseType $context.error.message: $context.error.validationErrorString"}}
        resource Account {"Type": "AWS::ApiGateway::Account", "Properties": {"CloudWatchRoleArn": "arn:aws:iam::123456789012:role/logs"}}
        route $default to echo, models $default=Any
        model Any {"type": "object", "required": ["room"]}
        "#,
        expect![[r#"
            > a connects /dev
            access: $connect 200 - -: -
            a is connected
            > a sends {}
            warning: message to route $default is not what its model wants: object has missing required properties (["room"])
            a gets {"message" : "Bad request body", "connectionId": "{a}", "messageId": "{id}"}
            access: $default 400 BAD_REQUEST_BODY Bad request body: object has missing required properties (["room"])
        "#]],
    );
}

#[test]
fn what_the_authorizer_did_is_in_the_line() {
    check(
        r#"
        stage dev {"AccessLogSettings": {"Format": "$context.status $context.authorizer.status $context.authorizer.latency $context.authorizer.principalId $context.authorizer.error"}}
        resource Account {"Type": "AWS::ApiGateway::Account", "Properties": {"CloudWatchRoleArn": "arn:aws:iam::123456789012:role/logs"}}
        authorizer guard {}
        route $connect to auth, authorizer guard
        "#,
        expect![[r#"
            > a connects /dev
            guard#1 starts
            guard#1 gets AUTHORIZE from {a}
            > advance 7ms
            > guard allows
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            access: 200 200 7 user-1 -
            a is connected
            > b connects /dev
            guard#1 gets AUTHORIZE from {b}
            > advance 5ms
            > guard allows nothing
            access: 403 403 5 - the authorizer's policy does not allow it
            b is refused: 403 ForbiddenException {"message": "Forbidden", "connectionId":"{b}", "requestId":"{id}"}
            > c connects /dev
            guard#1 gets AUTHORIZE from {c}
            > guard fails Unauthorized
            access: 401 401 0 - the authorizer says Unauthorized
            c is refused: 401 UnauthorizedException {"message": "Unauthorized", "connectionId":"{c}", "requestId":"{id}"}
        "#]],
    );
}
