//! Stages, what is deployed to them, and warnings about what will fail once it is.

use super::apigateway::api_of;
use super::eval::Evaluator;
use super::properties::Properties;
use super::references::depends_on;
use crate::access_log::Format;
use crate::topology::{ExecutionLog, LogLevel, Stage, Throttle, Topology};
use std::collections::BTreeMap;
use std::sync::Arc;

const STAGE: [&str; 12] = [
    "AccessLogSettings",
    "AccessPolicyId",
    "ApiId",
    "AutoDeploy",
    "ClientCertificateId",
    "DefaultRouteSettings",
    "DeploymentId",
    "Description",
    "RouteSettings",
    "StageName",
    "StageVariables",
    "Tags",
];
const DEPLOYMENT: [&str; 3] = ["ApiId", "Description", "StageName"];

pub(super) fn read(evaluator: &mut Evaluator<'_>, topology: &mut Topology) {
    for id in evaluator.of_kind("AWS::ApiGatewayV2::Stage") {
        stage(evaluator, topology, &id);
    }
    for id in evaluator.of_kind("AWS::ApiGatewayV2::Deployment") {
        deployment(evaluator, topology, &id);
    }
    permissions(evaluator, topology);
    let has_account = !evaluator.of_kind("AWS::ApiGateway::Account").is_empty();
    let stages = topology.apis.values().flat_map(|api| api.stages.values());
    for stage in stages {
        let writes = match (stage.access_log_format.is_some(), stage.has_execution_log()) {
            (true, _) => Some("access logs"),
            (false, true) => Some("execution logs"),
            (false, false) => None,
        };
        if let Some(what) = writes.filter(|_| !has_account) {
            evaluator.warnings.push(format!(
                "stage {} writes {what}; AWS refuses that unless the Region's AWS::ApiGateway::Account has a CloudWatchRoleArn",
                stage.name
            ));
        }
        if !stage.deployed {
            evaluator.warnings.push(format!(
                "stage {} has neither AutoDeploy nor a DeploymentId: every handshake is answered 403",
                stage.name
            ));
        }
    }
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    for api in topology.apis.values() {
        for stage in api.stages.keys() {
            if let Some(first) = owners.insert(stage, &api.logical_id) {
                evaluator.warnings.push(format!(
                    "stage {stage} exists in {first} and {}: reach the second by /_aws/execute-api/{}/{stage}",
                    api.logical_id, api.id
                ));
            }
        }
    }
}

fn stage(evaluator: &mut Evaluator<'_>, topology: &mut Topology, id: &str) {
    let mut properties = Properties::of(evaluator, id);
    let name = properties.required("StageName");
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if (!plain || name.len() > 128) && name != "$default" {
        properties.problem("StageName", format!("`{name}` may hold letters, digits, - and _ only"));
    }
    let automatic = properties.flag("AutoDeploy");
    if automatic && properties.has("DeploymentId") {
        properties.problem(
            "DeploymentId",
            "cannot be set together with AutoDeploy; leave one of them out",
        );
    }
    let mut log = properties.within("AccessLogSettings");
    let mut default = properties.within("DefaultRouteSettings");
    let default_throttle = throttle(&mut default);
    let settings = properties.within("RouteSettings");
    let keys: Vec<String> = properties
        .value("RouteSettings")
        .and_then(serde_json::Value::as_object)
        .map(|map| map.keys().cloned().collect())
        .unwrap_or_default();
    let default_execution_log = execution_log(&mut default, ExecutionLog::default());
    let (mut throttles, mut execution_logs) = (BTreeMap::new(), BTreeMap::new());
    for key in keys {
        let mut own = settings.within(&key);
        let of_route = throttle(&mut own);
        let merged = Throttle {
            rate: of_route.rate.or(default_throttle.rate),
            burst: of_route.burst.or(default_throttle.burst),
        };
        execution_logs.insert(key.clone(), execution_log(&mut own, default_execution_log));
        evaluator.problems.append(&mut own.problems);
        throttles.insert(key, merged);
    }
    let stage = Stage {
        name: name.clone(),
        deployed: automatic || properties.has("DeploymentId"),
        variables: properties.text_map("StageVariables"),
        default_throttle,
        throttles,
        default_execution_log,
        execution_logs,
        access_log_format: access_log_format(&mut log),
        access_log_group: access_log_group(evaluator, &mut log, &name),
    };
    if default_throttle.rate == Some(0.0) || default_throttle.burst == Some(0) {
        evaluator
            .warnings
            .push(format!("stage {name} is throttled to 0: everything is answered 429"));
    }
    evaluator.problems.append(&mut log.problems);
    evaluator.problems.append(&mut default.problems);
    if let Some(api) = api_of(evaluator, topology, &mut properties)
        && api.stages.insert(name.clone(), stage).is_some()
    {
        properties.problem("StageName", format!("the API has another stage named {name}"));
    }
    properties.finish(evaluator, &STAGE);
}

fn access_log_format(settings: &mut Properties) -> Option<Arc<Format>> {
    match Format::parse(&settings.text("Format")?) {
        Ok(format) => Some(Arc::new(format)),
        Err(why) => {
            settings.problem("Format", why);
            None
        }
    }
}

/// The log group that lines go to besides the console.
fn access_log_group(
    evaluator: &mut Evaluator<'_>,
    settings: &mut Properties,
    stage: &str,
) -> Option<String> {
    let destination = settings.text("DestinationArn")?;
    let group = super::logs::group_of_arn(&destination);
    if group.is_none() {
        evaluator.warnings.push(format!(
            "stage {stage} writes its access log to {destination}, which is not emulated: its lines are in the console only"
        ));
    }
    group.map(ToOwned::to_owned)
}

fn throttle(settings: &mut Properties) -> Throttle {
    Throttle {
        rate: settings.rate("ThrottlingRateLimit"),
        burst: settings.number("ThrottlingBurstLimit", 0, 5000).and_then(|n| u32::try_from(n).ok()),
    }
}

/// What is not said of a route is as it is for all.
fn execution_log(settings: &mut Properties, otherwise: ExecutionLog) -> ExecutionLog {
    let level = match settings.choice("LoggingLevel", &["OFF", "ERROR", "INFO"]).as_deref() {
        Some("INFO") => LogLevel::Info,
        Some("ERROR") => LogLevel::Error,
        Some(_) => LogLevel::Off,
        None => otherwise.level,
    };
    let given = settings.has("DataTraceEnabled");
    let trace = if given { settings.flag("DataTraceEnabled") } else { otherwise.trace };
    ExecutionLog { level, trace }
}

fn deployment(evaluator: &mut Evaluator<'_>, topology: &mut Topology, id: &str) {
    let mut properties = Properties::of(evaluator, id);
    let names_stage = properties.text("StageName");
    let after = depends_on(evaluator.resources.get(id).and_then(|resource| resource.depends_on));
    let own_api = properties.text("ApiId");
    for route in evaluator.of_kind("AWS::ApiGatewayV2::Route") {
        let mut other = Properties::of(evaluator, &route);
        if other.text("ApiId") == own_api && !after.contains(&route) {
            evaluator.warnings.push(format!(
                "deployment {id} may be made before route {route}, and would then miss it; add the route to its DependsOn"
            ));
        }
    }
    if let Some(api) = api_of(evaluator, topology, &mut properties)
        && let Some(stage) = names_stage.and_then(|name| api.stages.get_mut(&name))
    {
        stage.deployed = true;
    }
    properties.finish(evaluator, &DEPLOYMENT);
}

/// Warns of functions the gateway will not be allowed to invoke.
fn permissions(evaluator: &mut Evaluator<'_>, topology: &Topology) {
    for api in topology.apis.values() {
        for stage in api.stages.values() {
            for route in api.routes.values() {
                if let Err(why) = crate::gateway::may_integrate(topology, api, stage, route) {
                    evaluator
                        .warnings
                        .push(format!("route {} fails on stage {}: {why}", route.key, stage.name));
                }
            }
        }
    }
}
