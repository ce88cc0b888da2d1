//! Commands by invocation: done, or not done, when the answer is there.

use crate::config::environment;
use crate::{Answer, Command, ConfigError, SendError, config_from};
use aws_wire::{Client, Operation, Request, Service};

const INVOKE: Operation = Operation::once(Service::LAMBDA, "Invoke", "lambda:InvokeFunction");
const INVOKE_AGAIN: Operation =
    Operation::idempotent(Service::LAMBDA, "Invoke", "lambda:InvokeFunction");

/// The variable that names the function; `PublishFunction` among the outputs of the stack.
const FUNCTION: &str = "HERALD_PUBLISH_FUNCTION";

/// Sends commands by invoking function `publish`. A clone shares connections and credentials.
#[derive(Clone, Debug)]
pub struct Publisher {
    client: Client,
    function: String,
}

impl Publisher {
    /// One that invokes `function`, a name or an ARN: `PublishFunction` among the outputs of the
    /// stack. What it needs to be allowed is `lambda:InvokeFunction` on it.
    ///
    /// ```
    /// use herald_client::{Client, Config, Credentials, Publisher, SharedCredentialsProvider};
    ///
    /// // Any provider of an AWS SDK will do, such as that of `aws_config`.
    /// let keys = Credentials::new("test", "test", None, None, "local cloud");
    /// let mut config = Config::new("eu-central-1", SharedCredentialsProvider::new(keys));
    /// config.endpoint_url = Some("http://127.0.0.1:4000".to_owned());
    /// let publisher = Publisher::new(Client::new(config), "herald-dev-publish");
    /// ```
    pub fn new(client: Client, function: impl Into<String>) -> Self {
        Self { client, function: function.into() }
    }

    /// One by `HERALD_PUBLISH_FUNCTION`, and the variables of [`config_from`].
    ///
    /// # Errors
    /// What is not set.
    pub fn from_env() -> Result<Self, ConfigError> {
        let function = environment().find(|(name, value)| name == FUNCTION && !value.is_empty());
        match (config_from(environment()), function) {
            (Ok(config), Some((_, function))) => Ok(Self::new(Client::new(config), function)),
            (Ok(_), None) => Err(ConfigError { missing: vec![FUNCTION] }),
            (Err(error), Some(_)) => Err(error),
            (Err(mut error), None) => {
                error.missing.push(FUNCTION);
                Err(error)
            }
        }
    }

    /// Has a command done.
    ///
    /// It is sent once more only where that can do no harm: the first was certainly not read, or
    /// the command is one that twice is as good as once.
    ///
    /// # Errors
    /// Where it is not done, or nobody knows.
    pub async fn send(&self, command: &Command) -> Result<Answer, SendError> {
        let what = || format!("function `{}`", self.function);
        let body = serde_json::to_vec(command).map_err(|e| SendError::Command(e.to_string()))?;
        let path =
            format!("/2015-03-31/functions/{}/invocations", aws_wire::segment(&self.function));
        let request = Request {
            headers: vec![
                ("content-type", "application/json".to_owned()),
                ("x-amz-invocation-type", "RequestResponse".to_owned()),
            ],
            body: body.into(),
            ..Request::new(aws_wire::Method::POST, path)
        };
        let operation = if is_repeatable(command) { INVOKE_AGAIN } else { INVOKE };
        let response = self.client.call(&operation, request).await;
        let response = response.map_err(|error| SendError::Call { what: what(), error })?;
        if response.header("x-amz-function-error").is_some() {
            return Err(SendError::of_function(&self.function, &response.body));
        }
        serde_json::from_slice(&response.body)
            .map_err(|e| SendError::Answer { what: what(), why: e.to_string() })
    }
}

/// Whether a command twice does the same as once.
fn is_repeatable(command: &Command) -> bool {
    match command {
        Command::Publish(publish) => publish.idempotency_key.is_some(),
        Command::SubmitJob(job) => job.idempotency_key.is_some(),
        Command::CancelJob(_) | Command::SignOut(_) | Command::Presence(_) => true,
    }
}
