//! Region, credentials and endpoints out of an environment: what Lambda and containers are given.
//!
//! Profiles, SSO and the like are for a provider of the SDK; see
//! [`Config::new`](aws_wire::Config::new).

use aws_wire::{Config, Credentials, SharedCredentialsProvider};
use std::collections::BTreeMap;

const REGION: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];
const KEY_ID: &str = "AWS_ACCESS_KEY_ID";
const SECRET: &str = "AWS_SECRET_ACCESS_KEY";
const TOKEN: &str = "AWS_SESSION_TOKEN";

/// Takes `AWS_REGION` or `AWS_DEFAULT_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
/// `AWS_SESSION_TOKEN`, `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`.
///
/// ```
/// let vars = [("AWS_REGION", "eu-central-1"), ("AWS_ACCESS_KEY_ID", "a")];
/// let error = herald_client::config_from(vars.map(|(k, v)| (k.into(), v.into()))).unwrap_err();
/// assert!(error.to_string().starts_with("AWS_SECRET_ACCESS_KEY is not set"));
/// ```
///
/// # Errors
/// Everything that is missing, at once.
pub fn config_from(
    variables: impl IntoIterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let mut vars: BTreeMap<_, _> = variables.into_iter().collect();
    vars.retain(|_, value| !value.is_empty());
    let region = REGION.iter().find_map(|name| vars.get(*name));
    let (Some(region), Some(key_id), Some(secret)) = (region, vars.get(KEY_ID), vars.get(SECRET))
    else {
        let mut missing: Vec<_> =
            [KEY_ID, SECRET].into_iter().filter(|name| !vars.contains_key(*name)).collect();
        if region.is_none() {
            missing.insert(0, REGION[0]);
        }
        return Err(ConfigError { missing });
    };
    let token = vars.get(TOKEN).cloned();
    let credentials = Credentials::new(key_id, secret, token, None, "environment");
    let config = Config::new(region, SharedCredentialsProvider::new(credentials));
    Ok(config.with_endpoints(vars.iter().map(|(name, value)| (name.as_str(), value.as_str()))))
}

/// The variables of this process that are text; others are none of ours.
pub(crate) fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// What an environment lacks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{} not set; set {}, or give values and a provider of credentials to `Config::new`",
    list(missing),
    if missing.len() == 1 { "it" } else { "them" }
)]
pub struct ConfigError {
    pub(crate) missing: Vec<&'static str>,
}

fn list(names: &[&str]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    #[track_caller]
    fn check(vars: &[(&str, &str)], want: Expect) {
        let vars = vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        want.assert_eq(&match config_from(vars) {
            Ok(config) => {
                format!("{} {:?} {:?}\n", config.region, config.endpoint_url, config.endpoint_urls)
            }
            Err(error) => format!("error: {error}\n"),
        });
    }

    #[test]
    fn all_that_is_missing_is_said_at_once() {
        check(
            &[("AWS_REGION", "")],
            expect![[r#"
                error: AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY are not set; set them, or give values and a provider of credentials to `Config::new`
            "#]],
        );
        check(
            &[("AWS_DEFAULT_REGION", "eu-west-1"), ("AWS_ACCESS_KEY_ID", "a")],
            expect![[r#"
                error: AWS_SECRET_ACCESS_KEY is not set; set it, or give values and a provider of credentials to `Config::new`
            "#]],
        );
    }

    #[test]
    fn a_local_cloud_is_an_endpoint_like_any_other() {
        let keys = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
        let rest = [("AWS_REGION", "eu-west-1"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:4000/")];
        check(
            &[keys, rest].concat(),
            expect![[r#"
                eu-west-1 Some("http://127.0.0.1:4000") {}
            "#]],
        );
    }

    #[test]
    fn nothing_of_the_credentials_is_shown() {
        let vars = [
            ("AWS_REGION", "eu-west-1"),
            ("AWS_ACCESS_KEY_ID", "id-of-key"),
            ("AWS_SECRET_ACCESS_KEY", "hunter2"),
            ("AWS_SESSION_TOKEN", "hunter3"),
        ];
        let config = config_from(vars.map(|(k, v)| (k.to_owned(), v.to_owned()))).unwrap();
        assert!(!format!("{config:?}").contains("hunter"));
    }
}
