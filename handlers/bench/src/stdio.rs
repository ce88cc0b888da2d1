//! Lines in, JSON out.

use serde::Serialize;
use std::io::{BufRead as _, Write as _};
use tokio::sync::mpsc;

/// Lines that wait to be taken.
const LINES_MAX: usize = 16;

/// The lines of standard input. A thread reads them: unlike a task's, its waiting holds up no exit.
pub(crate) fn lines() -> mpsc::Receiver<String> {
    let (lines, received) = mpsc::channel(LINES_MAX);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if lines.blocking_send(line).is_err() {
                return;
            }
        }
    });
    received
}

/// Ends when standard input does.
pub(crate) async fn ended() {
    let mut lines = lines();
    while lines.recv().await.is_some() {}
}

/// One line of JSON.
pub(crate) fn print(value: &impl Serialize) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, value)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}
