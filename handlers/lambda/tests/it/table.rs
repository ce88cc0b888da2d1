//! The table adapter does what the port says: against the engine of our local cloud, and against
//! ministack, which knows nothing of it.

use crate::engine;
use crate::lambda::{SECRET, client};
use crate::peers::Ministack;
use crate::server::{Server, response};
use expect_test::{Expect, expect};
use herald_contract::table::Key;
use herald_core::table::{Item, Query, Table as _, Write, conformance};
use herald_core::testing::FakeChance;
use herald_lambda::DynamoDb;
use serde_json::json;

fn table(endpoint: &str) -> DynamoDb<FakeChance> {
    let endpoint = format!("http://{endpoint}");
    let client = client(&[("AWS_ENDPOINT_URL_DYNAMODB", &endpoint)]);
    DynamoDb::new(&client, engine::TABLE.to_owned(), FakeChance::of_seed(1))
}

#[tokio::test]
async fn it_does_what_the_port_says_on_the_embedded_engine() {
    let server = engine::start();
    conformance::check(&table(&server.address.to_string())).await;
    let mut scopes: Vec<_> = server
        .stop()
        .iter()
        .map(|request| crate::sigv4::verified_scope(request, SECRET).unwrap())
        .collect();
    scopes.dedup();
    assert_eq!(scopes, ["eu-central-1/dynamodb/aws4_request"]);
}

#[tokio::test]
async fn it_does_what_the_port_says_on_ministack() {
    let Some(ministack) = Ministack::start() else { return };
    let endpoint = format!("http://{}", ministack.address);
    let client = client(&[("AWS_ENDPOINT_URL", &endpoint)]);
    ministack.create_table(&client, &engine::create_table()).await;
    conformance::check(&table(&ministack.address)).await;
}

fn key() -> Key {
    Key { pk: "C#a".to_owned(), sk: "C".to_owned() }
}

/// What comes of a transaction that is answered so, and how often it was sent.
async fn check(status: &'static str, body: &'static str, want: Expect) {
    let server = Server::start(move |_| response(status, &[], body));
    let table = table(&server.address.to_string());
    let puts = ["a", "b"].map(|sk| Write::insert(Key { sk: sk.to_owned(), ..key() }, Item::new()));
    let result = table.transact(puts.to_vec()).await;
    let requests = server.stop();
    let token = |n: usize| {
        let body: serde_json::Value = serde_json::from_str(&requests[n].body).unwrap();
        body["ClientRequestToken"].as_str().unwrap().to_owned()
    };
    assert!((1..requests.len()).all(|n| token(n) == token(0)), "the same token each time");
    want.assert_eq(&format!("{} x {result:?}\n", requests.len()));
}

#[tokio::test]
async fn a_cancelled_transaction_is_told_by_its_reasons() {
    check(
        "400 Bad Request",
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"m","CancellationReasons":[{"Code":"None"},{"Code":"ConditionalCheckFailed","Message":"The conditional request failed"}]}"#,
        expect![[r#"
            1 x Err(Failed([1]))
        "#]],
    )
    .await;
    check(
        "400 Bad Request",
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"m","CancellationReasons":[{"Code":"TransactionConflict"},{"Code":"None"}]}"#,
        expect![[r#"
            1 x Err(Conflict)
        "#]],
    )
    .await;
    check(
        "400 Bad Request",
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"m","CancellationReasons":[{"Code":"TransactionConflict"},{"Code":"ConditionalCheckFailed"}]}"#,
        expect![[r#"
            1 x Err(Failed([1]))
        "#]],
    )
    .await;
    check(
        "400 Bad Request",
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"m","CancellationReasons":[{"Code":"ThrottlingError","Message":"slow down"},{"Code":"None"}]}"#,
        expect![[r#"
            1 x Err(Unavailable { why: "TransactionCanceledException: ThrottlingError: slow down", retryable: true })
        "#]],
    )
    .await;
    check(
        "400 Bad Request",
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","Message":"m","CancellationReasons":[{"Code":"ValidationError","Message":"too large"},{"Code":"ThrottlingError"}]}"#,
        expect![[r#"
            1 x Err(Unavailable { why: "TransactionCanceledException: ValidationError: too large; ThrottlingError: no message", retryable: false })
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_transaction_without_an_answer_is_repeated_with_its_token() {
    check(
        "500 Internal Server Error",
        r#"{"__type":"InternalServerError","message":"x"}"#,
        expect![[r#"
            3 x Err(Unavailable { why: "TransactWriteItems: InternalServerError: x", retryable: true })
        "#]],
    )
    .await;
    check(
        "400 Bad Request",
        r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionInProgressException","Message":"x"}"#,
        expect![[r#"
            3 x Err(Unavailable { why: "TransactWriteItems: TransactionInProgressException: x", retryable: true })
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_write_that_may_have_been_done_is_not_repeated() {
    let server = Server::start(|_| {
        response("500 Internal Server Error", &[], r#"{"__type":"InternalServerError"}"#)
    });
    let table = table(&server.address.to_string());
    let result = table.write(Write::insert(key(), Item::new())).await;
    expect![[r#"
        1 x Err(Unavailable { why: "PutItem: InternalServerError: no message", retryable: true })
    "#]]
    .assert_eq(&format!("{} x {result:?}\n", server.stop().len()));
}

#[tokio::test]
async fn a_read_goes_on_asking_and_an_item_of_others_is_named() {
    let mut answers = [
        ("400 Bad Request", r#"{"__type":"ProvisionedThroughputExceededException"}"#),
        ("200 OK", r#"{"Items":[{"PK":{"S":"C#a"},"SK":{"S":"C"},"x":{"SS":["a"]}}],"Count":1}"#),
    ]
    .into_iter();
    let server = Server::start(move |_| {
        let (status, body) = answers.next().unwrap();
        response(status, &[], body)
    });
    let table = table(&server.address.to_string());
    let result = table.query(&Query::of("C#a", 1)).await;
    expect![[r#"
        2 x Err(Unavailable { why: "an item has `x`: type SS, which is not ours", retryable: false })
    "#]]
    .assert_eq(&format!("{} x {result:?}\n", server.stop().len()));
}

#[tokio::test]
async fn a_query_of_an_index_goes_on_where_the_page_before_ended() {
    use herald_contract::table::Index;
    use herald_core::table::{Position, Range};
    let server = Server::start(|_| response("200 OK", &[], r#"{"Items":[],"Count":0}"#));
    let table = table(&server.address.to_string());
    let query = Query {
        index: Some(Index::Due),
        range: Range::Before("0002".to_owned()),
        after: Some(Position { key: key(), index_sk: Some("0001#a".to_owned()) }),
        ..Query::of("DUE#3", 100)
    };
    table.query(&query).await.unwrap();
    let body: serde_json::Value = serde_json::from_str(&server.stop()[0].body).unwrap();
    assert_eq!(
        body,
        json!({
            "TableName": "herald",
            "IndexName": "GSI2",
            "ConsistentRead": false,
            "KeyConditionExpression": "#0 = :0 AND #1 < :1",
            "ExpressionAttributeNames": { "#0": "GSI2PK", "#1": "GSI2SK" },
            "ExpressionAttributeValues": { ":0": { "S": "DUE#3" }, ":1": { "S": "0002" } },
            "ExclusiveStartKey": {
                "PK": { "S": "C#a" }, "SK": { "S": "C" },
                "GSI2PK": { "S": "DUE#3" }, "GSI2SK": { "S": "0001#a" },
            },
            "ScanIndexForward": true,
            "Limit": 100,
        })
    );
}
