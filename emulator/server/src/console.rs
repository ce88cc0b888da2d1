//! The page at `/`, and what it shows: the addresses, and each log line as it is written.

use crate::http::{self, Body};
use crate::ready;
use crate::report::Reporter;
use crate::template::Loaded;
use bytes::Bytes;
use gateway_core::queue::Stored;
use gateway_core::topology::Polled;
use hyper::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};
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
    pub(crate) state: watch::Receiver<Arc<Value>>,
}

/// Tells the page what runs.
#[derive(Debug)]
pub(crate) struct ConsoleState {
    domain_name: String,
    state: watch::Sender<Arc<Value>>,
}

impl ConsoleState {
    pub(crate) fn new(domain_name: String, loaded: &Loaded) -> Self {
        let (state, _) = watch::channel(Arc::default());
        let console = Self { domain_name, state };
        console.set(loaded);
        console
    }

    pub(crate) fn set(&self, loaded: &Loaded) {
        let stages = ready::stages(&loaded.topology, &self.domain_name);
        let functions: Vec<&String> = loaded.topology.functions.keys().collect();
        let tables: Vec<&String> = loaded.topology.tables.keys().collect();
        let mappings = loaded.topology.event_sources.iter().map(|source| {
            let from = match &source.from {
                Polled::Stream { config, .. } => &config.stream_arn,
                Polled::Queue(config) => &config.queue_arn,
            };
            json!({ "mapping": source.logical_id, "from": from, "function": source.function })
        });
        let rules = loaded.topology.messaging.rules.iter().map(|rule| &rule.name);
        let state = json!({
            "stages": stages,
            "functions": functions,
            "region": loaded.topology.region,
            "tables": tables,
            "mappings": mappings.collect::<Vec<_>>(),
            "rules": rules.collect::<Vec<_>>(),
        });
        self.state.send_replace(Arc::new(state));
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Arc<Value>> {
        self.state.subscribe()
    }
}

pub(crate) fn page() -> Response<Body> {
    let mut response = http::content(StatusCode::OK, "text/html; charset=utf-8", PAGE);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// The messages of a queue.
pub(crate) fn messages(messages: &[Stored]) -> Response<Body> {
    let messages = messages.iter().map(|message| {
        json!({
            "id": message.id,
            "body": message.body,
            "sent": message.sent.iso8601(),
            "receipts": message.receipts,
        })
    });
    let messages: Value = messages.collect();
    http::content(StatusCode::OK, "application/json", messages.to_string())
}

impl Console {
    /// What runs, with how many messages each queue holds.
    pub(crate) fn state(&self, queues: &[(String, usize)]) -> Response<Body> {
        let mut state = Value::clone(&self.state.borrow());
        let queues = queues.iter().map(|(name, depth)| json!({ "name": name, "messages": depth }));
        state["queues"] = queues.collect();
        http::content(StatusCode::OK, "application/json", state.to_string())
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
