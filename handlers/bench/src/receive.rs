//! WebSockets that count what they get: the other end of a fan-out.
//!
//! Each asks for its address once, with the first message it sends; the answer has `connectionId` in
//! it. Whoever started this says on standard input what is wanted: a number of messages to wait for.

use crate::stdio;
use anyhow::{Context as _, bail, ensure};
use futures_util::{SinkExt as _, StreamExt as _};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// Handshakes at the same time.
const CONNECTING_MAX: usize = 64;
/// A handshake, or the answer to the first message, that takes longer has failed.
const ANSWER_MAX: Duration = Duration::from_secs(30);
/// How long messages may take to come in.
const WAIT_MAX: Duration = Duration::from_secs(60);
const BUFFER: usize = 4 * 1024;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to connect to, such as ws://127.0.0.1:4000/bench
    url: String,
    /// How many
    #[arg(long, value_name = "NUMBER")]
    connections: usize,
    /// Where their connection IDs are written, one a line
    #[arg(long, value_name = "FILE")]
    ids: PathBuf,
}

type Socket = WebSocketStream<TcpStream>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Address {
    connection_id: String,
}

/// What is printed when all are open, and for each number that is read.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    connections: usize,
    messages: u64,
}

/// How many messages there were, and that there was one more.
#[derive(Default)]
struct Count {
    messages: AtomicU64,
    grown: Notify,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let mut lines = stdio::lines();
    let opening = open(&args);
    let sockets = tokio::select! {
        sockets = opening => sockets?,
        // Nothing is to be said before all are open, so this is the end.
        _ = lines.recv() => bail!("told to end before all were open"),
    };
    let count = Arc::new(Count::default());
    let mut reading = JoinSet::new();
    let connections = sockets.len();
    for socket in sockets {
        reading.spawn(read(socket, Arc::clone(&count)));
    }
    stdio::print(&Report { connections, messages: 0 })?;
    while let Some(line) = lines.recv().await {
        let wanted = line.trim().parse().with_context(|| format!("`{line}` is no number"))?;
        let messages = count.reaches(wanted).await;
        while reading.try_join_next().is_some() {}
        stdio::print(&Report { connections: reading.len(), messages })?;
    }
    Ok(())
}

impl Count {
    /// Waits for so many messages, or until there is no more patience; how many there are.
    async fn reaches(&self, wanted: u64) -> u64 {
        let until = Instant::now() + WAIT_MAX;
        loop {
            let grown = self.grown.notified();
            let messages = self.messages.load(Ordering::Relaxed);
            if messages >= wanted || timeout_at(until, grown).await.is_err() {
                return messages;
            }
        }
    }
}

/// All of them; their IDs stand in the file then.
async fn open(args: &Args) -> anyhow::Result<Vec<Socket>> {
    ensure!(args.connections > 0, "--connections is at least 1");
    let (mut sockets, mut ids) = (Vec::with_capacity(args.connections), String::new());
    let mut connecting = JoinSet::new();
    let mut missing = args.connections;
    loop {
        while missing > 0 && connecting.len() < CONNECTING_MAX {
            connecting.spawn(connect(args.url.clone()));
            missing -= 1;
        }
        let Some(connected) = connecting.join_next().await else { break };
        let (socket, id) = connected??;
        sockets.push(socket);
        // Writing to a `String` cannot fail.
        _ = writeln!(ids, "{id}");
    }
    std::fs::write(&args.ids, ids)
        .with_context(|| format!("{} cannot be written", args.ids.display()))?;
    Ok(sockets)
}

async fn connect(url: String) -> anyhow::Result<(Socket, String)> {
    let address = url.strip_prefix("ws://").and_then(|rest| rest.split('/').next());
    let address = address.with_context(|| format!("{url} is not like ws://127.0.0.1:4000/dev"))?;
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let config = WebSocketConfig::default().read_buffer_size(BUFFER).write_buffer_size(BUFFER);
    let exchange = async {
        let (mut socket, _) = client_async_with_config(&url, stream, Some(config)).await?;
        socket.send(Message::text("where am I?")).await?;
        match socket.next().await.context("the server has gone")?? {
            Message::Text(text) => {
                let address: Address = serde_json::from_str(&text)
                    .with_context(|| format!("`{text}` is no address"))?;
                Ok((socket, address.connection_id))
            }
            other => bail!("`{other}` is no address"),
        }
    };
    timeout(ANSWER_MAX, exchange).await.context("no answer in time")?
}

async fn read(mut socket: Socket, count: Arc<Count>) {
    while let Some(Ok(message)) = socket.next().await {
        if message.is_text() {
            count.messages.fetch_add(1, Ordering::Relaxed);
            count.grown.notify_one();
        }
    }
}
