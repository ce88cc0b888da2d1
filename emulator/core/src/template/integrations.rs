//! Integrations and their responses.

use super::eval::Evaluator;
use super::properties::Properties;
use super::routes::selection;
use super::stand_in;
use crate::topology::{Backend, ContentHandling, Integration, IntegrationResponse, Passthrough};
use crate::vtl;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

const INTEGRATION: [&str; 17] = [
    "ApiId",
    "ConnectionId",
    "ConnectionType",
    "ContentHandlingStrategy",
    "CredentialsArn",
    "Description",
    "IntegrationMethod",
    "IntegrationSubtype",
    "IntegrationType",
    "IntegrationUri",
    "PassthroughBehavior",
    "PayloadFormatVersion",
    "RequestParameters",
    "RequestTemplates",
    "TemplateSelectionExpression",
    "TimeoutInMillis",
    "TlsConfig",
];
const INTEGRATION_RESPONSE: [&str; 7] = [
    "ApiId",
    "ContentHandlingStrategy",
    "IntegrationId",
    "IntegrationResponseKey",
    "ResponseParameters",
    "ResponseTemplates",
    "TemplateSelectionExpression",
];
/// All integrations of the template, by id.
pub(super) fn read(evaluator: &mut Evaluator<'_>) -> BTreeMap<String, Arc<Integration>> {
    let mut integrations = BTreeMap::new();
    for id in evaluator.of_kind("AWS::ApiGatewayV2::Integration") {
        let integration = integration(evaluator, &id);
        integrations.insert(integration.id.clone(), integration);
    }
    for id in evaluator.of_kind("AWS::ApiGatewayV2::IntegrationResponse") {
        integration_response(evaluator, &mut integrations, &id);
    }
    integrations.into_iter().map(|(id, integration)| (id, Arc::new(integration))).collect()
}

fn integration(evaluator: &mut Evaluator<'_>, id: &str) -> Integration {
    let mut properties = Properties::of(evaluator, id);
    properties.required("ApiId");
    let kind =
        properties.choice("IntegrationType", &["AWS", "AWS_PROXY", "HTTP", "HTTP_PROXY", "MOCK"]);
    if !properties.has("IntegrationType") {
        properties.problem("", "IntegrationType is required; write AWS_PROXY for a function");
    }
    properties.choice("PayloadFormatVersion", &["1.0"]);
    let method = properties.text("IntegrationMethod").unwrap_or_else(|| "POST".into());
    let backend = match kind.as_deref() {
        Some("MOCK") | None => Backend::Mock,
        Some(kind) => {
            let uri = properties.required("IntegrationUri");
            let is_function = uri.contains(":lambda:path/2015-03-31/functions/");
            if kind == "AWS_PROXY" && !is_function && !uri.is_empty() {
                properties.problem(
                    "IntegrationUri",
                    format!("`{uri}` must be arn:aws:apigateway:{{region}}:lambda:path/2015-03-31/functions/{{function ARN}}/invocations"),
                );
            }
            match (kind, is_function) {
                ("AWS_PROXY", _) => Backend::FunctionProxy { uri },
                ("AWS", true) => Backend::Function { uri },
                ("HTTP", _) => Backend::Http { method: method.clone(), uri },
                ("HTTP_PROXY", _) => Backend::HttpProxy { method: method.clone(), uri },
                _ if crate::gateway::is_service(&uri) => Backend::Service { uri },
                _ => {
                    evaluator.warnings.push(format!(
                        "{id} calls {uri}, which is not emulated: every request to it fails"
                    ));
                    Backend::Unsupported { uri }
                }
            }
        }
    };
    if matches!(backend, Backend::FunctionProxy { .. } | Backend::Function { .. })
        && method != "POST"
    {
        evaluator
            .warnings
            .push(format!("{id} calls a function with {method}; Lambda takes POST only"));
    }
    if properties.text("ConnectionType").as_deref() == Some("VPC_LINK") {
        evaluator
            .warnings
            .push(format!("{id} goes through a VPC link; here it is called directly"));
    }
    let passthrough = match properties
        .choice("PassthroughBehavior", &["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"])
        .as_deref()
    {
        Some("NEVER") => Passthrough::Never,
        Some("WHEN_NO_TEMPLATES") => Passthrough::WhenNoTemplates,
        _ => Passthrough::WhenNoMatch,
    };
    let integration = Integration {
        id: stand_in::short_id(evaluator, id, 7),
        backend,
        credentials: properties.text("CredentialsArn"),
        timeout: properties.number("TimeoutInMillis", 50, 29_000).map(Duration::from_millis),
        request_parameters: properties.text_map("RequestParameters"),
        template_selection: selection(&mut properties, "TemplateSelectionExpression"),
        request_templates: properties.text_map("RequestTemplates"),
        content: content_handling(&mut properties),
        passthrough,
        responses: BTreeMap::new(),
    };
    check_templates(evaluator, id, &integration.request_templates);
    properties.finish(evaluator, &INTEGRATION);
    integration
}

fn integration_response(
    evaluator: &mut Evaluator<'_>,
    integrations: &mut BTreeMap<String, Integration>,
    id: &str,
) {
    let mut properties = Properties::of(evaluator, id);
    properties.required("ApiId");
    let integration = properties.required("IntegrationId");
    let key = properties.required("IntegrationResponseKey");
    let response = IntegrationResponse {
        content: content_handling(&mut properties),
        template_selection: selection(&mut properties, "TemplateSelectionExpression"),
        templates: properties.text_map("ResponseTemplates"),
    };
    check_templates(evaluator, id, &response.templates);
    let is_pattern = key.len() > 2 && key.starts_with('/') && key.ends_with('/');
    if key != "$default" && !is_pattern {
        properties.problem(
            "IntegrationResponseKey",
            format!("`{key}` must be $default or a pattern like /2\\d\\d/"),
        );
    }
    match integrations.get_mut(&integration) {
        Some(integration) => {
            integration.responses.insert(key, response);
        }
        None => properties.problem(
            "IntegrationId",
            format!("{integration} is not an integration of this template"),
        ),
    }
    properties.finish(evaluator, &INTEGRATION_RESPONSE);
}

fn content_handling(properties: &mut Properties) -> Option<ContentHandling> {
    let choices = ["CONVERT_TO_BINARY", "CONVERT_TO_TEXT"];
    match properties.choice("ContentHandlingStrategy", &choices)?.as_str() {
        "CONVERT_TO_BINARY" => Some(ContentHandling::ToBinary),
        _ => Some(ContentHandling::ToText),
    }
}

/// AWS takes any text for a template and fails when it is used.
fn check_templates(evaluator: &mut Evaluator<'_>, id: &str, templates: &BTreeMap<String, String>) {
    for (key, template) in templates {
        if let Err(error) = vtl::Template::parse(template) {
            evaluator
                .warnings
                .push(format!("mapping template {key} of {id} cannot be rendered: {error}"));
        }
    }
}
