//! The stage of a WebSocket API: what is logged, how much is let through, what it shows.

use super::disposable;
use crate::{Deployment as HowDeployed, Stage};
use infra_gen::aws::apigatewayv2::{
    Api, Deployment, Stage as ApiStage,
    stage::{AccessLogSettings, RouteSettings},
};
use infra_gen::aws::ids::StageName;
use infra_gen::aws::logs::LogGroup;
use infra_gen::{Handle, LogicalId, Options, Template, Val, some};

/// The stage's name as a value: not a `Ref` of the stage, which would wait for the routes, the
/// function, and so for whoever asks.
pub fn stage_name(stage: &Stage) -> Val<StageName> {
    stage.name.as_str().into()
}

/// What a deployment shows.
pub(super) struct Snapshot {
    /// What others of it refer to.
    pub(super) roots: Vec<LogicalId>,
    /// What none of it refers to.
    pub(super) leaves: Vec<LogicalId>,
}

/// What was added.
pub(super) struct ApiStageParts {
    pub(super) stage: Handle<ApiStage>,
    pub(super) access_log: Handle<LogGroup>,
}

/// What is logged of each request. `requestId` is required; the one of the integration is Lambda's,
/// by which the lines of an invocation belong to a connection; the messages tell why a request
/// never came to the function.
const ACCESS_LOG_FORMAT: &str = concat!(
    r#"{"requestId":"$context.requestId","requestTime":"$context.requestTime","#,
    r#""eventType":"$context.eventType","routeKey":"$context.routeKey","#,
    r#""connectionId":"$context.connectionId","ip":"$context.identity.sourceIp","#,
    r#""status":"$context.status","errorMessage":"$context.error.message","#,
    r#""integrationRequestId":"$context.integration.requestId","#,
    r#""integrationStatus":"$context.integrationStatus","#,
    r#""integrationErrorMessage":"$context.integrationErrorMessage","#,
    r#""integrationLatency":"$context.integrationLatency"}"#,
);

/// Adds the stage and its access log, which asks for a role that API Gateway may log with, set once
/// per account and Region (`AWS::ApiGateway::Account`); without it AWS refuses the stage.
#[track_caller]
pub(super) fn add_stage(
    template: &mut Template,
    stage: &Stage,
    api: &Handle<Api>,
    shown: Snapshot,
) -> ApiStageParts {
    let access_log = template.add_with(
        "AccessLog",
        LogGroup { retention_in_days: some(stage.log_retention_days), ..LogGroup::new() },
        disposable(),
    );
    let deployment = match stage.deployment {
        HowDeployed::Auto => None,
        HowDeployed::Hashed => Some(deployment(template, api, shown)),
    };
    let stage = template.add(
        "Stage",
        ApiStage {
            access_log_settings: some(AccessLogSettings {
                destination_arn: some(access_log.arn()),
                format: some(ACCESS_LOG_FORMAT),
            }),
            auto_deploy: deployment.is_none().then(|| true.into()),
            default_route_settings: some(RouteSettings {
                throttling_burst_limit: some(stage.throttle.burst),
                throttling_rate_limit: some(stage.throttle.rate),
                ..RouteSettings::new()
            }),
            deployment_id: deployment.map(Val::from),
            ..ApiStage::new(api, stage_name(stage))
        },
    );
    ApiStageParts { stage, access_log }
}

/// A deployment is a snapshot that never changes; a new one is taken when what it shows does. It
/// refers to the API alone, yet without its routes it would show an empty one.
#[track_caller]
fn deployment(template: &mut Template, api: &Handle<Api>, shown: Snapshot) -> Handle<Deployment> {
    let Snapshot { mut roots, leaves } = shown;
    roots.extend_from_slice(&leaves);
    let id = format!("Deployment{}", template.fingerprint(&roots));
    template.add_with(
        id,
        Deployment::new(api),
        Options { depends_on: leaves, ..Options::default() },
    )
}
