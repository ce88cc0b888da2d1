//! The WebSocket API: routes, who may connect, what is answered without a function.

use super::{json, properties, stage, template, text};
use expect_test::{Expect, expect};
use gateway_core::vtl;
use herald_contract::Action;
use herald_contract::wire::PONG;
use infra_gen::aws::apigatewayv2::{
    Api, Authorizer, Deployment, Integration, Route, RouteResponse, Stage as ApiStage,
};
use infra_gen::aws::lambda::Permission;
use serde_json::{Value as Json, json as json_of};
use stacks::push;

#[test]
fn one_integration_answers_every_route_but_ping() {
    let template = template("");
    let routes: Vec<_> = template
        .find::<Route>()
        .map(|(id, r)| format!("{id} {} {}\n", text(&Some(r.route_key.clone())), text(&r.target)))
        .collect();
    expect![[r#"
        ConnectRoute "$connect" {"Fn::Sub":"integrations/${Integration}"}
        DisconnectRoute "$disconnect" {"Fn::Sub":"integrations/${Integration}"}
        DefaultRoute "$default" {"Fn::Sub":"integrations/${Integration}"}
        HelloRoute "hello" {"Fn::Sub":"integrations/${Integration}"}
        SubscribeRoute "subscribe" {"Fn::Sub":"integrations/${Integration}"}
        UnsubscribeRoute "unsubscribe" {"Fn::Sub":"integrations/${Integration}"}
        AckRoute "ack" {"Fn::Sub":"integrations/${Integration}"}
        ReadRoute "read" {"Fn::Sub":"integrations/${Integration}"}
        JobSubmitRoute "job.submit" {"Fn::Sub":"integrations/${Integration}"}
        JobCancelRoute "job.cancel" {"Fn::Sub":"integrations/${Integration}"}
        PingRoute "ping" {"Fn::Sub":"integrations/${PingIntegration}"}
    "#]]
    .assert_eq(&routes.concat());
    let integration = template.find::<Integration>().find(|(id, _)| id.as_str() == "Integration");
    expect![[r#"{"Fn::Sub":"arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Socket.Arn}/invocations"}"#]]
        .assert_eq(&text(&integration.unwrap().1.integration_uri));
}

#[test]
fn every_permission_holds_for_one_caller_only() {
    let template = template(", auth: optional");
    let lines: Vec<_> = template
        .find::<Permission>()
        .map(|(_, p)| {
            let source = text(&p.source_arn).replace(
                "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:",
                "…",
            );
            format!("{} {source}\n", text(&Some(p.function_name.clone())))
        })
        .collect();
    expect![[r#"
        {"Ref":"Sweeper"} {"Fn::GetAtt":["SweepEveryMinute","Arn"]}
        {"Ref":"Publish"} {"Fn::GetAtt":["PublishEvents","Arn"]}
        {"Ref":"Authorizer"} {"Fn::Sub":"…${Api}/authorizers/${ConnectAuthorizer}"}
        {"Ref":"Socket"} {"Fn::Sub":"…${Api}/live/$connect"}
        {"Ref":"Socket"} {"Fn::Sub":"…${Api}/live/$disconnect"}
        {"Ref":"Socket"} {"Fn::Sub":"…${Api}/live/$default"}
        {"Ref":"Socket"} {"Fn::Sub":"…${Api}/live/hello"}
        {"Ref":"Socket"} {"Fn::Sub":"…${Api}/live/subscribe"}
        {"Ref":"Socket"} {"Fn::Sub":"…${Api}/live/unsubscribe"}
        {"Ref":"Socket"} {"Fn::Sub":"…${Api}/live/ack"}
        {"Ref":"Socket"} {"Fn::Sub":"…${Api}/live/read"}
        {"Ref":"Socket"} {"Fn::Sub":"…${Api}/live/job.submit"}
        {"Ref":"Socket"} {"Fn::Sub":"…${Api}/live/job.cancel"}
    "#]]
    .assert_eq(&lines.concat());
}

#[test]
fn the_api_chooses_routes_by_action() {
    let template = template("");
    let (_, api) = template.find::<Api>().next().unwrap();
    assert_eq!(text(&api.protocol_type), r#""WEBSOCKET""#);
    assert_eq!(text(&api.route_selection_expression), r#""$request.body.action""#);
}

#[test]
fn ping_is_answered_by_the_gateway_with_the_pong_of_the_contract() {
    let route = properties("", "PingRoute");
    assert_eq!(route["RouteResponseSelectionExpression"], "$default");
    let template = template("");
    let (_, response) = template.find::<RouteResponse>().next().unwrap();
    assert_eq!(text(&Some(response.route_id.clone())), r#"{"Ref":"PingRoute"}"#);
    assert_eq!(text(&Some(response.route_response_key.clone())), r#""$default""#);
    let integration = properties("", "PingIntegration");
    assert_eq!(integration["IntegrationType"], "MOCK");
    let selected = integration["TemplateSelectionExpression"].as_str().unwrap();
    assert_eq!(render(&integration["RequestTemplates"][selected]), r#"{"statusCode":200}"#);
    let answer = properties("", "PingIntegrationResponse");
    assert_eq!(answer["IntegrationResponseKey"], "$default");
    let selected = answer["TemplateSelectionExpression"].as_str().unwrap();
    assert_eq!(render(&answer["ResponseTemplates"][selected]), PONG);
}

/// A mapping template as API Gateway reads it.
fn render(template: &Json) -> String {
    let empty = json_of!({});
    let scope = vtl::Scope { body: "{}", context: &empty, stage_variables: &empty, params: &empty };
    vtl::Template::parse(template.as_str().unwrap()).unwrap().render(&scope).unwrap()
}

/// What is asked of whoever connects: the route, and where credentials must be to be looked at.
fn check_auth(settings: &str, expect: Expect) {
    let template = template(settings);
    let (_, connect) = template.find::<Route>().next().unwrap();
    let authorizers = template.find::<Authorizer>().map(|(id, authorizer)| {
        let kind = Some(authorizer.authorizer_type.clone());
        format!("{id} {} {}", text(&kind), text(&authorizer.identity_source))
    });
    let lines = [text(&connect.authorization_type), text(&connect.authorizer_id)];
    expect.assert_eq(&lines.into_iter().chain(authorizers).map(|l| l + "\n").collect::<String>());
}

#[test]
fn without_auth_anyone_connects_and_there_is_no_authorizer_at_all() {
    check_auth(
        ", auth: none",
        expect![[r#"
            null
            null
        "#]],
    );
    let text = template(", auth: none").to_json();
    assert!(!text.contains("Authorizer") && !text.contains("TicketSecret"), "{text}");
    let functions = push::functions(&stage(", auth: none"));
    assert!(functions.iter().all(|entry| entry.name != "authorizer"));
}

#[test]
fn a_connection_without_a_ticket_does_not_even_cost_an_invocation() {
    check_auth(
        ", auth: ticket",
        expect![[r#"
            "CUSTOM"
            {"Ref":"ConnectAuthorizer"}
            ConnectAuthorizer "REQUEST" ["route.request.querystring.ticket"]
        "#]],
    );
}

#[test]
fn where_credentials_are_optional_the_authorizer_is_always_asked() {
    check_auth(
        ", auth: optional",
        expect![[r#"
            "CUSTOM"
            {"Ref":"ConnectAuthorizer"}
            ConnectAuthorizer "REQUEST" null
        "#]],
    );
}

#[test]
fn a_token_comes_as_a_sub_protocol() {
    check_auth(
        ", auth: jwt, jwt: {issuer: i, audience: a, jwks_url: 'https://id.example/jwks'}",
        expect![[r#"
            "CUSTOM"
            {"Ref":"ConnectAuthorizer"}
            ConnectAuthorizer "REQUEST" ["route.request.header.Sec-WebSocket-Protocol"]
        "#]],
    );
}

#[test]
fn only_connect_is_authorized() {
    let template = template("");
    let authorized: Vec<_> = template
        .find::<Route>()
        .filter(|(_, route)| route.authorization_type.is_some() || route.authorizer_id.is_some())
        .map(|(id, _)| id.as_str())
        .collect();
    assert_eq!(authorized, ["ConnectRoute"]);
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
    let fields =
        ["requestId", "integrationRequestId", "connectionId", "routeKey", "status", "errorMessage"];
    for field in fields {
        assert!(format[field].as_str().is_some_and(|v| v.starts_with("$context.")), "{field}");
    }
    for secret in ["querystring", "header", "path"] {
        assert!(!log["Format"].as_str().unwrap().contains(secret), "tickets stand in it");
    }
}

#[test]
fn a_hashed_deployment_waits_for_all_it_shows_and_is_the_stages_own() {
    let template = template(", deployment: hashed");
    let deployments: Vec<_> = template.find::<Deployment>().map(|(id, _)| id).collect();
    let [id] = deployments[..] else { panic!("{deployments:?}") };
    assert!(id.as_str().starts_with("Deployment"));
    let (_, stage) = template.find::<ApiStage>().next().unwrap();
    assert_eq!(stage.auto_deploy, None);
    assert_eq!(text(&stage.deployment_id), format!(r#"{{"Ref":"{id}"}}"#));
    let (_, _, options) = template.resources().find(|(other, _, _)| *other == id).unwrap();
    let waits_for: Vec<_> = options.depends_on.iter().map(|id| id.as_str()).collect();
    for (route, _) in template.find::<Route>() {
        assert!(waits_for.contains(&route.as_str()), "{route}");
    }
    for response in ["PingIntegrationResponse", "PingRouteResponse"] {
        assert!(waits_for.contains(&response), "{response}");
    }
}

#[test]
fn a_hashed_deployment_is_made_anew_for_other_routes_and_for_nothing_else() {
    let id = |settings: &str| {
        let template = template(&format!(", deployment: hashed{settings}"));
        template.find::<Deployment>().next().unwrap().0.clone()
    };
    assert_eq!(id(""), id(", memory_mb: 512"));
    assert_ne!(id(""), id(", auth: optional"), "another authorizer is another deployment");
}

#[test]
fn every_action_of_the_protocol_has_its_route() {
    let document = json(&template(""));
    let resources = document["Resources"].as_object().unwrap().values();
    let keys: Vec<_> =
        resources.filter_map(|resource| resource["Properties"]["RouteKey"].as_str()).collect();
    for action in Action::ALL {
        assert!(keys.contains(&action.key()), "{action}");
    }
}
