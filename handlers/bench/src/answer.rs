//! An endpoint that costs as little as one can: it has every connection, and takes every post.

use crate::http::{collect, reply, serve};
use crate::stdio;
use serde::Serialize;
use std::net::Ipv4Addr;
use tokio::net::TcpListener;

#[derive(Serialize)]
struct Ready {
    url: String,
}

pub(crate) async fn run() -> anyhow::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    stdio::print(&Ready { url: format!("http://{}/bench", listener.local_addr()?) })?;
    let taken = |request: hyper::Request<_>| async move {
        match collect(request.into_body()).await {
            Ok(_) => reply(200, ""),
            Err(_) => reply(400, ""),
        }
    };
    tokio::select! {
        () = stdio::ended() => Ok(()),
        () = serve(listener, taken) => Ok(()),
    }
}
