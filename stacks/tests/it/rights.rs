//! Who may do what: the policies of all roles.

use super::{EVERY_SHAPE, json, template};
use expect_test::expect;
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Every statement of every policy, wherever it stands.
fn statements(node: &Json) -> Vec<&Json> {
    match node {
        Json::Object(map) => map
            .iter()
            .flat_map(|(key, value)| match value {
                Json::Array(list) if key == "Statement" => list.iter().collect(),
                _ => statements(value),
            })
            .collect(),
        Json::Array(list) => list.iter().flat_map(statements).collect(),
        _ => Vec::new(),
    }
}

fn strings(value: &Json) -> Vec<String> {
    match value {
        Json::Array(list) => list.iter().flat_map(strings).collect(),
        Json::String(text) => vec![text.clone()],
        other => vec![other.to_string()],
    }
}

/// A resource in one word.
fn word(resource: &Json) -> String {
    let attribute = strings(&resource["Fn::GetAtt"]).join(".");
    let text = resource["Fn::Sub"].as_str().map(|text| {
        text.replace("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:", "…")
    });
    text.or_else(|| resource.as_str().map(str::to_owned)).unwrap_or(attribute)
}

#[test]
fn every_role_may_do_this_and_no_more() {
    let document = json(&template(""));
    let mut table = String::new();
    for (id, resource) in document["Resources"].as_object().unwrap() {
        let policies = match resource["Type"].as_str().unwrap() {
            "AWS::IAM::Role" => &resource["Properties"]["Policies"],
            "AWS::IAM::RolePolicy" => resource,
            _ => continue,
        };
        table.push_str(&format!("{id}\n"));
        let mut rights = BTreeMap::new();
        for statement in statements(policies) {
            assert_eq!(statement["Effect"], "Allow");
            for action in strings(&statement["Action"]) {
                rights.entry(word(&statement["Resource"])).or_insert_with(Vec::new).push(action);
            }
        }
        for (resource, actions) in rights {
            table.push_str(&format!("  {resource}: {}\n", actions.join(" ")));
        }
    }
    expect![[r#"
        AuthorizerRole
          *: xray:PutTelemetryRecords xray:PutTraceSegments
          AuthorizerLog.Arn: logs:CreateLogStream logs:PutLogEvents
          Table.Arn: dynamodb:PutItem
        DispatcherRole
          *: xray:PutTelemetryRecords xray:PutTraceSegments
          DeadLetters.Arn: sqs:SendMessage
          DispatcherLog.Arn: logs:CreateLogStream logs:PutLogEvents
          Sender.Arn: lambda:InvokeFunction
          Table.Arn: dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem
          Table.StreamArn: dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator dynamodb:ListStreams
          Worker.Arn: lambda:InvokeFunction
          …${Api}/live/*/@connections/*: execute-api:ManageConnections
        PublishRole
          *: xray:PutTelemetryRecords xray:PutTraceSegments
          DeadLetters.Arn: sqs:SendMessage
          PublishLog.Arn: logs:CreateLogStream logs:PutLogEvents
          Table.Arn: dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem
          …${Api}/live/*/@connections/*: execute-api:ManageConnections
        SenderInvokesItself
          Sender.Arn: lambda:InvokeFunction
        SenderRole
          *: xray:PutTelemetryRecords xray:PutTraceSegments
          DeadLetters.Arn: sqs:SendMessage
          SenderLog.Arn: logs:CreateLogStream logs:PutLogEvents
          Table.Arn: dynamodb:GetItem dynamodb:Query dynamodb:DeleteItem
          …${Api}/live/*/@connections/*: execute-api:ManageConnections
        SocketRole
          ${Table.Arn}/index/GSI1: dynamodb:Query
          *: xray:PutTelemetryRecords xray:PutTraceSegments
          SocketLog.Arn: logs:CreateLogStream logs:PutLogEvents
          Table.Arn: dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem dynamodb:ConditionCheckItem
          …${Api}/live/*/@connections/*: execute-api:ManageConnections
        SweeperRole
          ${Table.Arn}/index/GSI2: dynamodb:Query
          *: xray:PutTelemetryRecords xray:PutTraceSegments
          DeadLetters.Arn: sqs:SendMessage
          SweeperLog.Arn: logs:CreateLogStream logs:PutLogEvents
          Table.Arn: dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem
          Worker.Arn: lambda:InvokeFunction
          …${Api}/live/*/@connections/*: execute-api:ManageConnections
        WorkerRole
          *: xray:PutTelemetryRecords xray:PutTraceSegments
          DeadLetters.Arn: sqs:SendMessage
          Table.Arn: dynamodb:GetItem dynamodb:Query dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem
          WorkerLog.Arn: logs:CreateLogStream logs:PutLogEvents
          …${Api}/live/*/@connections/*: execute-api:ManageConnections
    "#]].assert_eq(&table);
}

#[test]
fn no_statement_has_a_wildcard_as_action_and_traces_alone_go_anywhere() {
    for settings in EVERY_SHAPE {
        let document = json(&template(settings));
        let statements = statements(&document);
        assert!(statements.len() > 20, "they are not looked for well");
        for statement in statements {
            let actions = strings(&statement["Action"]);
            assert!(!actions.iter().any(|action| action.contains('*')), "{statement}");
            let anywhere = strings(&statement["Resource"]).iter().any(|resource| resource == "*");
            let traces = actions.iter().all(|action| action.starts_with("xray:"));
            assert_eq!(anywhere, traces, "{settings}: {statement}");
        }
    }
}

#[test]
fn without_tracing_nobody_may_write_traces() {
    let text = template(", tracing: false").to_json();
    assert!(!text.contains("xray:") && !text.contains("TracingConfig"));
}

#[test]
fn who_may_invoke_itself_is_not_stopped_for_doing_so() {
    let document = json(&template(""));
    for (id, resource) in document["Resources"].as_object().unwrap() {
        if resource["Type"] == "AWS::Lambda::Function" {
            let expected = if id == "Sender" { "Allow".into() } else { Json::Null };
            assert_eq!(resource["Properties"]["RecursiveLoop"], expected, "{id}");
        }
    }
}

#[test]
fn only_lambda_takes_on_the_roles() {
    let document = json(&template(""));
    for (id, resource) in document["Resources"].as_object().unwrap() {
        let trust = &resource["Properties"]["AssumeRolePolicyDocument"]["Statement"];
        if resource["Type"] == "AWS::IAM::Role" {
            assert_eq!(trust.as_array().unwrap().len(), 1, "{id}");
            assert_eq!(trust[0]["Principal"]["Service"], "lambda.amazonaws.com", "{id}");
        }
    }
}
