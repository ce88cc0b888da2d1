//! What surrounds a function in Lambda, as far as it can tell: the Runtime API, and AWS services that
//! answer at once.
//!
//! It hands the function one event at a time, when its caller says so, and tells its caller when the
//! function asks for the next. What `DynamoDB` is asked is not looked at: it has no item and takes
//! every write.

use crate::http::{Body, collect, reply, serve};
use anyhow::{Context as _, bail};
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::{Method, Request, Response};
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

const RUNTIME: &str = "/2018-06-01/runtime/";
const FUNCTION_ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:bench";
/// What an invocation may take, by its deadline; also how long a function is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// The surroundings of one process.
pub(crate) struct StandIn {
    pub(crate) address: SocketAddr,
    asked: mpsc::Receiver<Waiting>,
    done: mpsc::Receiver<Done>,
    posts: Arc<AtomicU64>,
    server: JoinHandle<()>,
}

/// A function that waits for an event.
pub(crate) struct Waiting(oneshot::Sender<String>);

/// What came of an event.
enum Done {
    Answered(Bytes),
    Failed(Bytes),
}

/// The way from requests to the caller.
#[derive(Clone)]
struct Tell {
    asked: mpsc::Sender<Waiting>,
    done: mpsc::Sender<Done>,
    posts: Arc<AtomicU64>,
}

impl StandIn {
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (tell_asked, asked) = mpsc::channel(1);
        let (tell_done, done) = mpsc::channel(1);
        let posts = Arc::new(AtomicU64::new(0));
        let tell = Tell { asked: tell_asked, done: tell_done, posts: Arc::clone(&posts) };
        let server = tokio::spawn(serve(listener, move |request| answer(tell.clone(), request)));
        Ok(Self { address, asked, done, posts, server })
    }

    /// Posts to connections so far.
    pub(crate) fn posts(&self) -> u64 {
        self.posts.load(Ordering::Relaxed)
    }

    /// Waits until the function asks for an event.
    pub(crate) async fn waiting(&mut self) -> anyhow::Result<Waiting> {
        tokio::select! {
            waiting = timeout(PATIENCE, self.asked.recv()) => {
                waiting.context("the function does not ask for an event")?.context("the server has ended")
            }
            done = self.done.recv() => match done {
                Some(Done::Failed(why)) => bail!("the function does not start: {}", text(&why)),
                _ => bail!("the function answers before it was asked"),
            },
        }
    }

    /// Gives it one and waits for the answer.
    pub(crate) async fn give(&mut self, waiting: Waiting, event: String) -> anyhow::Result<()> {
        if waiting.0.send(event).is_err() {
            bail!("the function no longer waits for its event");
        }
        let done = timeout(PATIENCE, self.done.recv()).await;
        match done.context("the function does not answer")?.context("the server has ended")? {
            Done::Answered(answer) => {
                let status = serde_json::from_slice::<Value>(&answer).ok();
                let status = status.and_then(|answer| answer.get("statusCode")?.as_u64());
                match status {
                    Some(200) => Ok(()),
                    _ => bail!("the function refuses: {}", text(&answer)),
                }
            }
            Done::Failed(why) => bail!("the function fails: {}", text(&why)),
        }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).chars().take(500).collect()
}

async fn answer(tell: Tell, request: Request<Incoming>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let path = head.uri.path();
    let Ok(body) = collect(body).await else { return reply(400, "") };
    if let Some(call) = path.strip_prefix(RUNTIME) {
        return runtime(tell, &head.method, call, body).await;
    }
    if let Some(target) = head.headers.get("x-amz-target") {
        return json_service(target);
    }
    if path.contains("/@connections/") && head.method == Method::POST {
        tell.posts.fetch_add(1, Ordering::Relaxed);
        return reply(200, "");
    }
    reply(404, "there is nothing here")
}

async fn runtime(tell: Tell, method: &Method, call: &str, body: Bytes) -> Response<Body> {
    let words: Vec<&str> = call.split('/').collect();
    let done = match (method, &words[..]) {
        (&Method::GET, ["invocation", "next"]) => return next(&tell).await,
        (&Method::POST, ["invocation", _, "response"]) => Done::Answered(body),
        (&Method::POST, ["invocation", _, "error"] | ["init", "error"]) => Done::Failed(body),
        _ => return reply(404, ""),
    };
    match tell.done.send(done).await {
        Ok(()) => reply(202, r#"{"status":"OK"}"#),
        Err(_) => reply(500, ""),
    }
}

async fn next(tell: &Tell) -> Response<Body> {
    let (give, given) = oneshot::channel();
    if tell.asked.send(Waiting(give)).await.is_err() {
        return reply(500, "");
    }
    let Ok(event) = given.await else { return reply(500, "") };
    let mut response = reply(200, event);
    let headers = response.headers_mut();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let deadline = (now + PATIENCE).as_millis().to_string();
    let fixed = HeaderValue::from_static;
    headers.insert("content-type", fixed("application/json"));
    headers.insert("lambda-runtime-aws-request-id", fixed("8476a536-e9f4-11e8-9739-2dfe598c3fcd"));
    headers.insert("lambda-runtime-invoked-function-arn", fixed(FUNCTION_ARN));
    headers.insert(
        "lambda-runtime-trace-id",
        fixed("Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0"),
    );
    if let Ok(deadline) = HeaderValue::from_str(&deadline) {
        headers.insert("lambda-runtime-deadline-ms", deadline);
    }
    response
}

fn json_service(target: &HeaderValue) -> Response<Body> {
    let is_query = target.as_bytes().ends_with(b".Query");
    let answer = if is_query { r#"{"Items":[],"Count":0,"ScannedCount":0}"# } else { "{}" };
    let mut response = reply(200, answer);
    let json = HeaderValue::from_static("application/x-amz-json-1.0");
    response.headers_mut().insert("content-type", json);
    response
}
