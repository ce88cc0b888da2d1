//! The engine as the rest of the emulator sees it.

use super::*;
use dynoxide::storage_backend::SystemClock;

const STREAM: &str =
    "arn:aws:dynamodb:eu-central-1:000000000000:table/app/stream/2024-01-01T00:00:00.000";

fn tables() -> DynamoDb {
    let dynamodb = DynamoDb::open(None, SystemClock::arc(), "eu-central-1").unwrap();
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
fn call(dynamodb: &DynamoDb, operation: &str, body: Value) -> Value {
    let (status, answer) = dynamodb.call(operation, body.to_string().as_bytes());
    assert_eq!(status, 200, "{operation}: {answer}");
    serde_json::from_str(&answer).unwrap()
}

fn put(dynamodb: &DynamoDb, key: &str) {
    let item = json!({ "PK": { "S": key } });
    call(dynamodb, "PutItem", json!({ "TableName": "app", "Item": item }));
}

#[test]
fn a_table_of_a_template_holds_items() {
    let dynamodb = tables();
    let item = json!({ "PK": { "S": "a" }, "n": { "N": "1" } });
    call(&dynamodb, "PutItem", json!({ "TableName": "app", "Item": item }));
    let got = json!({ "TableName": "app", "Key": { "PK": { "S": "a" } } });
    assert_eq!(call(&dynamodb, "GetItem", got)["Item"], item);
}

#[test]
fn names_are_those_of_the_template() {
    let dynamodb = tables();
    let table = &call(&dynamodb, "DescribeTable", json!({ "TableName": "app" }))["Table"];
    assert_eq!(table["TableArn"], "arn:aws:dynamodb:eu-central-1:000000000000:table/app");
    assert_eq!(table["LatestStreamArn"], STREAM);
    assert_eq!(table["LatestStreamLabel"], "2024-01-01T00:00:00.000");
    let stream = call(&dynamodb, "DescribeStream", json!({ "StreamArn": STREAM }));
    let stream = &stream["StreamDescription"];
    assert_eq!(stream["StreamArn"], STREAM);
    assert_eq!(stream["StreamViewType"], "NEW_IMAGE");
    let streams = call(&dynamodb, "ListStreams", json!({}));
    assert_eq!(streams["Streams"][0]["StreamArn"], STREAM);
}

#[test]
fn writes_appear_in_the_stream_page_by_page() {
    let dynamodb = tables();
    put(&dynamodb, "a");
    let latest = dynamodb.read(STREAM, &Position::Latest, 10).unwrap();
    assert_eq!(latest.records, Vec::<Value>::new());
    put(&dynamodb, "b");
    put(&dynamodb, "c");
    let keys = |page: &Page| -> Vec<String> {
        let key =
            |record: &Value| record["dynamodb"]["Keys"]["PK"]["S"].as_str().unwrap().to_owned();
        page.records.iter().map(key).collect()
    };
    let first = dynamodb.read(STREAM, &Position::TrimHorizon, 2).unwrap();
    assert_eq!(keys(&first), ["a", "b"]);
    assert_eq!(first.records[0]["awsRegion"], "eu-central-1");
    let second = dynamodb.read(STREAM, &Position::At(first.next), 2).unwrap();
    assert_eq!(keys(&second), ["c"]);
    let since = dynamodb.read(STREAM, &Position::At(latest.next), 10).unwrap();
    assert_eq!(keys(&since), ["b", "c"]);
    let number = first.records[0]["dynamodb"]["SequenceNumber"].as_str().unwrap();
    let after = dynamodb.read(STREAM, &Position::After(number.into()), 10).unwrap();
    assert_eq!(keys(&after), ["b", "c"]);
}

#[test]
fn iterators_begin_with_the_arn_of_their_stream() {
    let dynamodb = tables();
    put(&dynamodb, "a");
    let stream = call(&dynamodb, "DescribeStream", json!({ "StreamArn": STREAM }));
    let shard = &stream["StreamDescription"]["Shards"][0]["ShardId"];
    assert!((28..=65).contains(&shard.as_str().unwrap().len()), "{shard}");
    let from =
        json!({ "StreamArn": STREAM, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON" });
    let iterator = call(&dynamodb, "GetShardIterator", from)["ShardIterator"].clone();
    assert!(iterator.as_str().unwrap().starts_with(&format!("{STREAM}|")), "{iterator}");
    let got = call(&dynamodb, "GetRecords", json!({ "ShardIterator": iterator }));
    assert_eq!(got["Records"][0]["eventName"], "INSERT");
    let next = got["NextShardIterator"].as_str().unwrap();
    assert!(next.starts_with(&format!("{STREAM}|")), "{next}");
}

#[test]
fn what_outlived_its_time_is_removed_by_the_service() {
    let dynamodb = tables();
    let item = json!({ "PK": { "S": "a" }, "exp": { "N": "1" } });
    call(&dynamodb, "PutItem", json!({ "TableName": "app", "Item": item }));
    assert_eq!(dynamodb.sweep(), Ok(1));
    let page = dynamodb.read(STREAM, &Position::TrimHorizon, 10).unwrap();
    assert_eq!(page.records[1]["eventName"], "REMOVE");
    assert_eq!(page.records[1]["userIdentity"]["principalId"], "dynamodb.amazonaws.com");
}

#[test]
fn refusals_have_the_types_of_dynamodb() {
    let dynamodb = tables();
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
    let dynamodb = tables();
    let properties = json!({
        "KeySchema": [{ "AttributeName": "PK", "KeyType": "HASH" }],
        "AttributeDefinitions": [],
        "BillingMode": "PAY_PER_REQUEST",
    });
    let why = dynamodb.create_table("odd", properties.as_object().unwrap()).unwrap_err();
    assert!(why.contains("no definition"), "{why}");
}
