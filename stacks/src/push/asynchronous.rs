//! What becomes of asynchronous invocations that fail: how often and how long they are tried, and
//! where they go then.

use super::Base;
use super::functions::Functions;
use herald_contract::Function;
use infra_gen::aws::lambda::EventInvokeConfig;
use infra_gen::aws::lambda::event_invoke_config::{DestinationConfig, OnFailure};
use infra_gen::{Template, some};

/// How an event is tried.
struct Tries {
    retries: u32,
    age_seconds: u32,
    /// Whether it goes to the queue when it is given up.
    is_kept: bool,
}

pub(super) fn add(template: &mut Template, base: &Base<'_>, functions: &Functions) {
    for (function, handle) in functions.all() {
        let Some(Tries { retries, age_seconds, is_kept }) = tries(function) else { continue };
        let kept = || DestinationConfig {
            on_failure: some(OnFailure::new(base.dead_letters.arn())),
            ..DestinationConfig::new()
        };
        template.add(
            format!("{}Tries", function.logical_id()),
            EventInvokeConfig {
                destination_config: is_kept.then(|| kept().into()),
                maximum_event_age_in_seconds: some(age_seconds),
                maximum_retry_attempts: some(retries),
                ..EventInvokeConfig::new(handle, "$LATEST")
            },
        );
    }
}

fn tries(function: Function) -> Option<Tries> {
    match function {
        // A job has a lease of its own: the sweeper finds what is lost here.
        Function::Worker => Some(Tries { retries: 2, age_seconds: 60 * 60, is_kept: true }),
        // Later, whoever is told has fetched it from the inbox.
        Function::Sender => Some(Tries { retries: 2, age_seconds: 15 * 60, is_kept: true }),
        // Whoever asked has been told that it is accepted: as long as Lambda keeps anything.
        Function::Publish => Some(Tries { retries: 2, age_seconds: 6 * 60 * 60, is_kept: true }),
        // The next one does all that this one did not.
        Function::Sweeper => Some(Tries { retries: 0, age_seconds: 60, is_kept: false }),
        // By a request that is answered, and by a stream.
        Function::Socket | Function::Authorizer | Function::Dispatcher => None,
    }
}
