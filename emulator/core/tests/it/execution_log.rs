//! The execution log of a stage, step by step.

use crate::scenario::check;
use expect_test::expect;

const ACCOUNT: &str = r#"resource Account {"Type":"AWS::ApiGateway::Account","Properties":{"CloudWatchRoleArn":"arn:aws:iam::123456789012:role/logs"}}
    "#;

#[test]
fn every_step_of_a_request_is_told_with_its_payloads() {
    let setup = ACCOUNT.to_owned()
        + r#"
        route $connect to auth
        route ask via {"IntegrationType":"HTTP","IntegrationUri":"http://backend/","RequestTemplates":{"$default":"{\"q\":1}"}} replies
        route $disconnect to bye
        stage dev {"DefaultRouteSettings":{"LoggingLevel":"INFO","DataTraceEnabled":true}}
        "#;
    check(
        &setup,
        expect![[r#"
            > a connects /dev
            auth#1 starts
            auth#1 gets CONNECT from {a}
            > auth answers 200
            a is connected
            > a sends {"action":"ask"}
            backend gets POST http://backend/ [Content-Type: application/json] {"q":1}
            > advance 10ms
            > backend replies 200 fine
            a gets fine
            > a closes
            bye#1 starts
            bye#1 gets DISCONNECT from {a}: 1005 "Client-side close frame status not set"
            > show log
            ({id}) Extended Request Id: {id}
            ({id}) Starting execution for request: {id}
            ({id}) WebSocket Request Route: [$connect]
            ({id}) Client [UserAgent: null, SourceIp: 203.0.113.9] is connecting to WebSocket API [{api}].
            ({id}) Endpoint request URI: https://lambda.eu-central-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:eu-central-1:123456789012:function:auth/invocations
            ({id}) Endpoint request body after transformations: {"headers":{"Host":"127.0.0.1:4000","Sec-WebSocket-Key":"dGhlIHNhbXBsZSBub25jZQ==","Sec-WebSocket-Version":"13","X-Amzn-Trace-Id":"Root=1-6b069922-027a617d2237a6c9c7f4e5c4","X-Forwarded-For":"203.0.113.9","X-Forwarded-Port":"443","X-Forwarded-Proto":"https"},"multiValueHeaders":{"Host":["127.0.0.1:4000"],"Sec-WebSocket-Key":["dGhlIHNhbXBsZSBub25jZQ=="],"Sec-WebSocket-Version":["13"],"X-Amzn-Trace-Id":["Root=1-6b069922-027a617d2237a6c9c7f4e5c4"],"X-Forwarded-For":["203.0.113.9"],"X-Forwarded-Port":["443"],"X-Forwarded-Proto":["https"]},"requestContext":{"routeKey":"$connect","eventType":"CONNECT","extendedRequestId":"{id}","requestTime":"25/Nov/2026:08:15:30 +0000","messageDirection":"IN","stage":"dev","connectedAt":1795594530000,"requestTimeEpoch":1795594530000,"identity":{"sourceIp":"203.0.113.9"},"requestId":"{id}","domainName":"127.0.0.1:4000","connectionId":"{a}","apiId":"{api}"},"isBase64Encoded":false}
            ({id}) Sending request to https://lambda.eu-central-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:eu-central-1:123456789012:function:auth/invocations
            ({id}) Received response. Status: 200, Integration latency: 0 ms
            ({id}) Endpoint response body before transformations: {"statusCode":200}
            ({id}) Client [Connection Id: {a}] connected to API [{api}] successfully.
            ({id}) Method completed with status: 200
            ({id}) Extended Request Id: {id}
            ({id}) Starting execution for request: {id}
            ({id}) WebSocket Request Route: [ask]
            ({id}) WebSocket API [{api}] received message from client [Connection Id: {a}]. Message: [{"action":"ask"}]
            ({id}) Endpoint request URI: http://backend/
            ({id}) Endpoint request body after transformations: {"q":1}
            ({id}) Sending request to http://backend/
            ({id}) Received response. Status: 200, Integration latency: 10 ms
            ({id}) Endpoint response body before transformations: fine
            ({id}) Method completed with status: 200
            ({id}) Extended Request Id: {id}
            ({id}) Starting execution for request: {id}
            ({id}) WebSocket Request Route: [$disconnect]
            ({id}) Client [Connection Id: {a}] disconnected from API [{api}].
            ({id}) Endpoint request URI: https://lambda.eu-central-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:eu-central-1:123456789012:function:bye/invocations
            ({id}) Endpoint request body after transformations: {"headers":{"Host":"127.0.0.1:4000","x-api-key":"","X-Forwarded-For":"","x-restapi":""},"multiValueHeaders":{"Host":["127.0.0.1:4000"],"x-api-key":[""],"X-Forwarded-For":[""],"x-restapi":[""]},"requestContext":{"routeKey":"$disconnect","disconnectStatusCode":1005,"eventType":"DISCONNECT","extendedRequestId":"{id}","requestTime":"25/Nov/2026:08:15:30 +0000","messageDirection":"IN","disconnectReason":"Client-side close frame status not set","stage":"dev","connectedAt":1795594530000,"requestTimeEpoch":1795594530010,"identity":{"sourceIp":"203.0.113.9"},"requestId":"{id}","domainName":"127.0.0.1:4000","connectionId":"{a}","apiId":"{api}"},"isBase64Encoded":false}
            ({id}) Sending request to https://lambda.eu-central-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:eu-central-1:123456789012:function:bye/invocations
        "#]],
    );
}

#[test]
fn without_data_trace_payloads_are_left_out_and_a_route_may_differ() {
    let setup = ACCOUNT.to_owned()
        + r#"
        route quiet to fn
        route ask to fn
        stage dev {"DefaultRouteSettings":{"LoggingLevel":"INFO"},"RouteSettings":{"quiet":{"LoggingLevel":"OFF"}}}
        "#;
    check(
        &setup,
        expect![[r#"
            > a connects /dev
            a is connected
            > a sends {"action":"quiet"}
            fn#1 starts
            fn#1 gets quiet from {a}: {"action":"quiet"}
            > fn answers 200
            > a sends {"action":"ask"}
            fn#1 gets ask from {a}: {"action":"ask"}
            > fn answers 200
            > show log
            ({id}) Extended Request Id: {id}
            ({id}) Starting execution for request: {id}
            ({id}) WebSocket Request Route: [ask]
            ({id}) WebSocket API [{api}] received message from client [Connection Id: {a}].
            ({id}) Sending request to https://lambda.eu-central-1.amazonaws.com/2015-03-31/functions/arn:aws:lambda:eu-central-1:123456789012:function:fn/invocations
            ({id}) Received response. Status: 200, Integration latency: 0 ms
            ({id}) Method completed with status: 200
        "#]],
    );
}

#[test]
fn errors_alone_are_told_at_their_level() {
    let setup = ACCOUNT.to_owned()
        + r#"
        route ask to fn
        route slow to fn
        route none to fn, not permitted
        stage dev {"DefaultRouteSettings":{"LoggingLevel":"ERROR"}}
        "#;
    check(
        &setup,
        expect![[r#"
            warning: route none fails on stage dev: API Gateway may not invoke fn for arn:aws:execute-api:eu-central-1:123456789012:noc08ugru8/dev/none; add an AWS::Lambda::Permission with Principal apigateway.amazonaws.com and that SourceArn
            > a connects /dev
            a is connected
            > a sends {"action":"ask"}
            fn#1 starts
            fn#1 gets ask from {a}: {"action":"ask"}
            > fn answers 200
            > a sends {"action":"ask"}
            fn#1 gets ask from {a}: {"action":"ask"}
            > fn fails because
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
            > a sends {"action":"none"}
            a gets {"message": "Internal server error", "connectionId":"{a}", "requestId":"{id}"}
            > a sends {"action":"slow"}
            fn#1 gets slow from {a}: {"action":"slow"}
            > advance 29s
            after 29s
            a gets {"message": "Endpoint request timed out", "connectionId":"{a}", "requestId":"{id}"}
            > show log
            ({id}) Lambda execution failed with status 200 due to customer function error: Error: because
            ({id}) Execution failed due to configuration error: API Gateway may not invoke fn for arn:aws:execute-api:eu-central-1:123456789012:{api}/dev/none; add an AWS::Lambda::Permission with Principal apigateway.amazonaws.com and that SourceArn
            ({id}) Execution failed due to a timeout error
        "#]],
    );
}
