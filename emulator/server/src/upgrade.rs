//! A WebSocket from its upgrade request to the answer.
//!
//! Whether it gets its 101 the core decides; until then the client may still give up.

use crate::socket::{Link, Open, ToSocket, hang_up};
use crate::tls::Stream;
use gateway_core::Closed;
use gateway_core::http::Reply;
use std::fmt::Write as _;
use std::time::SystemTime;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// What a client may send before its upgrade is answered.
const EARLY_MAX: usize = 4 * 1024;

/// A connection whose upgrade has been handed to the driver.
pub(crate) struct Upgrade {
    stream: Stream,
    link: Link,
}

impl Upgrade {
    pub(crate) fn new(stream: Stream, link: Link) -> Self {
        Self { stream, link }
    }

    pub(crate) async fn run(
        mut self,
        accept_key: String,
        mut early: Vec<u8>,
        config: WebSocketConfig,
    ) {
        let answer = tokio::select! {
            answer = self.link.inbox.recv() => answer,
            () = gone(&mut self.stream, &mut early) => {
                return self.link.closed(Closed::Abrupt).await;
            }
        };
        let written = match answer {
            Some(ToSocket::Accept { protocol }) => {
                let head = switching_protocols(&accept_key, protocol.as_deref());
                self.stream.write_all(head.as_bytes()).await
            }
            Some(ToSocket::Refuse(reply)) => {
                if self.stream.write_all(&refusal(&reply)).await.is_ok() {
                    _ = hang_up(&mut self.stream).await;
                }
                return;
            }
            Some(ToSocket::Send(_) | ToSocket::Close { .. }) | None => {
                return self.link.closed(Closed::Abrupt).await;
            }
        };
        if written.is_err() {
            return self.link.closed(Closed::Abrupt).await;
        }
        let Self { stream, link } = self;
        // A task of its own: this one stays as large as its largest part for as long as it lives.
        tokio::spawn(Open::new(stream, early, config, link).await.run());
    }
}

/// Ends when the client has hung up. What it sends too early is kept, within a bound.
async fn gone(stream: &mut Stream, early: &mut Vec<u8>) {
    loop {
        if early.len() >= EARLY_MAX {
            return std::future::pending().await;
        }
        early.reserve(256);
        if !matches!(stream.read_buf(early).await, Ok(1..)) {
            return;
        }
    }
}

fn date() -> String {
    httpdate::fmt_http_date(SystemTime::now())
}

/// The 101, its headers in the order and spelling in which API Gateway sends them.
fn switching_protocols(accept_key: &str, protocol: Option<&str>) -> String {
    let mut head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nDate: {}\r\nConnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-accept: {accept_key}\r\n",
        date()
    );
    if let Some(protocol) = protocol {
        _ = write!(head, "sec-websocket-protocol: {protocol}\r\n");
    }
    head.push_str("\r\n");
    head
}

fn refusal(reply: &Reply) -> Vec<u8> {
    let status = hyper::StatusCode::from_u16(reply.status);
    let phrase = status.ok().and_then(|status| status.canonical_reason()).unwrap_or("Refused");
    let mut head = format!("HTTP/1.1 {} {phrase}\r\nDate: {}\r\n", reply.status, date());
    for (name, value) in &reply.headers {
        _ = write!(head, "{name}: {value}\r\n");
    }
    _ = write!(head, "Content-Length: {}\r\nConnection: close\r\n\r\n", reply.body.len());
    let mut bytes = head.into_bytes();
    bytes.extend_from_slice(&reply.body);
    bytes
}
