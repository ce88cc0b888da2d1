//! HTTP/1.1 over TCP or TLS, with a pool of connections and a limit to everything.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::{ClientConfig, RootCertStore};
use std::error::Error as _;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Whose word is taken for who a server is.
#[derive(Clone, Debug, Default)]
pub enum Roots {
    /// Mozilla's list, compiled in: nothing is read at start, which in a function takes longer than
    /// all the rest.
    #[default]
    Bundled,
    /// The system's list, with what `SSL_CERT_FILE` and `SSL_CERT_DIR` add: behind a proxy that
    /// looks into TLS there is no other.
    System,
}

/// Where a call ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// To reach the other side.
    pub connect: Duration,
    /// To get all of the answer, of one attempt.
    pub attempt: Duration,
    /// An answer's body, in bytes.
    pub body: usize,
}

impl Default for Limits {
    /// 3 s to connect, 30 s for an attempt, 16 MiB.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(3),
            attempt: Duration::from_secs(30),
            body: 16 * 1024 * 1024,
        }
    }
}

/// Connections, shared by all clones: one configuration of TLS and one pool are enough for a process.
#[derive(Clone, Debug)]
pub struct Transport {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    limits: Limits,
}

/// No answer came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoAnswer {
    /// What went wrong.
    pub why: String,
    /// Whether the request has certainly not been read.
    pub unsent: bool,
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.why)
    }
}

impl std::error::Error for NoAnswer {}

impl Transport {
    /// Nothing is opened yet.
    pub fn new(roots: &Roots, limits: Limits) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(limits.connect));
        let https = HttpsConnectorBuilder::new()
            .with_tls_config(tls(roots))
            .https_or_http()
            .enable_http1()
            .wrap_connector(tcp);
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new());
        // Sockets that idle longer may be dead without a word behind NAT; AWS closes them after
        // a minute or so anyway.
        builder.pool_idle_timeout(Duration::from_secs(20));
        Self { client: builder.build(https), limits }
    }

    /// The same connections with other limits. How long connecting may take stays as it was.
    #[must_use]
    pub fn with_limits(&self, limits: Limits) -> Self {
        Self { client: self.client.clone(), limits }
    }

    /// Sends a request as it is, once.
    ///
    /// # Errors
    /// Where no answer came, or not all of it.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, NoAnswer> {
        let exchange = async {
            let answer = self.client.request(request.map(Full::new)).await.map_err(of_client)?;
            self.read(answer).await
        };
        match tokio::time::timeout(self.limits.attempt, exchange).await {
            Ok(result) => result,
            Err(_) => Err(NoAnswer {
                why: format!("none within {} s", self.limits.attempt.as_secs_f32()),
                unsent: false,
            }),
        }
    }

    async fn read(&self, answer: Response<Incoming>) -> Result<Response<Bytes>, NoAnswer> {
        let (head, body) = answer.into_parts();
        match Limited::new(body, self.limits.body).collect().await {
            Ok(body) => Ok(Response::from_parts(head, body.to_bytes())),
            Err(e) => Err(NoAnswer { why: crate::error::chain(&*e), unsent: false }),
        }
    }
}

/// A connection that could not be made has carried nothing, and neither has one that the pool kept
/// too long: hyper gives a request back that it has not begun to write.
fn of_client(error: ClientError) -> NoAnswer {
    let canceled = error
        .source()
        .and_then(|source| source.downcast_ref::<hyper::Error>())
        .is_some_and(hyper::Error::is_canceled);
    NoAnswer { unsent: error.is_connect() || canceled, why: crate::error::chain(&error) }
}

fn tls(roots: &Roots) -> ClientConfig {
    let mut store = RootCertStore::empty();
    match roots {
        Roots::Bundled => store.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        Roots::System => {
            // One that cannot be read is one that is not trusted.
            store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider);
    #[expect(clippy::expect_used, reason = "ring has cipher suites for every version there is")]
    let builder = builder.with_safe_default_protocol_versions().expect("ring does TLS 1.2 and 1.3");
    builder.with_root_certificates(store).with_no_client_auth()
}
