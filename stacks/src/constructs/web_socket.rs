//! A WebSocket API whose routes all lead to one function, but for those it answers by itself.

use super::api_stage::{ApiStageParts, Snapshot, add_stage, stage_name};
use super::{MockAnswer, id_of, may_invoke};
use crate::Stage;
use herald_contract::Route as Key;
use infra_gen::api_gateway::{invocation_uri, route_arn};
use infra_gen::aws::apigatewayv2::{
    Api, Authorizer, Integration, Route, Stage as ApiStage, integration::IntegrationType,
    route::AuthorizationType,
};
use infra_gen::aws::lambda::Function;
use infra_gen::aws::logs::LogGroup;
use infra_gen::iam::Service;
use infra_gen::{Handle, Template, some};

/// What differs from one API to the next. The API itself is added before the function, since the
/// function's role names it.
#[derive(Debug)]
pub struct WebSocket<'s> {
    /// Throttling, retention of the access log, how changes go live; its name is the stage's.
    pub stage: &'s Stage,
    /// The API.
    pub api: &'s Handle<Api>,
    /// Who answers.
    pub function: &'s Handle<Function>,
    /// Who says who may connect; anyone may, if there is none.
    pub authorizer: Option<&'s Handle<Authorizer>>,
    /// Route keys, each once.
    pub routes: &'s [Key],
    /// Routes that the gateway answers by itself.
    pub answers: &'s [MockAnswer<'s>],
}

/// What was added.
#[derive(Debug)]
pub struct WebSocketParts {
    /// The one integration of all routes that lead to the function.
    pub integration: Handle<Integration>,
    /// These routes, in the order given.
    pub routes: Vec<Handle<Route>>,
    /// The stage.
    pub stage: Handle<ApiStage>,
    /// Where requests are logged.
    pub access_log: Handle<LogGroup>,
}

impl WebSocket<'_> {
    /// Adds integration, routes with their permissions, answers, access log and stage.
    #[track_caller]
    pub fn add_to(self, template: &mut Template) -> WebSocketParts {
        let integration = template.add(
            "Integration",
            Integration {
                // Lambda is always called with POST, whatever the client did.
                integration_method: some("POST"),
                integration_uri: some(invocation_uri(&self.function.arn())),
                ..Integration::new(self.api, IntegrationType::AwsProxy)
            },
        );
        let mut routes = Vec::new();
        for key in self.routes {
            routes.push(self.route(template, &integration, key));
        }
        // A deployment refers to its API alone, so it waits for the leaves of what it shows.
        let mut leaves: Vec<_> = routes.iter().map(|route| route.logical_id().clone()).collect();
        for answer in self.answers {
            leaves.extend(answer.add_to(template, self.api));
        }
        let roots = [self.api.logical_id(), integration.logical_id()].into_iter().cloned();
        let roots = roots.chain(self.authorizer.map(|a| a.logical_id().clone())).collect();
        let ApiStageParts { stage, access_log } =
            add_stage(template, self.stage, self.api, Snapshot { roots, leaves });
        WebSocketParts { integration, routes, stage, access_log }
    }

    /// A route, and the permission to call the function for it and for no other.
    #[track_caller]
    fn route(
        &self,
        template: &mut Template,
        integration: &Handle<Integration>,
        key: &Key,
    ) -> Handle<Route> {
        let name = id_of(key.key());
        // A WebSocket API authorizes on `$connect` only; the connection is then what is trusted.
        let authorizer = self.authorizer.filter(|_| *key == Key::Connect);
        let route = template.add(
            format!("{name}Route"),
            Route {
                authorization_type: authorizer.map(|_| AuthorizationType::Custom.into()),
                authorizer_id: authorizer.map(Into::into),
                target: some(integration),
                ..Route::new(self.api, key.key())
            },
        );
        template.add(
            format!("{name}Permission"),
            may_invoke(
                Service::ApiGateway,
                self.function,
                route_arn(self.api, &stage_name(self.stage), key.key()),
            ),
        );
        route
    }
}
