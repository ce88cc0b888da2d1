//! The one port: accepts connections and sends each to where it belongs.

use crate::api::Api;
use crate::driver::{Event, Events};
use crate::head::{self, Wish};
use crate::socket::{self, Link};
use crate::tls::{Stream, Tls};
use crate::upgrade::Upgrade;
use bytes::{Buf as _, Bytes};
use gateway_core::{Limits, SocketId};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;

/// Connections besides those that may be WebSockets.
const HTTP_CONNECTIONS_MAX: usize = 1024;
/// A client must have sent its request head within this; also how long a kept connection may idle.
const HEAD_TIME: Duration = Duration::from_secs(75);
/// After an error that does not go away by itself, such as too many open files.
const RETRY_ACCEPT: Duration = Duration::from_millis(100);

/// What each connection needs.
struct Front {
    events: Events,
    api: Arc<Api>,
    limits: Limits,
    tls: Tls,
}

impl Front {
    /// Most clients that end a TLS handshake have never heard of the authority.
    fn tell_distrust(&self, e: &io::Error) {
        if e.kind() == io::ErrorKind::InvalidData {
            let authority = self.tls.trust().authority.display();
            let trouble = format!("a TLS client was not served ({e}); it has to trust {authority}");
            self.api.console.reporter.trouble(trouble);
        }
    }
}

/// Accepts connections until dropped.
pub(crate) async fn serve(
    listener: TcpListener,
    events: Events,
    api: Arc<Api>,
    limits: Limits,
    tls: Tls,
) {
    let connections_max = (limits.connections + HTTP_CONNECTIONS_MAX).min(Semaphore::MAX_PERMITS);
    let room = Arc::new(Semaphore::new(connections_max));
    let front = Arc::new(Front { events, api, limits, tls });
    let mut last_id = 0;
    loop {
        // Beyond the bound, clients wait in the system's queue.
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, address)) => {
                last_id += 1;
                // Without it the connection is slower, but works.
                _ = stream.set_nodelay(true);
                let source_ip = address.ip().to_string();
                tokio::spawn(begin(
                    stream,
                    source_ip,
                    SocketId(last_id),
                    Arc::clone(&front),
                    permit,
                ));
            }
            Err(_) => tokio::time::sleep(RETRY_ACCEPT).await,
        }
    }
}

/// Finds out what the client wants.
async fn begin(
    stream: TcpStream,
    source_ip: String,
    id: SocketId,
    front: Arc<Front>,
    permit: OwnedSemaphorePermit,
) {
    let begun = timeout(HEAD_TIME, async {
        let mut stream = front.tls.accept(stream).await?;
        let wish = head::read(&mut stream, &source_ip).await?;
        Ok::<_, io::Error>((stream, wish))
    });
    let (mut stream, wish) = match begun.await {
        Ok(Ok(begun)) => begun,
        Ok(Err(e)) => return front.tell_distrust(&e),
        Err(_) => return,
    };
    match wish {
        Wish::WebSocket { request, accept_key, early } => {
            let (outbox, inbox) = mpsc::channel(socket::OUTBOX_MAX);
            if front.events.send(Event::Upgrade { socket: id, request, outbox }).await.is_err() {
                return;
            }
            let link = Link::new(id, inbox, front.events.clone(), permit);
            let upgrade = Upgrade::new(stream, link);
            tokio::spawn(upgrade.run(accept_key, early, socket::config(&front.limits)));
        }
        Wish::Http { bytes } => serve_http(stream, bytes.into(), source_ip, front).await,
        Wish::Malformed { status, why } => {
            say(&mut stream, &format!("{status}\r\nSec-WebSocket-Version: 13"), why).await;
        }
        Wish::TooLong => {
            say(&mut stream, "431 Request Header Fields Too Large", "16 KiB at most").await
        }
        Wish::Nothing => {}
    }
}

async fn serve_http(stream: Stream, bytes: Bytes, source_ip: String, front: Arc<Front>) {
    let service = service_fn(move |request| {
        let (api, source_ip) = (Arc::clone(&front.api), source_ip.clone());
        async move { api.answer(request, &source_ip).await }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .serve_connection(TokioIo::new(Rewound { bytes, stream }), service);
    // However the client ends the connection, there is nobody left to tell.
    _ = connection.await;
}

/// Answers what is not worth an HTTP server.
async fn say(stream: &mut Stream, status_and_headers: &str, text: &str) {
    let reply = format!(
        "HTTP/1.1 {status_and_headers}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}\n",
        text.len() + 1
    );
    if stream.write_all(reply.as_bytes()).await.is_ok() {
        _ = socket::hang_up(stream).await;
    }
}

/// A stream that gives again what has been read from it.
struct Rewound {
    bytes: Bytes,
    stream: Stream,
}

impl AsyncRead for Rewound {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.bytes.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        let length = self.bytes.len().min(buf.remaining());
        buf.put_slice(&self.bytes[..length]);
        self.bytes.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Rewound {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
