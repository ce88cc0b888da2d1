//! Scenarios: what happens to a mapping, line by line, and what it does.
//!
//! Records have a letter as key and are numbered in the order they are read, so `b2` is the second
//! record and changes item `b`.

mod batching;
mod failing;
mod limits;
mod simulation;

use super::*;
use crate::Time;
use crate::pattern::Pattern;
use expect_test::Expect;
use serde_json::{Value, json};
use std::fmt::Write as _;

const START: Time = Time(1_795_594_530_125);

fn config() -> Config {
    Config::new("arn:aws:lambda:eu-west-1:123456789012:function:f", "arn:aws:dynamodb:stream")
}

fn filter(pattern: &str) -> Vec<Pattern> {
    vec![Pattern::parse(pattern).unwrap()]
}

struct Scenario {
    mapping: Mapping,
    now: Time,
    records: u64,
    trace: String,
}

/// Plays a script and compares what the mapping does.
#[track_caller]
fn check(config: Config, script: &str, expected: Expect) {
    let mut scenario =
        Scenario { mapping: Mapping::new(config), now: START, records: 0, trace: String::new() };
    script
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .for_each(|line| scenario.play(line));
    expected.assert_eq(&scenario.trace);
}

impl Scenario {
    fn play(&mut self, line: &str) {
        writeln!(self.trace, "> {line}").unwrap();
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb {
            "read" => {
                let (shard, keys) = rest.split_once(": ").unwrap_or(("s", rest));
                let records = keys.split(' ').map(|key| self.record(key)).collect();
                self.handle(Input::Records { shard: shard.into(), records });
            }
            "advance" => self.advance(rest.strip_suffix('s').unwrap().parse().unwrap()),
            "enable" | "disable" => self.handle(Input::Enabled(verb == "enable")),
            batch => {
                let batch = batch.strip_prefix('#').unwrap().parse().unwrap();
                let outcome = match rest {
                    "succeeds" => Outcome::Success("null".into()),
                    "fails" => Outcome::FunctionError(r#"{"errorMessage":"poison"}"#.into()),
                    "is throttled" => Outcome::Throttled,
                    answer => {
                        Outcome::Success(answer.strip_prefix("answers ").unwrap().to_owned().into())
                    }
                };
                let request_id = format!("request-{batch}");
                self.handle(Input::InvocationDone { batch: BatchId(batch), request_id, outcome });
            }
        }
    }

    fn record(&mut self, key: &str) -> Record {
        self.records += 1;
        let json = json!({
            "eventName": if key.starts_with('x') { "REMOVE" } else { "INSERT" },
            "dynamodb": {
                "ApproximateCreationDateTime": self.now.0 / 1000,
                "Keys": {"pk": {"S": key}},
                "SequenceNumber": self.records.to_string(),
            },
        });
        Record::parse(json).unwrap()
    }

    fn handle(&mut self, input: Input) {
        self.mapping.handle(self.now, input);
        self.drain();
    }

    fn advance(&mut self, seconds: u64) {
        let until = self.now + Duration::from_secs(seconds);
        for _ in 0..1000 {
            match self.mapping.poll_timeout() {
                Some(at) if at <= until => self.now = at.max(self.now),
                _ => {
                    self.now = until;
                    return;
                }
            }
            self.mapping.handle_timeout(self.now);
            self.drain();
        }
        panic!("the timer does not move on");
    }

    fn drain(&mut self) {
        while let Some(effect) = self.mapping.poll_effect() {
            let shown = show(effect);
            writeln!(self.trace, "{:>6.1}s {shown}", (self.now - START).as_secs_f64()).unwrap();
        }
    }
}

fn show(effect: Effect) -> String {
    match effect {
        Effect::Invoke { batch: BatchId(batch), payload, function_arn: _, records: _ } => {
            let event: Value = serde_json::from_slice(&payload).unwrap();
            let records = event["Records"].as_array().unwrap().iter().map(|record| {
                assert_eq!(record["eventSourceARN"], "arn:aws:dynamodb:stream");
                let (record, text) =
                    (&record["dynamodb"], |v: &Value| v.as_str().unwrap().to_owned());
                text(&record["Keys"]["pk"]["S"]) + &text(&record["SequenceNumber"])
            });
            format!("invoke #{batch} with {}", records.collect::<Vec<_>>().join(" "))
        }
        Effect::Discard { destination, body } => {
            let body: Value = serde_json::from_str(&body).unwrap();
            let info = &body["DDBStreamBatchInfo"];
            let (first, last) = (&info["startSequenceNumber"], &info["endSequenceNumber"]);
            let request = &body["requestContext"];
            let (count, id) = (&request["approximateInvokeCount"], &request["requestId"]);
            format!("to {destination}: {first} to {last} after {count}, last {id}")
        }
        Effect::Checkpoint { shard, sequence_number } => {
            format!("checkpoint {shard} {sequence_number}")
        }
        Effect::Log(log) => match log {
            Log::Filtered { records, .. } => format!("{records} filtered"),
            Log::Retrying { records, why, after, .. } => {
                format!("{records} again after {after:?}: {why}")
            }
            Log::Halved { records, why, after, .. } => {
                format!("{records} in halves after {after:?}: {why}")
            }
            Log::Discarded { records, first_sequence_number, condition, .. } => {
                format!("{records} discarded from {first_sequence_number}: {condition}")
            }
        },
    }
}

fn record(key: &str, number: u64) -> Record {
    let mut scenario = Scenario {
        mapping: Mapping::new(config()),
        now: START,
        records: number - 1,
        trace: String::new(),
    };
    scenario.record(key)
}
