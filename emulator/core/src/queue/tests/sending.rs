//! Queues and what is put into them.

use super::*;
use expect_test::expect;

#[test]
fn a_message_is_sent_received_and_deleted() {
    let mut rig = Rig::new();
    rig.check(
        "SendMessage",
        json!({"MessageBody": "hello"}),
        expect![[r#"
        {
          "MD5OfMessageBody": "5d41402abc4b2a76b9719d911017c592",
          "MessageId": "c5fc598e-707e-4291-88f4-d74b451e8c20"
        }"#]],
    );
    rig.check(
        "ReceiveMessage",
        json!({}),
        expect![[r#"
        {
          "Messages": [
            {
              "Body": "hello",
              "MD5OfBody": "5d41402abc4b2a76b9719d911017c592",
              "MessageId": "c5fc598e-707e-4291-88f4-d74b451e8c20",
              "ReceiptHandle": "cmVjZWlwdDoxOjE="
            }
          ]
        }"#]],
    );
    let handle = json!({"ReceiptHandle": "cmVjZWlwdDoxOjE="});
    rig.check("DeleteMessage", handle, expect!["{}"]);
    assert!(rig.queues.list(NOW, "failed").is_empty());
}

#[test]
fn queues_are_found_by_name_and_prefix() {
    let mut rig = Rig::new();
    rig.check(
        "GetQueueUrl",
        json!({"QueueName": "failed"}),
        expect![[r#"
        {
          "QueueUrl": "http://127.0.0.1:4000/123456789012/failed"
        }"#]],
    );
    rig.check(
        "ListQueues",
        json!({"QueueNamePrefix": "o"}),
        expect![[r#"
        {
          "QueueUrls": [
            "http://127.0.0.1:4000/123456789012/other"
          ]
        }"#]],
    );
    rig.check(
        "ListQueues",
        json!({"MaxResults": 1}),
        expect![[r#"
        {
          "NextToken": "failed",
          "QueueUrls": [
            "http://127.0.0.1:4000/123456789012/failed"
          ]
        }"#]],
    );
    rig.check(
        "ListQueues",
        json!({"MaxResults": 1, "NextToken": "failed"}),
        expect![[r#"
        {
          "QueueUrls": [
            "http://127.0.0.1:4000/123456789012/other"
          ]
        }"#]],
    );
    assert_eq!(rig.queues.names().collect::<Vec<_>>(), ["failed", "other"]);
}

#[test]
fn a_url_may_name_aws_or_this_machine() {
    let mut rig = Rig::new();
    for url in [URL, "http://127.0.0.1:4000/123456789012/failed", "failed"] {
        rig.call("SendMessage", json!({"QueueUrl": url, "MessageBody": url}));
    }
    assert_eq!(rig.bodies().len(), 3);
}

#[test]
fn what_is_not_there_is_refused_in_the_words_of_sqs() {
    let mut rig = Rig::new();
    rig.refuses(
        "GetQueueUrl",
        json!({"QueueName": "nothing"}),
        expect![[r#"
        400 com.amazonaws.sqs#QueueDoesNotExist (AWS.SimpleQueueService.NonExistentQueue;Sender)
        The specified queue does not exist."#]],
    );
    rig.refuses(
        "GetQueueUrl",
        json!({"QueueName": "failed", "QueueOwnerAWSAccountId": "1"}),
        expect![[r#"
        400 com.amazonaws.sqs#QueueDoesNotExist (AWS.SimpleQueueService.NonExistentQueue;Sender)
        The specified queue does not exist."#]],
    );
    rig.refuses(
        "SendMessage",
        json!({"QueueUrl": "http://x/1/nothing", "MessageBody": "x"}),
        expect![[r#"
        400 com.amazonaws.sqs#QueueDoesNotExist (AWS.SimpleQueueService.NonExistentQueue;Sender)
        The specified queue does not exist."#]],
    );
    rig.refuses(
        "SendMessage",
        json!({"QueueUrl": ""}),
        expect![[r#"
        400 com.amazon.coral.service#MissingRequiredParameterException (MissingParameter;Sender)
        The request must contain the parameter QueueUrl."#]],
    );
    rig.refuses("CreateQueue", json!({"QueueName": "new"}), expect![[r#"
        400 com.amazonaws.sqs#UnsupportedOperation (AWS.SimpleQueueService.UnsupportedOperation;Sender)
        `AmazonSQS.CreateQueue` is not emulated: queues come from the template, and messages are sent, received and deleted"#]]);
}

#[test]
fn what_is_no_message_is_refused() {
    let mut rig = Rig::new();
    rig.refuses(
        "SendMessage",
        json!({}),
        expect![[r#"
        400 com.amazon.coral.service#MissingRequiredParameterException (MissingParameter;Sender)
        The request must contain the parameter MessageBody."#]],
    );
    rig.refuses(
        "SendMessage",
        json!({"MessageBody": ""}),
        expect![[r#"
        400 com.amazon.coral.service#MissingRequiredParameterException (MissingParameter;Sender)
        The request must contain the parameter MessageBody."#]],
    );
    rig.refuses("SendMessage", json!({"MessageBody": "\u{1}"}), expect![[r#"
        400 com.amazonaws.sqs#InvalidMessageContents (InvalidMessageContents;Sender)
        Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF."#]]);
    rig.refuses(
        "SendMessage",
        json!({"MessageBody": 1}),
        expect![[r#"
        400 com.amazon.coral.service#SerializationException (MalformedInput;Sender)
        invalid type: integer `1`, expected a string"#]],
    );
    rig.refuses("SendMessage", json!({"MessageBody": "x", "DelaySeconds": 901}), expect![[r#"
        400 com.amazon.coral.service#InvalidParameterValueException (InvalidParameterValue;Sender)
        Value 901 for parameter DelaySeconds is invalid. Reason: Must be between 0 and 900, if provided."#]]);
    rig.refuses(
        "SendMessage",
        json!({"MessageBody": "x", "MessageDeduplicationId": "1"}),
        expect![[r#"
        400 com.amazon.coral.service#InvalidParameterValueException (InvalidParameterValue;Sender)
        MessageDeduplicationId is for FIFO queues, and this is a standard queue."#]],
    );
}

#[test]
fn message_attributes_come_back_with_their_digest() {
    let mut rig = Rig::new();
    let attributes = json!({
        "kind": {"DataType": "String", "StringValue": "job"},
        "try": {"DataType": "Number.int", "StringValue": "3"},
        "raw": {"DataType": "Binary", "BinaryValue": "AAEC"},
    });
    let trace = json!({"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1"}});
    let body = json!({
        "MessageBody": "x",
        "MessageAttributes": attributes,
        "MessageSystemAttributes": trace,
        "MessageGroupId": "tenant",
    });
    let sent = rig.call("SendMessage", body);
    // Computed by another implementation of the same page.
    assert_eq!(sent["MD5OfMessageAttributes"], "a824b858cd6792baa4cd212d699c394d");
    assert!(sent["MD5OfMessageSystemAttributes"].is_string());
    let names = json!({"MessageAttributeNames": ["ki.*", "try"], "AttributeNames": ["All"]});
    let message = rig.call("ReceiveMessage", names)["Messages"][0].clone();
    expect![[r#"
        [
          {
            "AWSTraceHeader": "Root=1",
            "ApproximateFirstReceiveTimestamp": "1795594530125",
            "ApproximateReceiveCount": "1",
            "MessageGroupId": "tenant",
            "SenderId": "123456789012",
            "SentTimestamp": "1795594530125"
          },
          {
            "kind": {
              "DataType": "String",
              "StringValue": "job"
            },
            "try": {
              "DataType": "Number.int",
              "StringValue": "3"
            }
          }
        ]"#]]
    .assert_eq(&format!("{:#}", json!([message["Attributes"], message["MessageAttributes"]])));
}

#[test]
fn wrong_message_attributes_are_refused() {
    let mut rig = Rig::new();
    let text = json!({"DataType": "String", "StringValue": "x"});
    let mut attributes = |attributes: Value, expected: Expect| {
        rig.refuses(
            "SendMessage",
            json!({"MessageBody": "x", "MessageAttributes": attributes}),
            expected,
        );
    };
    attributes(
        json!({"aws.x": text}),
        expect![[r#"
        400 com.amazon.coral.service#InvalidParameterValueException (InvalidParameterValue;Sender)
        The message attribute name 'aws.x' is invalid."#]],
    );
    attributes(
        json!({"a": {"DataType": "String", "StringValue": ""}}),
        expect![[r#"
        400 com.amazon.coral.service#InvalidParameterValueException (InvalidParameterValue;Sender)
        The message attribute 'a' with type 'String' must have a non-empty value of that type, which is String, Number or Binary."#]],
    );
    attributes(
        json!({"a": {"DataType": "Text", "StringValue": "x"}}),
        expect![[r#"
        400 com.amazon.coral.service#InvalidParameterValueException (InvalidParameterValue;Sender)
        The message attribute 'a' with type 'Text' must have a non-empty value of that type, which is String, Number or Binary."#]],
    );
    let eleven: serde_json::Map<_, _> = (0..11).map(|n| (format!("a{n}"), text.clone())).collect();
    attributes(
        eleven.into(),
        expect![[r#"
        400 com.amazon.coral.service#InvalidParameterValueException (InvalidParameterValue;Sender)
        Number of message attributes [11] exceeds the allowed maximum [10]."#]],
    );
    let system = json!({"MessageBody": "x", "MessageSystemAttributes": {"Trace": text}});
    rig.refuses(
        "SendMessage",
        system,
        expect![[r#"
        400 com.amazon.coral.service#InvalidParameterValueException (InvalidParameterValue;Sender)
        Message system attribute name 'Trace' is invalid."#]],
    );
}

#[test]
fn services_put_messages_in_by_arn_and_people_list_and_drain_them() {
    let mut rig = Rig::new();
    let id = rig.queues.send(NOW, ARN, "discarded").unwrap();
    let stored = Stored { id, body: "discarded".into(), sent: NOW, receipts: 0 };
    assert_eq!(rig.queues.list(NOW, "failed"), std::slice::from_ref(&stored));
    assert_eq!(rig.queues.drain(NOW, "failed"), [stored]);
    assert!(rig.queues.list(NOW, "failed").is_empty());
    assert!(rig.queues.drain(NOW, "nothing").is_empty());
    expect!["no queue of the template has the ARN arn:aws:sqs:::x"]
        .assert_eq(&rig.queues.send(NOW, "arn:aws:sqs:::x", "x").unwrap_err());
    expect!["The request must contain the parameter MessageBody."]
        .assert_eq(&rig.queues.send(NOW, ARN, "").unwrap_err());
}

#[test]
fn a_queue_tells_about_itself() {
    let mut rig = Rig::with(|queue| queue.delay = Duration::from_secs(5), Limits::default());
    rig.send("delayed");
    for body in ["in flight", "visible"] {
        rig.call("SendMessage", json!({"MessageBody": body, "DelaySeconds": 0}));
    }
    assert_eq!(rig.receive(1).len(), 1);
    rig.check(
        "GetQueueAttributes",
        json!({"AttributeNames": ["All"]}),
        expect![[r#"
        {
          "Attributes": {
            "ApproximateNumberOfMessages": "1",
            "ApproximateNumberOfMessagesDelayed": "1",
            "ApproximateNumberOfMessagesNotVisible": "1",
            "CreatedTimestamp": "1795594530",
            "DelaySeconds": "5",
            "LastModifiedTimestamp": "1795594530",
            "MaximumMessageSize": "1048576",
            "MessageRetentionPeriod": "345600",
            "QueueArn": "arn:aws:sqs:eu-west-1:123456789012:failed",
            "ReceiveMessageWaitTimeSeconds": "0",
            "SqsManagedSseEnabled": "true",
            "VisibilityTimeout": "30"
          }
        }"#]],
    );
    rig.check(
        "GetQueueAttributes",
        json!({"AttributeNames": ["QueueArn", "Policy"]}),
        expect![[r#"
        {
          "Attributes": {
            "QueueArn": "arn:aws:sqs:eu-west-1:123456789012:failed"
          }
        }"#]],
    );
    rig.refuses(
        "GetQueueAttributes",
        json!({"AttributeNames": ["Size"]}),
        expect![[r#"
        400 com.amazonaws.sqs#InvalidAttributeName (InvalidAttributeName;Sender)
        Unknown Attribute Size."#]],
    );
}

#[test]
fn wrong_names_are_refused() {
    let refused = |name: &str| QueueConfig::new(name).unwrap_err();
    expect!["the queue name `a b` must be 1 to 80 letters, digits, hyphens and underscores"]
        .assert_eq(&refused("a b"));
    assert!(QueueConfig::new("").is_err() && QueueConfig::new(&"x".repeat(81)).is_err());
    assert!(QueueConfig::new(&"x".repeat(80)).is_ok());
}
