//! The head of the first request on a connection, read and parsed here because names of headers and
//! their order must reach the function as the client wrote them.

use gateway_core::http::Request;
use std::io;
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Bytes of a request head, and how many headers may be in it.
pub(crate) const HEAD_MAX: usize = 16 * 1024;
const HEADERS_MAX: usize = 100;
const READ_SIZE: usize = 1024;

/// What a client wants of a new connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// A WebSocket. `accept_key` proves to the client that it was understood; `early` is what it
    /// has sent after its request.
    WebSocket { request: Request, accept_key: String, early: Vec<u8> },
    /// A WebSocket, asked for in a way that RFC 6455 does not know.
    Malformed { why: &'static str },
    /// Anything else that may be HTTP.
    Http { bytes: Vec<u8> },
    /// A head that does not fit.
    TooLong,
    /// Nothing; the client has gone.
    Nothing,
}

/// Reads until the head is complete.
pub(crate) async fn read(stream: &mut TcpStream, source_ip: &str) -> io::Result<Wish> {
    let mut bytes = Vec::new();
    loop {
        bytes.reserve(READ_SIZE);
        let before = bytes.len();
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(Wish::Nothing);
        }
        // The end may have come in two reads.
        let from = before.saturating_sub(3);
        if let Some(end) = bytes[from..].windows(4).position(|four| four == b"\r\n\r\n") {
            return Ok(parse(bytes, from + end + 4, source_ip));
        }
        if bytes.len() > HEAD_MAX {
            return Ok(Wish::TooLong);
        }
    }
}

/// `end` is where the head ends.
fn parse(bytes: Vec<u8>, end: usize, source_ip: &str) -> Wish {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut parsed = httparse::Request::new(&mut headers);
    let complete = matches!(parsed.parse(&bytes[..end]), Ok(httparse::Status::Complete(_)));
    // What is no HTTP, the HTTP server refuses.
    let (true, Some(method), Some(target)) = (complete, parsed.method, parsed.path) else {
        return Wish::Http { bytes };
    };
    if !has_token(parsed.headers, "upgrade", "websocket") {
        return Wish::Http { bytes };
    }
    let accept_key = match check(method, parsed.headers) {
        Ok(key) => derive_accept_key(key),
        Err(why) => return Wish::Malformed { why },
    };
    let (path, query) = match target.split_once('?') {
        Some((path, query)) => (path, Some(query.to_owned())),
        None => (target, None),
    };
    let headers = parsed.headers.iter();
    let headers =
        headers.map(|h| (h.name.to_owned(), String::from_utf8_lossy(h.value).into_owned()));
    let request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query,
        headers: headers.collect(),
        source_ip: source_ip.to_owned(),
        body: bytes::Bytes::new(),
    };
    Wish::WebSocket { request, accept_key, early: bytes[end..].to_vec() }
}

/// What RFC 6455, section 4.2.1, demands of an upgrade; gives the client's key.
fn check<'a>(method: &str, headers: &[httparse::Header<'a>]) -> Result<&'a [u8], &'static str> {
    if method != "GET" {
        return Err("a WebSocket upgrade is a GET request");
    }
    if !has_token(headers, "connection", "upgrade") {
        return Err("the header `Connection: Upgrade` is missing");
    }
    if !has_token(headers, "sec-websocket-version", "13") {
        return Err("the header `Sec-WebSocket-Version: 13` is missing");
    }
    let key = values(headers, "sec-websocket-key").next();
    key.filter(|key| key.len() == 24)
        .ok_or("the header `Sec-WebSocket-Key` is missing or not 16 bytes in Base64")
}

fn values<'a, 'b>(
    headers: &'b [httparse::Header<'a>],
    name: &'b str,
) -> impl Iterator<Item = &'a [u8]> + 'b {
    headers.iter().filter(move |h| h.name.eq_ignore_ascii_case(name)).map(|h| h.value.trim_ascii())
}

fn has_token(headers: &[httparse::Header<'_>], name: &str, token: &str) -> bool {
    let mut tokens = values(headers, name).flat_map(|value| value.split(|b| *b == b','));
    tokens.any(|t| t.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::{Wish, parse};

    const UPGRADE: &str = "GET /dev?a=1&b HTTP/1.1\r\nHost: x\r\nX-cAsE: kept\r\nConnection: keep-alive, Upgrade\r\n\
                           Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                           Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    fn wish(text: &str) -> Wish {
        let end = text.find("\r\n\r\n").unwrap() + 4;
        parse(text.as_bytes().to_vec(), end, "127.0.0.1")
    }

    #[test]
    fn an_upgrade_keeps_its_headers_as_they_were_written() {
        let Wish::WebSocket { request, accept_key, early } = wish(&format!("{UPGRADE}early"))
        else {
            panic!("not an upgrade")
        };
        assert_eq!((request.path.as_str(), request.query.as_deref()), ("/dev", Some("a=1&b")));
        let names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            [
                "Host",
                "X-cAsE",
                "Connection",
                "Upgrade",
                "Sec-WebSocket-Version",
                "Sec-WebSocket-Key"
            ]
        );
        // The example of RFC 6455, section 1.3.
        assert_eq!(accept_key, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(early, b"early");
    }

    #[test]
    fn what_does_not_ask_for_a_websocket_is_left_to_http() {
        for text in [
            "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
            "POST /x HTTP/1.1\r\nUpgrade: h2c\r\n\r\n",
            "what?\r\n\r\n",
        ] {
            assert_eq!(wish(text), Wish::Http { bytes: text.as_bytes().to_vec() });
        }
    }

    #[test]
    fn an_upgrade_that_breaks_the_rules_is_told_which() {
        for (from, to, expected) in [
            ("GET", "POST", "GET"),
            ("keep-alive, Upgrade", "close", "Connection"),
            (": 13", ": 8", "Version"),
            ("dGhl", "", "Key"),
        ] {
            let Wish::Malformed { why } = wish(&UPGRADE.replace(from, to)) else {
                panic!("{from} → {to}")
            };
            assert!(why.contains(expected), "{why}");
        }
    }
}
