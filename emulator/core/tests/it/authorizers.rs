//! Who may connect: Lambda authorizers, signatures, API keys.

use crate::scenario::check;
use expect_test::expect;

const GUARDED: &str = r#"
    authorizer guard {"IdentitySource": ["route.request.header.Authorization", "route.request.querystring.room"]}
    route $connect to auth, authorizer guard
    route $default to echo
    route $disconnect to bye
"#;

#[test]
fn authorizer_decides_before_connect_runs() {
    check(
        GUARDED,
        expect![[r#"
            > a connects /dev?room=1 with authorization: token
            guard#1 starts
            guard#1 gets AUTHORIZE from {a}
            > guard allows
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            a is connected
            > a sends once only
            echo#1 starts
            echo#1 gets $default from {a}: once only
            > b connects /dev?room=1 with Authorization: token
            guard#1 gets AUTHORIZE from {b}
            > guard allows and denies
            b is refused: 403 ForbiddenException {"message": "Forbidden", "connectionId":"{b}", "requestId":"{id}"}
            > c connects /dev?room=1 with Authorization: token
            guard#1 gets AUTHORIZE from {c}
            > guard allows nothing
            c is refused: 403 ForbiddenException {"message": "Forbidden", "connectionId":"{c}", "requestId":"{id}"}
            > d connects /dev?room=1 with Authorization: token
            guard#1 gets AUTHORIZE from {d}
            > guard allows other stage
            d is refused: 403 ForbiddenException {"message": "Forbidden", "connectionId":"{d}", "requestId":"{id}"}
            > e connects /dev?room=1 with Authorization: token
            guard#1 gets AUTHORIZE from {e}
            > guard allows arn
            auth#1 gets CONNECT from {e}
            > auth answers 403
            e is refused: 403 {"message": "Forbidden", "connectionId":"{e}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn missing_identity_is_unauthorized_and_the_authorizer_does_not_run() {
    check(
        GUARDED,
        expect![[r#"
            > a connects /dev
            a is refused: 401 UnauthorizedException {"message": "Unauthorized", "connectionId":"{id}", "requestId":"{id}"}
            > b connects /dev?room=1
            b is refused: 401 UnauthorizedException {"message": "Unauthorized", "connectionId":"{id}", "requestId":"{id}"}
            > c connects /dev with Authorization: token
            c is refused: 401 UnauthorizedException {"message": "Unauthorized", "connectionId":"{id}", "requestId":"{id}"}
            > d connects /dev?room= with Authorization: token
            d is refused: 401 UnauthorizedException {"message": "Unauthorized", "connectionId":"{id}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn authorizer_that_fails_is_an_internal_error_unless_it_says_unauthorized() {
    check(
        GUARDED,
        expect![[r#"
            > a connects /dev?room=1 with Authorization: token
            guard#1 starts
            guard#1 gets AUTHORIZE from {a}
            > guard fails Unauthorized
            a is refused: 401 UnauthorizedException {"message": "Unauthorized", "connectionId":"{a}", "requestId":"{id}"}
            > b connects /dev?room=1 with Authorization: token
            guard#1 gets AUTHORIZE from {b}
            > guard fails boom
            b is refused: 500 AuthorizerConfigurationException {"message": "Internal server error", "connectionId":"{b}", "requestId":"{id}"}
            > c connects /dev?room=1 with Authorization: token
            guard#1 gets AUTHORIZE from {c}
            > guard answers 401
            c is refused: 500 AuthorizerConfigurationException {"message": "Internal server error", "connectionId":"{c}", "requestId":"{id}"}
            > d connects /dev?room=1 with Authorization: token
            guard#1 gets AUTHORIZE from {d}
            > guard says {"principalId":"me","policyDocument":{"Statement":[{"Effect":"Perhaps"}]}}
            d is refused: 500 AuthorizerConfigurationException {"message": "Internal server error", "connectionId":"{d}", "requestId":"{id}"}
            > e connects /dev?room=1 with Authorization: token
            guard#1 gets AUTHORIZE from {e}
            > guard allows with {"context":{"list":[1]}}
            e is refused: 500 AuthorizerConfigurationException {"message": "Internal server error", "connectionId":"{e}", "requestId":"{id}"}
            > f connects /dev?room=1 with Authorization: token
            guard#1 gets AUTHORIZE from {f}
            > advance 29s
            after 29s
            f is refused: 500 AuthorizerConfigurationException {"message": "Internal server error", "connectionId":"{f}", "requestId":"{id}"}
            > g connects /dev?room=1 with Authorization: token
            guard#2 starts
            guard#2 gets AUTHORIZE from {g}
            > g vanishes
            > guard allows
        "#]],
    );
}

#[test]
fn authorizer_sees_the_whole_request() {
    check(
        GUARDED,
        expect![[r#"
            > a connects /dev?room=1 with Authorization: token
            guard#1 starts
            guard#1 gets AUTHORIZE from {a}
            > show event
            {
              "type": "REQUEST",
              "methodArn": "arn:aws:execute-api:eu-central-1:123456789012:noc08ugru8/dev/$connect",
              "headers": {
                "Authorization": "token",
                "Connection": "Upgrade",
                "Host": "127.0.0.1:4000",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Version": "13",
                "Upgrade": "websocket",
                "X-Amzn-Trace-Id": "Root=1-6b069922-027a617d2237a6c9c7f4e5c4",
                "X-Forwarded-For": "203.0.113.9",
                "X-Forwarded-Port": "443",
                "X-Forwarded-Proto": "https",
                "content-length": "0"
              },
              "multiValueHeaders": {
                "Authorization": [
                  "token"
                ],
                "Connection": [
                  "Upgrade"
                ],
                "Host": [
                  "127.0.0.1:4000"
                ],
                "Sec-WebSocket-Key": [
                  "dGhlIHNhbXBsZSBub25jZQ=="
                ],
                "Sec-WebSocket-Version": [
                  "13"
                ],
                "Upgrade": [
                  "websocket"
                ],
                "X-Amzn-Trace-Id": [
                  "Root=1-6b069922-027a617d2237a6c9c7f4e5c4"
                ],
                "X-Forwarded-For": [
                  "203.0.113.9"
                ],
                "X-Forwarded-Port": [
                  "443"
                ],
                "X-Forwarded-Proto": [
                  "https"
                ],
                "content-length": [
                  "0"
                ]
              },
              "queryStringParameters": {
                "room": "1"
              },
              "multiValueQueryStringParameters": {
                "room": [
                  "1"
                ]
              },
              "stageVariables": {},
              "requestContext": {
                "routeKey": "$connect",
                "eventType": "CONNECT",
                "extendedRequestId": "hkYa8wO7WD2w4W8=",
                "requestTime": "25/Nov/2026:08:15:30 +0000",
                "messageDirection": "IN",
                "stage": "dev",
                "connectedAt": 1795594530000,
                "requestTimeEpoch": 1795594530000,
                "identity": {
                  "sourceIp": "203.0.113.9"
                },
                "requestId": "hkYa8wO7WD2w4W8=",
                "domainName": "127.0.0.1:4000",
                "connectionId": "sb7Rts29M6g9_rU=",
                "apiId": "noc08ugru8"
              }
            }
        "#]],
    );
}

#[test]
fn what_the_authorizer_says_is_in_every_later_event() {
    check(
        GUARDED,
        expect![[r#"
            > a connects /dev?room=1 with Authorization: token
            guard#1 starts
            guard#1 gets AUTHORIZE from {a}
            > advance 7ms
            > guard allows with {"context":{"name":"x","admin":true,"level":3}}
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > show authorizer
            "authorizer": {
              "admin": "true",
              "level": "3",
              "name": "x",
              "principalId": "user-1",
              "integrationLatency": 7
            }
            > auth answers 200
            a is connected
            > a sends x
            echo#1 starts
            echo#1 gets $default from {a}: x
            > show authorizer
            "authorizer": {
              "admin": "true",
              "level": "3",
              "name": "x",
              "principalId": "user-1"
            }
            > a closes
            bye#1 starts
            bye#1 gets DISCONNECT from {a}: 1005 "Client-side close frame status not set"
            > show authorizer
            "authorizer": {
              "admin": "true",
              "level": "3",
              "name": "x",
              "principalId": "user-1"
            }
        "#]],
    );
}

#[test]
fn unsigned_request_is_refused_by_an_iam_route() {
    check(
        "route $connect to auth, signed",
        expect![[r#"
            > a connects /dev
            a is refused: 403 MissingAuthenticationTokenException {"message": "Missing Authentication Token", "connectionId":"{id}", "requestId":"{id}"}
            > b connects /dev with Authorization: AWS4-HMAC-SHA256 Credential=…
            b is refused: 403 IncompleteSignatureException {"message": "Authorization header requires existence of 'X-Amz-Date'.", "connectionId":"{id}", "requestId":"{id}"}
            > c connects /dev?X-Amz-Signature=abc
            c is refused: 403 MissingAuthenticationTokenException {"message": "Missing Authentication Token", "connectionId":"{id}", "requestId":"{id}"}
        "#]],
    );
}

#[test]
fn api_key_is_in_a_header() {
    check(
        r#"
        route $connect to auth, key
        resource Key {"Type": "AWS::ApiGateway::ApiKey", "Properties": {"Value": "secret"}}
        "#,
        expect![[r#"
            > a connects /dev
            a is refused: 403 ForbiddenException {"message": "Forbidden", "connectionId":"{id}", "requestId":"{id}"}
            > b connects /dev with x-api-key: wrong
            b is refused: 403 ForbiddenException {"message": "Forbidden", "connectionId":"{id}", "requestId":"{id}"}
            > c connects /dev with X-API-Key: secret
            auth#1 starts
            auth#1 gets CONNECT from {c}
        "#]],
    );
}

#[test]
fn api_key_is_what_the_authorizer_says() {
    check(
        r#"
        api {"ApiKeySelectionExpression": "$context.authorizer.usageIdentifierKey"}
        authorizer guard {}
        route $connect to auth, key, authorizer guard
        resource Key {"Type": "AWS::ApiGateway::ApiKey", "Properties": {"Value": "secret"}}
        "#,
        expect![[r#"
            > a connects /dev with x-api-key: secret
            guard#1 starts
            guard#1 gets AUTHORIZE from {a}
            > guard allows
            a is refused: 403 ForbiddenException {"message": "Forbidden", "connectionId":"{a}", "requestId":"{id}"}
            > b connects /dev
            guard#1 gets AUTHORIZE from {b}
            > guard allows with {"usageIdentifierKey":"secret"}
            auth#1 starts
            auth#1 gets CONNECT from {b}
        "#]],
    );
}
