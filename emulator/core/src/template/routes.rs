//! Routes with what they are made of: authorizers, models and responses; integrations are next door.

use super::apigateway::api_of;
use super::eval::Evaluator;
use super::integrations;
use super::properties::Properties;
use super::stand_in;
use crate::model::Model;
use crate::selection::Selection;
use crate::topology::{Authorization, Authorizer, IdentitySource, Integration, Route, Topology};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const ROUTE: [&str; 12] = [
    "ApiId",
    "ApiKeyRequired",
    "AuthorizationScopes",
    "AuthorizationType",
    "AuthorizerId",
    "ModelSelectionExpression",
    "OperationName",
    "RequestModels",
    "RequestParameters",
    "RouteKey",
    "RouteResponseSelectionExpression",
    "Target",
];
const ROUTE_RESPONSE: [&str; 6] = [
    "ApiId",
    "ModelSelectionExpression",
    "ResponseModels",
    "ResponseParameters",
    "RouteId",
    "RouteResponseKey",
];
const AUTHORIZER: [&str; 11] = [
    "ApiId",
    "AuthorizerCredentialsArn",
    "AuthorizerPayloadFormatVersion",
    "AuthorizerResultTtlInSeconds",
    "AuthorizerType",
    "AuthorizerUri",
    "EnableSimpleResponses",
    "IdentitySource",
    "IdentityValidationExpression",
    "JwtConfiguration",
    "Name",
];
const MODEL: [&str; 5] = ["ApiId", "ContentType", "Description", "Name", "Schema"];

/// Everything a route may name.
struct Parts {
    integrations: BTreeMap<String, Arc<Integration>>,
    authorizers: BTreeMap<String, Arc<Authorizer>>,
    /// By API and name.
    models: BTreeMap<(String, String), Arc<Model>>,
    /// Ids of routes with a route response.
    responding: BTreeSet<String>,
}

pub(super) fn read(evaluator: &mut Evaluator<'_>, topology: &mut Topology) {
    let mut parts = Parts {
        integrations: integrations::read(evaluator),
        authorizers: BTreeMap::new(),
        models: BTreeMap::new(),
        responding: BTreeSet::new(),
    };
    for id in evaluator.of_kind("AWS::ApiGatewayV2::Authorizer") {
        let authorizer = authorizer(evaluator, &id);
        parts.authorizers.insert(authorizer.id.clone(), Arc::new(authorizer));
    }
    for id in evaluator.of_kind("AWS::ApiGatewayV2::Model") {
        let mut properties = Properties::of(evaluator, &id);
        let key = (properties.required("ApiId"), properties.required("Name"));
        match model(&properties) {
            Ok(model) => {
                parts.models.insert(key, Arc::new(model));
            }
            Err(why) => properties.problem("Schema", why),
        }
        properties.finish(evaluator, &MODEL);
    }
    for id in evaluator.of_kind("AWS::ApiGatewayV2::RouteResponse") {
        let mut properties = Properties::of(evaluator, &id);
        properties.required("ApiId");
        let route = properties.required("RouteId");
        if properties.required("RouteResponseKey") == "$default" {
            parts.responding.insert(route);
        } else {
            properties.problem("RouteResponseKey", "must be $default");
        }
        properties.finish(evaluator, &ROUTE_RESPONSE);
    }
    for id in evaluator.of_kind("AWS::ApiGatewayV2::Route") {
        route(evaluator, topology, &parts, &id);
    }
}

/// The schema of a model, which may be an object or JSON in a text.
fn model(properties: &Properties) -> Result<Model, String> {
    match properties.value("Schema") {
        Some(Value::String(text)) => {
            let schema =
                serde_json::from_str(text).map_err(|error| format!("is not JSON: {error}"))?;
            Model::parse(&schema)
        }
        Some(schema) => Model::parse(schema),
        None => Err("is required".into()),
    }
}

fn authorizer(evaluator: &mut Evaluator<'_>, id: &str) -> Authorizer {
    let mut properties = Properties::of(evaluator, id);
    properties.required("ApiId");
    if properties.required("AuthorizerType") != "REQUEST" {
        properties.problem("AuthorizerType", "must be REQUEST; WebSocket APIs know no other");
    }
    for name in [
        "AuthorizerPayloadFormatVersion",
        "AuthorizerResultTtlInSeconds",
        "EnableSimpleResponses",
        "JwtConfiguration",
    ] {
        if properties.has(name) {
            properties.problem(name, "is for HTTP APIs only; leave it out");
        }
    }
    let mut identity_sources = Vec::new();
    for source in properties.texts("IdentitySource") {
        match identity_source(&source) {
            Some(source) => identity_sources.push(source),
            None => properties.problem(
                "IdentitySource",
                format!("`{source}` must begin with route.request.header., route.request.querystring., context. or stageVariables."),
            ),
        }
    }
    let authorizer = Authorizer {
        id: stand_in::short_id(evaluator, id, 7),
        name: properties.required("Name"),
        uri: properties.required("AuthorizerUri"),
        credentials: properties.text("AuthorizerCredentialsArn"),
        identity_sources,
    };
    properties.finish(evaluator, &AUTHORIZER);
    authorizer
}

fn identity_source(text: &str) -> Option<IdentitySource> {
    let named = |prefix: &str| {
        text.strip_prefix(prefix).filter(|name| !name.is_empty()).map(ToOwned::to_owned)
    };
    named("route.request.header.")
        .map(IdentitySource::Header)
        .or_else(|| named("route.request.querystring.").map(IdentitySource::Query))
        .or_else(|| named("context.").map(IdentitySource::Context))
        .or_else(|| named("stageVariables.").map(IdentitySource::StageVariable))
}

fn route(evaluator: &mut Evaluator<'_>, topology: &mut Topology, parts: &Parts, id: &str) {
    let mut properties = Properties::of(evaluator, id);
    let route_id = stand_in::short_id(evaluator, id, 7);
    let key = properties.required("RouteKey");
    if key.starts_with('$') && !matches!(key.as_str(), "$connect" | "$disconnect" | "$default") {
        properties.problem(
            "RouteKey",
            format!("`{key}` may not begin with $; only $connect, $disconnect and $default do"),
        );
    }
    let integration = target(&mut properties, parts);
    let authorization = authorization(&mut properties, parts, &key);
    let selects = match properties.text("RouteResponseSelectionExpression").as_deref() {
        None => false,
        Some("$default") => true,
        Some(other) => {
            let message = format!("`{other}` must be $default");
            properties.problem("RouteResponseSelectionExpression", message);
            false
        }
    };
    let responds = parts.responding.contains(&route_id);
    if selects != responds && !key.is_empty() {
        let missing = if selects {
            "it has no AWS::ApiGatewayV2::RouteResponse"
        } else {
            "its RouteResponseSelectionExpression is not $default"
        };
        evaluator.warnings.push(format!("route {key} never answers its client: {missing}"));
    }
    let api_id = properties.text("ApiId").unwrap_or_default();
    let mut models = BTreeMap::new();
    for (content, name) in properties.text_map("RequestModels") {
        match parts.models.get(&(api_id.clone(), name.clone())) {
            Some(model) => {
                models.insert(content, Arc::clone(model));
            }
            None => {
                properties.problem("RequestModels", format!("the API has no model named {name}"))
            }
        }
    }
    let route = Route {
        integration,
        authorization,
        api_key_required: properties.flag("ApiKeyRequired"),
        replies: selects && responds,
        model_selection: selection(&mut properties, "ModelSelectionExpression"),
        models,
        key: key.clone(),
    };
    if let Some(api) = api_of(evaluator, topology, &mut properties)
        && api.routes.insert(key.clone(), route).is_some()
    {
        properties.problem("RouteKey", format!("the API has another route with key {key}"));
    }
    properties.finish(evaluator, &ROUTE);
}

fn target(properties: &mut Properties, parts: &Parts) -> Option<Arc<Integration>> {
    let target = properties.text("Target")?;
    let found = target.strip_prefix("integrations/").and_then(|id| parts.integrations.get(id));
    if found.is_none() {
        properties.problem(
            "Target",
            format!("`{target}` must be integrations/{{id of an integration of this template}}"),
        );
    }
    found.cloned()
}

fn authorization(properties: &mut Properties, parts: &Parts, key: &str) -> Authorization {
    let kind = properties.text("AuthorizationType").unwrap_or_else(|| "NONE".into());
    if kind != "NONE" && key != "$connect" {
        properties.problem("AuthorizationType", "is allowed on $connect only");
    }
    match kind.as_str() {
        "NONE" => Authorization::None,
        "AWS_IAM" => Authorization::Iam,
        "CUSTOM" => {
            let id = properties.required("AuthorizerId");
            match parts.authorizers.get(&id) {
                Some(authorizer) => Authorization::Custom(Arc::clone(authorizer)),
                None => {
                    properties.problem(
                        "AuthorizerId",
                        format!("`{id}` is not an authorizer of this template"),
                    );
                    Authorization::None
                }
            }
        }
        other => {
            properties
                .problem("AuthorizationType", format!("`{other}` must be NONE, AWS_IAM or CUSTOM"));
            Authorization::None
        }
    }
}

pub(super) fn selection(properties: &mut Properties, name: &str) -> Option<Selection> {
    match Selection::parse(&properties.text(name)?) {
        Ok(selection) => Some(selection),
        Err(message) => {
            properties.problem(name, message);
            None
        }
    }
}
