//! The events of the three kinds, key by key.

use crate::scenario::check;
use expect_test::expect;

#[test]
fn connect_event_has_headers_and_no_body() {
    check(
        "route $connect to auth",
        expect![[r#"
            > a connects /dev with User-Agent: test; Cookie: a=b; Cookie: c=d
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > show event
            {
              "headers": {
                "Cookie": "c=d",
                "Host": "127.0.0.1:4000",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Version": "13",
                "User-Agent": "test",
                "X-Amzn-Trace-Id": "Root=1-6b069922-027a617d2237a6c9c7f4e5c4",
                "X-Forwarded-For": "203.0.113.9",
                "X-Forwarded-Port": "443",
                "X-Forwarded-Proto": "https"
              },
              "multiValueHeaders": {
                "Cookie": [
                  "a=b",
                  "c=d"
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
                "User-Agent": [
                  "test"
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
                ]
              },
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
                  "userAgent": "test",
                  "sourceIp": "203.0.113.9"
                },
                "requestId": "hkYa8wO7WD2w4W8=",
                "domainName": "127.0.0.1:4000",
                "connectionId": "sb7Rts29M6g9_rU=",
                "apiId": "noc08ugru8"
              },
              "isBase64Encoded": false
            }
        "#]],
    );
}

#[test]
fn connect_event_has_query_parameters_if_there_are_any() {
    check(
        "route $connect to auth",
        expect![[r#"
            > a connects /dev?token=a%20b&tag=1&tag=2&empty
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > show event
            {
              "headers": {
                "Host": "127.0.0.1:4000",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Version": "13",
                "X-Amzn-Trace-Id": "Root=1-6b069922-027a617d2237a6c9c7f4e5c4",
                "X-Forwarded-For": "203.0.113.9",
                "X-Forwarded-Port": "443",
                "X-Forwarded-Proto": "https"
              },
              "multiValueHeaders": {
                "Host": [
                  "127.0.0.1:4000"
                ],
                "Sec-WebSocket-Key": [
                  "dGhlIHNhbXBsZSBub25jZQ=="
                ],
                "Sec-WebSocket-Version": [
                  "13"
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
                ]
              },
              "queryStringParameters": {
                "token": "a b",
                "tag": "2",
                "empty": ""
              },
              "multiValueQueryStringParameters": {
                "token": [
                  "a b"
                ],
                "tag": [
                  "1",
                  "2"
                ],
                "empty": [
                  ""
                ]
              },
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
              },
              "isBase64Encoded": false
            }
        "#]],
    );
}

#[test]
fn message_event_has_a_body_and_no_headers() {
    check(
        "route $default to echo",
        expect![[r#"
            > a connects /dev with User-Agent: test
            a is connected
            > advance 2s
            > a sends {"x":"ä"}
            echo#1 starts
            echo#1 gets $default from {a}: {"x":"ä"}
            > show event
            {
              "requestContext": {
                "routeKey": "$default",
                "messageId": "MfgGzbIIBZrIMZ4=",
                "eventType": "MESSAGE",
                "extendedRequestId": "9R2j4gx_58Qqo98=",
                "requestTime": "25/Nov/2026:08:15:32 +0000",
                "messageDirection": "IN",
                "stage": "dev",
                "connectedAt": 1795594530000,
                "requestTimeEpoch": 1795594532000,
                "identity": {
                  "userAgent": "test",
                  "sourceIp": "203.0.113.9"
                },
                "requestId": "9R2j4gx_58Qqo98=",
                "domainName": "127.0.0.1:4000",
                "connectionId": "sb7Rts29M6g9_rU=",
                "apiId": "noc08ugru8"
              },
              "body": "{\"x\":\"ä\"}",
              "isBase64Encoded": false
            }
        "#]],
    );
}

#[test]
fn disconnect_event_has_four_headers_code_and_reason() {
    check(
        "route $disconnect to bye",
        expect![[r#"
            > a connects /dev
            a is connected
            > advance 2s
            > a closes
            bye#1 starts
            bye#1 gets DISCONNECT from {a}: 1005 "Client-side close frame status not set"
            > show event
            {
              "headers": {
                "Host": "127.0.0.1:4000",
                "x-api-key": "",
                "X-Forwarded-For": "",
                "x-restapi": ""
              },
              "multiValueHeaders": {
                "Host": [
                  "127.0.0.1:4000"
                ],
                "x-api-key": [
                  ""
                ],
                "X-Forwarded-For": [
                  ""
                ],
                "x-restapi": [
                  ""
                ]
              },
              "requestContext": {
                "routeKey": "$disconnect",
                "disconnectStatusCode": 1005,
                "eventType": "DISCONNECT",
                "extendedRequestId": "9R2j4gx_58Qqo98=",
                "requestTime": "25/Nov/2026:08:15:32 +0000",
                "messageDirection": "IN",
                "disconnectReason": "Client-side close frame status not set",
                "stage": "dev",
                "connectedAt": 1795594530000,
                "requestTimeEpoch": 1795594532000,
                "identity": {
                  "sourceIp": "203.0.113.9"
                },
                "requestId": "9R2j4gx_58Qqo98=",
                "domainName": "127.0.0.1:4000",
                "connectionId": "sb7Rts29M6g9_rU=",
                "apiId": "noc08ugru8"
              },
              "isBase64Encoded": false
            }
        "#]],
    );
}

#[test]
fn stage_variables_are_there_when_the_stage_has_some() {
    check(
        r#"
        route $default to echo
        stage dev {"StageVariables": {"color": "blue"}}
        "#,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends x
            echo#1 starts
            echo#1 gets $default from {a}: x
            > show event
            {
              "stageVariables": {
                "color": "blue"
              },
              "requestContext": {
                "routeKey": "$default",
                "messageId": "MfgGzbIIBZrIMZ4=",
                "eventType": "MESSAGE",
                "extendedRequestId": "9R2j4gx_58Qqo98=",
                "requestTime": "25/Nov/2026:08:15:30 +0000",
                "messageDirection": "IN",
                "stage": "dev",
                "connectedAt": 1795594530000,
                "requestTimeEpoch": 1795594530000,
                "identity": {
                  "sourceIp": "203.0.113.9"
                },
                "requestId": "9R2j4gx_58Qqo98=",
                "domainName": "127.0.0.1:4000",
                "connectionId": "sb7Rts29M6g9_rU=",
                "apiId": "noc08ugru8"
              },
              "body": "x",
              "isBase64Encoded": false
            }
        "#]],
    );
}

#[test]
fn disconnect_event_after_an_authorizer_has_its_own_order_of_keys() {
    check(
        "
        authorizer guard
        route $connect to auth, authorizer guard
        route $disconnect to bye
        ",
        expect![[r#"
            > a connects /dev
            guard#1 starts
            guard#1 gets AUTHORIZE from {a}
            > guard allows
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            a is connected
            > a closes 1000 done
            bye#1 starts
            bye#1 gets DISCONNECT from {a}: 1000 "done"
            > show event
            {
              "headers": {
                "Host": "127.0.0.1:4000",
                "x-api-key": "",
                "X-Forwarded-For": "",
                "x-restapi": ""
              },
              "multiValueHeaders": {
                "Host": [
                  "127.0.0.1:4000"
                ],
                "x-api-key": [
                  ""
                ],
                "X-Forwarded-For": [
                  ""
                ],
                "x-restapi": [
                  ""
                ]
              },
              "requestContext": {
                "routeKey": "$disconnect",
                "disconnectStatusCode": 1000,
                "authorizer": {
                  "principalId": "user-1"
                },
                "eventType": "DISCONNECT",
                "extendedRequestId": "9R2j4gx_58Qqo98=",
                "requestTime": "25/Nov/2026:08:15:30 +0000",
                "messageDirection": "IN",
                "disconnectReason": "done",
                "stage": "dev",
                "connectedAt": 1795594530000,
                "requestTimeEpoch": 1795594530000,
                "identity": {
                  "sourceIp": "203.0.113.9"
                },
                "requestId": "9R2j4gx_58Qqo98=",
                "domainName": "127.0.0.1:4000",
                "connectionId": "sb7Rts29M6g9_rU=",
                "apiId": "noc08ugru8"
              },
              "isBase64Encoded": false
            }
        "#]],
    );
}
