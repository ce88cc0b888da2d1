//! A queue and its poller, line by line.

use super::*;
use crate::queue;
use expect_test::{Expect, expect};
use std::fmt::Write as _;

const ARN: &str = "arn:aws:sqs:eu-west-1:123456789012:jobs";

/// Plays `send BODY`, `advance 30s`, `#1 succeeds|fails|answers JSON`, and shows the invocations.
/// Messages are named by their bodies.
#[track_caller]
fn check(config: Config, script: &str, expected: Expect) {
    let mut jobs = queue::QueueConfig::new("jobs").unwrap();
    let dead_letters = ARN.replace("jobs", "dead");
    jobs.redrive = Some(queue::Redrive { dead_letters, receipts_max: 2 });
    let dead = queue::QueueConfig::new("dead").unwrap();
    let mut queues = Queues::new(
        Time(0),
        7,
        queue::Config {
            account_id: "123456789012".into(),
            region: "eu-west-1".into(),
            queues: vec![jobs, dead],
            ..queue::Config::default()
        },
    );
    let (mut poller, mut now, mut out) = (Poller::new(config), Time(0), String::new());
    let mut ids = BTreeMap::new();
    for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
        writeln!(out, "> {line}").unwrap();
        let (verb, rest) = line.split_once(' ').unwrap();
        match verb {
            "send" => {
                ids.insert(rest.to_owned(), queues.send(now, ARN, rest).unwrap());
            }
            "advance" => {
                now = now + Duration::from_secs(rest.trim_end_matches('s').parse().unwrap())
            }
            batch => {
                let batch = BatchId(batch.trim_start_matches('#').parse().unwrap());
                let outcome = match rest {
                    "fails" => Outcome::Failure,
                    "succeeds" => Outcome::Success("null".into()),
                    answer => {
                        let mut answer = answer.trim_start_matches("answers ").to_owned();
                        for (body, id) in &ids {
                            answer = answer.replace(&format!("<{body}>"), id);
                        }
                        Outcome::Success(answer.into())
                    }
                };
                let again = poller.done(&mut queues, batch, &outcome);
                writeln!(out, "{again} will come again").unwrap();
            }
        }
        while let Some(Invoke { batch: BatchId(batch), payload, messages: _ }) =
            poller.next(now, &mut queues)
        {
            let event: Value = serde_json::from_slice(&payload).unwrap();
            let bodies: Vec<&str> = event["Records"]
                .as_array()
                .unwrap()
                .iter()
                .map(|r| r["body"].as_str().unwrap())
                .collect();
            writeln!(out, "#{batch} {}", bodies.join(" ")).unwrap();
        }
    }
    let dead: Vec<String> = queues.list(now, "dead").into_iter().map(|m| m.body).collect();
    writeln!(out, "left {}, dead [{}]", queues.list(now, "jobs").len(), dead.join(" ")).unwrap();
    expected.assert_eq(&out);
}

#[test]
fn what_succeeds_is_deleted_and_what_fails_comes_again_until_it_is_a_dead_letter() {
    check(
        Config::new(ARN),
        "
        send a
        #1 succeeds
        send b
        #2 fails
        advance 29s
        advance 1s
        #3 fails
        advance 30s
        ",
        expect![[r#"
            > send a
            #1 a
            > #1 succeeds
            0 will come again
            > send b
            #2 b
            > #2 fails
            1 will come again
            > advance 29s
            > advance 1s
            #3 b
            > #3 fails
            1 will come again
            > advance 30s
            left 0, dead [b]
        "#]],
    );
}

#[test]
fn only_what_is_reported_comes_again() {
    check(
        Config {
            report_failures: true,
            batching_window: Duration::from_secs(1),
            ..Config::new(ARN)
        },
        r#"
        send a
        send b
        advance 1s
        #1 answers {"batchItemFailures":[{"itemIdentifier":"<b>"}]}
        advance 31s
        #2 answers {"batchItemFailures":[{"itemIdentifier":"other"}]}
        "#,
        expect![[r#"
            > send a
            > send b
            > advance 1s
            #1 a b
            > #1 answers {"batchItemFailures":[{"itemIdentifier":"<b>"}]}
            1 will come again
            > advance 31s
            > #2 answers {"batchItemFailures":[{"itemIdentifier":"other"}]}
            0 will come again
            left 1, dead []
        "#]],
    );
}

#[test]
fn a_window_gathers_messages_until_the_batch_is_full() {
    check(
        Config { batch_size: 2, batching_window: Duration::from_secs(10), ..Config::new(ARN) },
        "
        send a
        send b
        send c
        advance 9s
        advance 1s
        ",
        expect![[r#"
            > send a
            > send b
            #1 a b
            > send c
            > advance 9s
            > advance 1s
            #2 c
            left 3, dead []
        "#]],
    );
}

#[test]
fn batches_at_a_time_are_bounded() {
    check(
        Config { batch_size: 1, concurrency: 2, ..Config::new(ARN) },
        "
        send a
        send b
        send c
        #1 succeeds
        ",
        expect![[r#"
            > send a
            #1 a
            > send b
            #2 b
            > send c
            > #1 succeeds
            0 will come again
            #3 c
            left 2, dead []
        "#]],
    );
}

#[test]
fn what_no_filter_takes_is_deleted() {
    let filters = vec![Pattern::parse(r#"{"body": {"kind": ["job"]}}"#).unwrap()];
    check(
        Config { filters, ..Config::new(ARN) },
        r#"
        send {"kind":"job"}
        send {"kind":"other"}
        send no json
        "#,
        expect![[r#"
            > send {"kind":"job"}
            #1 {"kind":"job"}
            > send {"kind":"other"}
            > send no json
            left 1, dead []
        "#]],
    );
}
