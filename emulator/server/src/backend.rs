//! Requests to the backends of HTTP integrations.
//!
//! Plain HTTP only: a local template speaks to local servers. What the core makes of the reply, or
//! of there being none, is not known here.

use crate::driver::{Event, Events};
use crate::http::{Body, collect};
use bytes::Bytes;
use gateway_core::http::Reply;
use gateway_core::{HttpId, Input};
use hyper::header::{CONTENT_LENGTH, HOST, HeaderValue, TRANSFER_ENCODING};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than any integration may take.
const TIME_MAX: Duration = Duration::from_secs(35);
/// API Gateway's bound for a payload.
const REPLY_MAX: usize = 10 * 1024 * 1024;

/// What the core wants to be sent.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

/// Sends a request and reports what came of it.
pub(crate) async fn call(id: HttpId, outgoing: Outgoing, events: Events) {
    let result = timeout(TIME_MAX, exchange(outgoing))
        .await
        .unwrap_or_else(|_| Err("no answer in time".into()));
    // Without a driver there is nobody to tell.
    drop(events.send(Event::Input(Input::HttpDone { request: id, result })).await);
}

async fn exchange(outgoing: Outgoing) -> Result<Reply, String> {
    let url: Uri = outgoing.url.parse().map_err(|e| format!("{} is no URL: {e}", outgoing.url))?;
    let (Some("http"), Some(authority)) = (url.scheme_str(), url.authority()) else {
        return Err(format!(
            "{} is not called: the local cloud speaks plain http only",
            outgoing.url
        ));
    };
    let address = (authority.host().trim_matches(['[', ']']), authority.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(address)
        .await
        .map_err(|e| format!("{authority} cannot be reached: {e}"))?;
    let (mut client, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|e| e.to_string())?;
    let connection = tokio::spawn(connection);
    let reply = async {
        let request = request(&url, authority.as_str(), outgoing)?;
        let (head, body) =
            client.send_request(request).await.map_err(|e| e.to_string())?.into_parts();
        let body = collect(body, REPLY_MAX).await.ok_or("the reply broke off")?;
        if body.len() > REPLY_MAX {
            return Err(format!("the reply is longer than {REPLY_MAX} bytes"));
        }
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers =
            head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value)));
        Ok(Reply { status: head.status.as_u16(), headers: headers.collect(), body })
    }
    .await;
    connection.abort();
    reply
}

fn request(url: &Uri, authority: &str, outgoing: Outgoing) -> Result<Request<Body>, String> {
    let path = url.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::builder().method(outgoing.method.as_str()).uri(path);
    for (name, value) in &outgoing.headers {
        // Framing is this side's business.
        if !name.eq_ignore_ascii_case(CONTENT_LENGTH.as_str())
            && !name.eq_ignore_ascii_case(TRANSFER_ENCODING.as_str())
        {
            request = request.header(name, value);
        }
    }
    if !outgoing.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(HOST.as_str())) {
        request = request.header(HOST, authority);
    }
    request
        .body(Body::full(outgoing.body))
        .map_err(|e| format!("{} cannot be called: {e}", outgoing.url))
}
