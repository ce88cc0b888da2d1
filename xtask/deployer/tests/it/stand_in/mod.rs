//! A CloudFormation of a page or two, with what a deployment needs around it: answers in AWS's
//! shape, on virtual time, by a script.
//!
//! It decides nothing: what an operation does, and when, is written in the test, down to the states
//! that AWS reaches once a year. What it refuses it refuses because a request is malformed.

mod cloudformation;
mod others;
mod world;

pub(crate) use world::{At, ChangeSetWill, Fault, Step, World, change_set, stack, step};

use deployer::clock::{Clock, Sleep};
use deployer::interrupt::Trigger;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};
use tokio::net::TcpListener;

/// The account that everybody is in.
pub(crate) const ACCOUNT: &str = "123456789012";

/// The server, and the world behind it.
#[derive(Clone)]
pub(crate) struct StandIn {
    world: Arc<Mutex<World>>,
    pub(crate) url: String,
}

impl StandIn {
    pub(crate) async fn start(world: World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stand_in = Self { world: Arc::new(Mutex::new(world)), url };
        let server = stand_in.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let server = server.clone();
                let service = service_fn(move |request| {
                    let server = server.clone();
                    async move { server.answer(request).await }
                });
                let http = hyper::server::conn::http1::Builder::new();
                tokio::spawn(http.serve_connection(TokioIo::new(socket), service));
            }
        });
        stand_in
    }

    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }

    async fn answer(&self, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        let call = others::Call::new(&head, body);
        let mut world = self.world();
        world.advance();
        if let Some(fault) = world.fault(&call.operation) {
            let Some((status, code, message)) = fault.answer() else {
                return Err(io::Error::other("the line is dead"));
            };
            return Ok(error(&call, status, code, message));
        }
        world.calls.push(call.operation.clone());
        let answer = match call.is_form {
            true => cloudformation::answer(&mut world, &call.operation, &call.form),
            false => others::answer(&mut world, &call),
        };
        if world.lost_answer == Some(world.calls.len()) {
            return Err(io::Error::other("it was done, and nobody learns of it"));
        }
        Ok(answer.unwrap_or_else(|(status, code, message)| error(&call, status, code, &message)))
    }
}

/// What a service says no with.
type Refusal = (u16, &'static str, String);
type Answer = Result<Response<Full<Bytes>>, Refusal>;

fn text(status: u16, body: String) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(status).unwrap();
    Response::builder().status(status).body(Full::new(Bytes::from(body))).unwrap()
}

fn error(call: &others::Call, status: u16, code: &str, message: &str) -> Response<Full<Bytes>> {
    let body = match call.is_form {
        true => format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{}</Message></Error><RequestId>r</RequestId></ErrorResponse>",
            world::escaped(message)
        ),
        false if call.is_head => String::new(),
        false => format!(r#"{{"__type":"{code}","message":"{message}"}}"#),
    };
    text(status, body)
}

/// Time that passes when somebody waits, and not otherwise.
pub(crate) struct VirtualClock {
    pub(crate) stand_in: StandIn,
    pub(crate) trigger: Arc<Trigger>,
}

impl Clock for VirtualClock {
    fn now(&self) -> SystemTime {
        self.stand_in.world().now
    }

    fn sleep(&self, time: Duration) -> Sleep<'_> {
        {
            let mut world = self.stand_in.world();
            world.now += time;
            let age = world.age();
            if world.interrupt.is_some_and(|at| age >= at) {
                self.trigger.pull();
            }
        }
        Box::pin(tokio::task::yield_now())
    }
}
