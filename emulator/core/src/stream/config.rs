//! What a template says about a mapping, resolved.

use crate::pattern::Pattern;
use std::time::Duration;

/// One `AWS::Lambda::EventSourceMapping`. `StartingPosition` is the reader's affair.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `FunctionName`, resolved.
    pub function_arn: String,
    /// `EventSourceArn`.
    pub stream_arn: String,
    /// `Enabled`.
    pub enabled: bool,
    /// `BatchSize`.
    pub batch_size: usize,
    /// `MaximumBatchingWindowInSeconds`.
    pub batching_window: Duration,
    /// `ParallelizationFactor`.
    pub parallelization_factor: usize,
    /// `MaximumRetryAttempts`; `None` for -1: as often as needed.
    pub retry_attempts: Option<u32>,
    /// `MaximumRecordAgeInSeconds`; `None` for -1: as long as the stream keeps records.
    pub record_age: Option<Duration>,
    /// `BisectBatchOnFunctionError`.
    pub bisect: bool,
    /// Whether `FunctionResponseTypes` has `ReportBatchItemFailures`.
    pub report_failures: bool,
    /// `FilterCriteria`: one of these is enough; without any, every record is taken.
    pub filters: Vec<Pattern>,
    /// `DestinationConfig.OnFailure.Destination`.
    pub on_failure: Option<String>,
    /// Bounds and waits.
    pub limits: Limits,
}

impl Config {
    /// A mapping with AWS's defaults.
    pub fn new(function_arn: &str, stream_arn: &str) -> Self {
        Self {
            function_arn: function_arn.to_owned(),
            stream_arn: stream_arn.to_owned(),
            enabled: true,
            batch_size: 100,
            batching_window: Duration::ZERO,
            parallelization_factor: 1,
            retry_attempts: None,
            record_age: None,
            bisect: false,
            report_failures: false,
            filters: Vec::new(),
            on_failure: None,
            limits: Limits::default(),
        }
    }
}

/// Bounds and waits that no template sets.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// Records read from a shard and not done with, before no more are wanted; a page may go over.
    pub buffered_records: usize,
    /// Their bytes.
    pub buffered_bytes: usize,
    /// Bytes of one event. A record that is larger by itself goes alone and is refused by Lambda.
    pub payload_bytes: usize,
    /// How long DynamoDB Streams keeps a record.
    pub retention: Duration,
    /// How long a batch waits after its first failure. The wait doubles with each further one; AWS
    /// does not say where it begins and ends.
    pub retry_wait: Duration,
    /// The longest wait between two attempts.
    pub retry_wait_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // The largest batch there can be fits.
            buffered_records: 10_000,
            buffered_bytes: 32 * 1024 * 1024,
            payload_bytes: 6 * 1024 * 1024,
            retention: Duration::from_secs(24 * 3600),
            retry_wait: Duration::from_secs(1),
            retry_wait_max: Duration::from_secs(60),
        }
    }
}
