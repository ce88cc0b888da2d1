//! HTTP/1.1 on this machine: a server from a function, and a client that keeps its connections.

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::convert::Infallible;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::sleep;

/// Whatever is sent here is shorter.
const BODY_MAX: usize = 8 * 1024 * 1024;
/// Before another try when no connection can be taken.
const PAUSE: Duration = Duration::from_millis(10);

pub(crate) type Body = Full<Bytes>;
pub(crate) type HttpClient = Client<HttpConnector, Body>;

/// Answers requests until it is dropped.
pub(crate) async fn serve<F>(
    listener: TcpListener,
    answer: impl Fn(Request<Incoming>) -> F + Clone + Send + 'static,
) where
    F: Future<Output = Response<Body>> + Send + 'static,
{
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Too many open files, most likely; some will be closed.
            sleep(PAUSE).await;
            continue;
        };
        // Only slower without.
        _ = stream.set_nodelay(true);
        let answer = answer.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let answered = answer(request);
                async move { Ok::<_, Infallible>(answered.await) }
            });
            // However a client ends, there is nobody to tell.
            _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// A client without anything above HTTP.
pub(crate) fn client() -> HttpClient {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new()).build(connector)
}

/// All of a body.
pub(crate) async fn collect(body: Incoming) -> anyhow::Result<Bytes> {
    let collected = Limited::new(body, BODY_MAX).collect().await;
    Ok(collected.map_err(anyhow::Error::from_boxed)?.to_bytes())
}

/// An answer with a status.
pub(crate) fn reply(status: u16, body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    response
}
