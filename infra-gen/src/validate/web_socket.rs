//! What a WebSocket API needs to work, beyond what schemas say: the API itself, its integrations
//! and authorizers. Its routes are in `routes`, stages and deployments in `stages`.

use super::codes::{AUTHORIZER, INTEGRATION_URI, PERMISSION, SELECTION, SLOW_FUNCTION};
use super::{Findings, routes, stages};
use crate::glob;
use crate::node::Node;
use crate::parsed::{Parsed, Resource};
use crate::path::Path;

/// Seconds that API Gateway waits for an integration.
const INTEGRATION_SECONDS_MOST: i64 = 29;

const PRINCIPAL: &str = "apigateway.amazonaws.com";

/// A WebSocket API and what belongs to it.
pub(super) struct Api<'t> {
    pub(super) template: &'t Parsed,
    pub(super) id: &'t str,
}

pub(super) fn check(template: &Parsed, findings: &mut Findings) {
    let apis = template.resources().filter(|resource| {
        resource.type_name == "AWS::ApiGatewayV2::Api"
            && resource.text("ProtocolType") == Some("WEBSOCKET")
    });
    for resource in apis {
        if resource.property("RouteSelectionExpression").is_none() {
            let message = "has no RouteSelectionExpression, which a WebSocket API requires";
            let help = "for example $request.body.action";
            findings.report(&SELECTION, place(resource, &["Properties"]), message, help);
        }
        let api = Api { template, id: resource.id };
        api.integrations(findings);
        api.authorizers(findings);
        routes::check(&api, findings);
        stages::check(&api, findings);
    }
}

/// A place in a resource.
pub(super) fn place(resource: Resource<'_>, below: &[&str]) -> Path {
    Path::new(["Resources", resource.id].iter().chain(below).copied())
}

impl<'t> Api<'t> {
    /// Resources of a type that name this API.
    pub(super) fn parts(&self, type_name: &'t str) -> impl Iterator<Item = Resource<'t>> {
        let api = format!("${{{}}}", self.id);
        self.template.resources().filter(move |resource| {
            resource.type_name == type_name
                && resource.property("ApiId").is_some_and(|id| id.to_line() == api)
        })
    }

    fn integrations(&self, findings: &mut Findings) {
        for integration in self.parts("AWS::ApiGatewayV2::Integration") {
            let uri = integration.property("IntegrationUri");
            let proxy = integration.text("IntegrationType") == Some("AWS_PROXY");
            if let Some(line) = uri.filter(|_| proxy).map(Node::to_line)
                && !is_invocation(&line)
            {
                let at = place(integration, &["Properties", "IntegrationUri"]);
                let help = "write arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations";
                findings.report(&INTEGRATION_URI, at, format!("is {line:?}"), help);
            }
            if let Some(function) = uri.and_then(|uri| self.function(uri))
                && let Some(Node::Int(seconds)) = function.property("Timeout")
                && *seconds > INTEGRATION_SECONDS_MOST
            {
                let at = place(function, &["Properties", "Timeout"]);
                let message = format!(
                    "is {seconds}; {} waits {INTEGRATION_SECONDS_MOST} seconds",
                    integration.id
                );
                findings.report(&SLOW_FUNCTION, at, message, "");
            }
        }
    }

    fn authorizers(&self, findings: &mut Findings) {
        for authorizer in self.parts("AWS::ApiGatewayV2::Authorizer") {
            if authorizer.text("AuthorizerType") == Some("JWT") {
                let at = place(authorizer, &["Properties", "AuthorizerType"]);
                let help = "write REQUEST, and check the token in the function";
                findings.report(&AUTHORIZER, at, "is JWT, which WebSocket APIs do not have", help);
            }
            let uri = authorizer.property("AuthorizerUri");
            let by_role = authorizer.property("AuthorizerCredentialsArn").is_some();
            if let Some(function) = uri.filter(|_| !by_role).and_then(|uri| self.function(uri))
                && !self.may_call(function, "/authorizers/*")
            {
                let at = place(authorizer, &["Properties", "AuthorizerUri"]);
                let message =
                    format!("names {}, which no permission lets this API call", function.id);
                findings.report(&PERMISSION, at, message, permission_help(function));
            }
        }
    }

    /// The function that a URI invokes itself, not a version or an alias of it.
    pub(super) fn function(&self, uri: &Node) -> Option<Resource<'t>> {
        self.template.referred(uri, "AWS::Lambda::Function")
    }

    /// Whether a permission lets this API call the function on behalf of a path such as
    /// `/prod/$connect`.
    pub(super) fn may_call(&self, function: Resource<'_>, path: &str) -> bool {
        let permissions =
            self.template.resources().filter(|r| r.type_name == "AWS::Lambda::Permission");
        permissions.into_iter().any(|permission| {
            let names = |value: &Node| {
                let of = self.function(value);
                // A name that is not a reference may be that of any function.
                of.is_none_or(|of| of.id == function.id)
                    && (of.is_some() || value.as_text().is_some())
            };
            permission.property("FunctionName").is_some_and(names)
                && permission
                    .property("Principal")
                    .is_none_or(|p| p.as_text().is_none_or(|text| text == PRINCIPAL || text == "*"))
                && self.source_covers(permission, path)
        })
    }

    fn source_covers(&self, permission: Resource<'_>, path: &str) -> bool {
        let Some(source) = permission.property("SourceArn").map(Node::to_line) else { return true };
        match source.split_once(&format!("${{{}}}", self.id)) {
            Some((_, tail)) => {
                // A stage that is a reference is any stage here.
                let tail = if tail.contains("${") { "*" } else { tail };
                glob::covers(tail, path)
            }
            // Of another API, or not to be told.
            None => {
                let apis = self.template.resources();
                let mut others = apis.filter(|r| r.type_name == "AWS::ApiGatewayV2::Api");
                !others.any(|other| source.contains(&format!("${{{}}}", other.id)))
            }
        }
    }
}

/// What to add.
pub(super) fn permission_help(function: Resource<'_>) -> String {
    format!(
        "add an AWS::Lambda::Permission with FunctionName {} and Principal {PRINCIPAL}",
        function.id
    )
}

/// The only form in which a WebSocket API calls Lambda; what is computed is taken for it.
fn is_invocation(line: &str) -> bool {
    if line.starts_with("{\"") {
        return true;
    }
    line.contains(":apigateway:")
        && line.contains(":lambda:path/2015-03-31/functions/")
        && line.ends_with("/invocations")
}
