//! The log as text, and what may be in it.

use expect_test::{Expect, expect};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use tracing::instrument::WithSubscriber as _;
use tracing_subscriber::fmt::format::Writer;

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn at_some_time(writer: &mut Writer<'_>) -> fmt::Result {
    writer.write_str("2026-11-24T10:00:07Z")
}

/// What `future` comes to and what it logs.
pub(crate) async fn logged<F: Future>(level: Option<&str>, future: F) -> (F::Output, String) {
    let buffer = Buffer::default();
    let writer = buffer.clone();
    let timer: fn(&mut Writer<'_>) -> fmt::Result = at_some_time;
    let subscriber = herald_lambda::subscriber(level, move || writer.clone(), timer);
    let output = future.with_subscriber(subscriber).await;
    let log = String::from_utf8(buffer.0.lock().unwrap().clone()).unwrap();
    (output, log)
}

async fn check(level: Option<&str>, expected: Expect) {
    let lines = async {
        tracing::trace!(target: "herald", "our trace");
        tracing::info!(target: "herald", answer = 42, "our info");
        tracing::error!(target: "herald", "our error");
        tracing::trace!(target: "aws_sdk", "their trace");
        tracing::info!(target: "lambda_runtime", "their info");
        tracing::error!(target: "hyper", "their error");
        tracing::info!(target: "metrics", "{}", r#"{"Posts":1}"#);
    };
    let ((), log) = logged(level, lines).await;
    expected.assert_eq(&log);
}

#[tokio::test]
async fn a_line_has_its_level_and_time_at_the_top() {
    check(
        None,
        expect![[r#"
        {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"our info","answer":42}
        {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"our error"}
        {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"their error"}
        {"Posts":1}
    "#]],
    )
    .await;
}

#[tokio::test]
async fn others_never_log_more_than_warnings() {
    check(
        Some("TRACE"),
        expect![[r#"
        {"timestamp":"2026-11-24T10:00:07Z","level":"TRACE","message":"our trace"}
        {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"our info","answer":42}
        {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"our error"}
        {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"their error"}
        {"Posts":1}
    "#]],
    )
    .await;
}

/// Metrics are no matter of a level.
#[tokio::test]
async fn the_level_of_the_function_is_obeyed() {
    check(
        Some("FATAL"),
        expect![[r#"
        {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"our error"}
        {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"their error"}
        {"Posts":1}
    "#]],
    )
    .await;
    check(
        Some("ERROR"),
        expect![[r#"
        {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"our error"}
        {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"their error"}
        {"Posts":1}
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_level_nobody_knows_is_info() {
    check(
        Some("loud"),
        expect![[r#"
        {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"our info","answer":42}
        {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"our error"}
        {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"their error"}
        {"Posts":1}
    "#]],
    )
    .await;
}
