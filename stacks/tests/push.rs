//! What the push stack promises, whatever else changes in it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use expect_test::expect;
use herald_contract::Function;
use infra_gen::aws::apigatewayv2::{Api, Deployment, Integration, Route, Stage as ApiStage};
use infra_gen::aws::lambda::{self, Permission};
use infra_gen::aws::logs::LogGroup;
use infra_gen::{Template, Val, Value, template_file};
use serde_json::Value as Json;
use stacks::{Settings, Stage, push};

/// A stage called `live` with these settings.
fn stage(settings: &str) -> Stage {
    let text = format!("stages: {{live: {{region: eu-west-1{settings}}}}}");
    Settings::parse(&text, "stages.yaml").unwrap().stage("live").unwrap().clone()
}

fn template(settings: &str) -> Template {
    let template = push::template(&stage(settings));
    assert_eq!(template.check(), []);
    template
}

fn json(template: &Template) -> Json {
    template_file::parse(&template.to_json()).unwrap()
}

fn text<T: Value>(value: &Option<Val<T>>) -> String {
    serde_json::to_string(value).unwrap()
}

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

#[test]
fn one_integration_answers_three_routes() {
    let template = template("");
    let integrations: Vec<_> = template.find::<Integration>().collect();
    let [(id, integration)] = integrations[..] else { panic!("{integrations:?}") };
    assert_eq!(id.as_str(), "Integration");
    expect![[r#"{"Fn::Sub":"arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Socket.Arn}/invocations"}"#]]
        .assert_eq(&text(&integration.integration_uri));
    let routes: Vec<_> = template
        .find::<Route>()
        .map(|(_, r)| (text(&Some(r.route_key.clone())), text(&r.target)))
        .collect();
    let target = r#"{"Fn::Sub":"integrations/${Integration}"}"#.to_owned();
    let expected = ["$connect", "$disconnect", "$default"];
    assert_eq!(routes, expected.map(|key| (format!("{key:?}"), target.clone())));
}

#[test]
fn each_route_has_a_permission_for_itself_on_this_stage_only() {
    let template = template("");
    let sources: Vec<_> = template.find::<Permission>().map(|(_, p)| text(&p.source_arn)).collect();
    expect![[r#"
        {"Fn::Sub":"arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/live/$connect"}
        {"Fn::Sub":"arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/live/$disconnect"}
        {"Fn::Sub":"arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/live/$default"}"#]]
    .assert_eq(&sources.join("\n"));
}

#[test]
fn the_function_may_write_its_log_and_manage_connections_of_this_stage() {
    let document = json(&template(""));
    let policies = &document["Resources"]["SocketRole"]["Properties"]["Policies"];
    let rights: Vec<_> = statements(policies)
        .iter()
        .map(|s| format!("{} {} on {}", s["Effect"], s["Action"], s["Resource"]))
        .collect();
    expect![[r#"
        "Allow" ["logs:CreateLogStream","logs:PutLogEvents"] on {"Fn::GetAtt":["SocketLog","Arn"]}
        "Allow" ["execute-api:ManageConnections"] on {"Fn::Sub":"arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/live/*/@connections/*"}"#]]
    .assert_eq(&rights.join("\n"));
}

#[test]
fn no_statement_of_any_template_has_a_wildcard_as_action_or_resource() {
    let settings = Settings::parse(include_str!("../stages.yaml"), "stages.yaml").unwrap();
    for stage in settings.stages() {
        for (name, template) in stacks::synthesize(stage).templates {
            let document = json(&template);
            let statements = statements(&document);
            assert!(!statements.is_empty(), "{name} has no policy, or it is not looked for well");
            for statement in statements {
                let has = |key: &str, what: fn(&String) -> bool| {
                    strings(&statement[key]).iter().any(what)
                };
                assert!(!has("Action", |action| action.contains('*')), "{name}: {statement}");
                assert!(!has("Resource", |resource| resource == "*"), "{name}: {statement}");
            }
        }
    }
}

#[test]
fn the_api_chooses_routes_by_action() {
    let template = template("");
    let (_, api) = template.find::<Api>().next().unwrap();
    assert_eq!(text(&api.protocol_type), r#""WEBSOCKET""#);
    assert_eq!(text(&api.route_selection_expression), r#""$request.body.action""#);
}

#[test]
fn the_stage_deploys_by_itself_throttles_and_logs() {
    let template = template(", throttle: {rate: 2.5, burst: 7}");
    let (_, stage) = template.find::<ApiStage>().next().unwrap();
    assert_eq!(text(&stage.auto_deploy), "true");
    assert_eq!(stage.deployment_id, None);
    expect![[r#"{"ThrottlingBurstLimit":7,"ThrottlingRateLimit":2.5}"#]]
        .assert_eq(&text(&stage.default_route_settings));
    let log: Json = serde_json::from_str(&text(&stage.access_log_settings)).unwrap();
    assert_eq!(log["DestinationArn"]["Fn::GetAtt"][0], "AccessLog");
    let format: Json = serde_json::from_str(log["Format"].as_str().unwrap()).unwrap();
    for field in ["requestId", "connectionId", "routeKey", "status", "errorMessage"] {
        assert!(format[field].as_str().is_some_and(|v| v.starts_with("$context.")), "{field}");
    }
}

#[test]
fn a_hashed_deployment_waits_for_all_routes_and_is_the_stages_own() {
    let template = template(", deployment: hashed");
    let deployments: Vec<_> = template.find::<Deployment>().map(|(id, _)| id).collect();
    let [id] = deployments[..] else { panic!("{deployments:?}") };
    assert!(id.as_str().starts_with("Deployment"));
    let (_, stage) = template.find::<ApiStage>().next().unwrap();
    assert_eq!(stage.auto_deploy, None);
    assert_eq!(text(&stage.deployment_id), format!(r#"{{"Ref":"{id}"}}"#));
    let (_, _, options) = template.resources().find(|(other, _, _)| *other == id).unwrap();
    let waits_for: Vec<_> = options.depends_on.iter().map(|id| id.as_str()).collect();
    assert_eq!(waits_for, ["ConnectRoute", "DisconnectRoute", "DefaultRoute"]);
}

#[test]
fn a_hashed_deployment_is_made_anew_for_other_routes_and_for_nothing_else() {
    let id = |settings: &str| {
        let template = template(settings);
        template.find::<Deployment>().next().unwrap().0.clone()
    };
    assert_eq!(id(", deployment: hashed"), id(", deployment: hashed, memory_mb: 512"));
}

#[test]
fn the_function_is_what_the_settings_say() {
    let template = template(
        ", architecture: x86_64, memory_mb: 512, timeout_seconds: 29, log_retention_days: 7",
    );
    let (id, function) = template.find::<lambda::Function>().next().unwrap();
    assert_eq!(id.as_str(), Function::Socket.logical_id());
    expect![[r#"["x86_64"] 512 29 "provided.al2023" "bootstrap" {"LogFormat":"JSON","LogGroup":{"Ref":"SocketLog"}}"#]].assert_eq(
        &[
            text(&function.architectures),
            text(&function.memory_size),
            text(&function.timeout),
            text(&function.runtime),
            text(&function.handler),
            text(&function.logging_config),
        ]
        .join(" "),
    );
    let kept: Vec<_> =
        template.find::<LogGroup>().map(|(_, l)| text(&l.retention_in_days)).collect();
    assert_eq!(kept, ["7", "7"]);
}

#[test]
fn a_variable_is_there_if_its_setting_is() {
    let environment = |settings: &str| {
        let template = template(settings);
        text(&template.find::<lambda::Function>().next().unwrap().1.environment)
    };
    assert_eq!(environment(""), "null");
    assert_eq!(
        environment(", callback_url: 'https://ws.example.com/live'"),
        r#"{"Variables":{"CALLBACK_URL":"https://ws.example.com/live"}}"#
    );
}

#[test]
fn the_outputs_are_the_two_urls() {
    let document = json(&template(""));
    expect![[r#"{"CallbackUrl":{"Description":"Where backends post to connections","Value":{"Fn::Sub":"https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/live"}},"WebSocketUrl":{"Description":"Where clients connect","Value":{"Fn::Sub":"wss://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/live"}}}"#]]
        .assert_eq(&document["Outputs"].to_string());
}

#[test]
fn every_function_has_its_code_by_parameter() {
    let template = template("");
    let document = json(&template);
    for entry in push::functions(&stage(", architecture: x86_64")) {
        assert_eq!(entry.architecture, "x86_64");
        assert_eq!(document["Parameters"][&entry.code_parameter]["Type"], "String");
        let code = &document["Resources"][&entry.logical_id]["Properties"]["Code"];
        assert_eq!(code["S3Bucket"]["Ref"], push::ASSET_BUCKET);
        assert_eq!(code["S3Key"]["Ref"].as_str(), Some(entry.code_parameter.as_str()));
    }
    assert_eq!(template.find::<lambda::Function>().count(), Function::ALL.len());
}

#[test]
fn same_settings_give_the_same_bytes() {
    let bytes = || {
        let template = template(", deployment: hashed");
        (template.to_yaml(), template.to_json())
    };
    assert_eq!(bytes(), bytes());
}

#[test]
fn what_people_review_is_what_is_deployed() {
    let template = template("");
    assert_eq!(template_file::parse(&template.to_yaml()).unwrap(), json(&template));
}
