//! The process of a function: its variables, its one thread, and its end.

use aws_wire::{Client, Config, Credentials, Limits, Retries, SharedCredentialsProvider};
use herald_contract::Millis;
use herald_contract::env::{Problems, read_struct};
use serde::Deserialize;
use std::ffi::OsString;
use std::io;
use std::process::ExitCode;
use std::time::Duration;
use tracing_subscriber::fmt::time::SystemTime;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How much before Lambda stops a function it stops by itself, in milliseconds.
const STOP_EARLY_MS: u64 = 2_000;

/// Until when an invocation may begin something, given when Lambda stops it.
pub(crate) fn stop_at(deadline: u64) -> Millis {
    Millis::new(deadline).minus(STOP_EARLY_MS)
}

/// What Lambda sets for every function.
///
/// The runtime panics without some of these; they are asked for here so that a binary that is
/// started by hand says what it misses. There is a secret among them, hence no `Debug`.
#[derive(Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub struct LambdaEnv {
    /// Where the function runs.
    pub aws_region: String,
    /// The key it signs with.
    pub aws_access_key_id: String,
    /// The secret of that key.
    pub aws_secret_access_key: String,
    /// What a temporary key comes with.
    pub aws_session_token: Option<String>,
    /// `HOST:PORT` where events are fetched.
    pub aws_lambda_runtime_api: String,
    /// The name of the function.
    pub aws_lambda_function_name: String,
    /// Its version.
    pub aws_lambda_function_version: String,
    /// Its memory in MB.
    pub aws_lambda_function_memory_size: i32,
}

impl LambdaEnv {
    /// Reads what Lambda sets.
    ///
    /// # Errors
    /// All variables that are missing or wrong.
    pub fn read(
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, NotInLambda> {
        read_struct(variables).map_err(NotInLambda)
    }

    /// As whom the function signs. The environment is replaced before they run out.
    pub(crate) fn credentials(&self) -> Credentials {
        let (id, secret) = (&self.aws_access_key_id, &self.aws_secret_access_key);
        Credentials::from_keys(id, secret, self.aws_session_token.clone())
    }

    /// What the function calls AWS with: its keys, and the endpoints that `variables` name. There is
    /// no other source of either to ask.
    pub fn client(&self, variables: &[(String, String)]) -> Client {
        let provider = SharedCredentialsProvider::new(self.credentials());
        // The same region answers in milliseconds, and Lambda's time is short. A page of a query is
        // 1 MB before it is JSON.
        let config = Config {
            limits: Limits {
                connect: Duration::from_secs(2),
                attempt: Duration::from_secs(3),
                body: 8 * 1024 * 1024,
            },
            retries: Retries { pause_max: Duration::from_secs(1), ..Retries::default() },
            ..Config::new(&self.aws_region, provider)
        };
        let variables = variables.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Client::new(config.with_endpoints(variables))
    }
}

/// The process was not started by Lambda or by something that does what Lambda does.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this binary is started by Lambda: {0}; `cargo xtask dev` starts it on this machine")]
pub struct NotInLambda(Problems);

/// Runs `serve` until it fails, and says why in the log.
///
/// One thread is all there is use for: an environment handles one event at a time.
/// `variables` is the environment of the process; what is not Unicode in it is none of ours.
pub fn run<F>(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
    serve: impl FnOnce(Vec<(String, String)>) -> F,
) -> ExitCode
where
    F: Future<Output = anyhow::Result<()>>,
{
    let variables: Vec<_> = variables
        .into_iter()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let level = variables.iter().find(|(name, _)| name == "AWS_LAMBDA_LOG_LEVEL");
    crate::subscriber(level.map(|(_, level)| level.as_str()), io::stdout, SystemTime).init();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let ended = match runtime {
        Ok(runtime) => runtime.block_on(serve(variables)),
        Err(e) => Err(e.into()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            tracing::error!(error = format!("{e:#}"), "the function has stopped");
            ExitCode::FAILURE
        }
    }
}
