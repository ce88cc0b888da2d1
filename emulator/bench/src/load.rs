//! Closed loop: each connection sends its next message when the last one's echo has come.

use crate::client::{Client, Target};
use crate::stdio;
use crate::summary::{Durations, Summary};
use anyhow::{Context as _, bail};
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Serialize;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::Message;

/// An echo that takes longer is an error, and the end of its connection.
const ECHO_MAX: Duration = Duration::from_secs(30);
/// Handshakes at the same time.
const CONNECTING_MAX: usize = 32;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to connect to, such as ws://127.0.0.1:4000/dev
    url: Target,
    /// Connections, each with one message on its way; 1 measures latency
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    connections: usize,
    /// How long to measure
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    seconds: u64,
    /// How long to send before that
    #[arg(long, value_name = "SECONDS", default_value_t = 1)]
    warm_up: u64,
    /// End after so many messages, if the time is not over before
    #[arg(long, value_name = "NUMBER", default_value_t = 10_000_000)]
    messages: usize,
    /// Length of a message
    #[arg(long, value_name = "NUMBER", default_value_t = 64)]
    bytes: usize,
    /// How long the server may take to be there
    #[arg(long, value_name = "SECONDS", default_value_t = 5)]
    patience: u64,
}

/// What is printed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    connections: usize,
    msg_per_second: f64,
    #[serde(flatten)]
    latency: Summary,
    /// Messages that were echoed, with those before measuring began.
    all_messages: usize,
    errors: usize,
    /// The first of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    tokio::select! {
        () = stdio::ended() => bail!("told to end before anything was measured"),
        report = measure(args) => stdio::print(&report?),
    }
}

async fn measure(args: Args) -> anyhow::Result<Report> {
    if args.connections == 0 || args.seconds == 0 {
        bail!("--connections and --seconds are at least 1");
    }
    let clients = connect(&args).await?;
    let from = Instant::now() + Duration::from_secs(args.warm_up);
    let until = from + Duration::from_secs(args.seconds);
    let messages_max = args.messages.div_ceil(args.connections);
    let mut loops = JoinSet::new();
    for (number, client) in clients.into_iter().enumerate() {
        loops.spawn(Loop { client, number, bytes: args.bytes, messages_max, from, until }.run());
    }
    let mut all = Done::default();
    while let Some(done) = loops.join_next().await {
        let done = done?;
        all.latencies.append(done.latencies);
        all.messages += done.messages;
        all.error = all.error.or(done.error);
        all.errors += done.errors;
    }
    let measured = until.min(Instant::now()).saturating_duration_since(from);
    let latency = all.latencies.summary();
    Ok(Report {
        connections: args.connections,
        msg_per_second: if measured.is_zero() {
            0.0
        } else {
            latency.count as f64 / measured.as_secs_f64()
        },
        latency,
        all_messages: all.messages,
        errors: all.errors,
        error: all.error,
    })
}

/// All of them, or the reason why not.
async fn connect(args: &Args) -> anyhow::Result<Vec<Client>> {
    let mut clients = vec![args.url.connect_within(Duration::from_secs(args.patience)).await?];
    let mut connecting = JoinSet::new();
    let mut wanted = args.connections - 1;
    loop {
        while wanted > 0 && connecting.len() < CONNECTING_MAX {
            let target = args.url.clone();
            connecting.spawn(async move { target.connect().await });
            wanted -= 1;
        }
        match connecting.join_next().await {
            Some(client) => clients.push(client?.context("a further connection failed")?),
            None => return Ok(clients),
        }
    }
}

/// One connection.
struct Loop {
    client: Client,
    number: usize,
    bytes: usize,
    messages_max: usize,
    from: Instant,
    until: Instant,
}

#[derive(Default)]
struct Done {
    latencies: Durations,
    messages: usize,
    errors: usize,
    error: Option<String>,
}

impl Loop {
    async fn run(mut self) -> Done {
        let mut done = Done::default();
        while done.messages < self.messages_max {
            let sent = Instant::now();
            if sent >= self.until {
                break;
            }
            let text = message(self.number, done.messages, self.bytes);
            if let Err(error) = self.exchange(text, sent).await {
                done.errors += 1;
                done.error = Some(format!("{error:#}"));
                break;
            }
            done.messages += 1;
            let now = Instant::now();
            if sent >= self.from && now <= self.until {
                done.latencies.push(now - sent);
            }
        }
        // The server learns in its own way that this connection is over.
        _ = self.client.close(None).await;
        done
    }

    async fn exchange(&mut self, text: String, sent: Instant) -> anyhow::Result<()> {
        self.client.send(Message::text(text.as_str())).await?;
        let deadline = sent + ECHO_MAX;
        loop {
            let next = timeout_at(deadline, self.client.next()).await.context("no echo in time")?;
            match next.context("the server has gone")?? {
                Message::Text(echo) if echo.as_str() == text => return Ok(()),
                Message::Ping(_) | Message::Pong(_) => {}
                other => bail!("not an echo: {other}"),
            }
        }
    }
}

/// JSON with an `action`, as route selection wants it, filled up to its length.
fn message(connection: usize, number: usize, bytes: usize) -> String {
    let mut text = format!(r#"{{"action":"echo","id":"{connection}-{number}","text":""#);
    while text.len() + 2 < bytes {
        text.push('x');
    }
    text.push_str("\"}");
    text
}

#[cfg(test)]
mod tests {
    use super::message;

    #[test]
    fn a_message_is_json_of_the_length_asked_for() {
        let text = message(3, 17, 64);
        assert_eq!(text.len(), 64);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((value["action"].as_str(), value["id"].as_str()), (Some("echo"), Some("3-17")));
        assert_ne!(text, message(3, 18, 64));
        assert!(message(0, 0, 1).len() > 1);
    }
}
