//! A call: the request of a protocol, sent until there is an answer or there will be none.

use crate::identity::Identity;
use crate::transport::{NoAnswer, Transport};
use crate::{CallError, Limits, Operation, Protocol, Retries, Roots, error, sign};
use aws_credential_types::provider::SharedCredentialsProvider;
use bytes::Bytes;
use hyper::header::HeaderMap;
use hyper::{Method, Uri};
use percent_encoding::utf8_percent_encode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::SystemTime;

/// Who calls, and whom.
#[derive(Clone, Debug)]
pub struct Config {
    /// The Region.
    pub region: String,
    /// As whom.
    pub credentials: SharedCredentialsProvider,
    /// Instead of AWS, for all services: `AWS_ENDPOINT_URL`.
    pub endpoint_url: Option<String>,
    /// Instead of AWS, by [`Service::variable`](crate::Service::variable); it goes before
    /// `endpoint_url`.
    pub endpoint_urls: BTreeMap<String, String>,
    /// Whose word is taken for who a server is.
    pub roots: Roots,
    /// Where a call ends.
    pub limits: Limits,
    /// When it is made again.
    pub retries: Retries,
}

impl Config {
    /// AWS itself in `region`, with the limits that suit it.
    pub fn new(region: impl Into<String>, credentials: SharedCredentialsProvider) -> Self {
        Self {
            region: region.into(),
            credentials,
            endpoint_url: None,
            endpoint_urls: BTreeMap::new(),
            roots: Roots::default(),
            limits: Limits::default(),
            retries: Retries::default(),
        }
    }

    /// Takes `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>` from an environment.
    #[must_use]
    pub fn with_endpoints<'a>(
        mut self,
        variables: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        for (name, url) in variables {
            let url = url.trim_end_matches('/');
            match name.strip_prefix("AWS_ENDPOINT_URL") {
                Some("") if !url.is_empty() => self.endpoint_url = Some(url.to_owned()),
                Some(service) if service.len() > 1 && !url.is_empty() => {
                    self.endpoint_urls.insert(service[1..].to_owned(), url.to_owned());
                }
                _ => {}
            }
        }
        self
    }
}

/// Calls services. A clone shares connections and credentials.
#[derive(Clone, Debug)]
pub struct Client {
    config: Arc<Config>,
    identity: Arc<Identity>,
    transport: Transport,
}

/// What a REST operation sends.
#[derive(Clone, Debug)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// The path, escaped, with a slash in front.
    pub path: String,
    /// Query parameters, as they are.
    pub query: Vec<(String, String)>,
    /// Headers besides those of the protocol.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

impl Request {
    /// Without query, headers or body.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        let (query, headers) = (Vec::new(), Vec::new());
        Self { method, path: path.into(), query, headers, body: Bytes::new() }
    }
}

/// What came back, with a status below 300.
#[derive(Clone, Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// All of the body.
    pub body: Bytes,
}

impl Response {
    /// The value of a header, where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl Client {
    /// Nothing is asked or opened yet.
    pub fn new(config: Config) -> Self {
        let identity = Arc::new(Identity::new(config.credentials.clone()));
        let transport = Transport::new(&config.roots, config.limits);
        Self { config: Arc::new(config), identity, transport }
    }

    /// The same connections and credentials with other limits and retries.
    #[must_use]
    pub fn with(&self, limits: Limits, retries: Retries) -> Self {
        let config = Config { limits, retries, ..(*self.config).clone() };
        let transport = self.transport.with_limits(limits);
        Self { config: Arc::new(config), identity: self.identity.clone(), transport }
    }

    /// The Region.
    pub fn region(&self) -> &str {
        &self.config.region
    }

    /// What carries its requests.
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Where an operation goes, without a slash at the end.
    pub fn endpoint(&self, operation: &Operation) -> String {
        let Config { region, endpoint_url, endpoint_urls, .. } = &*self.config;
        let service = &operation.service;
        let replaced = endpoint_urls.get(service.variable).or(endpoint_url.as_ref());
        replaced.cloned().unwrap_or_else(|| service.endpoint(region))
    }

    /// Calls an operation of a JSON service.
    ///
    /// # Errors
    /// What the service says, or why nothing came back that is an `O`.
    pub async fn json<I: Serialize + Sync, O: DeserializeOwned>(
        &self,
        operation: &Operation,
        input: &I,
    ) -> Result<O, CallError> {
        let name = operation.name;
        let Protocol::Json { target, version } = operation.service.protocol else {
            return Err(wrong_protocol(name));
        };
        let body = serde_json::to_vec(input)
            .map_err(|e| CallError::Request { operation: name, why: e.to_string() })?;
        let headers = vec![
            ("content-type", format!("application/x-amz-json-{version}")),
            ("x-amz-target", format!("{target}.{name}")),
        ];
        let request = Request { headers, body: body.into(), ..Request::new(Method::POST, "/") };
        let response = self.call(operation, request).await?;
        from_json(name, &response.body)
    }

    /// Calls an operation of a service with forms: `input` as names and values, in any order; the
    /// answer is what stands in `<NameResult>`, or the root where there is none.
    ///
    /// # Errors
    /// What the service says, or why nothing came back that is an `O`.
    pub async fn query<O: DeserializeOwned>(
        &self,
        operation: &Operation,
        input: &[(String, String)],
    ) -> Result<O, CallError> {
        let name = operation.name;
        let Protocol::Query { version } = operation.service.protocol else {
            return Err(wrong_protocol(name));
        };
        let mut body = format!("Action={name}&Version={version}");
        for (key, value) in input {
            let _ = write!(body, "&{}={}", crate::segment(key), crate::segment(value));
        }
        let form = "application/x-www-form-urlencoded; charset=utf-8".to_owned();
        let headers = vec![("content-type", form)];
        let request = Request { headers, body: body.into(), ..Request::new(Method::POST, "/") };
        let response = self.call(operation, request).await?;
        from_xml(name, &response.body)
    }

    /// Calls an operation by method and path.
    ///
    /// # Errors
    /// What the service says, or why it says nothing.
    pub async fn call(
        &self,
        operation: &Operation,
        request: Request,
    ) -> Result<Response, CallError> {
        self.call_at(operation, &self.endpoint(operation), request).await
    }

    /// The same at an endpoint that is not the service's own, such as that of one API.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn call_at(
        &self,
        operation: &Operation,
        endpoint: &str,
        request: Request,
    ) -> Result<Response, CallError> {
        let retries = self.config.retries;
        let uri = uri(operation, endpoint, &request)?;
        let mut attempt = 1;
        let mut renewed = false;
        loop {
            let error = match self.attempt(operation, &uri, &request).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            // A provider may have newer ones by now; once, since it may also not.
            if error.is_expired() && !renewed {
                renewed = true;
                self.identity.forget().await;
                continue;
            }
            let Some(pause) = retries.pause(operation, &error, attempt, fastrand::f64()) else {
                return Err(error);
            };
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn attempt(
        &self,
        operation: &Operation,
        uri: &Uri,
        request: &Request,
    ) -> Result<Response, CallError> {
        let Self { config, identity, transport } = self;
        let name = operation.name;
        let now = SystemTime::now();
        let host = uri.authority().map(ToString::to_string).unwrap_or_default();
        let mut http = hyper::Request::builder().method(&request.method).uri(uri);
        for (header, value) in &request.headers {
            http = http.header(*header, value);
        }
        let http = http.header("host", &host).body(request.body.clone());
        let mut http =
            http.map_err(|e| CallError::Request { operation: name, why: e.to_string() })?;
        let credentials = identity.credentials(now).await?;
        sign::request(&mut http, operation, &config.region, credentials, now)?;
        let answer = transport.send(http).await.map_err(|NoAnswer { why, unsent }| {
            CallError::NoAnswer { operation: name, host: host.clone(), why, unsent }
        })?;
        let (head, body) = answer.into_parts();
        let status = head.status.as_u16();
        if status < 300 {
            return Ok(Response { status, headers: head.headers, body });
        }
        let header = |name: &str| Some(head.headers.get(name)?.to_str().ok()?.to_owned());
        Err(error::of_answer(name, status, header, body))
    }
}

fn uri(operation: &Operation, endpoint: &str, request: &Request) -> Result<Uri, CallError> {
    let mut text = endpoint.to_owned() + &request.path;
    for (i, (key, value)) in request.query.iter().enumerate() {
        let before = if i == 0 { '?' } else { '&' };
        let key = utf8_percent_encode(key, crate::UNESCAPED);
        let _ = write!(text, "{before}{key}={}", crate::segment(value));
    }
    text.parse().map_err(|e: hyper::http::uri::InvalidUri| CallError::Request {
        operation: operation.name,
        why: format!("`{text}`: {e}"),
    })
}

fn wrong_protocol(operation: &'static str) -> CallError {
    CallError::Request { operation, why: "its service speaks another protocol".to_owned() }
}

/// An operation without output may answer with nothing at all.
fn from_json<O: DeserializeOwned>(operation: &'static str, body: &[u8]) -> Result<O, CallError> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|e| CallError::Answer { operation, why: e.to_string() })
}

fn from_xml<O: DeserializeOwned>(operation: &'static str, body: &[u8]) -> Result<O, CallError> {
    let failed = |why: String| CallError::Answer { operation, why };
    let text = std::str::from_utf8(body).map_err(|e| failed(e.to_string()))?;
    // `<DescribeStacksResponse><DescribeStacksResult>…`: what is asked for stands in the second.
    let result = format!("<{operation}Result");
    let inner = text.find(&result).and_then(|start| {
        let close = format!("</{operation}Result>");
        let end = text.rfind(&close)? + close.len();
        text.get(start..end)
    });
    quick_xml::de::from_str(inner.unwrap_or(text)).map_err(|e| failed(e.to_string()))
}
