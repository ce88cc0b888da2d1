//! The log: one JSON object a line on standard output, where Lambda collects it.
//!
//! `timestamp` and `level` stand at the top, since Lambda takes a line without them for `INFO` and
//! filters it as such. Crates of others log warnings and errors only, whatever the level: their
//! debug output has payloads and signed requests in it.
//!
//! Lines are joined by `connectionId`, `userHash`, `notificationId`, `jobId` and `traceparent`. What
//! a user is called is in none of them.

use herald_contract::UserId;
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::io::Write as _;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry;

/// The target of lines that are written as they are: metrics.
pub(crate) const METRICS: &str = "metrics";

/// What stands for a user in the log: the same for the same user, and no way back.
pub(crate) fn user_hash(user: &UserId) -> String {
    let digest = Sha256::digest(user.as_str());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// A subscriber that writes lines to `writer`, from the level that `AWS_LAMBDA_LOG_LEVEL` names.
pub fn subscriber<W, T>(level: Option<&str>, writer: W, timer: T) -> impl Subscriber + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Clone + Send + Sync + 'static,
    T: FormatTime + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_span_list(false)
        .with_target(false)
        .with_timer(timer)
        .with_writer(writer.clone());
    // Metrics are no matter of a level.
    let metrics = Targets::new().with_target(METRICS, LevelFilter::INFO);
    registry().with(lines.with_filter(filter(level))).with(AsIs(writer).with_filter(metrics))
}

/// Writes the message of each event as a line.
struct AsIs<W>(W);

impl<S: Subscriber, W: for<'a> MakeWriter<'a> + 'static> Layer<S> for AsIs<W> {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        struct Message(String);
        impl Visit for Message {
            fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
                if field.name() == "message" {
                    self.0 = format!("{value:?}\n");
                }
            }
        }
        let mut message = Message(String::new());
        event.record(&mut message);
        // Whoever reads the log is gone if it cannot be written; there is nobody left to tell.
        let _ = self.0.make_writer().write_all(message.0.as_bytes());
    }
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
        .with_target(METRICS, LevelFilter::OFF)
        // The runtime repeats the error of each failed event, without saying which it was. A panic
        // is not lost: it goes to standard error and into the answer to Lambda.
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF)
}
