//! Where Herald runs: the local cloud or AWS, and what its stack says of itself.

use crate::calls::DESCRIBE_STACKS;
use crate::cli::Place;
use crate::credentials;
use crate::ui::{Failure, Result};
use anyhow::anyhow;
use aws_wire::{CallError, Client, Config, Credentials, Roots, SharedCredentialsProvider};
use serde::Deserialize;
use std::collections::BTreeMap;

/// What `xtask` has read of the stage.
pub(crate) struct StackName {
    pub(crate) name: String,
    pub(crate) region: String,
}

/// A Herald that runs.
pub(crate) struct Cloud {
    pub(crate) client: Client,
    stack: String,
    outputs: BTreeMap<String, String>,
}

impl Cloud {
    /// Finds the stack of a stage.
    pub(crate) async fn find(place: &Place, stack: StackName) -> Result<Self> {
        let StackName { name, region } = stack;
        let client = Client::new(config(place, &region).await);
        let input = [("StackName".to_owned(), name.clone())];
        let described = client.query::<Described>(&DESCRIBE_STACKS, &input).await;
        let described = described.map_err(|error| absent(place, &name, &region, error))?;
        let Some(found) = described.stacks.member.into_iter().next() else {
            return Err(anyhow!("CloudFormation lists no stack `{name}`").into());
        };
        let outputs = found.outputs.member.into_iter();
        let outputs = outputs.map(|output| (output.output_key, output.output_value)).collect();
        Ok(Self { client, stack: name, outputs })
    }

    /// An output of the stack, where it has it.
    pub(crate) fn output(&self, name: &str) -> Option<&str> {
        self.outputs.get(name).map(String::as_str)
    }

    /// An output that every stack of this version has.
    pub(crate) fn need(&self, name: &str) -> Result<&str> {
        self.output(name).ok_or_else(|| {
            let stack = &self.stack;
            Failure::new(anyhow!("stack `{stack}` has no output `{name}`"))
                .hint("it is of another version of Herald; deploy this one")
        })
    }
}

async fn config(place: &Place, region: &str) -> Config {
    if place.aws {
        let provider = credentials::of_the_user(region).await;
        let vars: Vec<_> = std::env::vars_os()
            .filter_map(|(name, url)| Some((name.into_string().ok()?, url.into_string().ok()?)))
            .collect();
        let vars = vars.iter().map(|(name, url)| (name.as_str(), url.as_str()));
        let config = Config::new(region, provider).with_endpoints(vars);
        // A company's proxy is trusted by the system, and by nobody else.
        return Config { roots: Roots::System, ..config };
    }
    // The keys of the local administrator.
    let keys = Credentials::new("test", "test", None, None, "local cloud");
    let config = Config::new(region, SharedCredentialsProvider::new(keys));
    let url = place.endpoint_url.trim_end_matches('/').to_owned();
    Config { endpoint_url: Some(url), ..config }
}

/// Why there is no such stack, and what to type next.
fn absent(place: &Place, name: &str, region: &str, error: CallError) -> Failure {
    let stage = &place.stage;
    match error {
        CallError::NoAnswer { .. } if !place.aws => {
            let url = &place.endpoint_url;
            Failure::new(anyhow!(error).context(format!("no local cloud answers at {url}")))
                .hint("start it with `cargo xtask dev`, or name another with --endpoint-url URL")
                .hint("`--aws` talks to AWS")
        }
        CallError::Service { ref code, .. } if code == "ValidationError" => {
            let deploy = format!("`cargo xtask deploy --stage {stage}` makes it");
            let start = format!("`cargo xtask dev --stage {stage}` runs it");
            match place.aws {
                true => {
                    Failure::new(anyhow!("there is no stack `{name}` in {region}")).hint(deploy)
                }
                false => {
                    let url = &place.endpoint_url;
                    let what = format!("the local cloud at {url} does not run stack `{name}`");
                    Failure::new(anyhow!(what)).hint(start)
                }
            }
        }
        CallError::Service { .. } | CallError::Answer { .. } if !place.aws => {
            let url = &place.endpoint_url;
            Failure::new(anyhow!(error).context(format!("what answers at {url} is no local cloud")))
                .hint(
                    "`cargo xtask dev --port 0` takes a free port; name it with --endpoint-url URL",
                )
        }
        CallError::Credentials { .. } => Failure::new(error)
            .hint("sign in, for example by `aws sso login`, or name a profile in AWS_PROFILE"),
        error => Failure::new(error),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    stacks: Members<Stack>,
}

#[derive(Deserialize)]
struct Members<T> {
    #[serde(default = "Vec::new")]
    member: Vec<T>,
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self { member: Vec::new() }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Stack {
    #[serde(default)]
    outputs: Members<Output>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    output_key: String,
    output_value: String,
}
