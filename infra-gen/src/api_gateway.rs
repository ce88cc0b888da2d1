//! Texts that API Gateway wants composed: ARNs, URIs and URLs of a WebSocket API.

use crate::aws::apigatewayv2::{Api, Authorizer};
use crate::aws::ids::{FunctionArn, StageName};
use crate::iam::ConnectionsArn;
use crate::resource::Handle;
use crate::text::{AnyArn, Url};
use crate::value::Val;
use crate::{Pseudo, SubPart};

/// The URI of an `AWS_PROXY` integration: not the function's ARN, but the ARN of invoking it.
pub fn invocation_uri(function: &Val<FunctionArn>) -> Val<String> {
    Val::sub(&[
        &"arn:",
        &Pseudo::Partition,
        &":apigateway:",
        &Pseudo::Region,
        &":lambda:path/2015-03-31/functions/",
        function,
        &"/invocations",
    ])
}

/// The ARN under which a route of a stage calls its integration.
pub fn route_arn(api: &Handle<Api>, stage: &Val<StageName>, route_key: &str) -> Val<AnyArn> {
    execute_api(api, &[stage, &"/", &route_key])
}

/// The ARN under which an authorizer calls its function.
pub fn authorizer_arn(api: &Handle<Api>, authorizer: &Handle<Authorizer>) -> Val<AnyArn> {
    execute_api(api, &[&"authorizers/", authorizer])
}

/// The ARN of all connections of a stage, for `execute-api:ManageConnections`.
pub fn connections_arn(api: &Handle<Api>, stage: &Val<StageName>) -> Val<ConnectionsArn> {
    execute_api(api, &[stage, &"/*/@connections/*"])
}

/// Where clients connect.
pub fn web_socket_url(api: &Handle<Api>, stage: &Val<StageName>) -> Val<Url> {
    url("wss", api, stage)
}

/// Where a backend posts to connections; the SDK adds `/@connections/{id}`.
pub fn callback_url(api: &Handle<Api>, stage: &Val<StageName>) -> Val<Url> {
    url("https", api, stage)
}

fn url(scheme: &str, api: &Handle<Api>, stage: &Val<StageName>) -> Val<Url> {
    let parts: [&dyn SubPart; 9] = [
        &scheme,
        &"://",
        api,
        &".execute-api.",
        &Pseudo::Region,
        &".",
        &Pseudo::UrlSuffix,
        &"/",
        stage,
    ];
    Val::sub(&parts)
}

fn execute_api<T>(api: &Handle<Api>, tail: &[&dyn SubPart]) -> Val<T> {
    let head: [&dyn SubPart; 9] = [
        &"arn:",
        &Pseudo::Partition,
        &":execute-api:",
        &Pseudo::Region,
        &":",
        &Pseudo::AccountId,
        &":",
        api,
        &"/",
    ];
    Val::sub(&[&head, tail].concat())
}
