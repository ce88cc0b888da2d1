//! `FilterLogEvents` and `GetLogEvents`.

use super::Logs;
use super::api::{limit, token};
use super::error::Error;
use super::filter::Filter;
use super::group::Event;
use serde::Deserialize;
use serde_json::{Value, json};

/// Events of one answer.
const EVENTS_MAX: usize = 10_000;
/// Bytes of one answer: 1 MB.
const BYTES_MAX: usize = 1024 * 1024;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct FilterEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct GetEvents {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: String,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<i64>,
    start_from_head: Option<bool>,
}

/// Which way a token leads: to what is newer than a number, that included, or to what is older.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Towards {
    Newer(u64),
    Older(u64),
}

impl Logs {
    pub(super) fn filter_events(&self, request: FilterEvents) -> Result<Value, Error> {
        let (_, group) =
            self.group(request.log_group_name.as_deref(), request.log_group_identifier.as_deref())?;
        if request.log_stream_names.is_some() && request.log_stream_name_prefix.is_some() {
            return Err(Error::invalid(
                "Only one of logStreamNames and logStreamNamePrefix can be specified.",
            ));
        }
        let filter = Filter::parse(request.filter_pattern.as_deref().unwrap_or_default());
        let filter = filter.map_err(Error::invalid)?;
        let most = limit(request.limit, EVENTS_MAX)?;
        let first: u64 = request.next_token.as_deref().map_or(Ok(0), token)?;
        let is_meant = |event: &&Event| {
            let stream = &*event.stream;
            event.number >= first
                && is_at(event, request.start_time, request.end_time, true)
                && request.log_stream_names.as_ref().is_none_or(|n| n.iter().any(|n| n == stream))
                && request.log_stream_name_prefix.as_deref().is_none_or(|p| stream.starts_with(p))
                && filter.matches(&event.text)
        };
        let mut found = group.events.iter().filter(is_meant).peekable();
        let (mut events, mut bytes) = (Vec::new(), 0);
        while events.len() < most
            && bytes < BYTES_MAX
            && let Some(event) = found.next()
        {
            bytes += event.text.len();
            let mut told = told(event);
            // Its length on AWS, where it says when and what as well.
            told["eventId"] = format!("{:056}", event.number).into();
            told["logStreamName"] = (*event.stream).into();
            events.push(told);
        }
        let mut answer = json!({ "events": events, "searchedLogStreams": [] });
        if let Some(next) = found.peek() {
            answer["nextToken"] = next.number.to_string().into();
        }
        Ok(answer)
    }

    pub(super) fn get_events(&self, request: GetEvents) -> Result<Value, Error> {
        let (_, group) =
            self.group(request.log_group_name.as_deref(), request.log_group_identifier.as_deref())?;
        if !group.streams.contains_key(request.log_stream_name.as_str()) {
            return Err(Error::no_such_stream());
        }
        let most = limit(request.limit, EVENTS_MAX)?;
        let towards = match request.next_token.as_deref() {
            Some(token) => Towards::parse(token)?,
            None if request.start_from_head == Some(true) => Towards::Newer(0),
            None => Towards::Older(self.next),
        };
        let of_stream = group.events.iter().filter(|event| {
            *event.stream == *request.log_stream_name
                && is_at(event, request.start_time, request.end_time, false)
        });
        let mut bytes = 0;
        let mut fits = |event: &&Event| {
            let fits = bytes < BYTES_MAX;
            bytes += event.text.len();
            fits
        };
        let page: Vec<&Event> = match towards {
            Towards::Newer(first) => of_stream
                .filter(|event| event.number >= first)
                .take(most)
                .take_while(&mut fits)
                .collect(),
            Towards::Older(end) => {
                let older = of_stream.rev().filter(|event| event.number < end);
                let mut page: Vec<&Event> = older.take(most).take_while(&mut fits).collect();
                page.reverse();
                page
            }
        };
        // At an end, a token leads to itself.
        let here = match towards {
            Towards::Newer(number) | Towards::Older(number) => number,
        };
        let forward = page.last().map_or(here, |event| event.number + 1);
        let backward = page.first().map_or(here, |event| event.number);
        Ok(json!({
            "events": page.iter().map(|event| told(event)).collect::<Value>(),
            "nextForwardToken": Towards::Newer(forward).token(),
            "nextBackwardToken": Towards::Older(backward).token(),
        }))
    }
}

impl Towards {
    fn parse(text: &str) -> Result<Self, Error> {
        let (way, number) = text.split_once('/').unwrap_or_default();
        match way {
            "f" => token(number).map(Self::Newer),
            "b" => token(number).map(Self::Older),
            _ => token::<u64>("").map(Self::Newer),
        }
    }

    fn token(self) -> String {
        match self {
            Self::Newer(number) => format!("f/{number:056}"),
            Self::Older(number) => format!("b/{number:056}"),
        }
    }
}

/// Whether an event is within a time range, whose end belongs to it or does not.
fn is_at(event: &Event, start: Option<i64>, end: Option<i64>, with_end: bool) -> bool {
    let time = i64::try_from(event.time.0).unwrap_or(i64::MAX);
    start.is_none_or(|start| time >= start)
        && end.is_none_or(|end| time < end || with_end && time == end)
}

fn told(event: &Event) -> Value {
    json!({ "timestamp": event.time.0, "message": event.text, "ingestionTime": event.time.0 })
}
