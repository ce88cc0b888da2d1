//! What a mapping takes in and gives out at most.

use super::*;
use expect_test::expect;

#[test]
fn an_event_stays_within_the_payload_limit() {
    let one = record("a", 1).json.to_string().len()
        + r#","eventSourceARN":"arn:aws:dynamodb:stream""#.len();
    let two = r#"{"Records":[]}"#.len() + 2 * one + 1;
    for (payload_bytes, expected) in [(two, "a1 a2"), (two - 1, "a1"), (1, "a1")] {
        let limits = Limits { payload_bytes, ..Limits::default() };
        let mut mapping = Mapping::new(Config { limits, ..config() });
        let records = vec![record("a", 1), record("a", 2), record("a", 3)];
        mapping.handle(START, Input::Records { shard: "s".into(), records });
        assert_eq!(show(mapping.poll_effect().unwrap()), format!("invoke #1 with {expected}"));
    }
}

#[test]
fn no_more_is_wanted_of_a_shard_that_is_full_or_of_a_disabled_mapping() {
    let limits = Limits { buffered_records: 2, ..Limits::default() };
    let mut mapping = Mapping::new(Config { limits, ..config() });
    assert!(mapping.wants_more("s"));
    let records = vec![record("a", 1), record("a", 2)];
    mapping.handle(START, Input::Records { shard: "s".into(), records });
    assert!(!mapping.wants_more("s") && !mapping.is_drained("s"));
    assert!(mapping.wants_more("t"));
    let done = Input::InvocationDone {
        batch: BatchId(1),
        request_id: "r".into(),
        outcome: Outcome::Success("".into()),
    };
    mapping.handle(START, done.clone());
    assert!(mapping.wants_more("s") && mapping.is_drained("s"));
    // An answer that comes twice changes nothing.
    mapping.handle(START, done);
    mapping.handle(START, Input::Enabled(false));
    assert!(!mapping.wants_more("s"));
}

#[test]
fn no_more_is_wanted_while_too_many_bytes_are_held() {
    let limits = Limits { buffered_bytes: 10, ..Limits::default() };
    let mut mapping = Mapping::new(Config { limits, ..config() });
    mapping.handle(START, Input::Records { shard: "s".into(), records: vec![record("a", 1)] });
    assert!(!mapping.wants_more("s"));
}

#[test]
fn a_record_needs_its_number_its_keys_and_its_time() {
    assert_eq!(record("a", 7).keys, r#"{"pk":{"S":"a"}}"#);
    assert_eq!(record("a", 7).created, Time(1_795_594_530_000));
    expect!["a stream record without dynamodb.SequenceNumber"]
        .assert_eq(&Record::parse(json!({"dynamodb": {}})).unwrap_err());
    for missing in ["Keys", "ApproximateCreationDateTime"] {
        let mut json = record("a", 7).json;
        json["dynamodb"].as_object_mut().unwrap().remove(missing);
        assert!(Record::parse(json).unwrap_err().contains(missing), "{missing}");
    }
}
