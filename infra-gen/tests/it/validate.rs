//! What a template is told before AWS would.

use expect_test::{Expect, expect};
use infra_gen::diff::diff;
use infra_gen::template_file::parse;
use infra_gen::validate::{CHECKS, explain, validate};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn check(text: &str, expect: Expect) {
    let found = validate(text);
    let lines: Vec<_> = found
        .iter()
        .map(|d| {
            let help = if d.help.is_empty() { String::new() } else { format!(" ({})", d.help) };
            format!("{} {} {} {}{help}", d.line, d.code, d.at, d.message)
        })
        .collect();
    expect.assert_eq(&lines.join("\n"));
}

/// One resource, `R`; the finding of something else would be a mistake.
fn check_resource(resource: &str, expect: Expect) {
    check(&format!("Resources: {{R: {resource}}}"), expect);
}

/// A WebSocket API that is right in all, after a change of its text.
fn check_socket(from: &str, to: &str, expect: Expect) {
    assert!(SOCKET.contains(from), "{from}");
    check(&SOCKET.replacen(from, to, 1), expect);
}

const SOCKET: &str = include_str!("socket.yaml");

#[test]
fn a_good_template_is_told_nothing() {
    check_socket("", "", expect![""]);
}

#[test]
fn a_template_has_a_form() {
    check(
        "Resource: {}",
        expect![[r#"
        1 HR001 Resource is no section of a template (did you mean Resources?)
        1 HR001 Resources is missing or empty (a template has at least one resource)"#]],
    );
    check(
        "Resources: {A: {Properties: {}}, 'b-c': {Type: AWS::SQS::Queue, Property: {}}}",
        expect![[r#"
            1 HR001 Resources.A is no resource: it has no Type (give its Type, such as AWS::Lambda::Function)
            1 HR005 Resources.b-c is no logical ID (write 1 to 255 letters and digits)
            1 HR001 Resources.b-c.Property is nothing that a resource has (did you mean Properties?)"#]],
    );
    check(
        "Resources: {A: {Type: AWS::SQS::Queue, DeletionPolicy: Keep}}",
        expect![[
            r#"1 HR001 Resources.A.DeletionPolicy is "Keep" (known are Delete, Retain, RetainExceptOnCreate, Snapshot)"#
        ]],
    );
    check(
        "Parameters: {A: {Type: String}}\nResources: {A: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref A}}}",
        expect![[r#"
            2 HR005 Resources.A is the ID of a parameter, too (rename one of them)
            2 HR206 Resources.A depends on itself: A → A (write a name where an attribute was taken, or take a part out)"#]],
    );
    check(
        "Resources:\n  A:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName:\n",
        expect!["5 HR002 Resources.A.Properties.QueueName is null (leave the key out)"],
    );
}

#[test]
fn a_template_has_limits() {
    let queues = |count: usize| {
        let queues: Vec<_> =
            (0..count).map(|i| format!("  Q{i}:\n    Type: AWS::SQS::Queue\n")).collect();
        format!("Resources:\n{}", queues.concat())
    };
    check(
        &queues(501),
        expect!["1 HR003 Resources has 501 entries; the most is 500 (split the stack)"],
    );
    check(
        &format!("{}# {}", queues(1), "x".repeat(52_000)),
        expect!["1 HR004  has 52045 bytes; more than 51200 must be uploaded"],
    );
    check(
        &format!("{}# {}", queues(1), "x".repeat(1_000_000)),
        expect!["1 HR003  has 1000045 bytes; the most is 1000000 (split the stack)"],
    );
}

#[test]
fn properties_are_held_against_the_schema() {
    check_resource(
        "{Type: AWS::SQS::Queue, Properties: {DelaySecond: 5}}",
        expect![
            "1 HR102 Resources.R.Properties.DelaySecond is no property here (did you mean DelaySeconds?)"
        ],
    );
    check_resource(
        "{Type: AWS::ApiGatewayV2::Stage, Properties: {StageName: x}}",
        expect!["1 HR103 Resources.R.Properties has no ApiId, which is required"],
    );
    check_resource(
        "{Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSCKET}}",
        expect![[
            r#"1 HR105 Resources.R.Properties.ProtocolType is "WEBSCKET" (did you mean WEBSOCKET?)"#
        ]],
    );
    check_resource(
        "{Type: AWS::Logs::LogGroup, Properties: {RetentionInDays: 8}}",
        expect![
            "1 HR106 Resources.R.Properties.RetentionInDays is 8; allowed are 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653"
        ],
    );
    check_resource(
        "{Type: AWS::Lambda::Function, Properties: {Code: [], Role: 'arn:aws:iam::123456789012:role/r', Timeout: '1000', MemorySize: much}}",
        expect![[r#"
            1 HR104 Resources.R.Properties.Code is a list; it must be a map of properties
            1 HR104 Resources.R.Properties.MemorySize is a text; it must be a whole number"#]],
    );
    check_resource(
        "{Type: AWS::IAM::Policy, Properties: {PolicyName: x, PolicyDocument: {}}}",
        expect!["1 HR107 Resources.R.Properties has none of Users, Groups, Roles; give one"],
    );
    check_resource(
        "{Type: AWS::Lambda::Functon}",
        expect![
            "1 HR101 Resources.R.Type is AWS::Lambda::Functon (did you mean AWS::Lambda::Function?)"
        ],
    );
    check_resource(
        "{Type: AWS::DynamoDB::Tables}",
        expect![
            "1 HR101 Resources.R.Type is AWS::DynamoDB::Tables (did you mean AWS::DynamoDB::Table?)"
        ],
    );
    check_resource(
        "{Type: AWS::DynamoDB::Widget}",
        expect![
            "1 HR101 Resources.R.Type is AWS::DynamoDB::Widget (known are AWS::DynamoDB::GlobalTable, AWS::DynamoDB::Table)"
        ],
    );
    // Of another generation of the service, and of a part of one.
    check_resource("{Type: AWS::ApiGateway::Stage}", expect![""]);
    check_resource("{Type: AWS::Events::Archive}", expect![""]);
}

#[test]
fn what_cloud_formation_computes_or_converts_is_passed_over() {
    check_resource(
        "{Type: AWS::SQS::Queue, Properties: {DelaySeconds: '5', FifoQueue: 'true', QueueName: !ImportValue x}}",
        expect![""],
    );
    check_resource("{Type: AWS::SNS::Topic, Properties: {Anything: 1}}", expect![""]);
    check(
        "Transform: T\nResources: {A: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref Made}}}",
        expect![""],
    );
}

#[test]
fn both_branches_of_a_condition_are_looked_into() {
    check(
        "Conditions: {C: !Equals [a, b]}\nResources: {R: {Type: AWS::SQS::Queue, Properties: !If [C, {DelaySeconds: 1000}, {FifoQueue: maybe}]}}",
        expect![[r#"
            2 HR106 Resources.R.Properties.Fn::If[1].DelaySeconds is 1000; the most is 900
            2 HR104 Resources.R.Properties.Fn::If[2].FifoQueue is a text; it must be true or false"#]],
    );
}

#[test]
fn references_lead_somewhere() {
    check(
        "Parameters:
  Unused: {Type: String}
Conditions:
  Never: !Equals [a, b]
  Nested: !Not [!Condition Nevr]
Resources:
  Queue:
    Type: AWS::SQS::Queue
    Condition: Nested
    DependsOn: [Qeue]
    Properties:
      QueueName: !Sub '${Nam}-${AWS::Regon}-${!Literal}'
      KmsMasterKeyId: !If [Gone, !GetAtt Key.Arn, !FindInMap [Map, a, b]]
Outputs:
  Url: {Value: !GetAtt Queue.Url}
  Name: {Value: !GetAtt Queue.QueueName, Condition: Absent}
",
        expect![[r#"
            2 HR207 Parameters.Unused is referred to by nothing (delete it)
            4 HR208 Conditions.Never is asked for by nothing (delete it)
            5 HR205 Conditions.Nested.Fn::Not[0] asks for the condition Nevr, which this template does not have (did you mean Never?)
            10 HR204 Resources.Queue.DependsOn names Qeue, which is no resource here (did you mean Queue?)
            12 HR201 Resources.Queue.Properties.QueueName refers to AWS::Regon, which this template does not have (did you mean AWS::Region?)
            12 HR201 Resources.Queue.Properties.QueueName refers to Nam, which this template does not have
            13 HR202 Resources.Queue.Properties.KmsMasterKeyId takes an attribute of Key, which is no resource here
            13 HR205 Resources.Queue.Properties.KmsMasterKeyId asks for the condition Gone, which this template does not have
            13 HR209 Resources.Queue.Properties.KmsMasterKeyId looks into the mapping Map, which this template does not have
            15 HR203 Outputs.Url.Value takes Url of Queue, an attribute that AWS::SQS::Queue lacks (it has Arn, QueueUrl, QueueName)
            16 HR205 Outputs.Name.Condition asks for the condition Absent, which this template does not have"#]],
    );
}

#[test]
fn a_circle_is_shown() {
    check(
        "Resources:
  A: {Type: AWS::SQS::Queue, Properties: {QueueName: !Ref B}}
  B: {Type: AWS::SQS::Queue, DependsOn: A}
",
        expect![
            "2 HR206 Resources.A depends on itself: A → B → A (write a name where an attribute was taken, or take a part out)"
        ],
    );
}

#[test]
fn a_unique_name_is_given_once() {
    check(
        "Conditions: {C: !Equals [a, b]}
Resources:
  A: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
  B: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
  C: {Type: AWS::SQS::Queue, Condition: C, Properties: {QueueName: jobs}}
  D: {Type: AWS::Lambda::Function, Properties: {FunctionName: jobs, Code: {}, Role: !ImportValue r}}
",
        expect![[
            r#"4 HR301 Resources.B.Properties.QueueName is "jobs", the name of A, too (leave it out, and AWS makes one up)"#
        ]],
    );
}

#[test]
fn a_route_leads_to_an_integration_of_its_api() {
    check_socket(
        "Target: !Sub integrations/${Integration}",
        "Target: !Ref Integration",
        expect![[
            r#"46 HR401 Resources.ConnectRoute.Properties.Target is "${Integration}" (write !Sub integrations/${Integration})"#
        ]],
    );
    check_socket(
        "Target: !Sub integrations/${Integration}",
        "Target: !Sub integrations/${Function}",
        expect![
            "46 HR401 Resources.ConnectRoute.Properties.Target leads to Function, which is an AWS::Lambda::Function (name an integration)"
        ],
    );
    check_socket(
        "      Target: !Sub integrations/${Integration}\n",
        "",
        expect![
            "42 HR401 Resources.ConnectRoute.Properties has no Target (give Target: !Sub integrations/${Integration})"
        ],
    );
    check_socket(
        "RouteKey: $default",
        "RouteKey: $defualt",
        expect![[
            r#"51 HR405 Resources.DefaultRoute.Properties.RouteKey is "$defualt" (did you mean $default?)"#
        ]],
    );
    check_socket(
        "RouteKey: $default",
        "RouteKey: $connect",
        expect![[r#"
            49 HR410 Resources.DefaultRoute.Properties lets anyone connect (leave it so where the first message carries a ticket, else give AuthorizationType)
            51 HR412 Resources.DefaultRoute.Properties.RouteKey is "$connect", the key of ConnectRoute, too"#]],
    );
    check_socket(
        "RouteKey: $default",
        "RouteKey: $default\n      AuthorizationType: AWS_IAM",
        expect![
            "52 HR411 Resources.DefaultRoute.Properties.AuthorizationType is AWS_IAM, on a route other than $connect (authorize on $connect)"
        ],
    );
}

#[test]
fn an_open_door_is_mentioned() {
    check_socket(
        "AuthorizationType: AWS_IAM",
        "AuthorizationType: NONE",
        expect![
            "42 HR410 Resources.ConnectRoute.Properties lets anyone connect (leave it so where the first message carries a ticket, else give AuthorizationType)"
        ],
    );
}

#[test]
fn logging_needs_a_role_of_the_account() {
    check_socket(
        "      AutoDeploy: true",
        "      AutoDeploy: true\n      AccessLogSettings: {DestinationArn: 'arn:aws:logs:us-east-1:123456789012:log-group:g'}",
        expect![
            "58 HR409 Resources.Stage.Properties.AccessLogSettings needs the role that API Gateway logs with (see that AWS::ApiGateway::Account has a CloudWatchRoleArn in this account and Region)"
        ],
    );
}

#[test]
fn an_integration_calls_lambda_by_the_uri_of_an_invocation() {
    check_socket(
        "!Sub arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function.Arn}/invocations",
        "!GetAtt Function.Arn",
        expect![[
            r#"32 HR402 Resources.Integration.Properties.IntegrationUri is "${Function.Arn}" (write arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations)"#
        ]],
    );
    check_socket(
        "Timeout: 10",
        "Timeout: 30",
        expect![
            "26 HR415 Resources.Function.Properties.Timeout is 30; Integration waits 29 seconds"
        ],
    );
}

#[test]
fn api_gateway_may_call_the_function_for_every_route() {
    check_socket(
        "/prod/*\n",
        "/prod/$connect\n",
        expect![
            "47 HR403 Resources.DefaultRoute leads to Function, which no permission lets this API call for prod/$default (add an AWS::Lambda::Permission with FunctionName Function and Principal apigateway.amazonaws.com)"
        ],
    );
    check_socket(
        "/prod/*\n",
        "/dev/*\n",
        expect![[r#"
            40 HR403 Resources.ConnectRoute leads to Function, which no permission lets this API call for prod/$connect (add an AWS::Lambda::Permission with FunctionName Function and Principal apigateway.amazonaws.com)
            47 HR403 Resources.DefaultRoute leads to Function, which no permission lets this API call for prod/$default (add an AWS::Lambda::Permission with FunctionName Function and Principal apigateway.amazonaws.com)"#]],
    );
    check_socket("FunctionName: !Ref Function", "FunctionName: other", expect![""]);
    check_socket(
        "apigateway.amazonaws.com",
        "events.amazonaws.com",
        expect![[r#"
            40 HR403 Resources.ConnectRoute leads to Function, which no permission lets this API call for prod/$connect (add an AWS::Lambda::Permission with FunctionName Function and Principal apigateway.amazonaws.com)
            47 HR403 Resources.DefaultRoute leads to Function, which no permission lets this API call for prod/$default (add an AWS::Lambda::Permission with FunctionName Function and Principal apigateway.amazonaws.com)"#]],
    );
    check_socket(
        "      SourceArn: !Sub arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/prod/*\n",
        "",
        expect![
            "38 HR506 Resources.Permission.Properties.Principal is API Gateway, whosever API it is (give SourceArn: the ARN of the API's stage and route)"
        ],
    );
    // A role of the integration does as well.
    check_socket(
        "IntegrationType: AWS_PROXY",
        "IntegrationType: AWS_PROXY\n      CredentialsArn: arn:aws:iam::123456789012:role/r",
        expect![""],
    );
}

#[test]
fn authorizers_are_functions() {
    let authorizer = "Resources:
  Authorizer:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties:
      ApiId: !Ref Api
      AuthorizerType: JWT
      Name: a
      AuthorizerUri: !Sub arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function.Arn}/invocations
";
    check_socket(
        "Resources:\n",
        authorizer,
        expect![[r#"
            6 HR404 Resources.Authorizer.Properties.AuthorizerType is JWT, which WebSocket APIs do not have (write REQUEST, and check the token in the function)
            8 HR403 Resources.Authorizer.Properties.AuthorizerUri names Function, which no permission lets this API call (add an AWS::Lambda::Permission with FunctionName Function and Principal apigateway.amazonaws.com)"#]],
    );
}

#[test]
fn a_stage_serves_one_deployment() {
    check_socket(
        "AutoDeploy: true",
        "Description: none",
        expect![
            "55 HR408 Resources.Stage.Properties deploys nothing (give AutoDeploy: true, or DeploymentId)"
        ],
    );
    check_socket(
        "AutoDeploy: true",
        "AutoDeploy: true\n      DeploymentId: abc123",
        expect![
            "58 HR407 Resources.Stage.Properties.DeploymentId stands beside AutoDeploy: true (leave one of the two out)"
        ],
    );
    check_socket(
        "ThrottlingRateLimit: 500",
        "ThrottlingRateLimit: 0",
        expect![
            "60 HR406 Resources.Stage.Properties.DefaultRouteSettings.ThrottlingRateLimit is 0: every message is refused (leave it out, or give a number above 0)"
        ],
    );
    check_socket(
        "Resources:\n",
        "Resources:\n  Deployment:\n    Type: AWS::ApiGatewayV2::Deployment\n    DependsOn: ConnectRoute\n    Properties: {ApiId: !Ref Api}\n",
        expect![
            "2 HR413 Resources.Deployment does not wait for DefaultRoute (add them to DependsOn)"
        ],
    );
    check_socket(
        "      RouteSelectionExpression: $request.body.action\n",
        "",
        expect![
            "4 HR414 Resources.Api.Properties has no RouteSelectionExpression, which a WebSocket API requires (for example $request.body.action)"
        ],
    );
}

#[test]
fn policies_allow_what_is_meant() {
    let role = |statement: &str| {
        format!(
            "{{Type: AWS::IAM::RolePolicy, Properties: {{PolicyName: p, RoleName: r, PolicyDocument: {{Statement: {statement}}}}}}}"
        )
    };
    check_resource(
        &role("{Effect: Allow, Action: '*', Resource: '*'}"),
        expect![[r#"
        1 HR501 Resources.R.Properties.PolicyDocument.Statement.Action is * (name the actions that are needed)
        1 HR503 Resources.R.Properties.PolicyDocument.Statement.Resource is * for * (name the resources)"#]],
    );
    check_resource(
        &role("[{Effect: Allow, Action: [s3:GetObject, 's3:Put*'], Resource: r}]"),
        expect![
            "1 HR502 Resources.R.Properties.PolicyDocument.Statement[0].Action is s3:Put* (name the actions that are needed)"
        ],
    );
    check_resource(
        &role("{Effect: Allow, Action: [s3:GetObject, xray:PutTraceSegments], Resource: '*'}"),
        expect![
            "1 HR503 Resources.R.Properties.PolicyDocument.Statement.Resource is * for s3:GetObject (name the resources)"
        ],
    );
    check_resource(
        &role("{Effect: Allow, Action: cloudwatch:PutMetricData, Resource: '*'}"),
        expect![""],
    );
    check_resource(&role("{Effect: Deny, Action: '*', Resource: '*'}"), expect![""]);
    check_resource(
        &role("{Effect: Allow, NotAction: iam:X, Resource: r}"),
        expect![
            "1 HR505 Resources.R.Properties.PolicyDocument.Statement.NotAction allows all but what it names (name what is needed)"
        ],
    );
    check_resource(
        "{Type: AWS::SQS::QueuePolicy, Properties: {Queues: [q], PolicyDocument: {Statement: {Effect: Allow, Principal: '*', Action: sqs:SendMessage, Resource: r}}}}",
        expect![
            "1 HR504 Resources.R.Properties.PolicyDocument.Statement.Principal is * (name accounts or services, or add a condition)"
        ],
    );
}

#[test]
fn sections_of_a_macro_are_its_own() {
    check(
        "Transform: AWS::Serverless-2016-10-31\nGlobals: {}\nResources: {A: {Type: AWS::Serverless::Function}}",
        expect![""],
    );
}

/// Every node of a good template is replaced by what does not belong there, one at a time.
#[test]
fn no_template_is_too_strange_to_be_checked_and_compared() {
    let good = parse(SOCKET).unwrap();
    let strange = [json!(null), json!([]), json!("x"), json!({"Fn::GetAtt": 1})];
    let mut places = Vec::new();
    pointers(&good, String::new(), &mut places);
    assert!(places.len() > 50);
    for place in &places {
        for value in &strange {
            let mut template = good.clone();
            *template.pointer_mut(place).unwrap() = value.clone();
            let found = validate(&template.to_string());
            let changes = diff("s", &good, &template);
            assert!(changes.is_empty() == (template == good), "{place}");
            assert!(found.iter().all(|diagnostic| diagnostic.line == 1), "{place}");
        }
    }
}

fn pointers(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(pairs) => {
            pairs.iter().for_each(|(key, value)| pointers(value, format!("{at}/{key}"), found));
        }
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(i, item)| pointers(item, format!("{at}/{i}"), found));
        }
        _ => {}
    }
    found.push(at);
}

#[test]
fn every_check_is_explained_and_none_shares_a_code() {
    let codes: BTreeSet<_> = CHECKS.iter().map(|check| check.code).collect();
    assert_eq!(codes.len(), CHECKS.len());
    for check in CHECKS {
        assert!(check.rationale.ends_with(['.', ')']), "{}", check.code);
        assert_eq!(explain(&check.code.to_lowercase()).unwrap().title, check.title);
    }
    assert!(explain("HR999").is_none());
}

#[test]
fn a_text_that_is_no_template_is_refused() {
    check(
        "- a",
        expect!["1 HR001  is not readable: a template is a map of sections; this is not a map"],
    );
    check("A: 1\nB: [", expect!["3 HR001  is not readable: did not find expected node content"]);
    check(
        "Resources: {A: !Reff b}",
        expect!["1 HR001  is not readable: !Reff is no function of CloudFormation"],
    );
}
