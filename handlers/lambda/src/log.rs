//! The log: one JSON object a line on standard output, where Lambda collects it.
//!
//! `timestamp` and `level` stand at the top, since Lambda takes a line without them for `INFO` and
//! filters it as such. Crates of others log warnings and errors only, whatever the level: their
//! debug output has payloads and signed requests in it.

use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::registry;

/// A subscriber that writes lines to `writer`, from the level that `AWS_LAMBDA_LOG_LEVEL` names.
pub fn subscriber<W, T>(level: Option<&str>, writer: W, timer: T) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
    T: FormatTime + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_timer(timer)
        .with_writer(writer);
    registry().with(lines.with_filter(filter(level)))
}

fn filter(level: Option<&str>) -> Targets {
    let level = match level {
        // Lambda has a level above ours.
        Some(level) if level.eq_ignore_ascii_case("fatal") => LevelFilter::ERROR,
        Some(level) => level.parse().unwrap_or(LevelFilter::INFO),
        None => LevelFilter::INFO,
    };
    Targets::new()
        .with_default(level.min(LevelFilter::WARN))
        .with_target("herald", level)
        // The runtime repeats the error of each failed event, without saying which it was. A panic
        // is not lost: it goes to standard error and into the answer to Lambda.
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF)
}
