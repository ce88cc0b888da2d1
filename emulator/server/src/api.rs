//! Plain HTTP on the one port: the console, the Lambda Invoke API, and whatever is meant for a stage.

use crate::console::{self, Console};
use crate::driver::{Event, Events};
use crate::http::{self, Body};
use hyper::body::Incoming;
use hyper::header::{HOST, ORIGIN, UPGRADE};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use std::convert::Infallible;
use tokio::sync::oneshot;

/// Enough of a body for the core to see that it is too long.
const BODY_MAX: usize = 6 * 1024 * 1024 + 64 * 1024;
const INVOKE: (&str, &str) = ("/2015-03-31/functions/", "/invocations");
/// The console's way to `@connections`: what follows is the path there.
const CALLBACK: &str = "/_herald/callback";

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
        if head.method == Method::GET {
            match head.uri.path() {
                "/" => return Some(console::page()),
                "/_herald/state" => return Some(self.console.state()),
                "/_herald/events" => return Some(self.console.events()),
                _ => {}
            }
        }
        if head.headers.contains_key(UPGRADE) && is_websocket(&head.headers) {
            let why = "a WebSocket needs a connection of its own; this one has carried a request already\n";
            return Some(http::plain(StatusCode::BAD_REQUEST, why));
        }
        let body = http::collect(body, BODY_MAX).await?;
        let (reply, replied) = oneshot::channel();
        let event = if let Some(function) = function(&head) {
            Event::Invoke { function, request: http::request(&head, body, source_ip), reply }
        } else {
            if let Some(path) =
                head.uri.path_and_query().and_then(|p| p.as_str().strip_prefix(CALLBACK))
            {
                head.uri = path.parse().ok()?;
            }
            Event::Http { request: http::request(&head, body, source_ip), reply }
        };
        self.events.send(event).await.ok()?;
        Some(http::response(replied.await.ok()?))
    }
}

/// Keeps other web sites out, which could otherwise use the visitor's browser to invoke functions
/// and to read the log. WebSockets do not come by here: as on AWS, they may be opened from anywhere.
fn check(head: &Parts) -> Result<(), &'static str> {
    let host = text(&head.headers, HOST.as_str());
    let own = head.uri.path() == "/" || head.uri.path().starts_with("/_herald/");
    if own && !host.is_some_and(is_local) {
        return Err("the console answers at 127.0.0.1 and localhost only\n");
    }
    match text(&head.headers, ORIGIN.as_str()) {
        Some(origin)
            if !host.is_some_and(|host| {
                is_local(host) && origin.strip_prefix("http://") == Some(host)
            }) =>
        {
            Err("requests from web pages are refused: neither @connections nor Lambda knows CORS\n")
        }
        _ => Ok(()),
    }
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
