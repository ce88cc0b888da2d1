//! Event source mappings: which stream or queue feeds which function.

use super::destinations::{self, known_role};
use super::eval::Evaluator;
use super::properties::Properties;
use crate::lambda::function_name;
use crate::pattern::Pattern;
use crate::permissions::role_allows;
use crate::topology::{EventSource, Function, Polled, StartingPosition, Topology};
use crate::{poller, stream};
use std::time::Duration;

const MAPPING: [&str; 28] = [
    "AmazonManagedKafkaEventSourceConfig",
    "BatchSize",
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "DocumentDBEventSourceConfig",
    "Enabled",
    "EventSourceArn",
    "FilterCriteria",
    "FunctionName",
    "FunctionResponseTypes",
    "KmsKeyArn",
    "LoggingConfig",
    "MaximumBatchingWindowInSeconds",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "MetricsConfig",
    "ParallelizationFactor",
    "ProvisionedPollerConfig",
    "Queues",
    "ScalingConfig",
    "SelfManagedEventSource",
    "SelfManagedKafkaEventSourceConfig",
    "SourceAccessConfigurations",
    "StartingPosition",
    "StartingPositionTimestamp",
    "Tags",
    "Topics",
    "TumblingWindowInSeconds",
];
/// Patterns of one mapping; AWS raises that on request.
const FILTERS_MAX: usize = 5;
/// What a mapping does with the function's role.
const STREAM_ACTIONS: [&str; 4] =
    ["GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"];
const QUEUE_ACTIONS: [&str; 3] = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];

pub(super) fn read(evaluator: &mut Evaluator<'_>, topology: &mut Topology) {
    for id in evaluator.of_kind("AWS::Lambda::EventSourceMapping") {
        let mut properties = Properties::of(evaluator, &id);
        let given = properties.required("FunctionName");
        let function = function_name(&given).and_then(|name| topology.functions.get(name));
        if function.is_none() && !given.is_empty() {
            let message = format!("function {given} is not in the template");
            properties.problem("FunctionName", message);
        }
        let arn = properties.text("EventSourceArn").unwrap_or_default();
        let from = match function {
            None => None,
            Some(function) if arn.starts_with("arn:aws:dynamodb:") => {
                stream(evaluator, topology, &mut properties, function, &arn)
            }
            Some(function) if arn.starts_with("arn:aws:sqs:") => {
                queue(evaluator, topology, &mut properties, function, &arn)
            }
            Some(_) => {
                evaluator.warnings.push(format!(
                    "{id} reads neither a stream of a table nor a queue, which is not emulated"
                ));
                None
            }
        };
        if let (Some(from), Some(function)) = (from, function) {
            let function = function.name.clone();
            topology.event_sources.push(EventSource { logical_id: id, function, from });
        }
        properties.finish(evaluator, &MAPPING);
    }
}

fn stream(
    evaluator: &mut Evaluator<'_>,
    topology: &Topology,
    properties: &mut Properties,
    function: &Function,
    arn: &str,
) -> Option<Polled> {
    let name = arn.split('/').nth(1).unwrap_or_default();
    let Some(table) = topology.tables.get(name) else {
        let id = &properties.id;
        evaluator.warnings.push(format!("{id} reads {arn}, whose table is not in the template"));
        return None;
    };
    if table.stream_arn.as_deref() != Some(arn) {
        properties.problem(
            "EventSourceArn",
            format!("table {name} has no such stream; give it a StreamSpecification and use !GetAtt {}.StreamArn", table.logical_id),
        );
    }
    let start = match properties.required("StartingPosition").as_str() {
        "TRIM_HORIZON" | "" => StartingPosition::TrimHorizon,
        "LATEST" => StartingPosition::Latest,
        other => {
            let message =
                format!("`{other}` must be TRIM_HORIZON or LATEST for a stream of a table");
            properties.problem("StartingPosition", message);
            StartingPosition::TrimHorizon
        }
    };
    let mut config = stream::Config::new(&function.arn, arn);
    config.enabled = !properties.has("Enabled") || properties.flag("Enabled");
    config.batch_size = size(properties, "BatchSize", 10_000).unwrap_or(config.batch_size);
    config.batching_window = window(properties);
    config.parallelization_factor = size(properties, "ParallelizationFactor", 10).unwrap_or(1);
    config.retry_attempts = properties
        .limit("MaximumRetryAttempts", 0, 10_000)
        .and_then(|attempts| u32::try_from(attempts).ok());
    config.record_age =
        properties.limit("MaximumRecordAgeInSeconds", 60, 604_800).map(Duration::from_secs);
    config.bisect = properties.flag("BisectBatchOnFunctionError");
    config.report_failures = reports_failures(properties);
    config.filters = filters(properties);
    config.on_failure = on_failure(evaluator, topology, properties, function);
    if properties.number("TumblingWindowInSeconds", 0, 900).is_some_and(|seconds| seconds > 0) {
        evaluator.warnings.push(format!(
            "the tumbling window of {} is not emulated: its function is invoked without one",
            properties.id
        ));
    }
    permit(topology, properties, function, "dynamodb", &STREAM_ACTIONS, arn);
    Some(Polled::Stream { start, config })
}

fn queue(
    evaluator: &mut Evaluator<'_>,
    topology: &Topology,
    properties: &mut Properties,
    function: &Function,
    arn: &str,
) -> Option<Polled> {
    for name in [
        "BisectBatchOnFunctionError",
        "DestinationConfig",
        "MaximumRecordAgeInSeconds",
        "MaximumRetryAttempts",
        "ParallelizationFactor",
        "StartingPosition",
        "TumblingWindowInSeconds",
    ] {
        if properties.has(name) {
            properties.problem(name, "is for streams, not for queues; leave it out");
        }
    }
    let name = arn.rsplit(':').next().unwrap_or_default();
    let Some(queue) = topology.messaging.queues.iter().find(|queue| queue.name() == name) else {
        let id = &properties.id;
        evaluator.warnings.push(format!("{id} reads {arn}, which is not emulated"));
        return None;
    };
    if queue.visibility_timeout < function.timeout {
        let (hidden, timeout) = (queue.visibility_timeout.as_secs(), function.timeout.as_secs());
        properties.problem(
            "EventSourceArn",
            format!("queue visibility timeout: {hidden} seconds is less than function timeout: {timeout} seconds; AWS recommends six times that"),
        );
    }
    let mut config = poller::Config::new(arn);
    config.enabled = !properties.has("Enabled") || properties.flag("Enabled");
    config.batch_size = size(properties, "BatchSize", 10_000).unwrap_or(config.batch_size);
    config.batching_window = window(properties);
    if arn.ends_with(".fifo") && !config.batching_window.is_zero() {
        let why = "Batching window is not supported for FIFO queues";
        properties.problem("MaximumBatchingWindowInSeconds", why);
    }
    if config.batch_size > 10 && config.batching_window.is_zero() {
        let why = "above 10 needs a MaximumBatchingWindowInSeconds of at least 1";
        properties.problem("BatchSize", why);
    }
    config.report_failures = reports_failures(properties);
    config.filters = filters(properties);
    let mut scaling = properties.within("ScalingConfig");
    if let Some(most) = scaling.number("MaximumConcurrency", 2, 1000) {
        config.concurrency = usize::try_from(most).unwrap_or(config.concurrency);
    }
    properties.problems.append(&mut scaling.problems);
    permit(topology, properties, function, "sqs", &QUEUE_ACTIONS, arn);
    Some(Polled::Queue(config))
}

fn size(properties: &mut Properties, name: &str, most: u64) -> Option<usize> {
    properties.number(name, 1, most).and_then(|size| usize::try_from(size).ok())
}

fn window(properties: &mut Properties) -> Duration {
    let seconds = properties.number("MaximumBatchingWindowInSeconds", 0, 300);
    Duration::from_secs(seconds.unwrap_or(0))
}

fn reports_failures(properties: &mut Properties) -> bool {
    let types = properties.texts("FunctionResponseTypes");
    if let Some(other) = types.iter().find(|kind| *kind != "ReportBatchItemFailures") {
        let message = format!("`{other}` must be ReportBatchItemFailures");
        properties.problem("FunctionResponseTypes", message);
    }
    !types.is_empty()
}

fn filters(properties: &mut Properties) -> Vec<Pattern> {
    let mut criteria = properties.within("FilterCriteria");
    let mut items = criteria.items("Filters");
    if items.len() > FILTERS_MAX {
        criteria.problem("Filters", format!("has more than {FILTERS_MAX} patterns"));
    }
    let mut patterns = Vec::new();
    for item in &mut items {
        match Pattern::parse(&item.required("Pattern")) {
            Ok(pattern) => patterns.push(pattern),
            Err(why) => item.problem("Pattern", why),
        }
        criteria.problems.append(&mut item.problems);
    }
    properties.problems.append(&mut criteria.problems);
    patterns
}

fn on_failure(
    evaluator: &mut Evaluator<'_>,
    topology: &Topology,
    properties: &mut Properties,
    function: &Function,
) -> Option<String> {
    let mut on_failure = properties.within("DestinationConfig").within("OnFailure");
    let destination = destinations::read(&mut on_failure, "Destination", function, topology);
    properties.problems.append(&mut on_failure.problems);
    let destination = destination?;
    if destination.starts_with("arn:aws:lambda:") || destination.starts_with("arn:aws:events:") {
        let why = "must be the ARN of a queue, a topic or a bucket";
        properties.problem("DestinationConfig.OnFailure.Destination", why);
    }
    if let Some(why) = destinations::not_emulated(&destination, topology) {
        let id = &properties.id;
        evaluator.warnings.push(format!("what {id} discards is lost: {why}"));
    }
    Some(destination)
}

/// A mapping reads with the function's role, and AWS makes none whose role may not.
fn permit(
    topology: &Topology,
    properties: &mut Properties,
    function: &Function,
    service: &str,
    actions: &[&str],
    arn: &str,
) {
    let Some(role) = known_role(topology, function) else { return };
    let allowed = |action: &&str| role_allows(role, &format!("{service}:{action}"), arn);
    let missing: Vec<&str> = actions.iter().copied().filter(|action| !allowed(action)).collect();
    if !missing.is_empty() {
        properties.problem(
            "FunctionName",
            format!(
                "cannot access {arn}: role {} of function {} must be allowed {service}:{}",
                role.name,
                function.name,
                missing.join(&format!(", {service}:"))
            ),
        );
    }
}
