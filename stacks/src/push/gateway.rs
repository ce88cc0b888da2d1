//! The WebSocket API: its routes, who may connect, and what it answers by itself.

use super::Base;
use super::functions::Functions;
use crate::constructs::{ConnectAuthorizer, MockAnswer, WebSocket};
use herald_contract::functions::AuthMode;
use herald_contract::wire::{PING, PONG, TICKET_PARAMETER};
use herald_contract::{Action, Route};
use infra_gen::aws::apigatewayv2::{Api, Stage, api::ProtocolType};
use infra_gen::{Handle, Pseudo, Template, some};

/// The API alone; what it consists of waits for the functions.
pub(super) fn add_api(template: &mut Template) -> Handle<Api> {
    template.add(
        "Api",
        Api {
            name: Some(Pseudo::StackName.value()),
            protocol_type: some(ProtocolType::Websocket),
            route_selection_expression: some("$request.body.action"),
            ..Api::new()
        },
    )
}

/// The rest; what maps to the stage has to wait for it.
pub(super) fn add(
    template: &mut Template,
    base: &Base<'_>,
    functions: &Functions,
) -> Handle<Stage> {
    let Base { stage, api, .. } = base;
    let identity_source = identity_source(stage.auth);
    let authorizer = functions.authorizer.as_ref().map(|function| {
        ConnectAuthorizer { api, function, identity_source: identity_source.as_deref() }
            .add_to(template)
    });
    let actions = Action::ALL.iter().map(|action| Route::Action(*action));
    let routes: Vec<_> = Route::PREDEFINED.iter().cloned().chain(actions).collect();
    WebSocket {
        stage,
        api,
        function: &functions.socket,
        authorizer: authorizer.as_ref(),
        routes: &routes,
        answers: &[MockAnswer { key: PING, text: PONG }],
    }
    .add_to(template)
    .stage
}

/// What an upgrade must have for the authorizer to be asked at all: who comes without costs nothing.
/// Where credentials are optional it is always asked.
fn identity_source(auth: AuthMode) -> Option<String> {
    match auth {
        AuthMode::Ticket => Some(format!("route.request.querystring.{TICKET_PARAMETER}")),
        AuthMode::Jwt => Some("route.request.header.Sec-WebSocket-Protocol".to_owned()),
        AuthMode::None | AuthMode::Optional => None,
    }
}
