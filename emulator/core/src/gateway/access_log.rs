//! Lines of a stage's access log, in the format its template asks for.

use super::answer::Answer;
use super::event::lookup;
use super::integration::Failure;
use super::{Gateway, Output};
use crate::access_log::Format;
use crate::id::{HEX, derived};
use crate::log::Log;
use crate::logs::Line;
use crate::topology::{LogLevel, Stage};
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
    /// What of a message does not fit its model.
    pub(super) validation: Option<String>,
    pub(super) authorizer: Option<Authorized>,
}

/// What came of asking an authorizer.
#[derive(Clone, Debug)]
pub(super) struct Authorized {
    pub(super) status: u16,
    pub(super) took: Duration,
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
                ..Self::default()
            },
            Err(failure) => Self {
                status: failure.status(),
                latency: Some(took),
                integration_status: None,
                error: Some(failure.why()),
                ..Self::default()
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
            "error.message" | "integration.error" | "integrationErrorMessage" => self.error.clone(),
            "authorizer.status" | "authorize.status" => {
                self.authorizer.as_ref().map(|said| said.status.to_string())
            }
            "authorizer.latency" | "authorizer.integrationLatency" | "authorize.latency" => {
                self.authorizer.as_ref().map(|said| said.took.as_millis().to_string())
            }
            // Whatever it says, the function was reached.
            "authorizer.integrationStatus" => self.authorizer.as_ref().map(|_| "200".to_owned()),
            "authorizer.error" | "authorize.error" => self.authorizer.as_ref()?.error.clone(),
            "error.responseType" => self.error.as_ref().map(|_| response_type(self.status).into()),
            "error.validationErrorString" => self.validation.clone(),
            _ => None,
        }
    }
}

/// The kind of a refusal, by its status: as REST APIs name theirs.
fn response_type(status: u16) -> &'static str {
    match status {
        400 => "BAD_REQUEST_BODY",
        401 => "UNAUTHORIZED",
        403 => "ACCESS_DENIED",
        429 => "THROTTLED",
        502 => "INTEGRATION_FAILURE",
        504 => "INTEGRATION_TIMEOUT",
        _ => "API_CONFIGURATION_ERROR",
    }
}

impl Gateway {
    /// Whether a stage writes an access log at all.
    pub(super) fn wants_access_log(&self, api: &str, stage: &str) -> bool {
        self.access_log_format(api, stage).is_some()
    }

    /// Whether a stage writes a log of any kind about this route.
    pub(super) fn wants_log(&self, api: &str, stage: &str, route: &str) -> bool {
        self.stage(api, stage).is_some_and(|stage| wants_log(stage, route))
    }

    pub(super) fn log_access(
        &mut self,
        api: &str,
        stage: &Arc<str>,
        context: &Value,
        extra: &Extra,
    ) {
        let Some(format) = self.access_log_format(api, stage) else { return };
        let line = format.render(|name| extra.value(name).or_else(|| lookup(context, name)));
        if let Some(group) = self.stage(api, stage).and_then(|s| s.access_log_group.clone()) {
            let stream = stream_of(api, stage);
            self.outputs.push_back(Output::Written(Line { group, stream, text: line.clone() }));
        }
        self.tell(Log::Access { stage: stage.to_string(), line });
    }

    fn access_log_format(&self, api: &str, stage: &str) -> Option<&Arc<Format>> {
        self.stage(api, stage)?.access_log_format.as_ref()
    }

    pub(super) fn stage(&self, api: &str, stage: &str) -> Option<&Stage> {
        self.topology.apis.get(api)?.stages.get(stage)
    }
}

pub(super) fn wants_log(stage: &Stage, route: &str) -> bool {
    stage.access_log_format.is_some() || stage.execution_log(route).level != LogLevel::Off
}

/// The log stream of a stage: on AWS there are several, with names like this one.
pub(super) fn stream_of(api: &str, stage: &str) -> Arc<str> {
    derived(&format!("{api}/{stage}"), HEX, 32).into()
}
