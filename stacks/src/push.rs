//! The push stack: a WebSocket API, all of whose routes one function answers.
//!
//! What the function is given, and what it may do, stands in its specification in
//! `herald-contract`; here it becomes variables and a policy.

use crate::Stage;
use crate::constructs::{RustFunction, WebSocket, stage_name};
use herald_contract::functions::{Socket, SocketEnv};
use herald_contract::{Function, Grant, Route, Spec};
use infra_gen::api_gateway::{callback_url, connections_arn, web_socket_url};
use infra_gen::assembly::FunctionEntry;
use infra_gen::aws::apigatewayv2::{Api, api::ProtocolType};
use infra_gen::iam::{Statement, execute_api};
use infra_gen::{Handle, Json, Map, Output, Parameter, Problem, Pseudo, Template, Val, some};
use serde::Serialize;

/// The parameter that names the bucket of the functions' zips.
pub const ASSET_BUCKET: &str = "AssetBucket";

/// The template for a stage.
pub fn template(stage: &Stage) -> Template {
    let mut template =
        Template::new("Herald: a WebSocket API that pushes notifications to browsers");
    let asset_bucket = template.parameter(
        ASSET_BUCKET,
        Parameter {
            description: "Bucket that holds the zips of the functions".to_owned(),
            ..Parameter::new()
        },
    );
    let api = template.add(
        "Api",
        Api {
            name: Some(Pseudo::StackName.value()),
            protocol_type: some(ProtocolType::Websocket),
            route_selection_expression: some("$request.body.action"),
            ..Api::new()
        },
    );
    let socket = RustFunction {
        function: Socket::FUNCTION,
        stage,
        asset_bucket,
        environment: environment::<Socket>(
            &mut template,
            &SocketEnv { callback_url: stage.callback_url.as_ref().map(|url| url.as_str().into()) },
        ),
        statements: statements::<Socket>(&api, stage),
    }
    .add_to(&mut template);
    WebSocket { stage, api: api.clone(), function: socket.function, routes: Route::PREDEFINED }
        .add_to(&mut template);
    template.output(
        "WebSocketUrl",
        Output {
            description: "Where clients connect".to_owned(),
            ..Output::new(web_socket_url(&api, &stage_name(stage)))
        },
    );
    template.output(
        "CallbackUrl",
        Output {
            description: "Where backends post to connections".to_owned(),
            ..Output::new(callback_url(&api, &stage_name(stage)))
        },
    );
    template
}

/// The functions whose code the template awaits.
pub fn functions(stage: &Stage) -> Vec<FunctionEntry> {
    let entry = |function: &Function| FunctionEntry {
        name: function.name().to_owned(),
        logical_id: function.logical_id().to_owned(),
        code_parameter: RustFunction::code_parameter(*function),
        architecture: stage.architecture.as_str().to_owned(),
    };
    Function::ALL.iter().map(entry).collect()
}

/// The variables of a function: serde derives their names, here as in the function.
fn environment<S: Spec>(template: &mut Template, env: &S::Env<Val<String>>) -> Map<Json>
where
    S::Env<Val<String>>: Serialize,
{
    Map::of(env).unwrap_or_else(|error| {
        template.report(Problem {
            at: format!("{}.Environment", S::FUNCTION.logical_id()),
            message: format!("is not a struct of variables: {error}"),
        });
        Map::default()
    })
}

/// What the specification of a function grants it.
fn statements<S: Spec>(api: &Handle<Api>, stage: &Stage) -> Vec<Statement> {
    let statement = |grant: &Grant| match grant {
        Grant::ManageConnections => Some(Statement::allow(
            [execute_api::MANAGE_CONNECTIONS],
            connections_arn(api, &stage_name(stage)),
        )),
        // This stack has no table and no second function yet, so nothing of it is granted these.
        Grant::Table(_)
        | Grant::QueryIndex(_)
        | Grant::ReadStream
        | Grant::Invoke(_)
        | Grant::SendDeadLetters => None,
    };
    S::GRANTS.iter().filter_map(statement).collect()
}
