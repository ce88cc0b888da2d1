//! The page at `/`, and what it shows: the addresses, and each log line as it is written.

use crate::http::{self, Body};
use crate::ready;
use crate::report::Reporter;
use crate::template::Loaded;
use bytes::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use std::sync::Arc;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc, watch};

const PAGE: &str = include_str!("page.html");
/// The page is one file and needs nobody else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; \
                      connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
/// Lines on their way to one page.
const LINES_MAX: usize = 64;

pub(crate) struct Console {
    pub(crate) reporter: Reporter,
    /// JSON.
    pub(crate) state: watch::Receiver<Arc<str>>,
}

/// Tells the page what runs.
#[derive(Debug)]
pub(crate) struct ConsoleState {
    domain_name: String,
    state: watch::Sender<Arc<str>>,
}

impl ConsoleState {
    pub(crate) fn new(domain_name: String, loaded: &Loaded) -> Self {
        let (state, _) = watch::channel("{}".into());
        let console = Self { domain_name, state };
        console.set(loaded);
        console
    }

    pub(crate) fn set(&self, loaded: &Loaded) {
        let stages = ready::stages(&loaded.topology, &self.domain_name);
        let functions: Vec<&String> = loaded.topology.functions.keys().collect();
        let state = serde_json::json!({ "stages": stages, "functions": functions });
        self.state.send_replace(state.to_string().into());
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Arc<str>> {
        self.state.subscribe()
    }
}

pub(crate) fn page() -> Response<Body> {
    let mut response = http::content(StatusCode::OK, "text/html; charset=utf-8", PAGE);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

impl Console {
    pub(crate) fn state(&self) -> Response<Body> {
        let state = self.state.borrow().to_string();
        http::content(StatusCode::OK, "application/json", state)
    }

    /// Server-sent events, until the page is closed.
    pub(crate) fn events(&self) -> Response<Body> {
        let (to_page, chunks) = mpsc::channel(LINES_MAX);
        tokio::spawn(forward(self.reporter.listen(), to_page));
        let mut response = Response::new(Body::Stream(chunks));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

async fn forward(mut lines: broadcast::Receiver<Arc<str>>, to_page: mpsc::Sender<Bytes>) {
    // At once, so that the page knows that it is listening.
    let mut next = Bytes::from_static(b": listening\n\n");
    while to_page.send(next).await.is_ok() {
        let line = tokio::select! {
            line = lines.recv() => line,
            () = to_page.closed() => return,
        };
        next = match line {
            Ok(line) => format!("data: {line}\n\n").into(),
            Err(RecvError::Lagged(count)) => format!("event: missed\ndata: {count}\n\n").into(),
            Err(RecvError::Closed) => return,
        };
    }
}
