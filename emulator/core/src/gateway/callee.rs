//! Which function a URI names, and whether the gateway may invoke it.

use crate::lambda::function_name;
use crate::permissions::role_allows;
use crate::topology::{Api, Backend, Role, Route, Stage, Topology};
use std::collections::BTreeMap;

/// Why an integration with a service cannot work.
pub(super) const NO_CREDENTIALS: &str =
    "it has no CredentialsArn; a service is called in a role that API Gateway may act in";

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
    let uri = match &integration.backend {
        Backend::FunctionProxy { uri } | Backend::Function { uri } => uri,
        Backend::Service { .. } => {
            let role = integration.credentials.as_deref().ok_or(NO_CREDENTIALS)?;
            return may_assume(topology, role).map(drop);
        }
        _ => return Ok(()),
    };
    let function = function_of_uri(uri, Some(&stage.variables))?;
    let source = source_arn(topology, &api.id, &format!("{}/{}", stage.name, route.key));
    may_invoke(topology, &function, integration.credentials.as_deref(), &source)
}

/// The role, if API Gateway may act in it.
pub(super) fn may_assume<'t>(topology: &'t Topology, role: &str) -> Result<&'t Role, String> {
    let known = topology.roles.get(role).ok_or_else(|| {
        format!("role {role} is not in the template, so nobody knows whether API Gateway may act in it; add it")
    })?;
    if known.services.iter().any(|service| service == "apigateway.amazonaws.com") {
        return Ok(known);
    }
    Err(format!(
        "API Gateway may not act in role {}; allow apigateway.amazonaws.com sts:AssumeRole in its AssumeRolePolicyDocument",
        known.name
    ))
}

/// Whether the gateway may invoke a function in the name of `source`.
pub(super) fn may_invoke(
    topology: &Topology,
    function: &str,
    credentials: Option<&str>,
    source: &str,
) -> Result<(), String> {
    let Some(spec) = topology.functions.get(function) else {
        return Err(format!("function {function} is not in the template"));
    };
    if let Some(role) = credentials {
        let known = may_assume(topology, role)?;
        if known.has_unknown_policies || role_allows(known, "lambda:InvokeFunction", &spec.arn) {
            return Ok(());
        }
        return Err(format!(
            "role {} does not allow lambda:InvokeFunction on {}; add it to a policy of the role",
            known.name, spec.arn
        ));
    }
    if spec.permissions.iter().any(|p| p.admits_gateway(source, &topology.account_id)) {
        return Ok(());
    }
    Err(format!(
        "API Gateway may not invoke {function} for {source}; add an AWS::Lambda::Permission with Principal apigateway.amazonaws.com and that SourceArn"
    ))
}
