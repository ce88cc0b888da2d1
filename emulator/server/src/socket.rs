//! One WebSocket: frames between the client and the driver.
//!
//! Framing, masking, UTF-8 and pings are RFC 6455 and are dealt with here; what a message means, and
//! when a connection has to end, the core decides. One task per socket, and a small one: ten
//! thousand of them idle most of the time.

use crate::driver::{Event, Events};
use crate::tls::Stream;
use bytes::Bytes;
use futures_util::{Sink as _, SinkExt as _, Stream as _, StreamExt as _};
use gateway_core::http::Reply;
use gateway_core::{Closed, Input, Limits, SocketId};
use std::future::poll_fn;
use std::io;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};

/// Messages that wait for one client. The core bounds their bytes; this bounds their number, which
/// matters for very short ones only.
pub(crate) const OUTBOX_MAX: usize = 16 * 1024;
/// Per idle connection, so it is small; larger messages get room of their own.
const READ_BUFFER: usize = 2 * 1024;
/// Messages for the same client are written together up to so many bytes.
const BATCH: usize = 32 * 1024;
/// How long a client may take to answer a close frame, and to take in what was sent before it.
const CLOSE_TIME: Duration = Duration::from_secs(5);
/// What is read and thrown away so that a client that is still sending gets to its close frame.
const DRAIN_MAX: usize = 16 * 1024 * 1024;

/// What a socket is told.
#[derive(Debug)]
pub(crate) enum ToSocket {
    Accept { protocol: Option<String> },
    Refuse(Box<Reply>),
    Send(String),
    Close { code: u16, reason: String },
}

/// Bounds and buffers of a connection.
pub(crate) fn config(limits: &Limits) -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(BATCH)
        .max_frame_size(Some(limits.frame_bytes))
        .max_message_size(Some(limits.message_bytes))
}

/// The way to the driver and back.
pub(crate) struct Link {
    id: SocketId,
    pub(crate) inbox: mpsc::Receiver<ToSocket>,
    events: Events,
    /// One of as many as there may be connections.
    _permit: OwnedSemaphorePermit,
}

impl Link {
    pub(crate) fn new(
        id: SocketId,
        inbox: mpsc::Receiver<ToSocket>,
        events: Events,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        Self { id, inbox, events, _permit: permit }
    }

    /// Tells the driver; the socket is of no use once that fails.
    pub(crate) async fn tell(&self, input: Input) -> ControlFlow<()> {
        match self.events.send(Event::Input(input)).await {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }

    pub(crate) async fn closed(&self, how: Closed) {
        _ = self.tell(Input::Closed { socket: self.id, how }).await;
    }
}

/// A socket that is accepted.
pub(crate) struct Open {
    ws: WebSocketStream<Stream>,
    link: Link,
    /// Something is in the write buffer; nothing more is taken from the inbox until it has left.
    unflushed: bool,
    unflushed_bytes: usize,
}

/// What can happen to an open socket.
enum Step {
    Told(Option<ToSocket>),
    Flushed(Result<(), Error>),
    Got(Option<Result<Message, Error>>),
}

/// How an open socket comes to its end.
enum End {
    /// The client's close frame came; its answer is in the write buffer.
    ByClient(Closed),
    /// A close frame has to be sent. `broken`: the rest of what the client sends cannot be read as
    /// frames. `how` is what to report, unless the client answers with a close frame.
    ByUs {
        frame: CloseFrame,
        broken: bool,
        how: Closed,
    },
    Lost,
    /// The driver is gone, or has dropped this socket.
    Dropped,
}

impl Open {
    /// `early` is what the client has sent behind its upgrade request.
    pub(crate) async fn new(
        stream: Stream,
        early: Vec<u8>,
        config: WebSocketConfig,
        link: Link,
    ) -> Self {
        let ws =
            WebSocketStream::from_partially_read(stream, early, Role::Server, Some(config)).await;
        Self { ws, link, unflushed: false, unflushed_bytes: 0 }
    }

    pub(crate) async fn run(mut self) {
        let end = loop {
            let step = poll_fn(|cx| self.poll_step(cx)).await;
            if let ControlFlow::Break(end) = self.take(step).await {
                break end;
            }
        };
        // On the heap: it would make every open socket larger.
        Box::pin(self.end(end)).await;
    }

    /// Reading and writing go on side by side: a client that does not read may still write.
    fn poll_step(&mut self, cx: &mut Context<'_>) -> Poll<Step> {
        if self.unflushed {
            if let Poll::Ready(flushed) = Pin::new(&mut self.ws).poll_flush(cx) {
                return Poll::Ready(Step::Flushed(flushed));
            }
        } else if let Poll::Ready(told) = self.link.inbox.poll_recv(cx) {
            return Poll::Ready(Step::Told(told));
        }
        Pin::new(&mut self.ws).poll_next(cx).map(Step::Got)
    }

    async fn take(&mut self, step: Step) -> ControlFlow<End> {
        match step {
            Step::Told(None) => ControlFlow::Break(End::Dropped),
            Step::Told(Some(told)) => self.send(told),
            Step::Flushed(Ok(())) => {
                self.unflushed = false;
                let bytes = std::mem::take(&mut self.unflushed_bytes);
                self.tell(Input::Written { socket: self.link.id, bytes }).await
            }
            Step::Flushed(Err(_)) | Step::Got(None) => ControlFlow::Break(End::Lost),
            Step::Got(Some(Ok(message))) => self.receive(message).await,
            Step::Got(Some(Err(Error::Capacity(_)))) => {
                self.tell(Input::TooBig { socket: self.link.id }).await?;
                self.await_close().await
            }
            Step::Got(Some(Err(Error::Utf8(_)))) => ControlFlow::Break(by_us(CloseCode::Invalid)),
            Step::Got(Some(Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake)))) => {
                ControlFlow::Break(End::Lost)
            }
            Step::Got(Some(Err(Error::Protocol(_)))) => {
                ControlFlow::Break(by_us(CloseCode::Protocol))
            }
            Step::Got(Some(Err(_))) => ControlFlow::Break(End::Lost),
        }
    }

    async fn tell(&self, input: Input) -> ControlFlow<End> {
        self.link.tell(input).await.map_break(|()| End::Dropped)
    }

    async fn receive(&mut self, message: Message) -> ControlFlow<End> {
        let socket = self.link.id;
        match message {
            Message::Text(text) => self.tell(Input::Text { socket, text: text.to_string() }).await,
            Message::Binary(_) => self.tell(Input::Binary { socket }).await,
            Message::Close(frame) => ControlFlow::Break(End::ByClient(closed(frame))),
            // The library answers pings.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => ControlFlow::Continue(()),
        }
    }

    /// Puts this message, and those that already wait behind it, into the write buffer.
    fn send(&mut self, first: ToSocket) -> ControlFlow<End> {
        let mut told = Some(first);
        while let Some(message) = told {
            match message {
                ToSocket::Send(text) => {
                    self.unflushed = true;
                    self.unflushed_bytes += text.len();
                    if self.write(text).is_err() {
                        return ControlFlow::Break(End::Lost);
                    }
                }
                ToSocket::Close { code, reason } => {
                    let frame = CloseFrame { code: code.into(), reason: reason.clone().into() };
                    let how = Closed::Frame { code, reason };
                    return ControlFlow::Break(End::ByUs { frame, broken: false, how });
                }
                // An upgrade is answered once.
                ToSocket::Accept { .. } | ToSocket::Refuse(_) => {}
            }
            told =
                if self.unflushed_bytes < BATCH { self.link.inbox.try_recv().ok() } else { None };
        }
        ControlFlow::Continue(())
    }

    /// Puts one message into the write buffer. A long one goes out in several frames, since a client
    /// may have the same limit for a frame as the gateway has.
    fn write(&mut self, text: String) -> Result<(), Error> {
        let frame_max = self.ws.get_config().max_frame_size.unwrap_or(usize::MAX).max(1);
        let mut ws = Pin::new(&mut self.ws);
        if text.len() <= frame_max {
            return ws.start_send(Message::text(text));
        }
        let mut rest = Bytes::from(text);
        let mut opcode = Data::Text;
        while !rest.is_empty() {
            let payload = rest.split_to(rest.len().min(frame_max));
            let frame = Frame::message(payload, OpCode::Data(opcode), rest.is_empty());
            ws.as_mut().start_send(Message::Frame(frame))?;
            opcode = Data::Continue;
        }
        Ok(())
    }

    /// The client's bytes make no sense any more; what the core has to say to that is awaited.
    async fn await_close(&mut self) -> ControlFlow<End> {
        loop {
            match self.link.inbox.recv().await {
                Some(told) => {
                    if let ControlFlow::Break(end) = self.send(told) {
                        return ControlFlow::Break(match end {
                            End::ByUs { frame, how, broken: _ } => {
                                End::ByUs { frame, broken: true, how }
                            }
                            other => other,
                        });
                    }
                }
                None => return ControlFlow::Break(End::Dropped),
            }
        }
    }

    async fn end(mut self, end: End) {
        let how = match end {
            End::ByClient(how) => {
                // Told at once: the client may never take in the answer.
                self.link.closed(how).await;
                let answered = timeout(CLOSE_TIME, async {
                    _ = self.ws.flush().await;
                    while let Some(Ok(_)) = self.ws.next().await {}
                    _ = self.ws.get_mut().shutdown().await;
                });
                _ = answered.await;
                return;
            }
            End::ByUs { frame, broken, how } => {
                let answer = timeout(CLOSE_TIME, close(&mut self.ws, frame, broken)).await;
                answer.ok().flatten().unwrap_or(how)
            }
            End::Lost => Closed::Abrupt,
            End::Dropped => Closed::Abrupt,
        };
        self.link.closed(how).await;
    }
}

/// Sends a close frame and waits for the client's.
async fn close(
    ws: &mut WebSocketStream<Stream>,
    frame: CloseFrame,
    broken: bool,
) -> Option<Closed> {
    ws.send(Message::Close(Some(frame))).await.ok()?;
    if broken {
        _ = hang_up(ws.get_mut()).await;
        return None;
    }
    while let Some(Ok(message)) = ws.next().await {
        if let Message::Close(frame) = message {
            _ = ws.get_mut().shutdown().await;
            return Some(closed(frame));
        }
    }
    None
}

/// Ends a connection so that the other side gets to read what was written last: closing a socket
/// with unread input would make the system throw that away.
pub(crate) async fn hang_up(stream: &mut Stream) -> io::Result<()> {
    stream.shutdown().await?;
    let drained = timeout(CLOSE_TIME, async {
        let mut buffer = vec![0; 16 * 1024];
        let mut total = 0;
        while total < DRAIN_MAX {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(length) => total += length,
            }
        }
    });
    _ = drained.await;
    Ok(())
}

fn by_us(code: CloseCode) -> End {
    let frame = CloseFrame { code, reason: "".into() };
    End::ByUs {
        frame,
        broken: true,
        how: Closed::Frame { code: code.into(), reason: String::new() },
    }
}

fn closed(frame: Option<CloseFrame>) -> Closed {
    match frame {
        Some(frame) => Closed::Frame { code: frame.code.into(), reason: frame.reason.to_string() },
        None => Closed::NoStatus,
    }
}
