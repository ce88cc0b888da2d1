//! The limit of posting: an HTTP client, no signature, nothing looked at but the status.

use crate::http::{Body, HttpClient, client, collect};
use crate::{proc, stdio};
use anyhow::{Context as _, ensure};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde::Serialize;
use std::path::PathBuf;
use std::process;
use tokio::time::Instant;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The callback URL
    #[arg(long)]
    url: String,
    /// A file with a connection ID a line
    #[arg(long, value_name = "FILE")]
    ids: PathBuf,
    /// Posts in all, one connection after the other
    #[arg(long, value_name = "NUMBER")]
    posts: usize,
    /// Posts on their way at once
    #[arg(long, value_name = "NUMBER", default_value_t = 64)]
    at_once: usize,
    /// Length of what is posted
    #[arg(long, value_name = "NUMBER", default_value_t = 256)]
    bytes: usize,
}

/// What is printed; the example `post` of `herald-lambda` prints the same.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    posts: usize,
    failed: usize,
    seconds: f64,
    cpu_seconds: f64,
}

pub(crate) async fn run(args: Args) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(&args.ids).context("the connection IDs cannot be read")?;
    let ids: Vec<&str> = text.lines().collect();
    ensure!(!ids.is_empty(), "there is no connection to post to");
    let (client, payload) = (client(), Bytes::from(vec![b'x'; args.bytes]));
    // The first ones open the connections.
    let warm = all(&args, &client, &ids, &payload, args.at_once * 4).await;
    ensure!(warm == 0, "{warm} of the first posts failed; the endpoint does not answer");
    let (started, cpu) = (Instant::now(), proc::cpu(process::id())?);
    let failed = all(&args, &client, &ids, &payload, args.posts).await;
    stdio::print(&Report {
        posts: args.posts,
        failed,
        seconds: started.elapsed().as_secs_f64(),
        cpu_seconds: (proc::cpu(process::id())? - cpu).as_secs_f64(),
    })
}

/// How many fail.
async fn all(
    args: &Args,
    client: &HttpClient,
    ids: &[&str],
    payload: &Bytes,
    count: usize,
) -> usize {
    let posts = stream::iter(ids.iter().cycle().take(count))
        .map(|id| one(client, format!("{}/@connections/{id}", args.url), payload.clone()))
        .buffer_unordered(args.at_once);
    posts.filter(|ok| std::future::ready(!ok)).count().await
}

async fn one(client: &HttpClient, url: String, payload: Bytes) -> bool {
    let request = hyper::Request::post(url).body(Body::new(payload));
    let Ok(request) = request else { return false };
    let Ok(response) = client.request(request).await else { return false };
    let status = response.status();
    collect(response.into_body()).await.is_ok() && status.is_success()
}
