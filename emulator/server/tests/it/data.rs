//! Tables, queues and rules, and the function behind them.

use crate::client::{Client, ask, http, unsigned};
use crate::emulator::{Emulator, Setup};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

impl Setup {
    fn resource(&mut self, id: &str, kind: &str, properties: Value) {
        self.template["Resources"][id] = json!({ "Type": kind, "Properties": properties });
    }

    /// Lets the function do this to this resource.
    fn allow(&mut self, action: &str, arn: Value) {
        let document =
            &mut self.template["Resources"]["Role"]["Properties"]["Policies"][0]["PolicyDocument"];
        document["Statement"].as_array_mut().unwrap().push(json!({
            "Effect": "Allow", "Action": action, "Resource": arn,
        }));
    }

    /// A table whose stream goes to the function, and whatever it fails for good to a queue.
    fn with_table(mut self, mapping: Value) -> Self {
        self.resource(
            "Table",
            "AWS::DynamoDB::Table",
            json!({
                "TableName": "app",
                "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{ "AttributeName": "PK", "KeyType": "HASH" }],
                "AttributeDefinitions": [{ "AttributeName": "PK", "AttributeType": "S" }],
                "StreamSpecification": { "StreamViewType": "NEW_IMAGE" },
                "TimeToLiveSpecification": { "AttributeName": "exp", "Enabled": true },
            }),
        );
        let mut properties = json!({
            "FunctionName": { "Ref": "Fn" },
            "EventSourceArn": { "Fn::GetAtt": ["Table", "StreamArn"] },
            "StartingPosition": "TRIM_HORIZON",
            "BatchSize": 10,
            "MaximumRetryAttempts": 0,
            "DestinationConfig": { "OnFailure": { "Destination": { "Fn::GetAtt": ["Failed", "Arn"] } } },
        });
        for (key, value) in mapping.as_object().unwrap() {
            properties[key] = value.clone();
        }
        self.resource("Mapping", "AWS::Lambda::EventSourceMapping", properties);
        for action in ["GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"] {
            self.allow(
                &format!("dynamodb:{action}"),
                json!({ "Fn::GetAtt": ["Table", "StreamArn"] }),
            );
        }
        self.with_queue("Failed", "failed")
    }

    fn with_queue(mut self, id: &str, name: &str) -> Self {
        self.resource(id, "AWS::SQS::Queue", json!({ "QueueName": name }));
        self.allow("sqs:SendMessage", json!({ "Fn::GetAtt": [id, "Arn"] }));
        self
    }

    fn with_rule(mut self, mut rule: Value) -> Self {
        rule["Name"] = "rule".into();
        rule["Targets"] = json!([{ "Id": "fn", "Arn": { "Fn::GetAtt": ["Fn", "Arn"] } }]);
        self.resource("Rule", "AWS::Events::Rule", rule);
        self.resource(
            "RulePermission",
            "AWS::Lambda::Permission",
            json!({
                "Action": "lambda:InvokeFunction",
                "FunctionName": { "Ref": "Fn" },
                "Principal": "events.amazonaws.com",
                "SourceArn": { "Fn::GetAtt": ["Rule", "Arn"] },
            }),
        );
        self
    }
}

#[track_caller]
fn done(emulator: &Emulator, target: &str, body: Value) -> Value {
    let (status, answer) = ask(emulator, target, &body);
    assert_eq!(status, 200, "{target}: {answer}");
    answer
}

#[track_caller]
fn put(emulator: &Emulator, key: &str) {
    let item = json!({ "PK": { "S": key } });
    done(emulator, "DynamoDB_20120810.PutItem", json!({ "TableName": "app", "Item": item }));
}

fn advance(emulator: &Emulator, by: &str) {
    let command = json!({ "do": "advance", "by": by }).to_string();
    let (head, said) = http(emulator, "POST /_herald/control", "", &command);
    assert!(head.starts_with("HTTP/1.1 200"), "{head} {said}");
}

fn queue(emulator: &Emulator, method: &str, name: &str) -> Vec<Value> {
    let (head, said) = http(emulator, &format!("{method} /_herald/queues/{name}"), "", "");
    assert!(head.starts_with("HTTP/1.1 200"), "{head} {said}");
    serde_json::from_str(&said).unwrap()
}

#[test]
fn what_is_written_reaches_the_function_in_order() {
    let mut emulator = Setup::new("stream").with_table(json!({})).start();
    for key in ["a", "b", "c"] {
        put(&emulator, key);
    }
    for key in ["a", "b", "c"] {
        emulator.wait_for(&format!("got INSERT {key} by somebody"));
    }
    emulator.wait_for("→ local-Fn: ok in ");
    let described =
        done(&emulator, "DynamoDB_20120810.DescribeTable", json!({ "TableName": "app" }));
    assert_eq!(
        described["Table"]["LatestStreamArn"],
        "arn:aws:dynamodb:us-east-1:000000000000:table/app/stream/2024-01-01T00:00:00.000"
    );
}

#[test]
fn records_reported_as_failed_come_again_and_those_before_them_do_not() {
    let mapping = json!({
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "MaximumRetryAttempts": 3,
        "MaximumBatchingWindowInSeconds": 1,
        "BatchSize": 3,
    });
    let mut emulator = Setup::new("partial").with_table(mapping).start();
    for key in ["a", "once", "c"] {
        put(&emulator, key);
    }
    emulator.wait_for("got INSERT a ");
    emulator.wait_for("got INSERT once ");
    emulator.wait_for("Mapping: 2 records come again");
    advance(&emulator, "1s");
    let next = emulator.wait_for("got INSERT ");
    assert!(next.contains("got INSERT once "), "{next}");
    emulator.wait_for("got INSERT c ");
}

#[test]
fn what_fails_for_good_is_a_message_in_a_queue_that_is_received_and_deleted() {
    let mut emulator = Setup::new("discard").with_table(json!({ "BatchSize": 1 })).start();
    put(&emulator, "fail-1");
    put(&emulator, "fine");
    emulator.wait_for("Told: fail-1 is poison");
    emulator.wait_for("failed ← what mapping Mapping discarded");
    emulator.wait_for("got INSERT fine ");

    let url = json!({ "QueueUrl": "http://localhost/000000000000/failed" });
    let received = done(&emulator, "AmazonSQS.ReceiveMessage", url);
    let message = &received["Messages"][0];
    let body: Value = serde_json::from_str(message["Body"].as_str().unwrap()).unwrap();
    assert_eq!(body["requestContext"]["condition"], "RetryAttemptsExhausted");
    assert_eq!(body["DDBStreamBatchInfo"]["batchSize"], 1);
    assert_eq!(queue(&emulator, "GET", "failed").len(), 1);
    let receipt = json!({ "QueueUrl": "failed", "ReceiptHandle": message["ReceiptHandle"] });
    done(&emulator, "AmazonSQS.DeleteMessage", receipt);
    assert_eq!(queue(&emulator, "GET", "failed").len(), 0);
}

#[test]
fn a_queue_is_listed_and_drained() {
    let emulator = Setup::new("drain").with_queue("Failed", "failed").start();
    let message = json!({ "QueueUrl": "failed", "MessageBody": "one" });
    done(&emulator, "AmazonSQS.SendMessage", message);
    let (_, state) = http(&emulator, "GET /_herald/state", "", "");
    let state: Value = serde_json::from_str(&state).unwrap();
    assert_eq!(state["queues"], json!([{ "name": "failed", "messages": 1 }]));
    assert_eq!(queue(&emulator, "DELETE", "failed")[0]["body"], "one");
    assert_eq!(queue(&emulator, "GET", "failed"), Vec::<Value>::new());
    let (head, _) = http(&emulator, "GET /_herald/queues/other", "", "");
    assert!(head.starts_with("HTTP/1.1 404"), "{head}");
}

#[test]
fn messages_of_a_queue_reach_the_function() {
    let mut setup = Setup::new("poller").with_queue("Jobs", "jobs");
    setup.resource(
        "Mapping",
        "AWS::Lambda::EventSourceMapping",
        json!({
            "FunctionName": { "Ref": "Fn" },
            "EventSourceArn": { "Fn::GetAtt": ["Jobs", "Arn"] },
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        }),
    );
    setup.allow("sqs:*", json!({ "Fn::GetAtt": ["Jobs", "Arn"] }));
    let mut emulator = setup.start();
    let send = |emulator: &Emulator, body: &str| {
        done(emulator, "AmazonSQS.SendMessage", json!({ "QueueUrl": "jobs", "MessageBody": body }));
    };
    send(&emulator, "one");
    emulator.wait_for("got message one ");
    emulator.wait_for("→ local-Fn: ok in ");
    // The function lets this one fail the first time it sees it, so one environment must see both.
    send(&emulator, "once");
    emulator.wait_for("got message once ");
    emulator.wait_for("1 come again");
    advance(&emulator, "30s");
    emulator.wait_for("got message once ");
    emulator.wait_for("→ local-Fn: ok in ");
    assert_eq!(queue(&emulator, "GET", "jobs").len(), 0);
}

#[test]
fn a_published_event_reaches_the_function() {
    let rule = json!({ "EventPattern": { "source": ["jobs"] } });
    let mut emulator = Setup::new("published").with_rule(rule).start();
    let entry = json!({ "Source": "jobs", "DetailType": "done", "Detail": "{\"id\":7}" });
    let answer = done(&emulator, "AWSEvents.PutEvents", json!({ "Entries": [entry] }));
    assert_eq!(answer["FailedEntryCount"], 0);
    emulator.wait_for("rule → local-Fn: an event matched");
    emulator.wait_for(r#"got event {"id":7}"#);
}

#[test]
fn a_schedule_reaches_the_function() {
    let rule = json!({ "ScheduleExpression": "rate(5 minutes)" });
    let mut emulator = Setup::new("scheduled").with_rule(rule).start();
    advance(&emulator, "5m");
    emulator.wait_for("rule → local-Fn: its time has come");
    emulator.wait_for("got event {}");
}

#[test]
fn an_event_that_fails_three_times_is_a_message_in_a_queue() {
    let mut setup = Setup::new("async").with_queue("Failed", "failed");
    setup.resource("Config", "AWS::Lambda::EventInvokeConfig", json!({
        "FunctionName": { "Ref": "Fn" },
        "Qualifier": "$LATEST",
        "DestinationConfig": { "OnFailure": { "Destination": { "Fn::GetAtt": ["Failed", "Arn"] } } },
    }));
    let mut emulator = setup.start();
    let path = "POST /2015-03-31/functions/local-Fn/invocations";
    let (head, _) = http(&emulator, path, "X-Amz-Invocation-Type: Event\r\n", r#"{"do":"fail"}"#);
    assert!(head.starts_with("HTTP/1.1 202"), "{head}");
    for wait in ["1m", "2m"] {
        emulator.wait_for("comes again in ");
        advance(&emulator, wait);
    }
    emulator.wait_for("is given up: RetriesExhausted");
    emulator.wait_for("failed ← event ");
    let messages = queue(&emulator, "GET", "failed");
    let body: Value = serde_json::from_str(messages[0]["body"].as_str().unwrap()).unwrap();
    assert_eq!(body["requestPayload"], json!({ "do": "fail" }));
    assert_eq!(body["responsePayload"]["errorMessage"], "as told");
    assert_eq!(body["requestContext"]["approximateInvokeCount"], 3);
}

#[test]
fn what_has_outlived_its_time_is_removed_and_the_function_learns_by_whom() {
    let mut emulator = Setup::new("ttl").with_table(json!({})).start();
    let item = json!({ "PK": { "S": "old" }, "exp": { "N": "1" } });
    done(&emulator, "DynamoDB_20120810.PutItem", json!({ "TableName": "app", "Item": item }));
    emulator.wait_for("got INSERT old ");
    advance(&emulator, "1m");
    emulator.wait_for("got REMOVE old by dynamodb.amazonaws.com");
}

#[test]
fn time_that_is_advanced_ends_items_of_kept_tables_too() {
    let mut setup = Setup::new("kept-ttl").with_table(json!({}));
    let state = setup.path("state").display().to_string();
    setup.arguments.extend(["--state".to_owned(), state]);
    let mut emulator = setup.start();
    let expires = SystemTime::now() + Duration::from_secs(3600);
    let expires = expires.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs().to_string();
    let item = json!({ "PK": { "S": "later" }, "exp": { "N": expires } });
    done(&emulator, "DynamoDB_20120810.PutItem", json!({ "TableName": "app", "Item": item }));
    emulator.wait_for("got INSERT later ");
    advance(&emulator, "2h");
    emulator.wait_for("got REMOVE later by dynamodb.amazonaws.com");
}

#[test]
fn a_function_asks_for_what_its_role_allows() {
    let mut setup = Setup::new("asks").with_table(json!({}));
    setup.allow("dynamodb:PutItem", json!({ "Fn::GetAtt": ["Table", "Arn"] }));
    let emulator = setup.start();
    let mut client = Client::connect(&emulator);
    let put = r#"{"TableName":"app","Item":{"PK":{"S":"a"}}}"#;
    assert_eq!(client.ask(&format!("ask DynamoDB_20120810.PutItem {put}")), "{}");
    let said = client.ask(r#"ask DynamoDB_20120810.Scan {"TableName":"app"}"#);
    assert!(said.contains("is not authorized to perform: dynamodb:Scan on resource: arn:aws:dynamodb:us-east-1:000000000000:table/app"), "{said}");
}

#[test]
fn kept_tables_and_positions_are_there_after_a_restart() {
    let mut setup = Setup::new("kept").with_table(json!({}));
    let state = setup.path("state").display().to_string();
    setup.arguments.extend(["--state".to_owned(), state]);
    let mut first = setup.start();
    put(&first, "a");
    first.wait_for("got INSERT a ");
    first.wait_for("→ local-Fn: ok in ");
    let mut second = first.restart();
    let key = json!({ "TableName": "app", "Key": { "PK": { "S": "a" } } });
    let got = done(&second, "DynamoDB_20120810.GetItem", key);
    assert_eq!(got["Item"]["PK"]["S"], "a");
    put(&second, "b");
    let next = second.wait_for("got INSERT ");
    assert!(next.contains("got INSERT b "), "{next}");
}

#[test]
fn a_table_that_cannot_be_made_is_named() {
    let mut setup = Setup::new("bad-table").with_table(json!({}));
    setup.template["Resources"]["Table"]["Properties"]["AttributeDefinitions"] = json!([]);
    let (code, said) = setup.fails();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("cannot be deployed") && said.contains("Resources.Table: "), "{said}");
}

#[test]
fn a_mapping_whose_role_may_not_read_is_refused() {
    let mut setup = Setup::new("bad-role").with_table(json!({}));
    setup.template["Resources"]["Role"]["Properties"]["Policies"] = json!([]);
    let (code, said) = setup.fails();
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("must be allowed dynamodb:GetRecords"), "{said}");
}

#[test]
fn what_is_not_emulated_is_said_once() {
    let mut setup = Setup::new("not-emulated");
    setup.resource("Topic", "AWS::SNS::Topic", json!({}));
    let emulator = setup.start();
    assert!(emulator.saw("not emulated: Topic (AWS::SNS::Topic)"));
}

#[test]
fn the_older_protocol_of_sqs_is_spoken_as_well() {
    let emulator = Setup::new("query").with_queue("Jobs", "jobs").start();
    let form = "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n";
    let body = "Action=SendMessage&Version=2012-11-05&MessageBody=a+%26+b";
    let (head, said) = http(&emulator, "POST /000000000000/jobs", form, body);
    assert!(head.starts_with("HTTP/1.1 200"), "{head} {said}");
    assert!(said.starts_with("<SendMessageResponse xmlns="), "{said}");
    assert_eq!(queue(&emulator, "GET", "jobs")[0]["body"], "a & b");
    let (head, said) = unsigned(&emulator, "POST /000000000000/jobs", form, body);
    assert!(head.starts_with("HTTP/1.1 403"), "{head} {said}");
    assert!(said.contains("<Code>MissingAuthenticationToken</Code>"), "{said}");
}
