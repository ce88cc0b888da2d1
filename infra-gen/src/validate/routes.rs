//! Routes of a WebSocket API: their keys, where they lead, who may call what.

use super::Findings;
use super::codes::{LATE_AUTHORIZATION, OPEN_ROUTE, PERMISSION, ROUTE_KEY, SAME_ROUTE, TARGET};
use super::web_socket::{Api, permission_help, place};
use crate::node::Node;
use crate::parsed::Resource;
use std::collections::BTreeMap;

const PREDEFINED: [&str; 3] = ["$connect", "$disconnect", "$default"];

const INTEGRATION: &str = "AWS::ApiGatewayV2::Integration";

pub(super) fn check(api: &Api<'_>, findings: &mut Findings) {
    let mut seen = BTreeMap::new();
    for route in api.parts("AWS::ApiGatewayV2::Route") {
        let key = route.property("RouteKey").map_or_else(String::new, Node::to_line);
        let at = place(route, &["Properties", "RouteKey"]);
        if key.starts_with('$') && !key.starts_with("${") && !PREDEFINED.contains(&key.as_str()) {
            let help = super::did_you_mean(&key, PREDEFINED);
            findings.report(&ROUTE_KEY, at.clone(), format!("is {key:?}"), help);
        }
        let first = *seen.entry(key.clone()).or_insert(route.id);
        if first != route.id {
            let message = format!("is {key:?}, the key of {first}, too");
            findings.report(&SAME_ROUTE, at, message, "");
        }
        authorization(route, &key, findings);
        target(api, route, &key, findings);
    }
}

fn authorization(route: Resource<'_>, key: &str, findings: &mut Findings) {
    let kind = route.property("AuthorizationType").map(Node::to_line);
    let open = matches!(kind.as_deref(), None | Some("NONE"));
    if key == "$connect" && open {
        let help =
            "leave it so where the first message carries a ticket, else give AuthorizationType";
        findings.report(&OPEN_ROUTE, place(route, &["Properties"]), "lets anyone connect", help);
    }
    if key != "$connect" && !open {
        let at = place(route, &["Properties", "AuthorizationType"]);
        let message = format!("is {}, on a route other than $connect", kind.unwrap_or_default());
        findings.report(&LATE_AUTHORIZATION, at, message, "authorize on $connect");
    }
}

fn target(api: &Api<'_>, route: Resource<'_>, key: &str, findings: &mut Findings) {
    let Some(target) = route.property("Target") else {
        let help = "give Target: !Sub integrations/${Integration}";
        findings.report(&TARGET, place(route, &["Properties"]), "has no Target", help);
        return;
    };
    let at = place(route, &["Properties", "Target"]);
    let line = target.to_line();
    let Some(id) = line.strip_prefix("integrations/") else {
        if !line.starts_with("{\"") {
            let help = "write !Sub integrations/${Integration}";
            findings.report(&TARGET, at, format!("is {line:?}"), help);
        }
        return;
    };
    // Any other form may be that of an integration that stands elsewhere.
    let Some(id) = id.strip_prefix("${").and_then(|id| id.strip_suffix('}')) else { return };
    let Some(integration) = api.template.resource(id) else { return };
    if integration.type_name != INTEGRATION {
        let message = format!("leads to {id}, which is an {}", integration.type_name);
        findings.report(&TARGET, at, message, "name an integration");
    } else if !api.parts(INTEGRATION).any(|ours| ours.id == id) {
        let message = format!("leads to {id}, an integration of another API");
        findings.report(&TARGET, at, message, "give each API integrations of its own");
    } else {
        permission(api, route, integration, key, findings);
    }
}

/// Whether the function behind the route may be called for it on some stage.
fn permission(
    api: &Api<'_>,
    route: Resource<'_>,
    integration: Resource<'_>,
    key: &str,
    findings: &mut Findings,
) {
    let Some(uri) = integration.property("IntegrationUri") else { return };
    let Some(function) = api.function(uri) else { return };
    if integration.property("CredentialsArn").is_some() {
        return;
    }
    let stages: Vec<String> = api
        .parts("AWS::ApiGatewayV2::Stage")
        .filter_map(|stage| stage.property("StageName").map(Node::to_line))
        .collect();
    // Without a stage here, some stage elsewhere.
    let stages = if stages.is_empty() { vec!["*".to_owned()] } else { stages };
    if let Some(stage) = stages.iter().find(|s| !api.may_call(function, &format!("/{s}/{key}"))) {
        let message = format!(
            "leads to {}, which no permission lets this API call for {stage}/{key}",
            function.id
        );
        findings.report(&PERMISSION, place(route, &[]), message, permission_help(function));
    }
}
