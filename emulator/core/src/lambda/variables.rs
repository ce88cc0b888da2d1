//! The environment variables of a function's process, and the keys it signs with.

use crate::id::{LOWER, MIXED, UPPER, derived};
use crate::topology::{Domain, Function, Topology};
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
    for (name, domain) in &topology.domains {
        value = localize_domain(topology, name, domain, domain_name, &value);
    }
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

/// A custom domain's URLs become those of the stages that its paths are mapped to, unless nothing
/// but the domain leads there.
fn localize_domain(
    topology: &Topology,
    name: &str,
    domain: &Domain,
    domain_name: &str,
    value: &str,
) -> String {
    let is_closed =
        |id: &str| topology.apis.get(id).is_none_or(|api| api.default_endpoint_disabled);
    let mut value = value.to_owned();
    for (public, local) in [("https", "http"), ("wss", "ws")] {
        let url = format!("{public}://{name}");
        let mut out = String::new();
        let mut rest = value.as_str();
        while let Some((before, after)) = rest.split_once(&url) {
            out.push_str(before);
            match mapped(domain, after).filter(|((api, _), _)| !is_closed(api)) {
                Some(((api, stage), path)) => {
                    out.push_str(&format!(
                        "{local}://{domain_name}/_aws/execute-api/{api}/{stage}"
                    ));
                    rest = path;
                }
                None => {
                    out.push_str(&url);
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        value = out;
    }
    value
}

/// What the path behind a host is mapped to, and the rest of it. Nothing where the host goes on.
fn mapped<'d, 'p>(
    domain: &'d Domain,
    behind_host: &'p str,
) -> Option<(&'d (String, String), &'p str)> {
    let goes_on = |c: char| c.is_ascii_alphanumeric() || "-.:".contains(c);
    if behind_host.starts_with(goes_on) {
        return None;
    }
    let key_end =
        |path: &str| path.find(|c: char| !c.is_ascii_alphanumeric() && !"-._".contains(c));
    let by_key = behind_host.strip_prefix('/').and_then(|path| {
        let (key, rest) = path.split_at(key_end(path).unwrap_or(path.len()));
        Some((domain.mappings.get(key)?, rest))
    });
    by_key.or_else(|| Some((domain.mappings.get("")?, behind_host)))
}

#[cfg(test)]
mod tests {
    use super::localize;
    use crate::topology::{Api, Domain, Topology};
    use std::collections::BTreeMap;

    /// A stage below `/v1` of a domain, another at its root, and one that nothing else leads to.
    fn topology() -> Topology {
        let api = |disabled| Api { default_endpoint_disabled: disabled, ..Api::default() };
        let to = |api: &str| (api.to_owned(), "dev".to_owned());
        let mappings = [("v1", to("one")), ("", to("bare")), ("own", to("closed"))];
        let mappings = mappings.map(|(key, target)| (key.to_owned(), target));
        Topology {
            region: "eu-west-1".into(),
            apis: [("one", false), ("bare", false), ("closed", true)]
                .map(|(id, disabled)| (id.to_owned(), api(disabled)))
                .into(),
            domains: BTreeMap::from([(
                "ws.example.com".to_owned(),
                Domain { mappings: mappings.into() },
            )]),
            ..Topology::default()
        }
    }

    #[track_caller]
    fn check(value: &str, expected: &str) {
        assert_eq!(localize(&topology(), "127.0.0.1:4000", value), expected);
    }

    #[test]
    fn urls_of_a_custom_domain_are_those_of_what_its_paths_are_mapped_to() {
        let local = "127.0.0.1:4000/_aws/execute-api";
        check("https://ws.example.com/v1", &format!("http://{local}/one/dev"));
        check(
            "wss://ws.example.com/v1/@connections/a?b",
            &format!("ws://{local}/one/dev/@connections/a?b"),
        );
        check("https://ws.example.com", &format!("http://{local}/bare/dev"));
        check("https://ws.example.com/v10", &format!("http://{local}/bare/dev/v10"));
        check(
            "https://ws.example.com,wss://ws.example.com/v1",
            &format!("http://{local}/bare/dev,ws://{local}/one/dev"),
        );
    }

    #[test]
    fn what_is_another_host_or_has_no_other_way_stays_as_it_is() {
        for value in [
            "https://ws.example.community",
            "https://ws.example.com:8443",
            "https://a.ws.example.com",
            "https://ws.example.com/own",
            "ws.example.com",
        ] {
            check(value, value);
        }
    }
}
