//! WebSocket APIs, put together from their many resources.

use super::eval::Evaluator;
use super::properties::Properties;
use super::{domains, routes, stages, stand_in};
use crate::selection::Selection;
use crate::topology::{Api, ApiKeySource, Topology};
use std::collections::BTreeMap;

const PROPERTIES: [&str; 18] = [
    "ApiKeySelectionExpression",
    "BasePath",
    "Body",
    "BodyS3Location",
    "CorsConfiguration",
    "CredentialsArn",
    "Description",
    "DisableExecuteApiEndpoint",
    "DisableSchemaValidation",
    "FailOnWarnings",
    "IpAddressType",
    "Name",
    "ProtocolType",
    "RouteKey",
    "RouteSelectionExpression",
    "Tags",
    "Target",
    "Version",
];

pub(super) fn read(evaluator: &mut Evaluator<'_>, topology: &mut Topology) {
    for id in evaluator.of_kind("AWS::ApiGatewayV2::Api") {
        if let Some(api) = api(evaluator, &id) {
            topology.apis.insert(api.id.clone(), api);
        }
    }
    routes::read(evaluator, topology);
    stages::read(evaluator, topology);
    domains::read(evaluator, topology);
    quotas(evaluator);
    for id in evaluator.of_kind("AWS::ApiGateway::ApiKey") {
        let mut properties = Properties::of(evaluator, &id);
        let value = properties.text("Value");
        evaluator.problems.append(&mut properties.problems);
        topology.api_keys.push(value.unwrap_or_else(|| stand_in::short_id(evaluator, &id, 40)));
    }
}

/// More than so many of a kind an API cannot have.
const QUOTAS: [(&str, usize); 4] = [
    ("AWS::ApiGatewayV2::Authorizer", 10),
    ("AWS::ApiGatewayV2::Integration", 300),
    ("AWS::ApiGatewayV2::Route", 300),
    ("AWS::ApiGatewayV2::Stage", 10),
];

fn quotas(evaluator: &mut Evaluator<'_>) {
    for (kind, most) in QUOTAS {
        let mut of_api = BTreeMap::<String, usize>::new();
        for id in evaluator.of_kind(kind) {
            if let Some(api) = Properties::of(evaluator, &id).text("ApiId") {
                *of_api.entry(api).or_default() += 1;
            }
        }
        for (api, count) in of_api.into_iter().filter(|(_, count)| *count > most) {
            let message = format!("API {api} has {count} of {kind}; {most} is the limit");
            evaluator.problem("Resources", message);
        }
    }
}

fn api(evaluator: &mut Evaluator<'_>, id: &str) -> Option<Api> {
    let mut properties = Properties::of(evaluator, id);
    let protocol = properties.choice("ProtocolType", &["WEBSOCKET", "HTTP"]);
    if protocol.as_deref() == Some("HTTP") {
        evaluator.warnings.push(format!("{id} is an HTTP API; only WebSocket APIs are emulated"));
        return None;
    }
    if protocol.is_none() && !properties.has("ProtocolType") {
        properties.problem("", "ProtocolType is required; write WEBSOCKET");
    }
    let expression = properties.required("RouteSelectionExpression");
    let route_selection = match Selection::parse(&expression) {
        Ok(selection) if !expression.is_empty() && !selection.looks_at_body_only() => {
            properties.problem(
                "RouteSelectionExpression",
                format!("`{expression}` may only look at $request.body"),
            );
            selection
        }
        Ok(selection) => selection,
        Err(message) => {
            properties.problem("RouteSelectionExpression", message);
            Selection::default()
        }
    };
    let source = properties.choice(
        "ApiKeySelectionExpression",
        &["$request.header.x-api-key", "$context.authorizer.usageIdentifierKey"],
    );
    let api_key_source = match source.as_deref() {
        Some("$context.authorizer.usageIdentifierKey") => ApiKeySource::Authorizer,
        _ => ApiKeySource::Header,
    };
    let api = Api {
        id: stand_in::short_id(evaluator, id, 10),
        logical_id: id.into(),
        name: properties.required("Name"),
        route_selection,
        api_key_source,
        default_endpoint_disabled: properties.flag("DisableExecuteApiEndpoint"),
        routes: Default::default(),
        stages: Default::default(),
    };
    properties.finish(evaluator, &PROPERTIES);
    Some(api)
}

/// The API a resource belongs to, by its `ApiId`; none, with a warning, when it is another stack's.
pub(super) fn api_of<'t>(
    evaluator: &mut Evaluator<'_>,
    topology: &'t mut Topology,
    properties: &mut Properties,
) -> Option<&'t mut Api> {
    let id = properties.required("ApiId");
    let known = topology.apis.contains_key(&id);
    if !known && !id.is_empty() {
        evaluator.warnings.push(format!(
            "{} belongs to API {id}, which is not a WebSocket API of this template",
            properties.id
        ));
    }
    topology.apis.get_mut(&id)
}
