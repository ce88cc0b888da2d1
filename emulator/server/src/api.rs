//! Plain HTTP on the one port: the console, Lambda's API, services at `POST /`, and whatever is meant
//! for a stage.

use crate::absent;
use crate::console::{self, Console};
use crate::driver::{Event, Events};
use crate::http::{self, Body};
use gateway_core::control::{self, Command};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST, ORIGIN, UPGRADE};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use percent_encoding::percent_decode_str;
use std::convert::Infallible;
use tokio::sync::oneshot;

/// Enough of a body for the core to see that it is too long.
const BODY_MAX: usize = 6 * 1024 * 1024 + 64 * 1024;
/// The same for services: `DynamoDB` takes the largest requests.
const SERVICE_BODY_MAX: usize = 16 * 1024 * 1024 + 64 * 1024;
const INVOKE: (&str, &str) = ("/2015-03-31/functions/", "/invocations");
/// What Lambda tells about functions.
const FUNCTIONS: &str = "/2015-03-31/functions";
/// The console's way to `@connections`, where it counts as the local administrator: what follows is
/// the path there.
const CALLBACK: &str = "/_herald/callback";
/// Time and faults.
const CONTROL: &str = "/_herald/control";
/// The messages of a queue; `DELETE` takes them out.
const QUEUES: &str = "/_herald/queues/";

pub(crate) struct Api {
    pub(crate) events: Events,
    pub(crate) console: Console,
}

impl Api {
    pub(crate) async fn answer(
        &self,
        request: Request<Incoming>,
        source_ip: &str,
    ) -> Result<Response<Body>, Infallible> {
        Ok(self.dispatch(request, source_ip).await.unwrap_or_else(|| {
            http::plain(StatusCode::SERVICE_UNAVAILABLE, "the local cloud is ending\n")
        }))
    }

    async fn dispatch(
        &self,
        request: Request<Incoming>,
        source_ip: &str,
    ) -> Option<Response<Body>> {
        let (mut head, body) = request.into_parts();
        if let Err(why) = check(&head) {
            return Some(http::plain(StatusCode::FORBIDDEN, why));
        }
        if let Some(service) = absent::service(&head.headers) {
            self.console.reporter.trouble(absent::trouble(service));
            return Some(absent::refusal(service));
        }
        if head.method == Method::GET {
            match head.uri.path() {
                "/" => return Some(console::page()),
                "/_herald/state" => return self.state().await,
                "/_herald/events" => return Some(self.console.events()),
                _ => {}
            }
        }
        if head.headers.contains_key(UPGRADE) && is_websocket(&head.headers) {
            let why = "a WebSocket needs a connection of its own; this one has carried a request already\n";
            return Some(http::plain(StatusCode::BAD_REQUEST, why));
        }
        if let Some(queue) = head.uri.path().strip_prefix(QUEUES) {
            return self.queue(&head.method, queue).await;
        }
        if is_service(&head) {
            let body = http::collect(body, SERVICE_BODY_MAX).await?;
            return self.service(http::request(&head, body, source_ip)).await;
        }
        let body = http::collect(body, BODY_MAX).await?;
        let (reply, replied) = oneshot::channel();
        let event = if head.uri.path() == CONTROL {
            let command = match head.method {
                Method::GET => Ok(Command::List),
                Method::POST => Command::parse(&body),
                _ => return Some(http::plain(StatusCode::METHOD_NOT_ALLOWED, "GET or POST\n")),
            };
            match command {
                Ok(command) => Event::Control { command, reply },
                Err(why) => return Some(http::response(control::malformed(&why))),
            }
        } else if let Some(function) = function(&head) {
            Event::Invoke { function, request: http::request(&head, body, source_ip), reply }
        } else if is_about_functions(&head) {
            Event::Functions { request: http::request(&head, body, source_ip), reply }
        } else if let Some(path) = callback(&head) {
            head.uri = path;
            Event::Console { request: http::request(&head, body, source_ip), reply }
        } else {
            Event::Http { request: http::request(&head, body, source_ip), reply }
        };
        self.events.send(event).await.ok()?;
        Some(http::response(replied.await.ok()?))
    }

    async fn service(&self, request: gateway_core::http::Request) -> Option<Response<Body>> {
        let (reply, replied) = oneshot::channel();
        // Dropped with this future when the client goes away.
        let (_here, gone) = oneshot::channel();
        self.events.send(Event::Service { request, reply, gone }).await.ok()?;
        Some(http::response(replied.await.ok()?))
    }

    async fn state(&self) -> Option<Response<Body>> {
        let (reply, replied) = oneshot::channel();
        self.events.send(Event::Queues { reply }).await.ok()?;
        Some(self.console.state(&replied.await.ok()?))
    }

    async fn queue(&self, method: &Method, name: &str) -> Option<Response<Body>> {
        let drain = match *method {
            Method::GET => false,
            Method::DELETE => true,
            _ => {
                let why = "GET lists the messages of a queue, DELETE takes them out\n";
                return Some(http::plain(StatusCode::METHOD_NOT_ALLOWED, why));
            }
        };
        let (reply, replied) = oneshot::channel();
        self.events.send(Event::Queue { name: name.to_owned(), drain, reply }).await.ok()?;
        Some(match replied.await.ok()? {
            Some(messages) => console::messages(&messages),
            None => http::plain(
                StatusCode::NOT_FOUND,
                "there is no such queue; GET /_herald/state lists them\n",
            ),
        })
    }
}

/// Whether this is for a service: it speaks AWS JSON, or the Query protocol, for which a queue has a
/// path.
fn is_service(head: &Parts) -> bool {
    let form = || {
        text(&head.headers, CONTENT_TYPE.as_str())
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"))
    };
    head.method == Method::POST
        && (head.headers.contains_key("x-amz-target")
            || is_path_of_service(head.uri.path()) && form())
}

fn is_path_of_service(path: &str) -> bool {
    let queue = path.trim_start_matches('/').split_once('/');
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    path == "/" || queue.is_some_and(|(account, name)| is_account(account) && !name.contains('/'))
}

/// Keeps other web sites out, which could otherwise use the visitor's browser to invoke functions
/// and to read the log. WebSockets do not come by here: as on AWS, they may be opened from anywhere.
fn check(head: &Parts) -> Result<(), &'static str> {
    let host = text(&head.headers, HOST.as_str());
    let own = head.uri.path() == "/" || head.uri.path().starts_with("/_herald/");
    if own && !host.is_some_and(is_local) {
        return Err("the console answers at 127.0.0.1 and localhost only\n");
    }
    let origin = text(&head.headers, ORIGIN.as_str());
    if callback(head).is_some() && origin.is_none() {
        return Err("only the console posts this way; sign a request to @connections instead\n");
    }
    match origin {
        Some(origin)
            if !host.is_some_and(|host| {
                is_local(host) && origin.split_once("://").is_some_and(|(_, at)| at == host)
            }) =>
        {
            Err("requests from web pages are refused: neither @connections nor Lambda knows CORS\n")
        }
        _ => Ok(()),
    }
}

/// Where the console wants to post to.
fn callback(head: &Parts) -> Option<Uri> {
    head.uri.path_and_query()?.as_str().strip_prefix(CALLBACK)?.parse().ok()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or_default())
}

/// Whether this is a name of this very machine; a name that somebody else's DNS leads here is not.
fn is_local(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    };
    matches!(host, "127.0.0.1" | "localhost" | "[::1]")
}

fn is_websocket(headers: &HeaderMap) -> bool {
    text(headers, UPGRADE.as_str()).is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// The function that is to be invoked: its name or ARN.
fn function(head: &Parts) -> Option<String> {
    if head.method != Method::POST {
        return None;
    }
    let name = head.uri.path().strip_prefix(INVOKE.0)?.strip_suffix(INVOKE.1)?;
    Some(percent_decode_str(name).decode_utf8().ok()?.into_owned())
}

fn is_about_functions(head: &Parts) -> bool {
    let rest = head.uri.path().strip_prefix(FUNCTIONS);
    head.method == Method::GET && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::{check, function, is_local};
    use hyper::Request;
    use hyper::http::request::Parts;

    fn head(method: &str, path: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn a_function_is_named_by_the_path() {
        let named = |method, path| function(&head(method, path, &[]));
        assert_eq!(named("POST", "/2015-03-31/functions/f/invocations").as_deref(), Some("f"));
        let arn = "/2015-03-31/functions/arn%3Aaws%3Alambda%3Ax%3A1%3Afunction%3Af/invocations";
        assert_eq!(named("POST", arn).as_deref(), Some("arn:aws:lambda:x:1:function:f"));
        assert_eq!(named("GET", "/2015-03-31/functions/f/invocations"), None);
        assert_eq!(named("POST", "/dev/@connections/x"), None);
    }

    #[test]
    fn other_web_sites_are_kept_out() {
        let allowed = |path, headers: &[(&str, &str)]| check(&head("POST", path, headers)).is_ok();
        let (host, evil) = (("host", "127.0.0.1:4000"), ("host", "evil.example:4000"));
        assert!(allowed("/_herald/state", &[host]));
        assert!(allowed("/_herald/callback/dev", &[host, ("origin", "http://127.0.0.1:4000")]));
        assert!(allowed("/dev/@connections/x", &[("host", "ws.example.com")]));
        assert!(!allowed("/dev/@connections/x", &[host, ("origin", "http://evil.example")]));
        assert!(!allowed(
            "/2015-03-31/functions/f/invocations",
            &[evil, ("origin", "http://evil.example:4000")]
        ));
        assert!(!allowed("/_herald/callback/dev", &[host]));
        assert!(!allowed("/_herald/callback/dev", &[host, ("origin", "null")]));
        assert!(!allowed("/_herald/callback/dev", &[evil, ("origin", "http://evil.example:4000")]));
        assert!(!allowed("/_herald/events", &[evil]));
        assert!(!allowed("/", &[]));
    }

    #[test]
    fn a_local_name_may_have_a_port() {
        for name in ["127.0.0.1", "127.0.0.1:80", "localhost:4000", "[::1]:4000", "[::1]"] {
            assert!(is_local(name), "{name}");
        }
        for name in ["localhost.example.com", "127.0.0.1.example.com:80", "", "0.0.0.0"] {
            assert!(!is_local(name), "{name}");
        }
    }
}
