//! Metrics, as a line of the log in CloudWatch's embedded metric format.
//!
//! One line an invocation, with what was counted in it; none where nothing was. Dimensions are stage
//! and function, never a user or a connection: each value of a dimension is a metric of its own, and
//! is paid for. Lambda takes such a line for `INFO`: where its own filter is set to more than that,
//! it drops the metrics.

use herald_contract::metric::{FUNCTION, Metric, NAMESPACE, STAGE};
use herald_contract::{Function, Millis};
use serde_json::{Value, json};

/// What CloudWatch takes of one metric in one line.
const VALUES_MAX: usize = 100;

/// Whose metrics they are.
#[derive(Clone, Debug)]
pub struct Metrics {
    function: Function,
    stage: Option<String>,
}

impl Metrics {
    /// Those of a function; without a stage it writes none.
    pub fn new(function: Function, stage: Option<String>) -> Self {
        Self { function, stage }
    }

    /// Writes what was counted.
    pub(crate) fn write(&self, now: Millis, request_id: &str, values: Vec<(Metric, Vec<u64>)>) {
        let Some(stage) = &self.stage else {
            return;
        };
        let values: Vec<_> = values.into_iter().filter(|(_, values)| !values.is_empty()).collect();
        if values.is_empty() {
            return;
        }
        let metrics = values.iter().map(|(m, _)| json!({ "Name": m.name(), "Unit": unit(*m) }));
        let mut line = json!({
            "_aws": {
                "Timestamp": now.get(),
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE,
                    "Dimensions": [[STAGE, FUNCTION]],
                    "Metrics": metrics.collect::<Vec<_>>(),
                }],
            },
            STAGE: stage,
            FUNCTION: self.function.name(),
            "requestId": request_id,
        });
        for (metric, mut values) in values {
            values.truncate(VALUES_MAX);
            line[metric.name()] = match values[..] {
                [one] => one.into(),
                _ => Value::from(values),
            };
        }
        tracing::info!(target: crate::log::METRICS, "{line}");
    }
}

fn unit(metric: Metric) -> &'static str {
    match metric {
        Metric::DeliveryLag | Metric::JobAge => "Milliseconds",
        Metric::Posts
        | Metric::Gone
        | Metric::Throttled
        | Metric::Slow
        | Metric::ReplayDepth
        | Metric::LeaseLost => "Count",
    }
}
