//! What a back end does: it invokes a function, with a signature; and the control API of the local
//! cloud.

use crate::http::{HttpClient, client, collect};
use anyhow::{Context as _, anyhow, bail};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use bytes::Bytes;
use herald_contract::Function;
use herald_contract::functions::AuthorizerEnv;
use herald_contract::ticket::Secret;
use http_body_util::Full;
use hyper::Request;
use serde::Deserialize;
use serde_json::Value;
use std::time::{Duration, SystemTime};
use tokio::time::timeout;

/// A synchronous invocation has 15 minutes; none here takes half a minute.
const ANSWER_MAX: Duration = Duration::from_secs(30);

pub(super) struct Backend {
    http: HttpClient,
    endpoint_url: String,
    region: String,
}

/// What the local cloud says of itself.
#[derive(Deserialize)]
struct State {
    functions: Vec<String>,
}

/// What the control API answers.
#[derive(Deserialize)]
struct Faults {
    faults: Vec<Value>,
}

/// What Lambda tells whoever may ask for a function's configuration.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    environment: Environment,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Environment {
    variables: AuthorizerEnv<String>,
}

impl Backend {
    pub(super) fn new(endpoint_url: String, region: String) -> Self {
        Self { http: client(), endpoint_url, region }
    }

    /// The name of the function that the template calls so.
    pub(super) async fn function(&self, logical_id: &str) -> anyhow::Result<String> {
        let request = Request::get(format!("{}/_herald/state", self.endpoint_url));
        let (_, _, state) = self.send(request.body(Full::default())?).await?;
        let state: State = serde_json::from_slice(&state).context("the state is no JSON")?;
        // A template that gives no name leaves it to CloudFormation, which takes this one along.
        let of_template = |name: &String| name.split('-').any(|part| part == logical_id);
        let name = state.functions.into_iter().find(of_template);
        name.with_context(|| format!("there is no function {logical_id}"))
    }

    /// What tickets are signed with, as `authorizer` is told it.
    pub(super) async fn ticket_secret(&self) -> anyhow::Result<Secret> {
        let function = self.function(Function::Authorizer.logical_id()).await?;
        let request = Request::get(self.lambda(&function, "configuration")).body(Bytes::new())?;
        let (_, answer) = self.ask(request).await?;
        let configuration: Configuration =
            serde_json::from_slice(&answer).context("the configuration of `authorizer`")?;
        let secret = configuration.environment.variables.ticket_secret;
        Ok(Secret::new(secret.context("this stage takes no tickets")?.into_bytes())?)
    }

    /// Invokes a function and waits for its answer.
    pub(super) async fn invoke(&self, function: &str, event: &Value) -> anyhow::Result<Bytes> {
        let request = Request::post(self.lambda(function, "invocations"))
            .header("content-type", "application/json")
            .header("x-amz-invocation-type", "RequestResponse");
        let (failed, answer) = self.ask(request.body(serde_json::to_vec(event)?.into())?).await?;
        if failed {
            bail!("{}", reason(200, &answer));
        }
        Ok(answer)
    }

    fn lambda(&self, function: &str, what: &str) -> String {
        format!("{}/2015-03-31/functions/{function}/{what}", self.endpoint_url)
    }

    /// A signed call of Lambda: whether the function failed, and what came back.
    async fn ask(&self, mut request: Request<Bytes>) -> anyhow::Result<(bool, Bytes)> {
        self.sign(&mut request)?;
        let (status, failed, answer) = self.send(request.map(Full::new)).await?;
        if status != 200 {
            bail!("{}", reason(status, &answer));
        }
        Ok((failed, answer))
    }

    /// Asks for a fault, or for time; what was asked for and has not happened yet.
    pub(super) async fn control(&self, command: &Value) -> anyhow::Result<Vec<Value>> {
        let request = Request::post(format!("{}/_herald/control", self.endpoint_url));
        let body = Full::from(serde_json::to_vec(command)?);
        let (status, _, answer) = self.send(request.body(body)?).await?;
        if status != 200 {
            bail!("{command} is refused: {}", reason(status, &answer));
        }
        let Faults { faults } = serde_json::from_slice(&answer)?;
        Ok(faults)
    }

    async fn send(&self, request: Request<Full<Bytes>>) -> anyhow::Result<(u16, bool, Bytes)> {
        let exchange = async {
            let response = self.http.request(request).await?;
            let failed = response.headers().contains_key("x-amz-function-error");
            let status = response.status().as_u16();
            anyhow::Ok((status, failed, collect(response.into_body()).await?))
        };
        timeout(ANSWER_MAX, exchange).await.context("no answer in time")?
    }

    fn sign(&self, request: &mut Request<Bytes>) -> anyhow::Result<()> {
        let identity = Credentials::from_keys("test", "test", None).into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name("lambda")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?;
        let uri = request.uri().to_string();
        let headers = request.headers().iter();
        let headers =
            headers.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
        let body = SignableBody::Bytes(request.body());
        let signable = SignableRequest::new(request.method().as_str(), &uri, headers, body)?;
        let (instructions, _) = sign(signable, &params.into())?.into_parts();
        instructions.apply_to_request_http1x(request);
        Ok(())
    }
}

/// What an answer says, without what differs each time.
fn reason(status: u16, answer: &[u8]) -> anyhow::Error {
    let value: Value = serde_json::from_slice(answer).unwrap_or_default();
    let text = ["errorType", "Type", "__type", "Message", "message"];
    let said = text.iter().find_map(|name| value.get(*name)?.as_str());
    let said = said.map_or_else(|| String::from_utf8_lossy(answer).into_owned(), str::to_owned);
    anyhow!("{status} {}", said.chars().take(120).collect::<String>())
}
