//! The Lambda Runtime API of one environment, on a port of its own: who asks is known by the port.
//!
//! It translates requests into events and back; what is allowed when, the core decides.

use crate::driver::{Event, Events};
use crate::http::{self, Body};
use gateway_core::EnvironmentId;
use gateway_core::lambda::RuntimeEvent;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

const VERSION: &str = "/2018-06-01/runtime/";
/// A runtime has one connection, or a few.
const CONNECTIONS_MAX: usize = 16;
/// Enough of an answer for the core to see that it is too long.
const BODY_MAX: usize = 6 * 1024 * 1024 + 64 * 1024;
const RETRY_ACCEPT: Duration = Duration::from_millis(50);

/// Serves until dropped; its connections end with it.
pub(crate) async fn serve(
    listener: TcpListener,
    environment: EnvironmentId,
    events: Events,
) -> Infallible {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if connections.len() < CONNECTIONS_MAX => {
                let Ok((stream, _)) = accepted else {
                    tokio::time::sleep(RETRY_ACCEPT).await;
                    continue;
                };
                // Without it the connection is slower, but works.
                _ = stream.set_nodelay(true);
                let events = events.clone();
                let service = service_fn(move |request| answer(request, environment, events.clone()));
                connections.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        }
    }
}

async fn answer(
    request: Request<Incoming>,
    environment: EnvironmentId,
    events: Events,
) -> Result<Response<Body>, Infallible> {
    Ok(dispatch(request, environment, &events).await.unwrap_or_else(|| {
        // The driver has dropped the question: this environment is at its end.
        http::plain(StatusCode::SERVICE_UNAVAILABLE, "this environment is ending\n")
    }))
}

async fn dispatch(
    request: Request<Incoming>,
    environment: EnvironmentId,
    events: &Events,
) -> Option<Response<Body>> {
    let (head, body) = request.into_parts();
    let Some(path) = head.uri.path().strip_prefix(VERSION) else {
        return Some(http::plain(StatusCode::NOT_FOUND, "not part of the Runtime API\n"));
    };
    let segments: Vec<&str> = path.split('/').collect();
    let event = match (&head.method, segments.as_slice()) {
        (&Method::GET, ["invocation", "next"]) => return next(environment, events).await,
        (&Method::POST, ["invocation", id, "response"]) => {
            let request_id = (*id).to_owned();
            let body = http::collect(body, BODY_MAX).await?;
            RuntimeEvent::Response { request_id, body }
        }
        (&Method::POST, ["invocation", id, "error"]) => {
            let (request_id, error_type) = ((*id).to_owned(), error_type(&head));
            let body = http::collect(body, BODY_MAX).await?;
            RuntimeEvent::Error { request_id, error_type, body }
        }
        (&Method::POST, ["init", "error"]) => {
            let error_type = error_type(&head);
            let body = http::collect(body, BODY_MAX).await?;
            RuntimeEvent::InitError { error_type, body }
        }
        _ => return Some(http::plain(StatusCode::NOT_FOUND, "not part of the Runtime API\n")),
    };
    let (reply, replied) = oneshot::channel();
    events.send(Event::Said { environment, event, reply }).await.ok()?;
    Some(http::response(replied.await.ok()?))
}

fn error_type(head: &hyper::http::request::Parts) -> Option<String> {
    Some(head.headers.get("Lambda-Runtime-Function-Error-Type")?.to_str().ok()?.to_owned())
}

/// Waits, possibly for hours, for something to do.
async fn next(environment: EnvironmentId, events: &Events) -> Option<Response<Body>> {
    let (reply, replied) = oneshot::channel();
    events.send(Event::Next { environment, reply }).await.ok()?;
    let delivery = replied.await.ok()?;
    let mut response = Response::new(Body::full(delivery.payload));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let deadline_ms = delivery.deadline.0.to_string();
    let told = [
        ("lambda-runtime-aws-request-id", Some(delivery.request_id)),
        ("lambda-runtime-deadline-ms", Some(deadline_ms)),
        ("lambda-runtime-invoked-function-arn", Some(delivery.function_arn)),
        ("lambda-runtime-trace-id", Some(delivery.trace_id)),
        ("lambda-runtime-client-context", delivery.client_context),
    ];
    for (name, value) in told {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            headers.insert(name, value);
        }
    }
    Some(response)
}
