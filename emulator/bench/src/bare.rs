//! The limit: an echo server of tokio-tungstenite alone, as its documentation shows one.

use crate::stdio;
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Serialize;
use std::net::Ipv4Addr;
use tokio::net::{TcpListener, TcpStream};

#[derive(Serialize)]
struct Ready {
    url: String,
}

pub(crate) async fn run() -> anyhow::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    stdio::print(&Ready { url: format!("ws://{}/", listener.local_addr()?) })?;
    tokio::select! {
        () = stdio::ended() => Ok(()),
        failed = serve(listener) => failed,
    }
}

async fn serve(listener: TcpListener) -> anyhow::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(echo(stream));
    }
}

/// However a client ends, there is nobody to tell.
async fn echo(stream: TcpStream) -> Option<()> {
    let mut ws = tokio_tungstenite::accept_async(stream).await.ok()?;
    while let Some(message) = ws.next().await {
        let message = message.ok()?;
        if message.is_text() {
            ws.send(message).await.ok()?;
        }
    }
    None
}
