//! Permissions of the services behind `X-Amz-Target`: what each request asks to be allowed.

use crate::setup::Setup;
use crate::signer::{administrator, sign};
use gateway_core::http::{Reply, Request};
use gateway_core::lambda::{Credentials, credentials};
use gateway_core::{Cloud, Config, Time};
use serde_json::{Value, json};

const NOW: Time = Time(1_795_594_530_000);

const TABLE: &str = r#"
    function fn {}
    resource T {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": "T", "KeySchema": [{"AttributeName": "sk", "KeyType": "RANGE"}, {"AttributeName": "pk", "KeyType": "HASH"}], "GlobalSecondaryIndexes": [{"IndexName": "by-user", "KeySchema": [{"AttributeName": "user", "KeyType": "HASH"}]}]}}
    "#;

fn cloud(setup: &str) -> Cloud {
    let setup = Setup::new(setup);
    let config = Config {
        domain_name: "127.0.0.1:4000".into(),
        seed: 1,
        limits: setup.limits.clone(),
        guesses: setup.guesses,
        iam: setup.iam,
        topology: setup.topology(),
        checkpoints: Default::default(),
    };
    Cloud::new(NOW, config)
}

fn request(target: &str, body: &Value) -> Request {
    Request {
        method: "POST".into(),
        path: "/".into(),
        headers: [("Host", "127.0.0.1:4000"), ("X-Amz-Target", target)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into(),
        body: body.to_string().into(),
        ..Request::default()
    }
}

fn function() -> Credentials {
    credentials("arn:aws:lambda:eu-central-1:123456789012:function:fn")
}

fn service(target: &str) -> &'static str {
    match target.split_once('.') {
        Some(("AmazonSQS", _)) => "sqs",
        Some(("AWSEvents", _)) => "events",
        Some(("Logs_20140328", _)) => "logs",
        _ => "dynamodb",
    }
}

/// What the function is told.
fn told(cloud: &mut Cloud, target: &str, body: &Value) -> Result<(), Reply> {
    let mut request = request(target, body);
    sign(&mut request, &function(), service(target), NOW);
    cloud.authorize_service(NOW, &request).map(drop)
}

/// The first thing a request asks for that a role without policies is refused.
#[track_caller]
fn check(target: &str, body: Value, action: &str, resource: &str) {
    let reply = told(&mut cloud(TABLE), target, &body).unwrap_err();
    let body: Value = serde_json::from_slice(&reply.body).unwrap();
    let said = body["Message"].as_str().unwrap();
    let expected = format!(
        "User: arn:aws:sts::123456789012:assumed-role/role/fn is not authorized to perform: {action} \
         on resource: {resource} because no identity-based policy allows the {action} action"
    );
    assert_eq!(said, expected, "{target}");
    assert_eq!(reply.status, 400);
    assert_eq!(body["__type"], "com.amazon.coral.service#AccessDeniedException");
}

/// Which of these requests one statement lets through.
#[track_caller]
fn check_condition(condition: &str, cases: &[(&str, Value, bool)]) {
    let mut cloud = cloud(&format!("{TABLE}\nallow dynamodb:* on * if {condition}"));
    for (operation, body, allowed) in cases {
        let target = format!("DynamoDB_20120810.{operation}");
        assert_eq!(told(&mut cloud, &target, body).is_ok(), *allowed, "{operation} {body}");
    }
}

const TABLE_ARN: &str = "arn:aws:dynamodb:eu-central-1:123456789012:table/T";

#[test]
fn dynamodb_asks_for_its_table_or_index() {
    let dynamodb = |operation: &str, body: Value, action: &str, rest: &str| {
        check(
            &format!("DynamoDB_20120810.{operation}"),
            body,
            &format!("dynamodb:{action}"),
            &format!("{TABLE_ARN}{rest}"),
        );
    };
    for operation in
        ["GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "DescribeTable"]
    {
        dynamodb(operation, json!({ "TableName": "T" }), operation, "");
        dynamodb(operation, json!({ "TableName": TABLE_ARN }), operation, "");
    }
    dynamodb(
        "Query",
        json!({ "TableName": "T", "IndexName": "by-user" }),
        "Query",
        "/index/by-user",
    );
    dynamodb("TagResource", json!({ "ResourceArn": TABLE_ARN }), "TagResource", "");
    dynamodb(
        "BatchGetItem",
        json!({ "RequestItems": { "T": { "Keys": [] } } }),
        "BatchGetItem",
        "",
    );
    dynamodb("BatchWriteItem", json!({ "RequestItems": { "T": [] } }), "BatchWriteItem", "");
    for (kind, action) in [
        ("Put", "PutItem"),
        ("Update", "UpdateItem"),
        ("Delete", "DeleteItem"),
        ("ConditionCheck", "ConditionCheckItem"),
    ] {
        let body = json!({ "TransactItems": [{ kind: { "TableName": "T" } }] });
        dynamodb("TransactWriteItems", body, action, "");
    }
    let body = json!({ "TransactItems": [{ "Get": { "TableName": "T" } }] });
    dynamodb("TransactGetItems", body, "GetItem", "");
    for (statement, action, rest) in [
        ("SELECT * FROM \"T\".\"by-user\" WHERE user = ?", "PartiQLSelect", "/index/by-user"),
        ("INSERT INTO T VALUE {'pk': ?}", "PartiQLInsert", ""),
        ("UPDATE T SET a = 1 WHERE pk = ?", "PartiQLUpdate", ""),
        ("DELETE FROM T WHERE pk = ?", "PartiQLDelete", ""),
    ] {
        dynamodb("ExecuteStatement", json!({ "Statement": statement }), action, rest);
        let several = json!([{ "Statement": statement }]);
        dynamodb("BatchExecuteStatement", json!({ "Statements": several }), action, rest);
        dynamodb("ExecuteTransaction", json!({ "TransactStatements": several }), action, rest);
    }
    let any = "arn:aws:dynamodb:eu-central-1:123456789012:table/*";
    check("DynamoDB_20120810.ListTables", json!({}), "dynamodb:ListTables", any);
}

#[test]
fn each_part_of_a_transaction_must_be_allowed() {
    let mut cloud = cloud(&format!("{TABLE}\nallow dynamodb:PutItem on *:table/T"));
    let part = |kind: &str, table: &str| json!({ kind: { "TableName": table } });
    for (parts, allowed) in [
        (json!([part("Put", "T"), part("Put", "T")]), true),
        (json!([part("Put", "T"), part("Delete", "T")]), false),
        (json!([part("Put", "T"), part("Put", "U")]), false),
    ] {
        let body = json!({ "TransactItems": parts });
        let told = told(&mut cloud, "DynamoDB_20120810.TransactWriteItems", &body);
        assert_eq!(told.is_ok(), allowed, "{body}");
    }
}

#[test]
fn streams_ask_for_their_stream() {
    let stream = format!("{TABLE_ARN}/stream/2026-11-25T08:15:30.125");
    for (operation, body) in [
        ("DescribeStream", json!({ "StreamArn": stream })),
        ("GetShardIterator", json!({ "StreamArn": stream, "ShardId": "shardId-0" })),
        ("GetRecords", json!({ "ShardIterator": format!("{stream}|1|AAAA") })),
    ] {
        let target = format!("DynamoDBStreams_20120810.{operation}");
        check(&target, body, &format!("dynamodb:{operation}"), &stream);
    }
    let any = format!("{TABLE_ARN}/stream/*");
    let target = "DynamoDBStreams_20120810.ListStreams";
    check(target, json!({ "TableName": "T" }), "dynamodb:ListStreams", &any);
}

#[test]
fn queues_and_buses_are_asked_for() {
    let queue = "arn:aws:sqs:eu-central-1:123456789012:jobs";
    for (operation, action) in [
        ("SendMessage", "sqs:sendmessage"),
        ("SendMessageBatch", "sqs:sendmessage"),
        ("ReceiveMessage", "sqs:receivemessage"),
        ("DeleteMessageBatch", "sqs:deletemessage"),
    ] {
        let url = "http://127.0.0.1:4000/123456789012/jobs";
        check(&format!("AmazonSQS.{operation}"), json!({ "QueueUrl": url }), action, queue);
    }
    check("AmazonSQS.GetQueueUrl", json!({ "QueueName": "jobs" }), "sqs:getqueueurl", queue);
    let bus = |name: &str| format!("arn:aws:events:eu-central-1:123456789012:event-bus/{name}");
    for (entry, name) in [
        (json!({ "Source": "app" }), "default"),
        (json!({ "EventBusName": "orders" }), "orders"),
        (json!({ "EventBusName": bus("orders") }), "orders"),
    ] {
        check("AWSEvents.PutEvents", json!({ "Entries": [entry] }), "events:PutEvents", &bus(name));
    }
}

#[test]
fn leading_keys_are_values_of_the_partition_key() {
    let item = |pk: &str| json!({ "pk": { "S": pk }, "sk": { "S": "x" } });
    let query = |value: &str| {
        json!({ "TableName": "T", "KeyConditionExpression": "#p = :p AND begins_with(sk, :s)",
            "ExpressionAttributeNames": { "#p": "pk" },
            "ExpressionAttributeValues": { ":p": { "S": value }, ":s": { "S": "x" } } })
    };
    let by_user = json!({ "TableName": "T", "IndexName": "by-user", "KeyConditionExpression": "user = :u",
        "ExpressionAttributeValues": { ":u": { "S": "U#ada" } } });
    let writes = |first: &str, second: &str| {
        json!({ "RequestItems": { "T": [
            { "PutRequest": { "Item": item(first) } },
            { "DeleteRequest": { "Key": item(second) } } ] } })
    };
    check_condition(
        r#"{"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["U#ada*"]}, "Null": {"dynamodb:LeadingKeys": "false"}}"#,
        &[
            ("GetItem", json!({ "TableName": "T", "Key": item("U#ada") }), true),
            ("GetItem", json!({ "TableName": "T", "Key": item("U#bob") }), false),
            ("PutItem", json!({ "TableName": "T", "Item": item("U#ada#1") }), true),
            ("Query", query("U#ada"), true),
            ("Query", query("U#bob"), false),
            ("Query", by_user, true),
            ("Scan", json!({ "TableName": "T" }), false),
            (
                "BatchGetItem",
                json!({ "RequestItems": { "T": { "Keys": [item("U#ada"), item("U#bob")] } } }),
                false,
            ),
            ("BatchWriteItem", writes("U#ada", "U#ada"), true),
            ("BatchWriteItem", writes("U#ada", "U#bob"), false),
            (
                "TransactWriteItems",
                json!({ "TransactItems": [{ "Put": { "TableName": "T", "Item": item("U#bob") } }] }),
                false,
            ),
        ],
    );
}

#[test]
fn attributes_and_select_are_what_a_request_reads_and_writes() {
    let key = json!({ "pk": { "S": "x" } });
    let get = |projection: &str| json!({ "TableName": "T", "Key": key, "ProjectionExpression": projection });
    check_condition(
        r#"{"ForAllValues:StringEquals": {"dynamodb:Attributes": ["pk", "sk", "name"]}, "StringEqualsIfExists": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}}"#,
        &[
            ("GetItem", get("pk, #n"), false),
            ("GetItem", get("pk, name"), true),
            ("GetItem", get("pk, secret"), false),
            ("GetItem", json!({ "TableName": "T", "Key": key }), false),
            ("Query", json!({ "TableName": "T", "Select": "COUNT" }), false),
            ("PutItem", json!({ "TableName": "T", "Item": { "pk": {}, "name": {} } }), true),
            ("PutItem", json!({ "TableName": "T", "Item": { "pk": {}, "secret": {} } }), false),
            (
                "UpdateItem",
                json!({ "TableName": "T", "Key": key, "UpdateExpression": "SET secret = :v" }),
                false,
            ),
            (
                "UpdateItem",
                json!({ "TableName": "T", "Key": key, "UpdateExpression": "SET #a = :v", "ExpressionAttributeNames": { "#a": "name" } }),
                true,
            ),
        ],
    );
}

#[test]
fn return_values_are_a_condition_key() {
    check_condition(
        r#"{"StringEqualsIfExists": {"dynamodb:ReturnValues": ["NONE", "UPDATED_NEW"]}}"#,
        &[
            ("UpdateItem", json!({ "TableName": "T" }), true),
            ("UpdateItem", json!({ "TableName": "T", "ReturnValues": "UPDATED_NEW" }), true),
            ("UpdateItem", json!({ "TableName": "T", "ReturnValues": "ALL_OLD" }), false),
        ],
    );
}

#[test]
fn signers_are_looked_at_before_anything_else() {
    let mut cloud = cloud(TABLE);
    let body = json!({ "TableName": "T" });
    let mut kinds = Vec::new();
    let mut refused = |cloud: &mut Cloud, request: &Request| {
        let reply = cloud.authorize_service(NOW, request).unwrap_err();
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        kinds.push(body["__type"].as_str().unwrap().rsplit('#').next().unwrap().to_owned());
    };
    refused(&mut cloud, &request("DynamoDB_20120810.GetItem", &body));
    for (keys, service) in [
        (credentials("nobody"), "dynamodb"),
        (Credentials { secret_access_key: "wrong".into(), ..function() }, "dynamodb"),
        (function(), "sqs"),
    ] {
        let mut request = request("DynamoDB_20120810.GetItem", &body);
        sign(&mut request, &keys, service, NOW);
        refused(&mut cloud, &request);
    }
    refused(&mut cloud, &request("Elsewhere.Thing", &body));
    let mut broken = request("DynamoDB_20120810.GetItem", &body);
    broken.body = "{".into();
    sign(&mut broken, &administrator(), "dynamodb", NOW);
    refused(&mut cloud, &broken);
    assert_eq!(
        kinds,
        [
            "MissingAuthenticationTokenException",
            "UnrecognizedClientException",
            "InvalidSignatureException",
            "InvalidSignatureException",
            "UnknownOperationException",
            "SerializationException",
        ]
    );
}

#[test]
fn administrator_may_do_everything_and_without_iam_everybody_may() {
    let mut admitted = request("DynamoDB_20120810.DeleteTable", &json!({ "TableName": "T" }));
    assert!(cloud(&format!("{TABLE}\niam off")).authorize_service(NOW, &admitted).is_ok());
    sign(&mut admitted, &administrator(), "dynamodb", NOW);
    let principal = cloud(TABLE).authorize_service(NOW, &admitted).unwrap();
    assert_eq!(principal.function, None);
}

#[test]
fn refusal_of_a_queue_has_the_code_of_its_older_protocol_as_well() {
    let reply = told(&mut cloud(TABLE), "AmazonSQS.SendMessage", &json!({})).unwrap_err();
    assert!(reply.headers.contains(&("x-amzn-query-error".into(), "AccessDenied;Sender".into())));
}
