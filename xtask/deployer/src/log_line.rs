//! A line of a log, whoever wrote it, as its parts: the function's own JSON, Lambda's reports, API
//! Gateway's access log, or plain text.
//!
//! Pure. Lines of one connection are joined by its id: an access log names connection and request
//! together, and all else of that request follows.

use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;

/// The parts of a line.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// When, in milliseconds since 1970.
    pub timestamp: i64,
    /// Whose log it is.
    pub source: String,
    /// `INFO` and the like, where it says one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// The connection, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// Lambda's id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What it says.
    pub message: String,
    /// What else it says.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub fields: Map<String, Value>,
}

impl Line {
    /// Takes a line apart; what is not understood is left as it is.
    pub fn read(source: &str, timestamp: i64, text: &str) -> Self {
        let text = text.trim_end();
        let mut line = Self {
            timestamp,
            source: source.to_owned(),
            level: None,
            connection_id: None,
            request_id: None,
            message: text.to_owned(),
            fields: Map::new(),
        };
        match serde_json::from_str::<Map<String, Value>>(text) {
            Ok(object) if object.contains_key("routeKey") => line.of_access_log(object),
            Ok(object) if object.get("record").is_some_and(Value::is_object) => {
                line.of_platform(object);
            }
            Ok(object) => line.of_function(object),
            Err(_) => line.request_id = after(text, "RequestId: "),
        }
        line
    }

    fn of_access_log(&mut self, mut object: Map<String, Value>) {
        self.connection_id = take(&mut object, &["connectionId"]);
        // `$context.integration.requestId` is Lambda's; `$context.requestId` is API Gateway's own.
        self.request_id = take(&mut object, &["integrationRequestId", "awsEndpointRequestId"]);
        object.remove("requestTime");
        let route = take(&mut object, &["routeKey"]).unwrap_or_default();
        let status = take(&mut object, &["status"]).unwrap_or_default();
        self.message = format!("{route} {status}");
        // A variable without a value is a dash.
        object.retain(|_, value| value != "-");
        self.fields = object;
    }

    /// `{"time":…,"type":"platform.report","record":{"requestId":…,"metrics":{…}}}`
    fn of_platform(&mut self, mut object: Map<String, Value>) {
        let kind = take(&mut object, &["type"]).unwrap_or_default();
        let Some(Value::Object(mut record)) = object.remove("record") else { return };
        self.request_id = take(&mut record, &["requestId"]);
        let metrics = match record.remove("metrics") {
            Some(Value::Object(metrics)) => metrics,
            _ => Map::new(),
        };
        let status = take(&mut record, &["status"]);
        self.message = kind.trim_start_matches("platform.").to_owned();
        if let Some(status) = status {
            self.message.push(' ');
            self.message.push_str(&status);
        }
        record.extend(metrics);
        for dull in ["spans", "tracing", "version", "initializationType", "phase"] {
            record.remove(dull);
        }
        self.fields = record;
    }

    fn of_function(&mut self, mut object: Map<String, Value>) {
        if let Some(Value::Object(fields)) = object.remove("fields") {
            object.extend(fields);
        }
        object.remove("timestamp");
        self.level = take(&mut object, &["level"]);
        self.connection_id = take(&mut object, &["connectionId", "connection_id", "connection"]);
        self.request_id = take(&mut object, &["requestId", "request_id", "AWSRequestId"]);
        if let Some(message) = take(&mut object, &["message", "msg"]) {
            self.message = message;
            self.fields = object;
        }
    }

    /// For people; the time is that of the day in UTC.
    pub fn to_text(&self, width: usize) -> String {
        let day = self.timestamp.rem_euclid(24 * 60 * 60 * 1000);
        let (seconds, millis) = (day / 1000, day % 1000);
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let mut text = format!(
            "{hours:02}:{minutes:02}:{seconds:02}.{millis:03} {:<width$} {:<5} {:<16} {}",
            self.source,
            self.level.as_deref().unwrap_or_default(),
            self.connection_id.as_deref().unwrap_or("-"),
            self.message,
        );
        for (name, value) in &self.fields {
            // Writing to a string does not fail.
            _ = match value {
                Value::String(value) if !value.contains([' ', '=']) => {
                    write!(text, " {name}={value}")
                }
                value => write!(text, " {name}={value}"),
            };
        }
        text
    }
}

/// Removes the first of these fields that has a value, as text.
fn take(object: &mut Map<String, Value>, names: &[&str]) -> Option<String> {
    let mut found = None;
    for name in names {
        let value = match object.remove(*name) {
            Some(Value::String(text)) => Some(text),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        found = found.or(value.filter(|value| !value.is_empty() && value != "-"));
    }
    found
}

fn after(text: &str, mark: &str) -> Option<String> {
    let rest = text.split_once(mark)?.1;
    rest.split_whitespace().next().map(str::to_owned)
}

/// Which request belongs to which connection, of the last so many requests.
#[derive(Debug, Default)]
pub struct Connections {
    of_request: BTreeMap<String, String>,
    order: VecDeque<String>,
}

const REQUESTS_MOST: usize = 10_000;

impl Connections {
    /// Learns from all these lines, then tells them what is known.
    pub fn join(&mut self, lines: &mut [Line]) {
        for line in &*lines {
            if let (Some(request), Some(connection)) = (&line.request_id, &line.connection_id)
                && self.of_request.insert(request.clone(), connection.clone()).is_none()
            {
                self.order.push_back(request.clone());
            }
        }
        while self.order.len() > REQUESTS_MOST {
            if let Some(request) = self.order.pop_front() {
                self.of_request.remove(&request);
            }
        }
        for line in lines {
            if line.connection_id.is_none() {
                let known = line.request_id.as_ref().and_then(|id| self.of_request.get(id));
                line.connection_id = known.cloned();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};

    fn check(texts: &[&str], expected: Expect) {
        let mut lines: Vec<_> =
            texts.iter().map(|text| Line::read("Socket", 1_795_544_891_023, text)).collect();
        Connections::default().join(&mut lines);
        let all: String = lines.iter().map(|line| line.to_text(6) + "\n").collect();
        expected.assert_eq(&all);
    }

    #[test]
    fn the_functions_own_lines_are_understood() {
        check(
            &[
                r#"{"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"parked","connectionId":"oazVOU1wArJytAs=","sent":3}"#,
                r#"{"level":"WARN","fields":{"message":"slow","for":"2 s"},"request_id":"r-1"}"#,
                r#"{"level":"INFO","answer":42}"#,
            ],
            expect![[r#"
                18:28:11.023 Socket INFO  oazVOU1wArJytAs= parked sent=3
                18:28:11.023 Socket WARN  -                slow for="2 s"
                18:28:11.023 Socket INFO  -                {"level":"INFO","answer":42}
            "#]],
        );
    }

    #[test]
    fn what_belongs_to_a_request_belongs_to_its_connection() {
        check(
            &[
                r#"{"time":"2026-11-24T10:00:07Z","type":"platform.start","record":{"requestId":"r-1","version":"$LATEST"}}"#,
                r#"{"time":"2026-11-24T10:00:07Z","type":"platform.report","record":{"requestId":"r-1","metrics":{"durationMs":7.5,"maxMemoryUsedMB":18},"status":"success"}}"#,
                r#"{"requestId":"g-1","integrationRequestId":"r-1","routeKey":"$connect","connectionId":"oazVOU1wArJytAs=","status":"200","errorMessage":"-"}"#,
                "REPORT RequestId: r-1\tDuration: 7.50 ms",
                "REPORT RequestId: r-2\tDuration: 7.50 ms",
            ],
            expect![[r#"
                18:28:11.023 Socket       oazVOU1wArJytAs= start
                18:28:11.023 Socket       oazVOU1wArJytAs= report success durationMs=7.5 maxMemoryUsedMB=18
                18:28:11.023 Socket       oazVOU1wArJytAs= $connect 200 requestId=g-1
                18:28:11.023 Socket       oazVOU1wArJytAs= REPORT RequestId: r-1	Duration: 7.50 ms
                18:28:11.023 Socket       -                REPORT RequestId: r-2	Duration: 7.50 ms
            "#]],
        );
    }

    #[test]
    fn what_is_known_of_requests_is_bounded() {
        let mut connections = Connections::default();
        for n in 0..REQUESTS_MOST + 5 {
            let text = format!(r#"{{"message":"m","requestId":"r-{n}","connectionId":"c"}}"#);
            connections.join(&mut [Line::read("Socket", 0, &text)]);
        }
        assert_eq!(connections.of_request.len(), REQUESTS_MOST);
        assert_eq!(connections.of_request.get("r-0"), None);
    }
}
