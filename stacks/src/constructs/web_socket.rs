//! A WebSocket API whose routes all lead to one function.

use super::rust_function::log_options;
use crate::{Deployment as HowDeployed, Stage};
use herald_contract::Route as Key;
use infra_gen::api_gateway::{invocation_uri, route_arn};
use infra_gen::aws::apigatewayv2::{
    Api, Deployment, Integration, Route, Stage as ApiStage,
    integration::IntegrationType,
    stage::{AccessLogSettings, RouteSettings},
};
use infra_gen::aws::ids::StageName;
use infra_gen::aws::lambda::{Function, Permission};
use infra_gen::aws::logs::LogGroup;
use infra_gen::iam::{Service, lambda};
use infra_gen::{Handle, LogicalId, Options, Template, Val, some};

/// What differs from one API to the next. The API itself is added before the function, since the
/// function's role names it.
#[derive(Debug)]
pub struct WebSocket<'s> {
    /// Throttling, retention of the access log, how changes go live; its name is the stage's.
    pub stage: &'s Stage,
    /// The API.
    pub api: Handle<Api>,
    /// Who answers.
    pub function: Handle<Function>,
    /// Route keys, each once.
    pub routes: &'s [Key],
}

/// What was added.
#[derive(Debug)]
pub struct WebSocketParts {
    /// The one integration of all routes.
    pub integration: Handle<Integration>,
    /// In the order given.
    pub routes: Vec<Handle<Route>>,
    /// The stage.
    pub stage: Handle<ApiStage>,
    /// Where requests are logged.
    pub access_log: Handle<LogGroup>,
}

/// The stage's name as a value: not a `Ref` of the stage, which would wait for the routes, the
/// function, and so for whoever asks.
pub fn stage_name(stage: &Stage) -> Val<StageName> {
    stage.name.as_str().into()
}

/// What is logged of each request. `requestId` is required; the messages tell why a request never
/// came to the function.
const ACCESS_LOG_FORMAT: &str = concat!(
    r#"{"requestId":"$context.requestId","requestTime":"$context.requestTime","#,
    r#""eventType":"$context.eventType","routeKey":"$context.routeKey","#,
    r#""connectionId":"$context.connectionId","ip":"$context.identity.sourceIp","#,
    r#""status":"$context.status","errorMessage":"$context.error.message","#,
    r#""integrationStatus":"$context.integrationStatus","#,
    r#""integrationErrorMessage":"$context.integrationErrorMessage","#,
    r#""integrationLatency":"$context.integrationLatency"}"#,
);

impl WebSocket<'_> {
    /// Adds integration, routes with their permissions, access log and stage.
    pub fn add_to(self, template: &mut Template) -> WebSocketParts {
        let integration = template.add(
            "Integration",
            Integration {
                // Lambda is always called with POST, whatever the client did.
                integration_method: some("POST"),
                integration_uri: some(invocation_uri(&self.function.arn())),
                ..Integration::new(&self.api, IntegrationType::AwsProxy)
            },
        );
        let routes: Vec<_> =
            self.routes.iter().map(|key| self.route(template, &integration, key)).collect();
        let access_log = template.add_with(
            "AccessLog",
            LogGroup { retention_in_days: some(self.stage.log_retention_days), ..LogGroup::new() },
            log_options(),
        );
        let stage = self.stage(template, &integration, &routes, &access_log);
        WebSocketParts { integration, routes, stage, access_log }
    }

    /// A route, and the permission to call the function for it and for no other.
    fn route(
        &self,
        template: &mut Template,
        integration: &Handle<Integration>,
        key: &Key,
    ) -> Handle<Route> {
        let name = id_of(key);
        let route = template.add(
            format!("{name}Route"),
            Route { target: some(integration), ..Route::new(&self.api, key.key()) },
        );
        template.add(
            format!("{name}Permission"),
            Permission {
                source_arn: Some(route_arn(&self.api, &stage_name(self.stage), key.key())),
                ..Permission::new(
                    lambda::INVOKE_FUNCTION.name(),
                    &self.function,
                    Service::ApiGateway.principal(),
                )
            },
        );
        route
    }

    /// The stage. Its access log asks for a role that API Gateway may log with, set once per
    /// account and Region (`AWS::ApiGateway::Account`); without it AWS refuses the stage.
    fn stage(
        &self,
        template: &mut Template,
        integration: &Handle<Integration>,
        routes: &[Handle<Route>],
        access_log: &Handle<LogGroup>,
    ) -> Handle<ApiStage> {
        let deployment = match self.stage.deployment {
            HowDeployed::Auto => None,
            HowDeployed::Hashed => Some(self.deployment(template, integration, routes)),
        };
        template.add(
            "Stage",
            ApiStage {
                access_log_settings: some(AccessLogSettings {
                    destination_arn: some(access_log.arn()),
                    format: some(ACCESS_LOG_FORMAT),
                }),
                auto_deploy: deployment.is_none().then(|| true.into()),
                default_route_settings: some(RouteSettings {
                    throttling_burst_limit: some(self.stage.throttle.burst),
                    throttling_rate_limit: some(self.stage.throttle.rate),
                    ..RouteSettings::new()
                }),
                deployment_id: deployment.map(Val::from),
                ..ApiStage::new(&self.api, stage_name(self.stage))
            },
        )
    }

    /// A deployment is a snapshot that never changes; a new one is taken when what it shows does.
    fn deployment(
        &self,
        template: &mut Template,
        integration: &Handle<Integration>,
        routes: &[Handle<Route>],
    ) -> Handle<Deployment> {
        let shown: Vec<LogicalId> = [self.api.logical_id(), integration.logical_id()]
            .into_iter()
            .chain(routes.iter().map(Handle::logical_id))
            .cloned()
            .collect();
        let id = format!("Deployment{}", template.fingerprint(&shown));
        // It refers to the API alone, yet without its routes it would show an empty one.
        let depends_on = routes.iter().map(|route| route.logical_id().clone()).collect();
        template.add_with(
            id,
            Deployment::new(&self.api),
            Options { depends_on, ..Options::default() },
        )
    }
}

/// `$connect` is `Connect`; a key of the client's making by its letters and digits.
fn id_of(key: &Key) -> String {
    let letters: String = key.key().chars().filter(char::is_ascii_alphanumeric).collect();
    let mut chars = letters.chars();
    chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect()
}
