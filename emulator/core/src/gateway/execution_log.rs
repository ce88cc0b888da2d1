//! The execution log of a stage: what happens to each request, step by step, as far as
//! `LoggingLevel` and `DataTraceEnabled` of its route ask for it.
//!
//! AWS documents the lines of REST APIs only; those of WebSocket APIs are as people have shown them.

use super::access_log::stream_of;
use super::integration::{Call, Failure, Purpose};
use super::{Gateway, Output};
use crate::logs::Line;
use crate::topology::{ExecutionLog, LogLevel};
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;

/// Characters of a payload that are shown.
const SHOWN_MAX: usize = 1024;

impl Gateway {
    /// What the log of this call's route shows.
    fn execution_log(&self, call: &Call) -> ExecutionLog {
        if let Purpose::Authorize = call.purpose {
            return ExecutionLog::default();
        }
        let stage = self.stage(&call.api, &call.stage);
        stage.map(|stage| stage.execution_log(&call.route)).unwrap_or_default()
    }

    pub(super) fn log_begin(&mut self, call: &Call, body: Option<&str>) {
        let log = self.execution_log(call);
        if log.level != LogLevel::Info {
            return;
        }
        let (api, connection) = (&call.api, call.connection);
        let request = request_id(call);
        self.step(call, format!("Extended Request Id: {request}"));
        self.step(call, format!("Starting execution for request: {request}"));
        self.step(call, format!("WebSocket Request Route: [{}]", call.route));
        let identity = |name: &str| {
            let context = call.prepared.context();
            let value = context.and_then(|context| context["identity"][name].as_str());
            value.unwrap_or("null").to_owned()
        };
        match call.purpose {
            Purpose::Connect => self.step(
                call,
                format!(
                    "Client [UserAgent: {}, SourceIp: {}] is connecting to WebSocket API [{api}].",
                    identity("userAgent"),
                    identity("sourceIp")
                ),
            ),
            Purpose::Message { .. } => {
                let mut said = format!(
                    "WebSocket API [{api}] received message from client [Connection Id: {connection}]."
                );
                if let Some(body) = body.filter(|_| log.trace) {
                    said.push_str(&format!(" Message: [{}]", shown(body)));
                }
                self.step(call, said);
            }
            Purpose::Disconnect => self.step(
                call,
                format!("Client [Connection Id: {connection}] disconnected from API [{api}]."),
            ),
            Purpose::Authorize => {}
        }
    }

    /// What goes to the integration.
    pub(super) fn log_request(&mut self, call: &Call, uri: &str, body: &[u8]) {
        let log = self.execution_log(call);
        if log.level != LogLevel::Info {
            return;
        }
        let uri = &endpoint(uri);
        if log.trace {
            let body = String::from_utf8_lossy(body);
            self.step(call, format!("Endpoint request URI: {uri}"));
            let said = format!("Endpoint request body after transformations: {}", shown(&body));
            self.step(call, said);
        }
        self.step(call, format!("Sending request to {uri}"));
    }

    /// What has come back from it.
    pub(super) fn log_response(&mut self, call: &Call, status: u16, took: Duration, body: &[u8]) {
        let log = self.execution_log(call);
        if log.level != LogLevel::Info {
            return;
        }
        let took = took.as_millis();
        let said = format!("Received response. Status: {status}, Integration latency: {took} ms");
        self.step(call, said);
        if log.trace {
            let body = String::from_utf8_lossy(body);
            let said = format!("Endpoint response body before transformations: {}", shown(&body));
            self.step(call, said);
        }
    }

    /// How it ended.
    pub(super) fn log_end(&mut self, call: &Call, result: Result<u16, &Failure>) {
        let log = self.execution_log(call);
        if let Err(failure) = result
            && log.level != LogLevel::Off
        {
            let said = match failure {
                Failure::Misconfigured(why) => {
                    format!("Execution failed due to configuration error: {why}")
                }
                Failure::Backend(why) => {
                    format!(
                        "Lambda execution failed with status 200 due to customer function error: {why}"
                    )
                }
                Failure::TimedOut => "Execution failed due to a timeout error".to_owned(),
            };
            self.step(call, said);
        }
        if log.level == LogLevel::Info {
            let status = result.unwrap_or_else(Failure::status);
            if let (Purpose::Connect, Ok(200..300)) = (call.purpose, result) {
                let (connection, api) = (call.connection, &call.api);
                let said = format!(
                    "Client [Connection Id: {connection}] connected to API [{api}] successfully."
                );
                self.step(call, said);
            }
            self.step(call, format!("Method completed with status: {status}"));
        }
    }

    fn step(&mut self, call: &Call, said: String) {
        let (api, stage) = (&call.api, &call.stage);
        self.outputs.push_back(Output::Written(Line {
            group: format!("API-Gateway-Execution-Logs_{api}/{stage}"),
            stream: stream_of(api, stage),
            text: format!("({}) {said}", request_id(call)),
        }));
    }
}

fn request_id(call: &Call) -> &str {
    let context = call.prepared.context();
    context.and_then(|context| context.get("requestId")).and_then(Value::as_str).unwrap_or_default()
}

/// The address behind a URI of API Gateway's own form.
fn endpoint(uri: &str) -> Cow<'_, str> {
    let parts = uri.strip_prefix("arn:aws:apigateway:").and_then(|rest| {
        let (region, rest) = rest.split_once(':')?;
        let (service, rest) = rest.split_once(':')?;
        let path = rest.strip_prefix("path").unwrap_or("/");
        Some(format!("https://{service}.{region}.amazonaws.com{path}"))
    });
    parts.map_or(Cow::Borrowed(uri), Cow::Owned)
}

fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{} [TRUNCATED]", &text[..end]),
        None => text.to_owned(),
    }
}
