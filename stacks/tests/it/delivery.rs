//! Table, stream, queue, asynchronous invocations and rules: how work gets from one function to the
//! next, and where it goes when it fails.

use super::{json, properties, template, text};
use expect_test::expect;
use gateway_core::pattern::Pattern;
use herald_contract::command::DETAIL_TYPE;
use herald_contract::table::{Key, PK, SK, attr};
use herald_contract::wire::JobState;
use infra_gen::aws::lambda::{EventInvokeConfig, Permission};
use serde_json::{Value as Json, json as json_of};

#[test]
fn the_table_is_the_one_of_the_contract() {
    let table = properties("", "Table");
    expect![[r#"
        [{"AttributeName":"PK","AttributeType":"S"},{"AttributeName":"SK","AttributeType":"S"},{"AttributeName":"GSI1PK","AttributeType":"S"},{"AttributeName":"GSI1SK","AttributeType":"S"},{"AttributeName":"GSI2PK","AttributeType":"S"},{"AttributeName":"GSI2SK","AttributeType":"S"}]
        "PAY_PER_REQUEST"
        [{"IndexName":"GSI1","KeySchema":[{"AttributeName":"GSI1PK","KeyType":"HASH"},{"AttributeName":"GSI1SK","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}},{"IndexName":"GSI2","KeySchema":[{"AttributeName":"GSI2PK","KeyType":"HASH"},{"AttributeName":"GSI2SK","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}]
        [{"AttributeName":"PK","KeyType":"HASH"},{"AttributeName":"SK","KeyType":"RANGE"}]
        {"PointInTimeRecoveryEnabled":true}
        {"StreamViewType":"NEW_AND_OLD_IMAGES"}
        {"AttributeName":"exp","Enabled":true}
    "#]]
    .assert_eq(
        &[
            "AttributeDefinitions",
            "BillingMode",
            "GlobalSecondaryIndexes",
            "KeySchema",
            "PointInTimeRecoverySpecification",
            "StreamSpecification",
            "TimeToLiveSpecification",
        ]
        .map(|name| format!("{}\n", table[name]))
        .concat(),
    );
}

#[test]
fn the_table_outlives_its_stack_unless_it_is_not_worth_it() {
    let policies = |settings: &str| {
        let document = json(&template(settings));
        let table = &document["Resources"]["Table"];
        (table["DeletionPolicy"].clone(), table["UpdateReplacePolicy"].clone())
    };
    assert_eq!(policies(""), ("Retain".into(), "Retain".into()));
    assert_eq!(policies(", retain_data: false"), ("Delete".into(), "Delete".into()));
}

#[test]
fn nothing_in_the_stream_can_hold_up_a_shard() {
    let mapping = properties("", "StreamMapping");
    expect![[r#"
        100
        true
        {"OnFailure":{"Destination":{"Fn::GetAtt":["DeadLetters","Arn"]}}}
        {"Fn::GetAtt":["Table","StreamArn"]}
        {"Ref":"Dispatcher"}
        ["ReportBatchItemFailures"]
        3600
        5
        4
        "TRIM_HORIZON"
    "#]]
    .assert_eq(
        &[
            "BatchSize",
            "BisectBatchOnFunctionError",
            "DestinationConfig",
            "EventSourceArn",
            "FunctionName",
            "FunctionResponseTypes",
            "MaximumRecordAgeInSeconds",
            "MaximumRetryAttempts",
            "ParallelizationFactor",
            "StartingPosition",
        ]
        .map(|name| format!("{}\n", mapping[name]))
        .concat(),
    );
}

/// The filters of the mapping.
fn filters() -> Vec<Pattern> {
    let mapping = properties("", "StreamMapping");
    let filters = mapping["FilterCriteria"]["Filters"].as_array().unwrap().iter();
    filters.map(|f| Pattern::parse(f["Pattern"].as_str().unwrap()).unwrap()).collect()
}

/// A record of the stream, as its mapping sees it.
fn record(event: &str, key: &Key, state: Option<JobState>) -> Json {
    let keys = json_of!({PK: {"S": key.pk}, SK: {"S": key.sk}});
    let mut image = keys.clone();
    if let Some(state) = state {
        image[attr::STATE] = json_of!({"S": state.as_str()});
    }
    json_of!({
        "eventID": "1",
        "eventName": event,
        "eventSource": "aws:dynamodb",
        "dynamodb": {"Keys": keys, "NewImage": image, "SequenceNumber": "1"},
    })
}

#[test]
fn the_dispatcher_is_invoked_for_what_it_acts_upon_and_for_nothing_else() {
    let filters = filters();
    let is_dispatched = |event: &str, key: &Key, state: Option<JobState>| {
        let record = record(event, key, state);
        filters.iter().any(|filter| filter.matches(&record))
    };
    let ulid = "01JZ7Y3KQ8W6V5T4R3P2N1M0GH";
    let (user, topic) = ("ada".parse().unwrap(), "news".parse().unwrap());
    let connection = "PJqB0fHsqRcCHlw=".to_owned().try_into().unwrap();
    let job = ulid.parse().unwrap();
    let key = |key: Key| (key, None);
    for (key, state) in [
        key(Key::notification(&user, 42.try_into().unwrap())),
        key(Key::broadcast(&topic, &ulid.parse().unwrap())),
        key(Key::outbox(&job, 2)),
        (Key::job(&job), Some(JobState::Queued)),
    ] {
        assert!(is_dispatched("INSERT", &key, state), "{key:?}");
        assert!(!is_dispatched("MODIFY", &key, state), "{key:?}");
        assert!(!is_dispatched("REMOVE", &key, None), "{key:?}");
    }
    for state in JobState::ALL {
        let waits = *state == JobState::RetryWait;
        assert_eq!(is_dispatched("MODIFY", &Key::job(&job), Some(*state)), waits, "{state}");
    }
    let once = "k".parse().unwrap();
    for key in [
        Key::connection(&connection),
        Key::connection_topic(&connection, &topic),
        Key::user_connection(&user, &connection),
        Key::user_head(&user),
        Key::device(&user, &"tab-1".parse().unwrap()),
        Key::idempotency("job", Some(&user), &once),
        Key::topic_member(&topic, 3, &connection),
        Key::topic_head(&topic),
        Key::ticket("bm9uY2U"),
    ] {
        for event in ["INSERT", "MODIFY", "REMOVE"] {
            let state = Some(JobState::RetryWait);
            assert!(!is_dispatched(event, &key, state), "{event} {key:?}");
        }
    }
}

#[test]
fn what_was_given_up_is_kept_two_weeks_under_a_key_of_sqs() {
    expect![[r#"{"MessageRetentionPeriod":1209600,"SqsManagedSseEnabled":true}"#]]
        .assert_eq(&properties("", "DeadLetters").to_string());
    let text = template("").to_json();
    assert!(!text.contains("AWS::SQS::QueuePolicy"), "roles say who may, and nobody else does");
}

#[test]
fn an_asynchronous_invocation_is_tried_for_a_while_and_then_kept() {
    let template = template("");
    let lines = template.find::<EventInvokeConfig>().map(|(_, config)| {
        let parts = [
            text(&Some(config.function_name.clone())),
            text(&config.maximum_retry_attempts),
            text(&config.maximum_event_age_in_seconds),
            text(&config.destination_config),
        ];
        parts.join(" ") + "\n"
    });
    expect![[r#"
        {"Ref":"Worker"} 2 3600 {"OnFailure":{"Destination":{"Fn::GetAtt":["DeadLetters","Arn"]}}}
        {"Ref":"Sender"} 2 900 {"OnFailure":{"Destination":{"Fn::GetAtt":["DeadLetters","Arn"]}}}
        {"Ref":"Publish"} 2 21600 {"OnFailure":{"Destination":{"Fn::GetAtt":["DeadLetters","Arn"]}}}
        {"Ref":"Sweeper"} 0 60 null
    "#]]
    .assert_eq(&lines.collect::<String>());
}

#[test]
fn the_sweeper_runs_every_minute() {
    let rule = properties("", "SweepEveryMinute");
    assert_eq!(rule["ScheduleExpression"], "rate(1 minute)");
    assert_eq!(rule["Targets"][0]["Arn"]["Fn::GetAtt"][0], "Sweeper");
}

#[test]
fn events_of_back_ends_on_the_default_bus_are_published_and_others_are_not() {
    let rule = properties("", "PublishEvents");
    assert_eq!(rule["EventBusName"], Json::Null);
    assert_eq!(rule["Targets"][0]["Arn"]["Fn::GetAtt"][0], "Publish");
    let pattern = Pattern::from_value(&rule["EventPattern"]).unwrap();
    let event = |detail_type: &str| json_of!({"detail-type": detail_type, "source": "shop"});
    assert!(pattern.matches(&event(DETAIL_TYPE)));
    assert!(!pattern.matches(&event("Scheduled Event")));
}

#[test]
fn a_rule_may_invoke_its_own_target_only() {
    let template = template("");
    let of_events: Vec<_> = template
        .find::<Permission>()
        .filter(|(_, p)| text(&Some(p.principal.clone())) == r#""events.amazonaws.com""#)
        .map(|(id, p)| format!("{id} {}", text(&p.source_arn)))
        .collect();
    assert_eq!(
        of_events,
        [
            r#"SweepEveryMinutePermission {"Fn::GetAtt":["SweepEveryMinute","Arn"]}"#,
            r#"PublishEventsPermission {"Fn::GetAtt":["PublishEvents","Arn"]}"#,
        ]
    );
}
