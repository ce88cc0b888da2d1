//! Which function a URI names, and whether the gateway may invoke it.

use crate::lambda::function_name;
use crate::topology::{Api, Backend, Route, Stage, Topology};
use std::collections::BTreeMap;

/// `arn:aws:execute-api:…` of something in an API, as resource-based permissions name it.
pub(super) fn source_arn(topology: &Topology, api: &str, path: &str) -> String {
    format!("arn:aws:execute-api:{}:{}:{api}/{path}", topology.region, topology.account_id)
}

/// The name of the function in `…/functions/{arn}/invocations`, stage variables filled in.
pub(super) fn function_of_uri(
    uri: &str,
    variables: Option<&BTreeMap<String, String>>,
) -> Result<String, String> {
    let uri = fill_in(uri, variables);
    let arn = uri
        .split_once("/functions/")
        .and_then(|(_, rest)| rest.split_once("/invocations"))
        .map(|(arn, _)| arn)
        .ok_or_else(|| format!("`{uri}` names no function"))?;
    function_name(arn)
        .map(ToOwned::to_owned)
        .ok_or_else(|| format!("`{arn}` is not the ARN of a function"))
}

/// Replaces each `${stageVariables.x}`; an unknown one becomes nothing.
pub(super) fn fill_in(text: &str, variables: Option<&BTreeMap<String, String>>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${stageVariables.") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push_str("${stageVariables.");
            out.push_str(after);
            return out;
        };
        if let Some(value) = variables.and_then(|variables| variables.get(name)) {
            out.push_str(value);
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// Whether the integration of a route will be allowed to invoke its function, as far as the template
/// tells.
pub(crate) fn may_integrate(
    topology: &Topology,
    api: &Api,
    stage: &Stage,
    route: &Route,
) -> Result<(), String> {
    let Some(integration) = &route.integration else {
        return Err("it has no integration; give it a Target".into());
    };
    let (Backend::FunctionProxy { uri } | Backend::Function { uri }) = &integration.backend else {
        return Ok(());
    };
    let function = function_of_uri(uri, Some(&stage.variables))?;
    let source = source_arn(topology, &api.id, &format!("{}/{}", stage.name, route.key));
    may_invoke(topology, &function, integration.has_credentials, &source)
}

/// Whether the gateway may invoke a function in the name of `source`.
pub(super) fn may_invoke(
    topology: &Topology,
    function: &str,
    has_credentials: bool,
    source: &str,
) -> Result<(), String> {
    let Some(spec) = topology.functions.get(function) else {
        return Err(format!("function {function} is not in the template"));
    };
    let admitted = has_credentials
        || spec.permissions.iter().any(|p| p.admits_gateway(source, &topology.account_id));
    if admitted {
        return Ok(());
    }
    Err(format!(
        "API Gateway may not invoke {function} for {source}; add an AWS::Lambda::Permission with Principal apigateway.amazonaws.com and that SourceArn"
    ))
}
