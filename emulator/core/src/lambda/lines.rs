//! The lines Lambda itself writes to a function's log.

use std::time::Duration;

pub(super) fn start(request_id: &str) -> String {
    format!("START RequestId: {request_id} Version: $LATEST")
}

pub(super) fn end(request_id: &str) -> String {
    format!("END RequestId: {request_id}")
}

/// Without `Max Memory Used`: nobody measures it here.
pub(super) fn report(
    request_id: &str,
    took: Duration,
    memory_mb: u32,
    init: Option<Duration>,
    status: &str,
) -> String {
    let billed = took.as_millis().max(1);
    let mut line = format!(
        "REPORT RequestId: {request_id}\tDuration: {} ms\tBilled Duration: {billed} ms\tMemory Size: {memory_mb} MB",
        millis(took)
    );
    if let Some(init) = init {
        line.push_str(&format!("\tInit Duration: {} ms", millis(init)));
    }
    if !status.is_empty() {
        line.push_str(&format!("\tStatus: {status}"));
    }
    line
}

pub(super) fn init_report(took: Duration, phase: &str, status: &str) -> String {
    format!("INIT_REPORT Init Duration: {} ms\tPhase: {phase}\tStatus: {status}", millis(took))
}

fn millis(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1000.0)
}
