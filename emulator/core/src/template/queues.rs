//! Queues of SQS, and where they send what is received too often.

use super::eval::Evaluator;
use super::properties::Properties;
use super::stand_in;
use crate::queue::{QueueConfig, Redrive};
use crate::topology::Topology;
use serde_json::Value;
use std::time::Duration;

const QUEUE: [&str; 17] = [
    "ContentBasedDeduplication",
    "DeduplicationScope",
    "DelaySeconds",
    "FifoQueue",
    "FifoThroughputLimit",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "QueueName",
    "ReceiveMessageWaitTimeSeconds",
    "RedriveAllowPolicy",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "Tags",
    "VisibilityTimeout",
    "VpcEndpointId",
];

const FIFO_ONLY: [&str; 3] =
    ["ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"];

pub(super) fn read(evaluator: &mut Evaluator<'_>, topology: &mut Topology) {
    for id in evaluator.of_kind("AWS::SQS::Queue") {
        let name = stand_in::name(evaluator, &id);
        let mut properties = Properties::of(evaluator, &id);
        let fifo = properties.flag("FifoQueue");
        if fifo != name.ends_with(".fifo") {
            let why = "a FIFO queue has FifoQueue true and a QueueName that ends with .fifo";
            properties.problem("QueueName", why);
        }
        if !fifo {
            for name in FIFO_ONLY {
                if properties.has(name) {
                    properties.problem(name, "is for FIFO queues");
                }
            }
        }
        if let Some(queue) = queue(&mut properties, &name) {
            topology.messaging.queues.push(queue);
        }
        properties.finish(evaluator, &QUEUE);
    }
}

fn queue(properties: &mut Properties, name: &str) -> Option<QueueConfig> {
    let mut queue = match QueueConfig::new(name) {
        Ok(queue) => queue,
        Err(why) => {
            properties.problem("QueueName", why);
            return None;
        }
    };
    let mut seconds = |name, least, most, to: &mut Duration| {
        if let Some(seconds) = properties.number(name, least, most) {
            *to = Duration::from_secs(seconds);
        }
    };
    seconds("VisibilityTimeout", 0, 43_200, &mut queue.visibility_timeout);
    seconds("MessageRetentionPeriod", 60, 1_209_600, &mut queue.retention);
    seconds("DelaySeconds", 0, 900, &mut queue.delay);
    seconds("ReceiveMessageWaitTimeSeconds", 0, 20, &mut queue.receive_wait);
    if let Some(bytes) = properties.number("MaximumMessageSize", 1024, 1024 * 1024) {
        queue.message_bytes_max = usize::try_from(bytes).unwrap_or(queue.message_bytes_max);
    }
    if let Some(fifo) = &mut queue.fifo {
        fifo.content_based = properties.flag("ContentBasedDeduplication");
        let scope = properties.choice("DeduplicationScope", &["queue", "messageGroup"]);
        fifo.per_group = scope.as_deref() == Some("messageGroup");
        let limit = properties.choice("FifoThroughputLimit", &["perQueue", "perMessageGroupId"]);
        fifo.high_throughput = limit.as_deref() == Some("perMessageGroupId");
        if fifo.high_throughput && !fifo.per_group {
            let why = "perMessageGroupId needs DeduplicationScope messageGroup";
            properties.problem("FifoThroughputLimit", why);
        }
    }
    queue.redrive = redrive(properties);
    if let Some(redrive) = &queue.redrive
        && redrive.dead_letters.ends_with(".fifo") != queue.fifo.is_some()
    {
        let why =
            "the dead-letter queue of a FIFO queue must be one as well, and of others must not";
        properties.problem("RedrivePolicy", why);
    }
    Some(queue)
}

/// The policy is an object, or JSON text as the API of SQS has it.
fn redrive(properties: &mut Properties) -> Option<Redrive> {
    let policy = match properties.value("RedrivePolicy")? {
        Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
        policy => policy.clone(),
    };
    let target = policy.get("deadLetterTargetArn").and_then(Value::as_str);
    let receipts = policy.get("maxReceiveCount").and_then(|count| match count {
        Value::String(text) => text.parse().ok(),
        count => u32::try_from(count.as_u64()?).ok(),
    });
    match (target, receipts) {
        (Some(target), Some(receipts @ 1..=1000)) => {
            Some(Redrive { dead_letters: target.to_owned(), receipts_max: receipts })
        }
        _ => {
            let why = "must have deadLetterTargetArn, the ARN of a queue, and maxReceiveCount from 1 to 1000";
            properties.problem("RedrivePolicy", why);
            None
        }
    }
}
