//! What of a template is refused, what is warned of, and what values come out.

use crate::setup::place;
use expect_test::{Expect, expect};
use gateway_core::template::read;
use serde_json::{Value, json};
use std::fmt::Write as _;

const API: &str = r#"{"Type": "AWS::ApiGatewayV2::Api", "Properties": {
    "Name": "api", "ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action"}}"#;

/// Reads a template with the API and these resources; shows problems or, if there are none, what
/// has been read.
fn check(sections: Value, expected: Expect) {
    let mut template = sections;
    if template["Resources"].get("Api").is_none() {
        template["Resources"]["Api"] = serde_json::from_str(API).unwrap();
    }
    expected.assert_eq(&render(&template));
}

fn render(template: &Value) -> String {
    let mut out = String::new();
    match read(template, &place()) {
        Err(problems) => {
            for problem in problems {
                let _ = writeln!(out, "{}: {}", problem.at, problem.message);
            }
        }
        Ok(topology) => {
            for function in topology.functions.values() {
                let _ = writeln!(out, "function {} {:?}", function.name, function.environment);
            }
            for output in &topology.stack.outputs {
                let _ = writeln!(out, "output {} = {}", output.key, output.value);
            }
            for (id, kind) in &topology.not_emulated {
                let _ = writeln!(out, "not emulated: {id} ({kind})");
            }
            for warning in &topology.warnings {
                let _ = writeln!(out, "warning: {warning}");
            }
        }
    }
    out
}

fn table(more: Value) -> Value {
    let mut properties = json!({
        "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
        "BillingMode": "PAY_PER_REQUEST",
    });
    for (name, value) in more.as_object().unwrap() {
        properties[name] = value.clone();
    }
    json!({ "Type": "AWS::DynamoDB::Table", "Properties": properties })
}

fn outputs(outputs: Value) -> Value {
    let outputs: serde_json::Map<String, Value> = outputs
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, value)| (name.clone(), json!({ "Value": value })))
        .collect();
    json!({
        "Parameters": {
            "Color": { "Type": "String", "Default": "blue" },
            "Bucket": { "Type": "String" },
            "Size": { "Type": "Number", "MinValue": 3 },
            "Kind": { "Type": "String", "AllowedValues": ["a", "b"] },
            "List": { "Type": "CommaDelimitedList", "Default": "x, y" },
        },
        "Conditions": {
            "Yes": { "Fn::Equals": [{ "Ref": "Color" }, "blue"] },
            "No": { "Fn::Not": [{ "Condition": "Yes" }] },
            "Both": { "Fn::And": [{ "Condition": "Yes" }, { "Condition": "No" }] },
            "Either": { "Fn::Or": [{ "Condition": "Yes" }, { "Condition": "No" }] },
        },
        "Mappings": { "Map": { "eu-central-1": { "key": "mapped" } } },
        "Resources": {
            "Table": table(json!({})),
            "Named": table(json!({ "TableName": { "Fn::Sub": "${Color}-table" }, "StreamSpecification": { "StreamViewType": "NEW_IMAGE" } })),
            "Bucket": { "Type": "AWS::S3::Bucket" },
            "Absent": { "Type": "AWS::SQS::Queue", "Condition": "No" },
            "Queue": { "Type": "AWS::SQS::Queue" },
            "Stage": { "Type": "AWS::ApiGatewayV2::Stage",
                "Properties": { "ApiId": { "Ref": "Api" }, "StageName": "dev", "AutoDeploy": true } },
        },
        "Outputs": outputs,
    })
}

#[test]
fn functions_of_templates_are_evaluated() {
    check(
        outputs(json!({
            "a_parameters": { "Fn::Join": [",", [{ "Ref": "Color" }, { "Ref": "Bucket" }, { "Ref": "Size" }, { "Ref": "Kind" }]] },
            "b_pseudo": { "Fn::Sub": "${AWS::Region} ${AWS::AccountId} ${AWS::StackName} ${AWS::Partition} ${AWS::URLSuffix}" },
            "c_sub": { "Fn::Sub": ["${Color} ${Own} ${!Literal} ${Table.Arn}", { "Own": { "Fn::Select": [1, { "Ref": "List" }] } }] },
            "d_if": { "Fn::Join": ["", [{ "Fn::If": ["Yes", "y", "n"] }, { "Fn::If": ["No", "y", "n"] }, { "Fn::If": ["Both", "y", "n"] }, { "Fn::If": ["Either", "y", "n"] }]] },
            "e_map": { "Fn::FindInMap": ["Map", { "Ref": "AWS::Region" }, "key"] },
            "f_split": { "Fn::Select": ["0", { "Fn::Split": ["-", "first-second"] }] },
            "g_base64": { "Fn::Base64": "text" },
            "h_import": { "Fn::ImportValue": "OtherStack-Thing" },
            "i_api": { "Fn::Join": [" ", [{ "Ref": "Api" }, { "Fn::GetAtt": ["Api", "ApiEndpoint"] }, { "Fn::GetAtt": "Api.ApiId" }]] },
            "j_names": { "Fn::Join": [" ", [{ "Ref": "Table" }, { "Ref": "Named" }, { "Fn::GetAtt": ["Named", "StreamArn"] }, { "Ref": "Stage" }]] },
            "k_queue": { "Fn::Join": [" ", [{ "Ref": "Queue" }, { "Fn::GetAtt": ["Queue", "Arn"] }]] },
            "l_none": { "Ref": "AWS::NoValue" },
        })),
        expect![[r#"
            output a_parameters = blue,local-bucket,3,a
            output b_pseudo = eu-central-1 123456789012 chat aws amazonaws.com
            output c_sub = blue y ${Literal} arn:aws:dynamodb:eu-central-1:123456789012:table/chat-Table
            output d_if = ynny
            output e_map = mapped
            output f_split = first
            output g_base64 = dGV4dA==
            output h_import = OtherStack-Thing
            output i_api = noc08ugru8 wss://noc08ugru8.execute-api.eu-central-1.amazonaws.com noc08ugru8
            output j_names = chat-Table blue-table arn:aws:dynamodb:eu-central-1:123456789012:table/blue-table/stream/2024-01-01T00:00:00.000 dev
            output k_queue = https://sqs.eu-central-1.amazonaws.com/123456789012/chat-Queue arn:aws:sqs:eu-central-1:123456789012:chat-Queue
            not emulated: Bucket (AWS::S3::Bucket)
        "#]],
    );
}

#[test]
fn what_refers_to_nothing_is_refused() {
    check(
        outputs(json!({
            "a": { "Ref": "Nothing" },
            "b": { "Fn::GetAtt": ["Nothing", "Arn"] },
            "c": { "Fn::GetAtt": ["Table", "Nothing"] },
            "d": { "Fn::Sub": "${Nothing}" },
            "e": { "Fn::If": ["Nothing", 1, 2] },
            "f": { "Fn::FindInMap": ["Map", "us-east-1", "key"] },
            "g": { "Fn::Select": [2, ["a", "b"]] },
            "h": { "Ref": "Absent" },
            "i": { "Fn::Join": "wrong" },
            "j": { "Fn::Transform": {} },
        })),
        expect![[r#"
            Outputs.a.Value: Nothing is neither a parameter nor a resource of this template
            Outputs.b.Value: Nothing is not a resource of this template
            Outputs.c.Value: Table (AWS::DynamoDB::Table) has no attribute Nothing
            Outputs.d.Value: Nothing is neither a parameter nor a resource of this template
            Outputs.e.Value: condition Nothing is not defined under Conditions
            Outputs.f.Value: Mappings has nothing at Map.us-east-1.key
            Outputs.g.Value: Fn::Select cannot select number 2 of 2
            Outputs.h.Value: Absent is neither a parameter nor a resource of this template
            Outputs.i.Value: the arguments of Fn::Join do not fit it
            Outputs.j.Value: Fn::Transform is not supported here
        "#]],
    );
}

#[test]
fn circles_are_refused() {
    check(
        json!({ "Resources": {
            "A": { "Type": "AWS::SNS::Topic", "Properties": { "TopicName": { "Fn::GetAtt": ["B", "TopicName"] } } },
            "B": { "Type": "AWS::SNS::Topic", "Properties": { "TopicName": { "Fn::Sub": "${A.TopicName}" } } },
            "C": { "Type": "AWS::SNS::Topic", "DependsOn": ["B", "D"] },
            "E": { "Type": "AWS::SNS::Topic", "Properties": { "TopicName": { "Ref": "A" } } },
        }}),
        expect![[r#"
            Resources: circular dependency between resources: A, B
            Resources.A.Properties.TopicName: is defined by itself
            Resources.B.Properties.TopicName: is defined by itself
            Resources.C.DependsOn: D is not a resource of this template
        "#]],
    );
}

#[test]
fn deep_nesting_is_refused() {
    let mut value = json!("x");
    for _ in 0..100 {
        value = json!({ "Fn::Base64": value });
    }
    check(
        outputs(json!({ "deep": value })),
        expect![[r#"
            Outputs.deep.Value: nested deeper than 64 levels
        "#]],
    );
}

#[test]
fn template_without_websocket_api_is_refused() {
    check(
        json!({ "Resources": { "Api": { "Type": "AWS::ApiGatewayV2::Api", "Properties": { "Name": "http", "ProtocolType": "HTTP" } } } }),
        expect![[r#"
            Resources: there is no WebSocket API; add an AWS::ApiGatewayV2::Api with ProtocolType WEBSOCKET
        "#]],
    );
}

#[test]
fn sam_template_is_refused_until_it_is_transformed() {
    check(
        json!({ "Transform": "AWS::Serverless-2016-10-31", "Resources": {
            "Table": { "Type": "AWS::Serverless::SimpleTable" },
            "Fn": { "Type": "AWS::Serverless::Function", "Properties": {} },
            "Other": { "Type": "AWS::SQS::Queue", "Properties": { "QueueName": { "Fn::GetAtt": ["Fn", "Arn"] } } },
        }}),
        expect![[r#"
            Transform: Fn, Table are of SAM's types; CloudFormation knows only what SAM's transform makes of them, so run that. For a stack that is deployed: aws cloudformation get-template --stack-name NAME --template-stage Processed --query TemplateBody > processed.json. Without AWS: see docs/foreign-templates.md
        "#]],
    );
}

#[test]
fn what_aws_refuses_is_refused() {
    let api = json!({ "Ref": "Api" });
    check(
        json!({ "Resources": {
            "Api": { "Type": "AWS::ApiGatewayV2::Api", "Properties": { "Name": "x", "ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.header.x", "Colour": 1 } },
            "R1": { "Type": "AWS::ApiGatewayV2::Route", "Properties": { "ApiId": api, "RouteKey": "$other" } },
            "R2": { "Type": "AWS::ApiGatewayV2::Route", "Properties": { "ApiId": api, "RouteKey": "a", "Target": "integrations/none" } },
            "R3": { "Type": "AWS::ApiGatewayV2::Route", "Properties": { "ApiId": api, "RouteKey": "a", "AuthorizationType": "AWS_IAM" } },
            "R4": { "Type": "AWS::ApiGatewayV2::Route", "Properties": { "ApiId": api, "RouteKey": "$connect", "AuthorizationType": "JWT" } },
            "R5": { "Type": "AWS::ApiGatewayV2::Route", "Properties": { "ApiId": api, "RouteKey": "b", "RouteResponseSelectionExpression": "x" } },
            "Au": { "Type": "AWS::ApiGatewayV2::Authorizer", "Properties": { "ApiId": api, "Name": "a", "AuthorizerType": "JWT", "IdentitySource": ["$request.header.a"], "AuthorizerUri": "x" } },
            "In": { "Type": "AWS::ApiGatewayV2::Integration", "Properties": { "ApiId": api, "IntegrationType": "AWS_PROXY", "TimeoutInMillis": 30000, "PayloadFormatVersion": "2.0" } },
            "St": { "Type": "AWS::ApiGatewayV2::Stage", "Properties": { "ApiId": api, "StageName": "a b", "AutoDeploy": true, "DeploymentId": "x" } },
            "Fn": { "Type": "AWS::Lambda::Function", "Properties": { "Timeout": 901 } },
        }}),
        expect![[r#"
            Resources.Api.Properties.Colour: there is no such property
            Resources.Api.Properties.RouteSelectionExpression: `$request.header.x` may only look at $request.body
            Resources.Au.Properties.AuthorizerType: must be REQUEST; WebSocket APIs know no other
            Resources.Au.Properties.IdentitySource: `$request.header.a` must begin with route.request.header., route.request.querystring., context. or stageVariables.
            Resources.Fn.Properties: Code is required
            Resources.Fn.Properties: Role is required
            Resources.Fn.Properties.Timeout: `901` must be a number from 1 to 900
            Resources.In.Properties: IntegrationUri is required
            Resources.In.Properties.PayloadFormatVersion: `2.0` must be one of 1.0
            Resources.In.Properties.TimeoutInMillis: `30000` must be a number from 50 to 29000
            Resources.R1.Properties.RouteKey: `$other` may not begin with $; only $connect, $disconnect and $default do
            Resources.R2.Properties.Target: `integrations/none` must be integrations/{id of an integration of this template}
            Resources.R3.Properties.AuthorizationType: is allowed on $connect only
            Resources.R3.Properties.RouteKey: the API has another route with key a
            Resources.R4.Properties.AuthorizationType: `JWT` must be NONE, AWS_IAM or CUSTOM
            Resources.R5.Properties.RouteResponseSelectionExpression: `x` must be $default
            Resources.St.Properties.DeploymentId: cannot be set together with AutoDeploy; leave one of them out
            Resources.St.Properties.StageName: `a b` may hold letters, digits, - and _ only
        "#]],
    );
}

#[test]
fn what_fails_later_is_warned_of() {
    let api = json!({ "Ref": "Api" });
    check(
        json!({ "Resources": {
            "Fn": { "Type": "AWS::Lambda::Function", "Properties": { "Role": "r", "Code": {}, "Runtime": "provided.al2023",
                "Environment": { "Variables": { "URL": { "Fn::Sub": "https://${Api}/${Stage}" }, "N": 1 } } } },
            "In": { "Type": "AWS::ApiGatewayV2::Integration", "Properties": { "ApiId": api, "IntegrationType": "AWS_PROXY",
                "IntegrationUri": { "Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations" } } },
            "Ro": { "Type": "AWS::ApiGatewayV2::Route", "Properties": { "ApiId": api, "RouteKey": "a", "Target": { "Fn::Sub": "integrations/${In}" }, "RouteResponseSelectionExpression": "$default" } },
            "Stage": { "Type": "AWS::ApiGatewayV2::Stage", "Properties": { "ApiId": api, "StageName": "dev", "DeploymentId": { "Ref": "De" },
                "DefaultRouteSettings": { "ThrottlingRateLimit": 0, "ThrottlingBurstLimit": 0 }, "AccessLogSettings": { "Format": "$context.requestId" } } },
            "De": { "Type": "AWS::ApiGatewayV2::Deployment", "Properties": { "ApiId": api } },
            "Other": { "Type": "AWS::ApiGatewayV2::Stage", "Properties": { "ApiId": api, "StageName": "draft" } },
            "Bucket": { "Type": "AWS::S3::Bucket" },
        }}),
        expect![[r#"
            function chat-Fn {"N": "1", "URL": "https://noc08ugru8/dev"}
            not emulated: Bucket (AWS::S3::Bucket)
            warning: role r is not in the template, so its functions may call nothing; `--iam off` lets them
            warning: route a never answers its client: it has no AWS::ApiGatewayV2::RouteResponse
            warning: stage dev is throttled to 0: everything is answered 429
            warning: deployment De may be made before route Ro, and would then miss it; add the route to its DependsOn
            warning: route a fails on stage dev: API Gateway may not invoke chat-Fn for arn:aws:execute-api:eu-central-1:123456789012:noc08ugru8/dev/a; add an AWS::Lambda::Permission with Principal apigateway.amazonaws.com and that SourceArn
            warning: route a fails on stage draft: API Gateway may not invoke chat-Fn for arn:aws:execute-api:eu-central-1:123456789012:noc08ugru8/draft/a; add an AWS::Lambda::Permission with Principal apigateway.amazonaws.com and that SourceArn
            warning: stage dev writes access logs; AWS refuses that unless the Region's AWS::ApiGateway::Account has a CloudWatchRoleArn
            warning: stage draft has neither AutoDeploy nor a DeploymentId: every handshake is answered 403
        "#]],
    );
}
