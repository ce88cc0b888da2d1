//! The queue of what was given up: batches of the stream, asynchronous invocations, letters.
//!
//! It has no policy of its own. Whoever puts something in does so under the role of a function that
//! may.

use infra_gen::aws::sqs::Queue;
use infra_gen::{Handle, Template, some};

/// As long as SQS keeps anything: two weeks to come back from a holiday and look.
const RETENTION_SECONDS: u32 = 14 * 24 * 60 * 60;

pub(super) fn add(template: &mut Template) -> Handle<Queue> {
    template.add(
        "DeadLetters",
        Queue {
            message_retention_period: some(RETENTION_SECONDS),
            sqs_managed_sse_enabled: some(true),
            ..Queue::new()
        },
    )
}
