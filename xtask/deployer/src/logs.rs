//! CloudWatch Logs: the events of a group.

use crate::calls;
use aws_wire::{CallError, Client};
use serde::{Deserialize, Serialize};

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEvent {
    /// Its own id, where the place has one.
    #[serde(default)]
    pub event_id: Option<String>,
    /// When, in milliseconds since 1970.
    pub timestamp: i64,
    /// The line.
    pub message: String,
}

impl LogEvent {
    /// What tells it from others of its group.
    pub fn identity(&self) -> String {
        self.event_id.clone().unwrap_or_else(|| format!("{} {}", self.timestamp, self.message))
    }
}

/// Pages, at most: each has a megabyte.
const PAGES: usize = 50;

/// The events of a group from a time on, in milliseconds since 1970; none, where there is no such
/// group: that of a function that has never run. Says also whether there are more than it gives.
///
/// # Errors
/// When a call fails.
pub async fn log_events(
    client: &Client,
    group: &str,
    from: i64,
) -> Result<(Vec<LogEvent>, bool), CallError> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Question<'a> {
        log_group_name: &'a str,
        start_time: i64,
        #[serde(skip_serializing_if = "Option::is_none")]
        next_token: Option<String>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Page {
        #[serde(default)]
        events: Vec<LogEvent>,
        next_token: Option<String>,
    }
    let mut events = Vec::new();
    let mut next_token = None;
    for _ in 0..PAGES {
        let question = Question { log_group_name: group, start_time: from, next_token };
        let page: Page = match client.json(&calls::FILTER_LOG_EVENTS, &question).await {
            Ok(page) => page,
            Err(error) if error.code() == Some("ResourceNotFoundException") => {
                return Ok((events, false));
            }
            Err(error) => return Err(error),
        };
        events.extend(page.events);
        next_token = page.next_token;
        if next_token.is_none() {
            return Ok((events, false));
        }
    }
    Ok((events, true))
}
