//! News for machines: one JSON document a line.

use crate::news::{News, VERSION};
use crate::time;
use serde::Serialize;
use std::time::SystemTime;

/// The line.
pub fn line(now: SystemTime, stack: &str, news: &News) -> String {
    #[derive(Serialize)]
    struct Line<'a> {
        version: u32,
        time: String,
        #[serde(skip_serializing_if = "str::is_empty")]
        stack: &'a str,
        #[serde(flatten)]
        news: &'a News,
    }
    let line = Line { version: VERSION, time: time::format(now), stack, news };
    // Strings, numbers and string keys are always JSON.
    serde_json::to_string(&line).unwrap_or_default() + "\n"
}
