mod batches;
mod bounds;
mod fifo;
mod receiving;
mod sending;

use super::*;
use crate::Time;
use expect_test::Expect;
use serde_json::{Value, json};

const NOW: Time = Time(1_795_594_530_125);
const ARN: &str = "arn:aws:sqs:eu-west-1:123456789012:failed";
/// As `Ref` in a template gives it.
const URL: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/failed";

fn after(seconds: u64) -> Time {
    NOW + Duration::from_secs(seconds)
}

struct Rig {
    queues: Queues,
    now: Time,
    calls: u64,
}

impl Rig {
    fn new() -> Self {
        Self::with(|_| {}, Limits::default())
    }

    /// The queue `failed`, changed, and another one.
    fn with(change: impl FnOnce(&mut QueueConfig), limits: Limits) -> Self {
        let mut failed = QueueConfig::new("failed").unwrap();
        change(&mut failed);
        let config = Config {
            account_id: "123456789012".into(),
            region: "eu-west-1".into(),
            endpoint: "http://127.0.0.1:4000".into(),
            queues: vec![failed, QueueConfig::new("other").unwrap()],
            limits,
        };
        Self { queues: Queues::new(NOW, 7, config), now: NOW, calls: 0 }
    }

    /// Asks, and returns the call that has perhaps been answered.
    fn ask(&mut self, operation: &str, mut body: Value) -> CallId {
        let object = body.as_object_mut().unwrap();
        if !matches!(operation, "ListQueues" | "GetQueueUrl") {
            object.entry("QueueUrl").or_insert_with(|| URL.into());
        }
        self.calls += 1;
        let call = CallId(self.calls);
        let request = http::Request {
            headers: vec![("X-Amz-Target".into(), format!("AmazonSQS.{operation}"))],
            body: body.to_string().into(),
            ..http::Request::default()
        };
        self.queues.handle(self.now, Input::Request { call, request });
        call
    }

    /// The replies since the last look: call, status and body.
    fn replies(&mut self) -> Vec<(CallId, u16, Value)> {
        let effects = std::iter::from_fn(|| self.queues.poll_effect());
        let replies = effects.map(|Effect::Reply { call, reply }| {
            (call, reply.status, serde_json::from_slice(&reply.body).unwrap())
        });
        replies.collect()
    }

    /// Asks what is answered at once, and must succeed.
    #[track_caller]
    fn call(&mut self, operation: &str, body: Value) -> Value {
        let call = self.ask(operation, body);
        let replies = self.replies();
        let [(answered, 200, body)] = &replies[..] else { panic!("{operation}: {replies:?}") };
        assert_eq!(*answered, call);
        body.clone()
    }

    #[track_caller]
    fn check(&mut self, operation: &str, body: Value, expected: Expect) {
        let answer = self.call(operation, body);
        expected.assert_eq(&format!("{answer:#}"));
    }

    /// Compares the error: code and message.
    #[track_caller]
    fn refuses(&mut self, operation: &str, body: Value, expected: Expect) {
        self.ask(operation, body);
        let Some(Effect::Reply { reply, .. }) = self.queues.poll_effect() else {
            panic!("no reply")
        };
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        let code = reply.headers.iter().find(|(name, _)| name == "x-amzn-query-error").unwrap();
        let text = |name: &str| body[name].as_str().unwrap();
        expected.assert_eq(&format!(
            "{} {} ({})\n{}",
            reply.status,
            text("__type"),
            code.1,
            text("message")
        ));
    }

    fn send(&mut self, body: &str) {
        self.call("SendMessage", json!({"MessageBody": body}));
    }

    /// Bodies and receipt handles of what is received now.
    fn receive(&mut self, most: u64) -> Vec<(String, String)> {
        let answer = self.call("ReceiveMessage", json!({"MaxNumberOfMessages": most}));
        received(&answer)
    }

    fn bodies(&mut self) -> Vec<String> {
        self.receive(10).into_iter().map(|(body, _)| body).collect()
    }
}

fn received(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let messages = answer.get("Messages").and_then(Value::as_array).into_iter().flatten();
    messages.map(|m| (text(&m["Body"]), text(&m["ReceiptHandle"]))).collect()
}
