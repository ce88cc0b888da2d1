//! Requests to CloudWatch Logs, once it is known that their sender may make them.

use super::error::{Error, reply};
use super::group::Group;
use super::{Logs, group_name};
use crate::http::{Reply, Request};
use serde::de::DeserializeOwned;
use serde_json::Value;

impl Logs {
    /// Answers a request.
    pub(crate) fn handle(&self, request: &Request) -> Reply {
        let target = request.header("X-Amz-Target").unwrap_or_default();
        let operation = target.split_once('.').map_or("", |(_, operation)| operation);
        match self.answer(operation, &request.body) {
            Ok(answer) => reply(200, &answer),
            Err(error) => error.reply(),
        }
    }

    fn answer(&self, operation: &str, body: &[u8]) -> Result<Value, Error> {
        match operation {
            "DescribeLogGroups" => self.describe_groups(parse(body)?),
            "DescribeLogStreams" => self.describe_streams(parse(body)?),
            "FilterLogEvents" => self.filter_events(parse(body)?),
            "GetLogEvents" => self.get_events(parse(body)?),
            _ => Err(Error::unsupported(operation)),
        }
    }

    /// The group a request names, one way or the other.
    pub(super) fn group(
        &self,
        name: Option<&str>,
        identifier: Option<&str>,
    ) -> Result<(String, &Group), Error> {
        let name = name.or(identifier.map(group_name)).ok_or_else(|| {
            Error::invalid("Either logGroupName or logGroupIdentifier must be specified.")
        })?;
        let group = self.groups.get(name).ok_or_else(Error::no_such_group)?;
        Ok((name.to_owned(), group))
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(body).map_err(|error| Error::malformed(&error))
}

/// A `limit` within its range.
pub(super) fn limit(given: Option<i64>, most: usize) -> Result<usize, Error> {
    let Some(given) = given else { return Ok(most) };
    let bound = if given < 1 {
        "greater than or equal to 1".to_owned()
    } else {
        format!("less than or equal to {most}")
    };
    usize::try_from(given).ok().filter(|limit| (1..=most).contains(limit)).ok_or_else(|| {
        Error::invalid(format!(
            "1 validation error detected: Value '{given}' at 'limit' failed to satisfy constraint: Member must have value {bound}"
        ))
    })
}

/// A `nextToken` of ours.
pub(super) fn token<T: std::str::FromStr>(given: &str) -> Result<T, Error> {
    given.parse().map_err(|_| Error::invalid("The specified nextToken is invalid."))
}
