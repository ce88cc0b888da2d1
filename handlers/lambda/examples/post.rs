//! Posts to connections through either adapter and prints what that took: what `cargo xtask bench
//! fanout` measures. `post sdk|direct CALLBACK-URL FILE-OF-IDS POSTS AT-ONCE BYTES`

use anyhow::{Context as _, bail, ensure};
use futures_util::{StreamExt as _, stream};
use herald_contract::{CallbackUrl, ConnectionId};
use herald_core::{Delivery, Sender};
use herald_lambda::{Clients, Connections, LambdaEnv};
use serde_json::json;
use std::io::Write as _;
use std::time::{Duration, Instant};

/// The environment of a function of the local cloud.
const VARIABLES: [(&str, &str); 7] = [
    ("AWS_REGION", "us-east-1"),
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:1"),
    ("AWS_LAMBDA_FUNCTION_NAME", "post"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
];

struct Args {
    url: CallbackUrl,
    ids: Vec<ConnectionId>,
    posts: usize,
    at_once: usize,
    payload: String,
}

/// One thread, as a function has.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [adapter, url, ids, posts, at_once, bytes] = &words[..] else {
        bail!("post sdk|direct CALLBACK-URL FILE-OF-IDS POSTS AT-ONCE BYTES");
    };
    let ids = std::fs::read_to_string(ids).with_context(|| format!("failed to read {ids}"))?;
    let ids = ids.lines().map(|line| line.to_owned().try_into()).collect::<Result<Vec<_>, _>>()?;
    ensure!(!ids.is_empty(), "there is no connection to post to");
    let args = Args {
        url: url.parse()?,
        ids,
        posts: posts.parse()?,
        at_once: at_once.parse()?,
        payload: "x".repeat(bytes.parse()?),
    };
    let variables = VARIABLES.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let lambda = LambdaEnv::read(variables)?;
    let aws = lambda.client(&[]);
    match adapter.as_str() {
        "sdk" => measure(&Clients::new(&lambda, aws.transport()), &args).await,
        "direct" => measure(&Connections::new(&aws), &args).await,
        other => bail!("there is no adapter `{other}`; there is sdk and direct"),
    }
}

async fn measure(sender: &impl Sender, args: &Args) -> anyhow::Result<()> {
    // The first ones open the connections.
    let warm = all(sender, args, args.at_once * 4).await;
    ensure!(warm == 0, "{warm} of the first posts failed; the endpoint does not answer");
    let (started, cpu) = (Instant::now(), cpu()?);
    let failed = all(sender, args, args.posts).await;
    let line = json!({
        "posts": args.posts,
        "failed": failed,
        "seconds": started.elapsed().as_secs_f64(),
        "cpuSeconds": (self::cpu()? - cpu).as_secs_f64(),
    });
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

/// How many fail.
async fn all(sender: &impl Sender, args: &Args, count: usize) -> usize {
    let posts = stream::iter(args.ids.iter().cycle().take(count))
        .map(|id| sender.send_to_client(&args.url, id, args.payload.clone()))
        .buffer_unordered(args.at_once);
    posts.filter(|delivery| std::future::ready(*delivery != Delivery::Sent)).count().await
}

/// Time on a processor of this one thread.
fn cpu() -> anyhow::Result<Duration> {
    let text = std::fs::read_to_string("/proc/self/schedstat").context("this is not Linux")?;
    let nanoseconds = text.split(' ').next().context("schedstat is empty")?;
    Ok(Duration::from_nanos(nanoseconds.parse()?))
}
