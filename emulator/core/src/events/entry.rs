//! The request of `PutEvents`, and what is wrong with one of its entries.

use super::event::Event;
use crate::Time;
use serde::Deserialize;
use serde_json::Value;

pub(super) const ENTRIES_MAX: usize = 10;
/// Bytes of all entries together, counted as in "Calculating PutEvents event entry size".
pub(super) const REQUEST_MAX: usize = 1024 * 1024;
/// A time stamp counts as much, however it is written.
const TIME_BYTES: usize = 14;
const DETAIL_TYPE_MAX: usize = 128;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Request {
    pub(super) entries: Vec<Entry>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Entry {
    source: Option<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    resources: Option<Vec<String>>,
    /// Seconds since the epoch, perhaps with a fraction.
    time: Option<f64>,
    event_bus_name: Option<String>,
}

/// Why an entry is not an event.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: String,
}

impl Entry {
    pub(super) fn size(&self) -> usize {
        let texts = [&self.source, &self.detail_type, &self.detail];
        let texts = texts.into_iter().flatten().chain(self.resources.iter().flatten());
        texts.map(String::len).sum::<usize>() + self.time.map_or(0, |_| TIME_BYTES)
    }

    /// The name of the bus; an ARN ends with it.
    pub(super) fn bus(&self) -> &str {
        let given = self.event_bus_name.as_deref().unwrap_or(super::DEFAULT_BUS);
        given.rsplit_once('/').map_or(given, |(_, name)| name)
    }

    pub(super) fn into_event(self, now: Time) -> Result<Event, Refusal> {
        let source = required("Source", self.source)?;
        let detail_type = required("DetailType", self.detail_type)?;
        let detail = required("Detail", self.detail)?;
        if source.starts_with("aws.") {
            return Err(Refusal {
                code: "NotAuthorizedForSourceException",
                message: "Not authorized for the source.".into(),
            });
        }
        if detail_type.chars().count() > DETAIL_TYPE_MAX {
            let why = format!("DetailType is longer than {DETAIL_TYPE_MAX} characters.");
            return Err(invalid("DetailType", &why));
        }
        let detail =
            serde_json::from_str(&detail).ok().filter(Value::is_object).ok_or_else(|| Refusal {
                code: "MalformedDetail",
                message: "Detail is malformed.".into(),
            })?;
        // A cast of a number out of range saturates.
        let time = self.time.map_or(now, |seconds| Time((seconds * 1000.0) as u64));
        let resources = self.resources.unwrap_or_default();
        Ok(Event { source, detail_type, detail, resources, time })
    }
}

fn required(name: &str, value: Option<String>) -> Result<String, Refusal> {
    let value = value.filter(|value| !value.is_empty());
    value.ok_or_else(|| invalid(name, &format!("{name} is a required argument.")))
}

fn invalid(name: &str, why: &str) -> Refusal {
    let message = format!("Parameter {name} is not valid. Reason: {why}");
    Refusal { code: "InvalidArgument", message }
}
