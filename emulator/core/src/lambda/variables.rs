//! The environment variables of a function's process, and the keys it signs with.

use crate::id::{LOWER, MIXED, UPPER, derived};
use crate::topology::{Function, Topology};
use std::collections::BTreeMap;

/// The access key of one function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`.
    pub session_token: String,
}

/// The keys the function of this ARN runs with: always the same, and not another function's.
pub fn credentials(function_arn: &str) -> Credentials {
    let part =
        |what: &str, alphabet, length| derived(&format!("{what} {function_arn}"), alphabet, length);
    Credentials {
        access_key_id: format!("ASIA{}", part("key", UPPER, 16)),
        secret_access_key: part("secret", MIXED, 40),
        session_token: part("token", LOWER, 64),
    }
}

/// Everything Lambda sets, and then what the template sets.
pub(super) fn variables(
    topology: &Topology,
    function: &Function,
    domain_name: &str,
    log_stream: &str,
) -> BTreeMap<String, String> {
    let keys = credentials(&function.arn);
    let own = [
        ("AWS_ACCESS_KEY_ID", keys.access_key_id),
        ("AWS_DEFAULT_REGION", topology.region.clone()),
        ("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", function.runtime)),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mb.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", function.name.clone()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".into()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".into()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", function.log_group.clone()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", log_stream.into()),
        ("AWS_REGION", topology.region.clone()),
        ("AWS_SECRET_ACCESS_KEY", keys.secret_access_key),
        ("AWS_SESSION_TOKEN", keys.session_token),
        ("TZ", ":UTC".into()),
        ("_HANDLER", function.handler.clone()),
    ];
    let mut variables = configured(topology, function, domain_name);
    variables.extend(own.map(|(name, value)| (name.to_owned(), value)));
    if let Some(format) = &function.log_format {
        variables.insert("AWS_LAMBDA_LOG_FORMAT".into(), format.clone());
    }
    if let Some(level) = &function.log_level {
        variables.insert("AWS_LAMBDA_LOG_LEVEL".into(), level.clone());
    }
    variables
}

/// What the template sets, with the URLs of the local cloud.
pub(super) fn configured(
    topology: &Topology,
    function: &Function,
    domain_name: &str,
) -> BTreeMap<String, String> {
    let localized =
        |(name, value): (&String, &String)| (name.clone(), localize(topology, domain_name, value));
    function.environment.iter().map(localized).collect()
}

/// Turns the public URL of an API or a queue, which would lead to AWS, into its local one.
pub(crate) fn localize(topology: &Topology, domain_name: &str, value: &str) -> String {
    let mut value = value.to_owned();
    for id in topology.apis.keys() {
        let host = format!("{id}.execute-api.{}.amazonaws.com", topology.region);
        for (public, local) in [("https", "http"), ("wss", "ws")] {
            let local = format!("{local}://{domain_name}/_aws/execute-api/{id}");
            value = value.replace(&format!("{public}://{host}"), &local);
        }
    }
    let queues = format!("https://sqs.{}.amazonaws.com/", topology.region);
    value.replace(&queues, &format!("http://{domain_name}/"))
}
