//! From the table's stream to `dispatcher`, so that nothing can hold up a shard for long.

use super::Base;
use herald_contract::table::attr;
use herald_contract::wire::JobState;
use infra_gen::aws::lambda::event_source_mapping::{
    DestinationConfig, Filter, FilterCriteria, FunctionResponseType, OnFailure, StartingPosition,
};
use infra_gen::aws::lambda::{EventSourceMapping, Function};
use infra_gen::{Handle, Template, some};

/// Records in one invocation.
const BATCH: u32 = 100;

/// Batches of one shard at the same time; records of one partition key keep their order.
const BATCHES_AT_ONCE: u32 = 4;

/// How often a batch is tried again. Without a limit one bad record would hold up its shard until it
/// falls out of the stream, a day later.
const RETRIES: u32 = 5;

/// What is older is no news; it is in the inbox all the same.
const AGE_SECONDS: u32 = 60 * 60;

pub(super) fn add(template: &mut Template, base: &Base<'_>, dispatcher: &Handle<Function>) {
    let given_up = OnFailure { destination: some(base.dead_letters.arn()) };
    let filters = patterns().map(|pattern| Filter { pattern: some(pattern) });
    template.add(
        "StreamMapping",
        EventSourceMapping {
            batch_size: some(BATCH),
            bisect_batch_on_function_error: some(true),
            destination_config: some(DestinationConfig { on_failure: some(given_up) }),
            event_source_arn: some(base.table.stream_arn()),
            filter_criteria: some(FilterCriteria { filters: some(filters) }),
            function_response_types: some([FunctionResponseType::ReportBatchItemFailures]),
            maximum_record_age_in_seconds: some(AGE_SECONDS),
            maximum_retry_attempts: some(RETRIES),
            parallelization_factor: some(BATCHES_AT_ONCE),
            starting_position: some(StartingPosition::TrimHorizon),
            ..EventSourceMapping::new(dispatcher)
        },
    );
}

/// What the dispatcher acts upon: notifications, broadcasts, jobs and letters when they are new, and
/// jobs that were given back. Most writes, such as those of connections and leases, are none of it
/// and cost no invocation.
fn patterns() -> [String; 2] {
    let prefixes = ["N#", "B#", "J#", "O#"].map(|prefix| format!(r#"{{"prefix":"{prefix}"}}"#));
    let (prefixes, state, waits) = (prefixes.join(","), attr::STATE, JobState::RetryWait.as_str());
    [
        format!(
            r#"{{"eventName":["INSERT"],"dynamodb":{{"Keys":{{"PK":{{"S":[{prefixes}]}}}}}}}}"#
        ),
        format!(
            r#"{{"eventName":["MODIFY"],"dynamodb":{{"Keys":{{"PK":{{"S":[{{"prefix":"J#"}}]}}}},"NewImage":{{"{state}":{{"S":["{waits}"]}}}}}}}}"#
        ),
    ]
}
