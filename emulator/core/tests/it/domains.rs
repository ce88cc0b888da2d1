//! Custom domain names.

use crate::scenario::check;
use expect_test::expect;

const SETUP: &str = r#"
    route $connect to auth
    route $default to echo
    resource Name {"Type": "AWS::ApiGatewayV2::DomainName", "Properties": {"DomainName": "chat.example.com"}}
    resource Map {"Type": "AWS::ApiGatewayV2::ApiMapping", "Properties": {"ApiId": {"Ref": "Api"}, "DomainName": {"Ref": "Name"}, "Stage": {"Ref": "Stagedev"}, "ApiMappingKey": "v1"}}
    stage dev {}
"#;

#[test]
fn path_of_a_custom_domain_is_its_mapping_and_not_the_stage() {
    check(
        SETUP,
        expect![[r#"
            > a connects /v1 with Host: Chat.Example.com:443
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            a is connected
            > b connects /dev with Host: chat.example.com
            b is refused: 403 ForbiddenException {"message":"Forbidden"}
            > c connects / with Host: chat.example.com
            c is refused: 403 ForbiddenException {"message":"Forbidden"}
            > d connects /v1
            d is refused: 403 ForbiddenException {"message":"Forbidden"}
        "#]],
    );
}

#[test]
fn events_tell_the_custom_domain_and_the_stage() {
    check(
        SETUP,
        expect![[r#"
            > a connects /v1 with Host: chat.example.com
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            a is connected
            > a sends x
            echo#1 starts
            echo#1 gets $default from {a}: x
            > show event
            {
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
                "domainName": "chat.example.com",
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
fn default_host_can_be_switched_off() {
    check(
        r#"
        api {"DisableExecuteApiEndpoint": true}
        route $default to echo
        resource Name {"Type": "AWS::ApiGatewayV2::DomainName", "Properties": {"DomainName": "chat.example.com"}}
        resource Map {"Type": "AWS::ApiGatewayV2::ApiMapping", "Properties": {"ApiId": {"Ref": "Api"}, "DomainName": {"Ref": "Name"}, "Stage": {"Ref": "Stagedev"}}}
        stage dev {}
        "#,
        expect![[r#"
            > a connects /dev
            a is refused: 403 ForbiddenException {"message":"Forbidden"}
            > b connects / with Host: chat.example.com
            b is connected
            > c connects /_aws/execute-api/noc08ugru8/dev
            c is refused: 403 ForbiddenException {"message":"Forbidden"}
        "#]],
    );
}
