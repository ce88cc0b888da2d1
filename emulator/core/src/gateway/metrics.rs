//! What CloudWatch counts of a stage. Since the start, without time: they are for tests to compare.

use super::integration::{Failure, Purpose};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// The metrics of all stages, by API and stage.
#[derive(Debug, Default)]
pub(super) struct Metrics(BTreeMap<(Arc<str>, Arc<str>), Counts>);

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    connects: u64,
    /// In either direction.
    pub(super) messages: u64,
    /// Answers of integrations from 400 on.
    integration_errors: u64,
    /// Refused before an integration was called.
    pub(super) client_errors: u64,
    /// Integrations that could not be called.
    execution_errors: u64,
    latencies: u64,
    latency_sum: Duration,
    latency_max: Duration,
}

impl Metrics {
    pub(super) fn of(&mut self, api: &Arc<str>, stage: &Arc<str>) -> &mut Counts {
        self.0.entry((Arc::clone(api), Arc::clone(stage))).or_default()
    }

    /// Forgets stages that are not there any more.
    pub(super) fn retain(&mut self, is_there: impl Fn(&str, &str) -> bool) {
        self.0.retain(|(api, stage), _| is_there(api, stage));
    }

    pub(super) fn show(&self) -> Value {
        let one = |((api, stage), counts): (&(Arc<str>, Arc<str>), &Counts)| {
            (format!("{api}/{stage}"), counts.show())
        };
        self.0.iter().map(one).collect()
    }
}

impl Counts {
    /// A call of an integration has come to its end; `waited`: something was waited for.
    pub(super) fn called(
        &mut self,
        purpose: Purpose,
        waited: Option<Duration>,
        result: Result<u16, &Failure>,
    ) {
        self.connects += u64::from(matches!(purpose, Purpose::Connect));
        match result {
            Ok(..400) => {}
            Ok(_) | Err(Failure::Backend(_)) => self.integration_errors += 1,
            Err(Failure::Misconfigured(_) | Failure::TimedOut) => self.execution_errors += 1,
        }
        if let Some(took) = waited {
            self.latencies += 1;
            self.latency_sum += took;
            self.latency_max = self.latency_max.max(took);
        }
    }

    fn show(&self) -> Value {
        let millis = |duration: Duration| u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        json!({
            "ConnectCount": self.connects,
            "MessageCount": self.messages,
            "IntegrationError": self.integration_errors,
            "ClientError": self.client_errors,
            "ExecutionError": self.execution_errors,
            "IntegrationLatency": {
                "SampleCount": self.latencies,
                "Sum": millis(self.latency_sum),
                "Maximum": millis(self.latency_max),
            },
        })
    }
}
