//! The engine as the rest of the emulator sees it.

use super::*;
use dynoxide::storage_backend::{ManualClock, SystemClock};
use gateway_core::stream::{Page, Position};
use std::time::Duration;

const REGION: &str = "eu-central-1";
const STREAM: &str =
    "arn:aws:dynamodb:eu-central-1:000000000000:table/app/stream/2024-01-01T00:00:00.000";

fn tables() -> DynamoDb {
    with_tables(DynamoDb::open(None, SystemClock::arc(), REGION).unwrap())
}

fn with_tables(mut dynamodb: DynamoDb) -> DynamoDb {
    let properties = json!({
        "KeySchema": [{ "AttributeName": "PK", "KeyType": "HASH" }],
        "AttributeDefinitions": [{ "AttributeName": "PK", "AttributeType": "S" }],
        "ProvisionedThroughput": { "ReadCapacityUnits": "5", "WriteCapacityUnits": 5 },
        "StreamSpecification": { "StreamViewType": "NEW_IMAGE" },
        "TimeToLiveSpecification": { "AttributeName": "exp", "Enabled": "true" },
    });
    let properties = properties.as_object().unwrap();
    dynamodb.create_table("app", properties).unwrap();
    dynamodb.create_table("app", properties).unwrap();
    dynamodb
}

#[track_caller]
fn call(dynamodb: &mut DynamoDb, operation: &str, body: Value) -> Value {
    let (status, answer) = dynamodb.call(operation, body.to_string().as_bytes());
    assert_eq!(status, 200, "{operation}: {answer}");
    serde_json::from_str(&answer).unwrap()
}

fn put(dynamodb: &mut DynamoDb, key: &str) {
    let item = json!({ "PK": { "S": key } });
    call(dynamodb, "PutItem", json!({ "TableName": "app", "Item": item }));
}

#[test]
fn a_table_of_a_template_holds_items() {
    let mut dynamodb = tables();
    let item = json!({ "PK": { "S": "a" }, "n": { "N": "1" } });
    call(&mut dynamodb, "PutItem", json!({ "TableName": "app", "Item": item }));
    let got = json!({ "TableName": "app", "Key": { "PK": { "S": "a" } } });
    assert_eq!(call(&mut dynamodb, "GetItem", got)["Item"], item);
}

#[test]
fn names_are_those_of_the_template() {
    let mut dynamodb = tables();
    let table = &call(&mut dynamodb, "DescribeTable", json!({ "TableName": "app" }))["Table"];
    assert_eq!(table["TableArn"], "arn:aws:dynamodb:eu-central-1:000000000000:table/app");
    assert_eq!(table["LatestStreamArn"], STREAM);
    assert_eq!(table["LatestStreamLabel"], "2024-01-01T00:00:00.000");
    let stream = call(&mut dynamodb, "DescribeStream", json!({ "StreamArn": STREAM }));
    let stream = &stream["StreamDescription"];
    assert_eq!(stream["StreamArn"], STREAM);
    assert_eq!(stream["StreamViewType"], "NEW_IMAGE");
    let streams = call(&mut dynamodb, "ListStreams", json!({}));
    assert_eq!(streams["Streams"][0]["StreamArn"], STREAM);
}

#[test]
fn writes_appear_in_the_stream_page_by_page() {
    let mut dynamodb = tables();
    put(&mut dynamodb, "a");
    let latest = dynamodb.read(STREAM, &Position::Latest, 10).unwrap().page;
    assert_eq!(latest.records, Vec::<Value>::new());
    put(&mut dynamodb, "b");
    put(&mut dynamodb, "c");
    let keys = |page: &Page| -> Vec<String> {
        let key =
            |record: &Value| record["dynamodb"]["Keys"]["PK"]["S"].as_str().unwrap().to_owned();
        page.records.iter().map(key).collect()
    };
    let first = dynamodb.read(STREAM, &Position::TrimHorizon, 2).unwrap().page;
    assert_eq!(keys(&first), ["a", "b"]);
    assert_eq!(first.records[0]["awsRegion"], "eu-central-1");
    let second = dynamodb.read(STREAM, &Position::At(first.next), 2).unwrap().page;
    assert_eq!(keys(&second), ["c"]);
    let since = dynamodb.read(STREAM, &Position::At(latest.next), 10).unwrap().page;
    assert_eq!(keys(&since), ["b", "c"]);
    let number = first.records[0]["dynamodb"]["SequenceNumber"].as_str().unwrap();
    let after = dynamodb.read(STREAM, &Position::After(number.into()), 10).unwrap().page;
    assert_eq!(keys(&after), ["b", "c"]);
}

#[test]
fn iterators_begin_with_the_arn_of_their_stream() {
    let mut dynamodb = tables();
    put(&mut dynamodb, "a");
    let stream = call(&mut dynamodb, "DescribeStream", json!({ "StreamArn": STREAM }));
    let shard = &stream["StreamDescription"]["Shards"][0]["ShardId"];
    assert!((28..=65).contains(&shard.as_str().unwrap().len()), "{shard}");
    let from =
        json!({ "StreamArn": STREAM, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
    let iterator = call(&mut dynamodb, "GetShardIterator", from)["ShardIterator"].clone();
    assert!(iterator.as_str().unwrap().starts_with(&format!("{STREAM}|")), "{iterator}");
    let got = call(&mut dynamodb, "GetRecords", json!({ "ShardIterator": iterator }));
    assert_eq!(got["Records"][0]["eventName"], "INSERT");
    let next = got["NextShardIterator"].as_str().unwrap();
    assert!(next.starts_with(&format!("{STREAM}|")), "{next}");
}

#[test]
fn what_outlived_its_time_is_removed_by_the_service() {
    let mut dynamodb = tables();
    let item = json!({ "PK": { "S": "a" }, "exp": { "N": "1" } });
    call(&mut dynamodb, "PutItem", json!({ "TableName": "app", "Item": item }));
    assert_eq!(dynamodb.sweep(), Ok(1));
    let page = dynamodb.read(STREAM, &Position::TrimHorizon, 10).unwrap().page;
    assert_eq!(page.records[1]["eventName"], "REMOVE");
    assert_eq!(page.records[1]["userIdentity"]["principalId"], "dynamodb.amazonaws.com");
}

#[test]
fn refusals_have_the_types_of_dynamodb() {
    let mut dynamodb = tables();
    for (operation, body, kind) in [
        ("PutItem", "{", "#SerializationException"),
        ("PutItem", "{}", "#ValidationException"),
        (
            "GetItem",
            r#"{"TableName":"nosuch","Key":{"PK":{"S":"a"}}}"#,
            "#ResourceNotFoundException",
        ),
        (
            "PutItem",
            r#"{"TableName":"app","Item":{"PK":{"S":"a"}},"ConditionExpression":"attribute_exists(PK)"}"#,
            "#ConditionalCheckFailedException",
        ),
        (
            "DescribeStream",
            r#"{"StreamArn":"arn:aws:dynamodb:eu-central-1:000000000000:table/app/stream/x"}"#,
            "#ResourceNotFoundException",
        ),
        (
            "GetShardIterator",
            r#"{"StreamArn":"arn:aws:dynamodb:eu-central-1:000000000000:table/app/stream/2024-01-01T00:00:00.000","ShardId":"x","ShardIteratorType":"LATEST"}"#,
            "#ResourceNotFoundException",
        ),
        ("GetRecords", r#"{"ShardIterator":"x"}"#, "#ValidationException"),
        ("MakeCoffee", "{}", "does not know the DynamoDB operation MakeCoffee"),
    ] {
        let (status, answer) = dynamodb.call(operation, body.as_bytes());
        assert!(status == 400 && answer.contains(kind), "{operation} {body}: {status} {answer}");
    }
}

#[test]
fn a_table_that_aws_would_refuse_says_why() {
    let mut dynamodb = tables();
    let properties = json!({
        "KeySchema": [{ "AttributeName": "PK", "KeyType": "HASH" }],
        "AttributeDefinitions": [],
        "BillingMode": "PAY_PER_REQUEST",
    });
    let why = dynamodb.create_table("odd", properties.as_object().unwrap()).unwrap_err();
    assert!(why.contains("no definition"), "{why}");
}

/// Tables in memory whose clock can be moved, and whose streams hold so many bytes.
fn small_streams(records_max: u64) -> (DynamoDb, ManualClock) {
    let clock = ManualClock::new(1_700_000_000);
    let dynamodb = DynamoDb::open_with(None, clock.arc(), REGION, records_max).unwrap();
    (with_tables(dynamodb), clock)
}

fn iterator(dynamodb: &mut DynamoDb, kind: &str, number: Option<&str>) -> (u16, Value) {
    let mut request =
        json!({ "StreamArn": STREAM, "ShardId": names::SHARD, "ShardIteratorType": kind });
    if let Some(number) = number {
        request["SequenceNumber"] = number.into();
    }
    let (status, answer) = dynamodb.call("GetShardIterator", request.to_string().as_bytes());
    (status, serde_json::from_str(&answer).unwrap())
}

#[test]
fn a_write_costs_the_same_and_memory_is_bounded_however_many_there_were() {
    const RECORDS: usize = 50_000;
    const BYTES: u64 = 1024 * 1024;
    let (mut dynamodb, _clock) = small_streams(BYTES);
    put(&mut dynamodb, "first");
    dynamodb.retention.fill(RECORDS);
    put(&mut dynamodb, "last");
    let (number, records) = dynamodb.retention.steps();
    // A search through all of them takes several for each.
    assert!(number < 100 && records < 200, "{number} and {records} steps");
    for key in 0..TRIM_EVERY {
        put(&mut dynamodb, &key.to_string());
    }
    let (records, bytes) = dynamodb.retention.size();
    assert!(bytes <= BYTES && records < RECORDS / 10, "{records} records of {bytes} bytes");
    // The newest ones are there, in their order and without a gap.
    let mut numbers = Vec::new();
    let mut from = Position::TrimHorizon;
    loop {
        let Page { records, next, .. } = dynamodb.read(STREAM, &from, 1000).unwrap().page;
        if records.is_empty() {
            break;
        }
        let number = |record: &Value| -> u128 {
            record["dynamodb"]["SequenceNumber"].as_str().unwrap().parse().unwrap()
        };
        numbers.extend(records.iter().map(number));
        from = Position::At(next);
    }
    assert_eq!(numbers.len(), records);
    assert!(numbers.windows(2).all(|two| two[0] + 1 == two[1]));
}

#[test]
fn records_are_kept_for_a_day() {
    let (mut dynamodb, clock) = small_streams(RECORDS_MAX);
    let hours = |hours: u64| clock.tick(Duration::from_secs(hours * 3600));
    put(&mut dynamodb, "a");
    let page = dynamodb.read(STREAM, &Position::TrimHorizon, 10).unwrap().page;
    let (a, behind_a) = (page.records[0]["dynamodb"]["SequenceNumber"].clone(), page.next);
    hours(2);
    put(&mut dynamodb, "b");
    hours(2);
    put(&mut dynamodb, "c");
    let keys = |dynamodb: &mut DynamoDb, from: &Position| -> (Vec<String>, bool) {
        let Read { page, lost } = dynamodb.read(STREAM, from, 10).unwrap();
        let key =
            |record: &Value| record["dynamodb"]["Keys"]["PK"]["S"].as_str().map(str::to_owned);
        (page.records.iter().filter_map(key).collect(), lost)
    };
    let all = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    let everything = Position::TrimHorizon;
    let position = Position::At(behind_a);
    hours(20);
    assert_eq!(keys(&mut dynamodb, &everything), (all(&["a", "b", "c"]), false));
    hours(1);
    assert_eq!(keys(&mut dynamodb, &everything), (all(&["b", "c"]), false));
    assert_eq!(keys(&mut dynamodb, &position), (all(&["b", "c"]), false), "nothing is missed");
    hours(2);
    assert_eq!(keys(&mut dynamodb, &position), (all(&["c"]), true), "b is missed");
    // Who asks for what is gone is told so.
    let (status, answer) = iterator(&mut dynamodb, "AFTER_SEQUENCE_NUMBER", a.as_str());
    assert_eq!(
        (status, &answer["__type"]),
        (400, &"com.amazonaws.dynamodb.v20120810#TrimmedDataAccessException".into())
    );
    let (_, horizon) = iterator(&mut dynamodb, "TRIM_HORIZON", None);
    let got = json!({ "ShardIterator": horizon["ShardIterator"], "Limit": 1 });
    let got = call(&mut dynamodb, "GetRecords", got);
    assert_eq!(got["Records"][0]["dynamodb"]["Keys"]["PK"]["S"], "c");
    // The last one stays: the numbers of those that follow are derived from it.
    hours(100);
    assert_eq!(keys(&mut dynamodb, &everything).0, ["c"]);
}

#[test]
fn an_iterator_that_is_too_late_is_refused() {
    let (mut dynamodb, clock) = small_streams(RECORDS_MAX);
    for key in ["a", "b", "c"] {
        put(&mut dynamodb, key);
        clock.tick(Duration::from_secs(2 * 3600));
    }
    let (_, first) = iterator(&mut dynamodb, "TRIM_HORIZON", None);
    let got = json!({ "ShardIterator": first["ShardIterator"], "Limit": 1 });
    let next = call(&mut dynamodb, "GetRecords", got)["NextShardIterator"].clone();
    clock.tick(Duration::from_secs(21 * 3600));
    let body = json!({ "ShardIterator": next }).to_string();
    let (status, answer) = dynamodb.call("GetRecords", body.as_bytes());
    assert!(status == 400 && answer.contains("past the oldest stream record"), "{status} {answer}");
}

#[test]
fn kept_tables_see_the_time_they_are_told_and_remember_what_is_gone() {
    let folder = std::env::temp_dir().join(format!("herald-tables-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("tables.sqlite");
    let clock = ManualClock::new(1_700_000_000);
    let open = || with_tables(DynamoDb::open(Some(&file), clock.arc(), REGION).unwrap());
    let mut dynamodb = open();
    for (key, hour) in [("a", 1), ("b", 26), ("c", 30)] {
        let expires = (1_700_000_000 + hour * 3600).to_string();
        let item = json!({ "PK": { "S": key }, "exp": { "N": expires } });
        call(&mut dynamodb, "PutItem", json!({ "TableName": "app", "Item": item }));
        clock.tick(Duration::from_secs(2 * 3600));
    }
    assert_eq!(dynamodb.sweep(), Ok(1));
    clock.tick(Duration::from_secs(21 * 3600));
    assert_eq!(dynamodb.sweep(), Ok(1));
    drop(dynamodb);
    let mut dynamodb = open();
    let page = dynamodb.read(STREAM, &Position::TrimHorizon, 10).unwrap().page;
    let names: Vec<&str> =
        page.records.iter().map(|record| record["eventName"].as_str().unwrap()).collect();
    assert_eq!(names, ["INSERT", "REMOVE", "REMOVE"]);
    // Numbers begin with the time in microseconds.
    let number = |hour: u64| format!("1{:020}", (1_700_000_000 + hour * 3600) * 1_000_000);
    let after = |dynamodb: &mut DynamoDb, number: &str| {
        iterator(dynamodb, "AFTER_SEQUENCE_NUMBER", Some(number)).0
    };
    assert_eq!(after(&mut dynamodb, &number(0)), 400, "b is gone");
    assert_eq!(after(&mut dynamodb, &number(2)), 200);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_transaction_that_is_sent_again_is_carried_out_once() {
    let mut dynamodb = tables();
    let add = json!({
        "TableName": "app",
        "Key": { "PK": { "S": "a" } },
        "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": { ":one": { "N": "1" } },
    });
    let request = json!({ "ClientRequestToken": "t", "TransactItems": [{ "Update": add }] });
    for _ in 0..2 {
        call(&mut dynamodb, "TransactWriteItems", request.clone());
    }
    let got = json!({ "TableName": "app", "Key": { "PK": { "S": "a" } } });
    assert_eq!(call(&mut dynamodb, "GetItem", got)["Item"]["n"]["N"], "1");
}
