//! What a back end does: it invokes a function, with a signature; and the control API.

use crate::http::{HttpClient, client, collect};
use anyhow::{Context as _, anyhow, bail};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use bytes::Bytes;
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

impl Backend {
    pub(super) fn new(endpoint_url: String, region: String) -> Self {
        Self { http: client(), endpoint_url, region }
    }

    /// The name of the function that a template calls so.
    pub(super) async fn function(&self, logical_id: &str) -> anyhow::Result<String> {
        let request = Request::get(format!("{}/_herald/state", self.endpoint_url));
        let (_, _, state) = self.send(request.body(Full::default())?).await?;
        let state: State = serde_json::from_slice(&state).context("the state is no JSON")?;
        let part = format!("-{logical_id}-");
        let mut names = state.functions.into_iter();
        let name = names.find(|name| *name == logical_id || name.contains(&part));
        name.with_context(|| format!("there is no function {logical_id}"))
    }

    /// Invokes a function and waits for its answer.
    pub(super) async fn invoke(&self, function: &str, event: &Value) -> anyhow::Result<Bytes> {
        let url = format!("{}/2015-03-31/functions/{function}/invocations", self.endpoint_url);
        let request = Request::post(url)
            .header("content-type", "application/json")
            .header("x-amz-invocation-type", "RequestResponse");
        let mut request = request.body(Bytes::from(serde_json::to_vec(event)?))?;
        self.sign(&mut request)?;
        let (status, failed, answer) = self.send(request.map(Full::new)).await?;
        if status != 200 || failed {
            bail!("{}", reason(status, &answer));
        }
        Ok(answer)
    }

    /// Asks for a fault; how many of those asked for have not happened yet.
    pub(super) async fn control(&self, command: &Value) -> anyhow::Result<usize> {
        let request = Request::post(format!("{}/_herald/control", self.endpoint_url));
        let body = Full::from(serde_json::to_vec(command)?);
        let (status, _, answer) = self.send(request.body(body)?).await?;
        if status != 200 {
            bail!("{command} is refused: {}", reason(status, &answer));
        }
        let answer: Value = serde_json::from_slice(&answer)?;
        Ok(answer["faults"].as_array().map_or(0, Vec::len))
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
        let signable = SignableRequest::new("POST", &uri, headers, body)?;
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
