//! Lines of a stage's access log, in the format its template asks for.

use super::Gateway;
use super::answer::Answer;
use super::event::lookup;
use super::integration::Failure;
use crate::log::Log;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;

/// What a line can tell besides the context of the event.
#[derive(Clone, Debug, Default)]
pub(super) struct Extra {
    pub(super) status: u16,
    pub(super) latency: Option<Duration>,
    pub(super) integration_status: Option<u16>,
    pub(super) error: Option<String>,
}

impl Extra {
    pub(super) fn of(result: &Result<Answer, Failure>, took: Duration) -> Self {
        match result {
            Ok(answer) => Self {
                status: answer.status,
                latency: Some(took),
                integration_status: Some(answer.status),
                error: None,
            },
            Err(failure) => Self {
                status: failure.status(),
                latency: Some(took),
                integration_status: None,
                error: Some(failure.why()),
            },
        }
    }

    fn value(&self, name: &str) -> Option<String> {
        match name {
            "status" => Some(self.status.to_string()),
            "integrationLatency" | "integration.latency" => {
                self.latency.map(|took| took.as_millis().to_string())
            }
            "integration.status" | "integration.integrationStatus" | "integrationStatus" => {
                self.integration_status.map(|status| status.to_string())
            }
            "error.message" | "integration.error" => self.error.clone(),
            "error.messageString" => {
                self.error.as_ref().map(|error| Value::from(error.as_str()).to_string())
            }
            _ => None,
        }
    }
}

impl Gateway {
    /// Whether a stage writes an access log at all.
    pub(super) fn wants_access_log(&self, api: &str, stage: &str) -> bool {
        self.access_log_format(api, stage).is_some()
    }

    pub(super) fn log_access(
        &mut self,
        api: &str,
        stage: &Arc<str>,
        context: &Value,
        extra: &Extra,
    ) {
        let Some(format) = self.access_log_format(api, stage) else { return };
        let line = line(format, context, extra);
        self.tell(Log::Access { stage: stage.to_string(), line });
    }

    fn access_log_format(&self, api: &str, stage: &str) -> Option<&str> {
        self.topology.apis.get(api)?.stages.get(stage)?.access_log_format.as_deref()
    }
}

/// The format with each `$context.…` replaced; what is not known is `-`.
fn line(format: &str, context: &Value, extra: &Extra) -> String {
    let mut out = String::with_capacity(format.len() * 2);
    let mut rest = format;
    while let Some((before, after)) = rest.split_once("$context.") {
        out.push_str(before);
        let end = after
            .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '_' | '-'))
            .unwrap_or(after.len());
        let name = after[..end].trim_end_matches(['.', '-']);
        let value = extra.value(name).or_else(|| lookup(context, name));
        out.push_str(value.as_deref().unwrap_or("-"));
        rest = &after[name.len()..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::{Extra, line};
    use serde_json::json;

    #[test]
    fn variables_are_replaced_and_unknown_ones_are_a_dash() {
        let context =
            json!({ "requestId": "R=", "connectedAt": 5, "identity": { "sourceIp": "::1" } });
        let extra = Extra { status: 403, error: Some("no \"way\"".into()), ..Extra::default() };
        for (format, expected) in [
            ("$context.requestId $context.connectedAt", "R= 5"),
            (r#"{"ip":"$context.identity.sourceIp"}"#, r#"{"ip":"::1"}"#),
            ("$context.status. $context.error.messageString", r#"403. "no \"way\"""#),
            ("$context.nothing $context.integrationLatency", "- -"),
            ("plain $ text", "plain $ text"),
        ] {
            assert_eq!(line(format, &context, &extra), expected);
        }
    }
}
