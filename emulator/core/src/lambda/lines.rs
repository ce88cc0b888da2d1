//! The lines Lambda itself writes to a function's log: text, or JSON if the function asks for it.

use crate::Time;
use crate::topology::Function;
use serde_json::{Value, json};
use std::time::Duration;

/// What a line tells.
#[derive(Clone, Copy, Debug)]
pub(super) enum Line<'a> {
    /// An invocation begins.
    Start { request_id: &'a str },
    /// An invocation has come to an end.
    End { request_id: &'a str },
    /// How long it took; `init` is that of an environment's first invocation.
    Report { request_id: &'a str, took: Duration, init: Option<Duration>, status: Status },
    /// An environment did not get ready.
    InitReport { took: Duration, status: Status },
}

/// How something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Success,
    Error,
    Timeout,
}

impl Status {
    fn text(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::Timeout => "timeout",
        }
    }
}

impl Line<'_> {
    /// The line as the function's `LogFormat` wants it; JSON has no line of its own for the end.
    pub(super) fn write(self, now: Time, function: &Function) -> Option<String> {
        if function.log_format.as_deref() == Some("JSON") {
            let (kind, record) = self.record(function.memory_mb)?;
            return Some(
                json!({ "time": now.iso8601(), "type": kind, "record": record }).to_string(),
            );
        }
        Some(self.text(function.memory_mb))
    }

    /// Without `Max Memory Used`: nobody measures it here.
    fn text(self, memory_mb: u32) -> String {
        match self {
            Self::Start { request_id } => format!("START RequestId: {request_id} Version: $LATEST"),
            Self::End { request_id } => format!("END RequestId: {request_id}"),
            Self::Report { request_id, took, init, status } => {
                let init = init
                    .map(|init| format!("\tInit Duration: {:.2} ms", millis(init)))
                    .unwrap_or_default();
                let status = match status {
                    Status::Success => String::new(),
                    Status::Error | Status::Timeout => format!("\tStatus: {}", status.text()),
                };
                format!(
                    "REPORT RequestId: {request_id}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {memory_mb} MB{init}{status}",
                    millis(took),
                    billed(took),
                )
            }
            Self::InitReport { took, status } => {
                format!(
                    "INIT_REPORT Init Duration: {:.2} ms\tPhase: init\tStatus: {}",
                    millis(took),
                    status.text()
                )
            }
        }
    }

    fn record(self, memory_mb: u32) -> Option<(&'static str, Value)> {
        match self {
            Self::Start { request_id } => {
                Some(("platform.start", json!({ "requestId": request_id, "version": "$LATEST" })))
            }
            Self::End { .. } => None,
            Self::Report { request_id, took, init, status } => {
                let mut metrics = json!({
                    "durationMs": millis(took),
                    "billedDurationMs": billed(took),
                    "memorySizeMB": memory_mb,
                });
                if let Some(init) = init {
                    metrics["initDurationMs"] = millis(init).into();
                }
                let record =
                    json!({ "requestId": request_id, "metrics": metrics, "status": status.text() });
                Some(("platform.report", record))
            }
            Self::InitReport { took, status } => {
                let metrics = json!({ "durationMs": millis(took) });
                let record = json!({
                    "initializationType": "on-demand", "phase": "init", "metrics": metrics, "status": status.text(),
                });
                Some(("platform.initReport", record))
            }
        }
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Whole milliseconds, at least one.
fn billed(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}
