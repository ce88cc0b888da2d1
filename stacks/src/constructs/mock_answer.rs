//! A route that the gateway answers by itself, always with the same text: no function runs.

use super::id_of;
use infra_gen::aws::apigatewayv2::{
    Api, Integration, IntegrationResponse, Route, RouteResponse, integration::IntegrationType,
};
use infra_gen::{Handle, Json, LogicalId, Node, Template, Val, some};

/// The key of the only template there is, chosen by a selection expression without variables.
const TEMPLATE: &str = "200";

/// The only key of a route response of a WebSocket API.
const DEFAULT: &str = "$default";

/// What it is asked and what it says.
#[derive(Clone, Copy, Debug)]
pub struct MockAnswer<'a> {
    /// The route.
    pub key: &'a str,
    /// The answer, a mapping template: `$` and `#` have a meaning in it.
    pub text: &'a str,
}

impl MockAnswer<'_> {
    /// Adds integration, route and both responses; gives the ids of all that a deployment shows.
    #[track_caller]
    pub(super) fn add_to(self, template: &mut Template, api: &Handle<Api>) -> [LogicalId; 4] {
        let name = id_of(self.key);
        let integration = template.add(
            format!("{name}Integration"),
            Integration {
                request_templates: some([(TEMPLATE, r#"{"statusCode":200}"#)]),
                template_selection_expression: some(TEMPLATE),
                ..Integration::new(api, IntegrationType::Mock)
            },
        );
        let answer = Node::map([(TEMPLATE, Node::text(self.text))]);
        let integration_response = template.add(
            format!("{name}IntegrationResponse"),
            IntegrationResponse {
                response_templates: Some(Val::Lit(Json(answer))),
                template_selection_expression: some(TEMPLATE),
                ..IntegrationResponse::new(api, &integration, DEFAULT)
            },
        );
        let route = template.add(
            format!("{name}Route"),
            Route {
                // Without it the route says nothing, whatever the integration answers.
                route_response_selection_expression: some(DEFAULT),
                target: some(&integration),
                ..Route::new(api, self.key)
            },
        );
        let route_response =
            template.add(format!("{name}RouteResponse"), RouteResponse::new(api, &route, DEFAULT));
        [
            integration.logical_id(),
            integration_response.logical_id(),
            route.logical_id(),
            route_response.logical_id(),
        ]
        .map(Clone::clone)
    }
}
