//! Routes that ask a service themselves, without a function in between.

use crate::client::{Client, ask};
use crate::emulator::Setup;
use serde_json::{Value, json};

/// A route of this name that asks `DynamoDB`.
fn route(setup: &mut Setup, key: &str, action: &str, template: &str) {
    let resources = &mut setup.template["Resources"];
    let named = |part: &str| format!("{key}{part}");
    let api = json!({ "Ref": "Api" });
    let integration = json!({ "Ref": named("Integration") });
    let mut add = |part: &str, kind: &str, properties: Value| {
        resources[named(part)] = json!({ "Type": kind, "Properties": properties });
    };
    add(
        "Integration",
        "AWS::ApiGatewayV2::Integration",
        json!({
            "ApiId": api,
            "IntegrationType": "AWS",
            "IntegrationUri": { "Fn::Sub": format!("arn:aws:apigateway:${{AWS::Region}}:dynamodb:action/{action}") },
            "CredentialsArn": { "Fn::GetAtt": ["Caller", "Arn"] },
            "RequestTemplates": { "$default": template },
        }),
    );
    add(
        "Answer",
        "AWS::ApiGatewayV2::IntegrationResponse",
        json!({ "ApiId": api, "IntegrationId": integration, "IntegrationResponseKey": "$default" }),
    );
    add(
        "Route",
        "AWS::ApiGatewayV2::Route",
        json!({
            "ApiId": api,
            "RouteKey": key,
            "Target": { "Fn::Sub": format!("integrations/${{{}}}", named("Integration")) },
            "RouteResponseSelectionExpression": "$default",
        }),
    );
    let route = json!({ "Ref": named("Route") });
    add(
        "Response",
        "AWS::ApiGatewayV2::RouteResponse",
        json!({ "ApiId": api, "RouteId": route, "RouteResponseKey": "$default" }),
    );
}

#[test]
fn a_route_writes_to_a_table_and_reads_from_it() {
    let mut setup = Setup::new("service-integration");
    setup.template["Resources"]["Table"] = json!({ "Type": "AWS::DynamoDB::Table", "Properties": {
        "TableName": "app",
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{ "AttributeName": "PK", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "PK", "AttributeType": "S" }],
    } });
    let allowed = json!({ "Effect": "Allow", "Action": ["dynamodb:PutItem", "dynamodb:GetItem"],
        "Resource": { "Fn::GetAtt": ["Table", "Arn"] } });
    setup.template["Resources"]["Caller"] = json!({ "Type": "AWS::IAM::Role", "Properties": {
        "AssumeRolePolicyDocument": { "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
            "Action": "sts:AssumeRole", "Principal": { "Service": "apigateway.amazonaws.com" } }] },
        "Policies": [{ "PolicyName": "table", "PolicyDocument": { "Version": "2012-10-17",
            "Statement": [allowed] } }],
    } });
    let put = r#"{"TableName":"app","Item":{"PK":{"S":"$input.path('$.key')"}}}"#;
    route(&mut setup, "put", "PutItem", put);
    let get = r#"{"TableName":"app","Key":{"PK":{"S":"$input.path('$.key')"}}}"#;
    route(&mut setup, "get", "GetItem", get);
    route(&mut setup, "scan", "Scan", r#"{"TableName":"app"}"#);
    let mut emulator = setup.start();

    let mut client = Client::connect(&emulator);
    assert_eq!(client.ask(r#"{"action":"put","key":"a"}"#), "{}");
    assert_eq!(client.ask(r#"{"action":"get","key":"a"}"#), r#"{"Item":{"PK":{"S":"a"}}}"#);
    let refused = client.ask(r#"{"action":"scan"}"#);
    assert!(
        refused.contains("BackplaneAssumeRoleSession is not authorized to perform: dynamodb:Scan"),
        "{refused}"
    );
    emulator.wait_for("add dynamodb:Scan to a policy of its role");
    let (status, scanned) =
        ask(&emulator, "DynamoDB_20120810.Scan", &json!({ "TableName": "app" }));
    assert_eq!((status, &scanned["Count"]), (200, &json!(1)));
}
