//! Stages and deployments of a WebSocket API.

use super::Findings;
use super::codes::{EARLY_DEPLOYMENT, LOG_ROLE, NO_DEPLOYMENT, THROTTLED, TWO_DEPLOYMENTS};
use super::web_socket::{Api, place};
use crate::node::Node;
use crate::parsed::Resource;
use crate::path::Path;

pub(super) fn check(api: &Api<'_>, findings: &mut Findings) {
    for stage in api.parts("AWS::ApiGatewayV2::Stage") {
        deployed(stage, findings);
        throttle(stage, findings);
        logging(stage, findings);
    }
    for deployment in api.parts("AWS::ApiGatewayV2::Deployment") {
        waits(api, deployment, findings);
    }
}

fn deployed(stage: Resource<'_>, findings: &mut Findings) {
    let auto = stage.property("AutoDeploy").map(Node::to_line);
    let named = stage.property("DeploymentId").is_some();
    match (auto.as_deref(), named) {
        (Some("true"), true) => {
            let at = place(stage, &["Properties", "DeploymentId"]);
            let help = "leave one of the two out";
            findings.report(&TWO_DEPLOYMENTS, at, "stands beside AutoDeploy: true", help);
        }
        (None | Some("false"), false) => {
            let at = place(stage, &["Properties"]);
            let help = "give AutoDeploy: true, or DeploymentId";
            findings.report(&NO_DEPLOYMENT, at, "deploys nothing", help);
        }
        _ => {}
    }
}

fn throttle(stage: Resource<'_>, findings: &mut Findings) {
    let default = stage.property("DefaultRouteSettings").map(|s| (s, "DefaultRouteSettings", None));
    let routes = stage.property("RouteSettings").map_or(&[][..], Node::pairs).iter();
    let routes = routes.map(|(key, settings)| (settings, "RouteSettings", Some(key)));
    for (settings, property, key) in default.into_iter().chain(routes) {
        let at = place(stage, &["Properties", property]);
        let at = key.map_or_else(|| at.clone(), |key| at.key(key));
        for limit in ["ThrottlingBurstLimit", "ThrottlingRateLimit"] {
            let zero = settings.get(limit).is_some_and(|value| value.to_line() == "0");
            if zero {
                let help = "leave it out, or give a number above 0";
                findings.report(&THROTTLED, at.key(limit), "is 0: every message is refused", help);
            }
        }
    }
}

fn logging(stage: Resource<'_>, findings: &mut Findings) {
    let level = |settings: &Node| {
        settings.get("LoggingLevel").is_some_and(|level| level.to_line() != "OFF")
    };
    let at: Option<Path> = if stage.property("AccessLogSettings").is_some() {
        Some(place(stage, &["Properties", "AccessLogSettings"]))
    } else if stage.property("DefaultRouteSettings").is_some_and(level) {
        Some(place(stage, &["Properties", "DefaultRouteSettings", "LoggingLevel"]))
    } else {
        None
    };
    if let Some(at) = at {
        let help =
            "see that AWS::ApiGateway::Account has a CloudWatchRoleArn in this account and Region";
        findings.report(&LOG_ROLE, at, "needs the role that API Gateway logs with", help);
    }
}

fn waits(api: &Api<'_>, deployment: Resource<'_>, findings: &mut Findings) {
    let depends_on = deployment.depends_on();
    let routes = api.parts("AWS::ApiGatewayV2::Route").map(|route| route.id);
    let missing: Vec<_> = routes.filter(|id| !depends_on.contains(id)).collect();
    if !missing.is_empty() {
        let message = format!("does not wait for {}", super::listed(missing.iter().copied()));
        findings.report(
            &EARLY_DEPLOYMENT,
            place(deployment, &[]),
            message,
            "add them to DependsOn",
        );
    }
}
