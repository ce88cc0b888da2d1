//! What a failure leads to.

use super::*;
use expect_test::expect;

const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn a_failing_batch_holds_back_its_shard_and_waits_longer_each_time() {
    check(
        Config { batch_size: 1, ..config() },
        "
        read a b
        #1 fails
        advance 1s
        #2 fails
        advance 2s
        #3 fails
        advance 4s
        #4 succeeds
        #5 fails
        ",
        expect![[r#"
            > read a b
               0.0s invoke #1 with a1
            > #1 fails
               0.0s 1 again after 1s: poison
            > advance 1s
               1.0s invoke #2 with a1
            > #2 fails
               1.0s 1 again after 2s: poison
            > advance 2s
               3.0s invoke #3 with a1
            > #3 fails
               3.0s 1 again after 4s: poison
            > advance 4s
               7.0s invoke #4 with a1
            > #4 succeeds
               7.0s invoke #5 with b2
               7.0s checkpoint s 1
            > #5 fails
               7.0s 1 again after 1s: poison
        "#]],
    );
}

#[test]
fn a_batch_is_discarded_when_its_retries_are_used_up() {
    check(
        Config {
            batch_size: 2,
            retry_attempts: Some(1),
            on_failure: Some("queue".into()),
            ..config()
        },
        "
        read a b c
        #1 fails
        advance 1s
        #2 fails
        #3 succeeds
        ",
        expect![[r#"
            > read a b c
               0.0s invoke #1 with a1 b2
            > #1 fails
               0.0s 2 again after 1s: poison
            > advance 1s
               1.0s invoke #2 with a1 b2
            > #2 fails
               1.0s to queue: "1" to "2" after 2, last "request-2"
               1.0s 2 discarded from 1: RetryAttemptsExhausted
               1.0s invoke #3 with c3
               1.0s checkpoint s 2
            > #3 succeeds
               1.0s checkpoint s 3
        "#]],
    );
}

#[test]
fn no_retries_means_one_attempt_and_no_destination_means_silence() {
    check(
        Config { retry_attempts: Some(0), ..config() },
        "
        read a
        #1 fails
        ",
        expect![[r#"
            > read a
               0.0s invoke #1 with a1
            > #1 fails
               0.0s 1 discarded from 1: RetryAttemptsExhausted
               0.0s checkpoint s 1
        "#]],
    );
}

#[test]
fn throttles_do_not_count_as_attempts() {
    check(
        Config { retry_attempts: Some(0), ..config() },
        "
        read a
        #1 is throttled
        advance 1s
        #2 is throttled
        advance 2s
        #3 succeeds
        ",
        expect![[r#"
            > read a
               0.0s invoke #1 with a1
            > #1 is throttled
               0.0s 1 again after 1s: throttled
            > advance 1s
               1.0s invoke #2 with a1
            > #2 is throttled
               1.0s 1 again after 2s: throttled
            > advance 2s
               3.0s invoke #3 with a1
            > #3 succeeds
               3.0s checkpoint s 1
        "#]],
    );
}

#[test]
fn records_that_grow_too_old_are_discarded_even_while_they_wait() {
    check(
        Config {
            record_age: Some(Duration::from_secs(60)),
            on_failure: Some("queue".into()),
            limits: Limits { retry_wait_max: HOUR, retry_wait: HOUR, ..Limits::default() },
            ..config()
        },
        "
        read a
        #1 is throttled
        advance 30s
        read b
        advance 30s
        ",
        expect![[r#"
            > read a
               0.0s invoke #1 with a1
            > #1 is throttled
               0.0s 1 again after 3600s: throttled
            > advance 30s
            > read b
            > advance 30s
              59.9s to queue: "1" to "1" after 0, last "00000000-0000-0000-0000-000000000000"
              59.9s 1 discarded from 1: RecordAgeExceeded
              59.9s invoke #2 with b2
              59.9s checkpoint s 1
        "#]],
    );
}

#[test]
fn only_the_records_that_are_too_old_leave_the_batch() {
    let limits = Limits { retry_wait: Duration::from_secs(40), ..Limits::default() };
    check(
        Config {
            record_age: Some(Duration::from_secs(60)),
            batching_window: Duration::from_secs(30),
            limits,
            ..config()
        },
        "
        read a
        advance 20s
        read b
        advance 10s
        #1 fails
        advance 50s
        ",
        expect![[r#"
            > read a
            > advance 20s
            > read b
            > advance 10s
              30.0s invoke #1 with a1 b2
            > #1 fails
              30.0s 2 again after 40s: poison
            > advance 50s
              59.9s 1 discarded from 1: RecordAgeExceeded
              59.9s checkpoint s 1
              70.0s invoke #2 with b2
        "#]],
    );
}

#[test]
fn without_an_age_limit_records_last_as_long_as_the_stream_keeps_them() {
    let limits = Limits { retention: Duration::from_secs(3), ..Limits::default() };
    check(
        Config { limits, ..config() },
        "
        read a
        #1 fails
        advance 1s
        #2 fails
        advance 2s
        ",
        expect![[r#"
            > read a
               0.0s invoke #1 with a1
            > #1 fails
               0.0s 1 again after 1s: poison
            > advance 1s
               1.0s invoke #2 with a1
            > #2 fails
               1.0s 1 again after 2s: poison
            > advance 2s
               2.9s 1 discarded from 1: RecordAgeExceeded
               2.9s checkpoint s 1
        "#]],
    );
}

#[test]
fn bisecting_isolates_the_poison_record_without_using_up_attempts() {
    check(
        Config {
            bisect: true,
            retry_attempts: Some(1),
            on_failure: Some("queue".into()),
            ..config()
        },
        "
        read a b c
        #1 fails
        advance 1s
        #2 fails
        advance 1s
        #3 succeeds
        #4 fails
        advance 1s
        #5 fails
        #6 succeeds
        ",
        expect![[r#"
            > read a b c
               0.0s invoke #1 with a1 b2 c3
            > #1 fails
               0.0s 3 in halves after 1s: poison
            > advance 1s
               1.0s invoke #2 with a1 b2
            > #2 fails
               1.0s 2 in halves after 1s: poison
            > advance 1s
               2.0s invoke #3 with a1
            > #3 succeeds
               2.0s invoke #4 with b2
               2.0s checkpoint s 1
            > #4 fails
               2.0s 1 again after 1s: poison
            > advance 1s
               3.0s invoke #5 with b2
            > #5 fails
               3.0s to queue: "2" to "2" after 4, last "request-5"
               3.0s 1 discarded from 2: RetryAttemptsExhausted
               3.0s invoke #6 with c3
               3.0s checkpoint s 2
            > #6 succeeds
               3.0s checkpoint s 3
        "#]],
    );
}

#[test]
fn a_reported_failure_brings_it_and_all_after_it_again() {
    check(
        Config { report_failures: true, retry_attempts: Some(1), ..config() },
        r#"
        read a b c
        #1 answers {"batchItemFailures":[{"itemIdentifier":"2"}]}
        advance 1s
        #2 answers {"batchItemFailures":[{"itemIdentifier":"3"}]}
        "#,
        expect![[r#"
            > read a b c
               0.0s invoke #1 with a1 b2 c3
            > #1 answers {"batchItemFailures":[{"itemIdentifier":"2"}]}
               0.0s 2 again after 1s: record 2 was reported as failed
               0.0s checkpoint s 1
            > advance 1s
               1.0s invoke #2 with b2 c3
            > #2 answers {"batchItemFailures":[{"itemIdentifier":"3"}]}
               1.0s 1 discarded from 3: RetryAttemptsExhausted
               1.0s checkpoint s 3
        "#]],
    );
}

#[test]
fn with_bisecting_a_reported_failure_splits_there_and_does_not_count() {
    check(
        Config { report_failures: true, bisect: true, retry_attempts: Some(0), ..config() },
        r#"
        read a b c
        #1 answers {"batchItemFailures":[{"itemIdentifier":"3"},{"itemIdentifier":"2"}]}
        advance 1s
        #2 answers {"batchItemFailures":[{"itemIdentifier":"2"}]}
        "#,
        expect![[r#"
            > read a b c
               0.0s invoke #1 with a1 b2 c3
            > #1 answers {"batchItemFailures":[{"itemIdentifier":"3"},{"itemIdentifier":"2"}]}
               0.0s 2 again after 1s: record 2 was reported as failed
               0.0s checkpoint s 1
            > advance 1s
               1.0s invoke #2 with b2 c3
            > #2 answers {"batchItemFailures":[{"itemIdentifier":"2"}]}
               1.0s 2 discarded from 2: RetryAttemptsExhausted
               1.0s checkpoint s 3
        "#]],
    );
}

#[test]
fn a_report_of_the_wrong_form_fails_the_whole_batch() {
    check(
        Config { report_failures: true, ..config() },
        r#"
        read a b
        #1 answers {"batchItemFailures":[{"itemIdentifier":""}]}
        "#,
        expect![[r#"
            > read a b
               0.0s invoke #1 with a1 b2
            > #1 answers {"batchItemFailures":[{"itemIdentifier":""}]}
               0.0s 2 again after 1s: itemIdentifier `` is not in the batch
        "#]],
    );
}

#[test]
fn a_report_nobody_asked_for_is_ignored() {
    check(
        config(),
        r#"
        read a b
        #1 answers {"batchItemFailures":[{"itemIdentifier":"1"}]}
        "#,
        expect![[r#"
            > read a b
               0.0s invoke #1 with a1 b2
            > #1 answers {"batchItemFailures":[{"itemIdentifier":"1"}]}
               0.0s checkpoint s 2
        "#]],
    );
}

#[test]
fn the_message_about_discarded_records_has_their_place_and_not_their_content() {
    let mut mapping = Mapping::new(Config {
        retry_attempts: Some(0),
        on_failure: Some("arn:aws:sqs:eu-west-1:123456789012:failed".into()),
        ..config()
    });
    let records = vec![record("a", 11), record("b", 12)];
    mapping.handle(START, Input::Records { shard: "shardId-1".into(), records });
    let outcome = Outcome::FunctionError("{}".into());
    let request_id = "c9b8fa9f".into();
    mapping.handle(START, Input::InvocationDone { batch: BatchId(1), request_id, outcome });
    let messages = std::iter::from_fn(|| mapping.poll_effect()).filter_map(|effect| match effect {
        Effect::Discard { body, .. } => serde_json::from_str::<Value>(&body).ok(),
        _ => None,
    });
    let messages: Vec<_> = messages.map(|m| format!("{m:#}")).collect();
    expect![[r#"
        {
          "DDBStreamBatchInfo": {
            "approximateArrivalOfFirstRecord": "2026-11-25T08:15:30Z",
            "approximateArrivalOfLastRecord": "2026-11-25T08:15:30Z",
            "batchSize": 2,
            "endSequenceNumber": "12",
            "shardId": "shardId-1",
            "startSequenceNumber": "11",
            "streamArn": "arn:aws:dynamodb:stream"
          },
          "requestContext": {
            "approximateInvokeCount": 1,
            "condition": "RetryAttemptsExhausted",
            "functionArn": "arn:aws:lambda:eu-west-1:123456789012:function:f",
            "requestId": "c9b8fa9f"
          },
          "responseContext": {
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
            "statusCode": 200
          },
          "timestamp": "2026-11-25T08:15:30.125Z",
          "version": "1.0"
        }"#]]
    .assert_eq(&messages.join("\n"));
}
