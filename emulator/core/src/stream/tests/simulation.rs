//! Random records and random failures on virtual time; what must hold whatever happens.

use super::*;
use std::collections::BTreeMap;

/// Plays one seed and returns what the mapping did.
fn play(seed: u64) -> String {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut scenario = Scenario {
        mapping: Mapping::new(Config {
            batch_size: rng.usize(1..6),
            batching_window: Duration::from_secs(rng.u64(0..3)),
            parallelization_factor: rng.usize(1..4),
            retry_attempts: Some(rng.u32(0..3)),
            bisect: rng.bool(),
            report_failures: rng.bool(),
            filters: if rng.bool() { filter(r#"{"eventName": ["INSERT"]}"#) } else { Vec::new() },
            ..config()
        }),
        now: START,
        records: 0,
        trace: String::new(),
    };
    let mut running: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    let mut checkpoint = 0;
    let mut step = 0;
    while step < 60 || !scenario.mapping.is_drained("s") {
        step += 1;
        assert!(step < 5000, "seed {seed} comes to no end:\n{}", scenario.trace);
        let from = scenario.trace.len();
        let answered = running.keys().nth(rng.usize(0..4));
        match answered.copied() {
            Some(batch) if rng.bool() => {
                let records = running.remove(&batch).unwrap();
                let one = &rng.choice(records).unwrap()[1..];
                let report =
                    format!(r#"answers {{"batchItemFailures":[{{"itemIdentifier":"{one}"}}]}}"#);
                let outcomes = ["succeeds", "succeeds", "fails", "is throttled", &report];
                scenario.play(&format!("#{batch} {}", rng.choice(outcomes).unwrap()));
            }
            _ if step < 60 => scenario
                .play(&format!("read {}", rng.choice(["a", "b c", "x a", "b x x"]).unwrap())),
            _ => scenario.play("advance 30s"),
        }
        for line in scenario.trace[from..].lines().filter_map(|line| line.split_once("s ")) {
            if let Some((batch, records)) =
                line.1.strip_prefix("invoke #").and_then(|l| l.split_once(" with "))
            {
                let records: Vec<String> = records.split(' ').map(str::to_owned).collect();
                let busy: Vec<&String> = running.values().flatten().collect();
                let shares_a_key =
                    |record: &String| busy.iter().any(|other| other[..1] == record[..1]);
                assert!(
                    !records.iter().any(shares_a_key),
                    "seed {seed}: two batches of a key at once"
                );
                running.insert(batch.parse().unwrap(), records);
            } else if let Some(number) = line.1.strip_prefix("checkpoint s ") {
                let number: u64 = number.parse().unwrap();
                assert!(number > checkpoint, "seed {seed}: the checkpoint goes back");
                checkpoint = number;
                let open =
                    running.values().flatten().map(|record| record[1..].parse::<u64>().unwrap());
                assert!(
                    open.min().is_none_or(|first| first > checkpoint),
                    "seed {seed}: checkpoint too far"
                );
            }
        }
    }
    assert_eq!(checkpoint, scenario.records, "seed {seed}: everything is done with");
    scenario.trace
}

/// The records of each key in the order they are sent for the first time.
fn first_deliveries(trace: &str) -> BTreeMap<char, Vec<u64>> {
    let mut keys: BTreeMap<char, Vec<u64>> = BTreeMap::new();
    for (_, records) in trace.lines().filter_map(|line| line.split_once(" with ")) {
        for record in records.split(' ') {
            let numbers = keys.entry(record.chars().next().unwrap()).or_default();
            let number = record[1..].parse().unwrap();
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
    }
    keys
}

#[test]
fn whatever_fails_each_key_keeps_its_order_and_everything_is_done_with() {
    for seed in 0..100 {
        let trace = play(seed);
        for (key, numbers) in first_deliveries(&trace) {
            assert!(numbers.is_sorted(), "seed {seed}: {key} out of order: {numbers:?}\n{trace}");
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_trace() {
    assert_eq!(play(7), play(7));
    assert_ne!(play(7), play(8));
}
