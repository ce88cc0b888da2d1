//! `DescribeLogGroups` and `DescribeLogStreams`.

use super::Logs;
use super::api::limit;
use super::error::Error;
use super::group::Stream;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Groups or streams of one answer.
const ENTRIES_MAX: usize = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct DescribeGroups {
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct DescribeStreams {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<OrderBy>,
    descending: Option<bool>,
    next_token: Option<String>,
    limit: Option<i64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
enum OrderBy {
    #[default]
    LogStreamName,
    LastEventTime,
}

impl Logs {
    /// A token is the name of the last group of its page.
    pub(super) fn describe_groups(&self, request: DescribeGroups) -> Result<Value, Error> {
        let DescribeGroups { log_group_name_prefix, log_group_name_pattern, next_token, .. } =
            &request;
        if log_group_name_prefix.is_some() && log_group_name_pattern.is_some() {
            return Err(Error::invalid(
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
            ));
        }
        let most = limit(request.limit, ENTRIES_MAX)?;
        let pattern = log_group_name_pattern.as_deref().map(str::to_lowercase);
        let mut rest = self.groups.iter().filter(|(name, _)| {
            log_group_name_prefix.as_deref().is_none_or(|prefix| name.starts_with(prefix))
                && pattern.as_deref().is_none_or(|part| name.to_lowercase().contains(part))
                && next_token.as_deref().is_none_or(|last| name.as_str() > last)
        });
        let page: Vec<_> = rest.by_ref().take(most).collect();
        let groups = page.iter().map(|(name, group)| {
            let arn = self.group_arn(name);
            let mut told = json!({
                "arn": format!("{arn}:*"),
                "creationTime": group.created.0,
                "logGroupArn": arn,
                "logGroupClass": "STANDARD",
                "logGroupName": name,
                "metricFilterCount": 0,
                "storedBytes": group.bytes,
            });
            if let Some(days) = group.retention_days {
                told["retentionInDays"] = days.into();
            }
            told
        });
        let mut answer = json!({ "logGroups": groups.collect::<Value>() });
        if let (Some(_), Some((last, _))) = (rest.next(), page.last()) {
            answer["nextToken"] = last.as_str().into();
        }
        Ok(answer)
    }

    /// A token is the name of the last stream of its page.
    pub(super) fn describe_streams(&self, request: DescribeStreams) -> Result<Value, Error> {
        let (name, group) =
            self.group(request.log_group_name.as_deref(), request.log_group_identifier.as_deref())?;
        let most = limit(request.limit, ENTRIES_MAX)?;
        let order = request.order_by.unwrap_or_default();
        if order == OrderBy::LastEventTime && request.log_stream_name_prefix.is_some() {
            return Err(Error::invalid(
                "Cannot order by LastEventTime with a logStreamNamePrefix.",
            ));
        }
        let prefix = request.log_stream_name_prefix.as_deref().unwrap_or_default();
        let mut streams: Vec<(&Arc<str>, &Stream)> =
            group.streams.iter().filter(|(name, _)| name.starts_with(prefix)).collect();
        if order == OrderBy::LastEventTime {
            streams.sort_by_key(|(name, stream)| (stream.last, Arc::clone(name)));
        }
        if request.descending == Some(true) {
            streams.reverse();
        }
        let begin = match &request.next_token {
            None => 0,
            Some(last) => {
                let at = streams.iter().position(|(name, _)| ***name == **last);
                at.ok_or_else(|| Error::invalid("The specified nextToken is invalid."))? + 1
            }
        };
        let end = (begin + most).min(streams.len());
        let page = streams.get(begin..end).unwrap_or_default();
        let told = page.iter().map(|(stream, about)| {
            json!({
                "arn": format!("{}:log-stream:{stream}", self.group_arn(&name)),
                "creationTime": about.created.0,
                "firstEventTimestamp": group.first_of(stream).unwrap_or(about.created).0,
                "lastEventTimestamp": about.last.0,
                "lastIngestionTime": about.last.0,
                "logStreamName": ***stream,
                "storedBytes": 0,
            })
        });
        let mut answer = json!({ "logStreams": told.collect::<Value>() });
        if let Some((last, _)) = page.last().filter(|_| end < streams.len()) {
            answer["nextToken"] = (***last).into();
        }
        Ok(answer)
    }
}
