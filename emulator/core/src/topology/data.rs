//! Tables, queues, buses, and what leads from them to functions.

use crate::events;
use crate::queue::QueueConfig;
use crate::stream;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// The label of every stream of a table: AWS makes it of the time a stream was made, and here it has
/// to be the same in the template and in the engine that keeps the table.
pub const STREAM_LABEL: &str = "2024-01-01T00:00:00.000";

/// A `DynamoDB` table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The logical ID in the template.
    pub logical_id: String,
    /// The attribute that is the partition key.
    pub partition_key: String,
    /// The partition keys of its indexes, by their names.
    pub indexes: BTreeMap<String, String>,
    /// The template's properties, resolved.
    pub properties: Map<String, Value>,
    /// ARN of its stream, if it has one.
    pub stream_arn: Option<String>,
    /// Whether `TimeToLiveSpecification` is enabled.
    pub has_time_to_live: bool,
}

/// Where in a stream a mapping begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartingPosition {
    /// `TRIM_HORIZON`: with the oldest record there is.
    #[default]
    TrimHorizon,
    /// `LATEST`: with what is written from now on.
    Latest,
}

/// One `AWS::Lambda::EventSourceMapping`.
#[derive(Clone, Debug, PartialEq)]
pub struct EventSource {
    /// The logical ID in the template.
    pub logical_id: String,
    /// The name of the function.
    pub function: String,
    /// What is read.
    pub from: Polled,
}

/// What an event source mapping reads.
#[derive(Clone, Debug, PartialEq)]
pub enum Polled {
    /// A stream of a table.
    Stream {
        /// `StartingPosition`.
        start: StartingPosition,
        /// The rest.
        config: stream::Config,
    },
    /// A queue.
    Queue(crate::poller::Config),
}

/// Rules and buses of `EventBridge`, and queues of SQS.
#[derive(Clone, Debug, Default)]
pub struct Messaging {
    /// The queues.
    pub queues: Vec<QueueConfig>,
    /// Names of the buses beside the default one.
    pub buses: Vec<String>,
    /// The rules of all buses.
    pub rules: Vec<events::Rule>,
    /// The schedules of EventBridge Scheduler.
    pub timetables: Vec<crate::scheduler::Timetable>,
}

/// What becomes of a function's asynchronous invocations: `AWS::Lambda::EventInvokeConfig`, and the
/// function's `DeadLetterConfig`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asynchronous {
    /// `MaximumRetryAttempts`.
    pub retry_attempts: usize,
    /// `MaximumEventAgeInSeconds`.
    pub event_age: Duration,
    /// `DestinationConfig.OnSuccess.Destination`.
    pub on_success: Option<String>,
    /// `DestinationConfig.OnFailure.Destination`.
    pub on_failure: Option<String>,
    /// `DeadLetterConfig.TargetArn`.
    pub dead_letters: Option<String>,
}

impl Default for Asynchronous {
    fn default() -> Self {
        Self {
            retry_attempts: 2,
            event_age: Duration::from_secs(6 * 3600),
            on_success: None,
            on_failure: None,
            dead_letters: None,
        }
    }
}
