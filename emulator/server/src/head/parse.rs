//! What a request head asks for. Bytes in, [`Wish`] out: no sockets, so that it can be fuzzed alone
//! (`emulator/core/fuzz`).

use gateway_core::http::Request;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

/// Headers in one head.
const HEADERS_MAX: usize = 100;

/// What a client wants of a new connection.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// A WebSocket. `accept_key` proves to the client that it was understood; `early` is what it
    /// has sent after its request.
    WebSocket { request: Request, accept_key: String, early: Vec<u8> },
    /// A WebSocket, asked for in a way that RFC 6455 does not know.
    Malformed { status: &'static str, why: &'static str },
    /// Anything else that may be HTTP.
    Http { bytes: Vec<u8> },
    /// A head that does not fit.
    TooLong,
    /// Nothing; the client has gone.
    Nothing,
}

/// Reads a request head; `end` is where it ends in `bytes`.
pub(super) fn parse(bytes: Vec<u8>, end: usize, source_ip: &str) -> Wish {
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
        Err((status, why)) => return Wish::Malformed { status, why },
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

/// What RFC 6455, section 4.2.1, demands of an upgrade. Gives the client's key, or the status and the
/// reason to refuse it with.
fn check<'a>(
    method: &str,
    headers: &[httparse::Header<'a>],
) -> Result<&'a [u8], (&'static str, &'static str)> {
    let bad = |why| Err(("400 Bad Request", why));
    if method != "GET" {
        return bad("a WebSocket upgrade is a GET request");
    }
    if !has_token(headers, "connection", "upgrade") {
        return bad("the header `Connection: Upgrade` is missing");
    }
    if !has_token(headers, "sec-websocket-version", "13") {
        return Err(("426 Upgrade Required", "the header `Sec-WebSocket-Version: 13` is missing"));
    }
    match values(headers, "sec-websocket-key").next() {
        Some(key) if key.len() == 24 => Ok(key),
        _ => bad("the header `Sec-WebSocket-Key` is missing or not 16 bytes in Base64"),
    }
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
#[path = "../../../core/fuzz/http_head.rs"]
mod fuzz;

#[cfg(test)]
mod tests {
    use super::{Wish, fuzz, parse};

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
            let Wish::Malformed { why, .. } = wish(&UPGRADE.replace(from, to)) else {
                panic!("{from} → {to}")
            };
            assert!(why.contains(expected), "{why}");
        }
    }

    #[test]
    fn damaged_heads_are_survived() {
        let corpus: [&[u8]; 4] = [
            include_bytes!("../../../core/tests/corpus/http_head/upgrade"),
            include_bytes!("../../../core/tests/corpus/http_head/post"),
            include_bytes!("../../../core/tests/corpus/http_head/without_version"),
            include_bytes!("../../../core/tests/corpus/http_head/not_http"),
        ];
        // Every byte in turn becomes one that means something, or is gone.
        for data in corpus {
            fuzz::check(data);
            for at in 0..data.len() {
                for byte in *b"\r\n :,\0\xff" {
                    let mut damaged = data.to_vec();
                    damaged[at] = byte;
                    fuzz::check(&damaged);
                }
                fuzz::check(&[&data[..at], &data[at + 1..]].concat());
            }
        }
    }
}
