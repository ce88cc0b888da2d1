//! Between hyper's requests and responses and the plain ones of the core.

use bytes::{Bytes, BytesMut};
use gateway_core::http::{Reply, Request};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// What the core answers.
pub(crate) type Answer = Reply;

/// What is read of a body that is too long anyway.
const DISCARD_MAX: usize = 32 * 1024 * 1024;

/// The body of a response: known at once, or made as time goes by.
pub(crate) enum Body {
    Full(Full<Bytes>),
    Stream(mpsc::Receiver<Bytes>),
}

impl Body {
    pub(crate) fn full(bytes: impl Into<Bytes>) -> Self {
        Self::Full(Full::new(bytes.into()))
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Full(body) => Pin::new(body).poll_frame(cx),
            Self::Stream(chunks) => {
                chunks.poll_recv(cx).map(|chunk| chunk.map(|c| Ok(Frame::data(c))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Full(body) => body.is_end_stream(),
            Self::Stream(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Full(body) => body.size_hint(),
            Self::Stream(_) => SizeHint::default(),
        }
    }
}

/// Reads a whole body, or its first `bytes_max` bytes and a little more: whoever decides about it
/// sees that it is too long. The rest is read as well, within a bound, so that the client gets to
/// the answer. `None`: the client has broken off.
pub(crate) async fn collect(mut body: Incoming, bytes_max: usize) -> Option<Bytes> {
    let mut first = Bytes::new();
    let mut whole = BytesMut::new();
    let mut discarded = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        if first.len() + whole.len() > bytes_max {
            discarded += data.len();
            if discarded > DISCARD_MAX {
                break;
            }
        } else if first.is_empty() && whole.is_empty() {
            first = data;
        } else {
            // Most bodies come in one piece and are not copied.
            whole.extend_from_slice(&std::mem::take(&mut first));
            whole.extend_from_slice(&data);
        }
    }
    Some(if whole.is_empty() { first } else { whole.freeze() })
}

/// A request as the core wants it.
pub(crate) fn request(head: &hyper::http::request::Parts, body: Bytes, source_ip: &str) -> Request {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Request {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().map(ToOwned::to_owned),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value)))
            .collect(),
        source_ip: source_ip.to_owned(),
        body,
    }
}

/// A reply of the core as hyper wants it. A header that HTTP cannot carry is left out.
pub(crate) fn response(reply: Reply) -> Response<Body> {
    let mut response = Response::new(Body::full(reply.body));
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// A reply of this program itself, not of anything it stands for.
pub(crate) fn plain(status: StatusCode, text: &str) -> Response<Body> {
    content(status, "text/plain; charset=utf-8", text.to_owned())
}

pub(crate) fn content(
    status: StatusCode,
    kind: &'static str,
    body: impl Into<Bytes>,
) -> Response<Body> {
    let mut response = Response::new(Body::full(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
