//! Golden events of the functions behind the table's stream, the event bus, the clock and each other:
//! from the JSON of the event to the answer, what others are told, the log and the metrics.

use crate::fakes::{Told, context, failure, request_id};
use crate::lines::logged;
use expect_test::{Expect, expect};
use herald_contract::table::Key;
use herald_contract::{Function, Millis};
use herald_core::Delivery;
use herald_core::table::fake::FakeTable;
use herald_core::table::{Item, Write};
use herald_core::testing::{FakeChance, FakeClock};
use herald_lambda::{Dispatcher, Failure, Metrics, Publish, Sender, Sweeper, Worker};
use lambda_runtime::LambdaEvent;
use serde::Serialize;
use serde_json::{Value, json};

const TRACE: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
const STREAM: &str = include_str!("../events/stream.json");
const BUS: &str = include_str!("../events/bus.json");
const JOB: &str = "01M86FZ3MM000000000000000A";

/// A function with what it has around it.
struct House {
    table: FakeTable,
    told: Told,
}

impl House {
    fn new() -> Self {
        Self::answering(Delivery::Sent)
    }

    fn answering(answer: Delivery) -> Self {
        Self { table: FakeTable::default(), told: Told::answering(answer) }
    }

    fn put(&self, key: Key, item: Value) {
        let item: Item = item
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| match value {
                Value::String(text) => (name.clone(), text.as_str().into()),
                other => (name.clone(), other.as_u64().unwrap().into()),
            })
            .collect();
        self.table.apply(Write::insert(key, item)).unwrap();
    }

    /// Ada, on one device.
    fn with_ada(self) -> Self {
        let (user, id) =
            ("ada".parse().unwrap(), "Hh1b-9ExoAMC_Qw=".to_owned().try_into().unwrap());
        let mut item = json!({
            "url": "https://ws.example.com/v1", "connectedAt": 1_795_514_000_000_u64,
            "exp": 1_795_522_000_u64,
        });
        self.put(Key::user_connection(&user, &id), item.clone());
        item["user"] = "ada".into();
        self.put(Key::connection(&id), item);
        self
    }

    async fn check(&self, function: Function, event: Value, expected: Expect) {
        let metrics = Metrics::new(function, Some("prod".to_owned()));
        let (clock, chance) =
            (FakeClock::at(Millis::new(1_795_514_407_000)), FakeChance::of_seed(1));
        let event = LambdaEvent::new(event, context(Some(TRACE)));
        let Self { table, told } = self;
        let (table, sender, closer) = (Shared(table), told, told);
        let (invoker, dead_letters) = (told, told);
        let (result, log) = match function {
            Function::Dispatcher => {
                let it = Dispatcher { table, sender, invoker, dead_letters, clock, metrics };
                outcome(logged(None, it.handle(event)).await)
            }
            Function::Worker => {
                let it = Worker { table, sender, clock, chance, metrics };
                outcome(logged(None, it.handle(event)).await)
            }
            Function::Sender => {
                let it = Sender { table, sender, invoker, clock, metrics };
                outcome(logged(None, it.handle(event)).await)
            }
            Function::Publish => {
                let it = Publish { table, closer, clock, chance };
                outcome(logged(None, it.handle(event)).await)
            }
            _ => {
                let it = Sweeper { table, sender, invoker, closer, dead_letters, clock, metrics };
                outcome(logged(None, it.handle(event)).await)
            }
        };
        assert!(!log.contains("ada"), "users are not logged by name");
        assert!(!log.contains("a-secret"), "what notifications say is not logged");
        let lines: Vec<_> = log.lines().map(|line| format!("logs {line}\n")).collect();
        let lines = lines.concat().replace(request_id(), "[REQUEST]");
        expected.assert_eq(&format!("{result}\n{}{lines}", told.lines()));
    }
}

fn outcome<A: Serialize>((result, log): (Result<A, Failure>, String)) -> (String, String) {
    let result = match result {
        Ok(answer) => format!("answers {}", serde_json::to_string(&answer).unwrap()),
        Err(e) => failure(e),
    };
    (result, log)
}

#[tokio::test]
async fn a_batch_of_the_stream_is_dealt_with_record_by_record() {
    let event = serde_json::from_str(STREAM).unwrap();
    House::new().with_ada().check(Function::Dispatcher, event, expect![[r#"
        answers {"batchItemFailures":[]}
        posts {"type":"notification","id":"n7","seq":7,"level":"info","title":"a-secret","body":"","at":1795514406500,"v":1}
           to Hh1b-9ExoAMC_Qw= at https://ws.example.com/v1
        invokes worker with {"jobId":"01M86FZ3MM000000000000000A"}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","requestId":"[REQUEST]","sequenceNumber":"100000000000000000001","userHash":"fdee430d40bd57de","notificationId":"n7","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","isUpdate":false}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","requestId":"[REQUEST]","sequenceNumber":"100000000000000000002","userHash":"fdee430d40bd57de","jobId":"01M86FZ3MM000000000000000A","isUpdate":false}
        logs {"DeliveryLag":500,"Gone":0,"Posts":1,"Slow":0,"Throttled":0,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["stage","function"]],"Metrics":[{"Name":"Posts","Unit":"Count"},{"Name":"Gone","Unit":"Count"},{"Name":"Throttled","Unit":"Count"},{"Name":"Slow","Unit":"Count"},{"Name":"DeliveryLag","Unit":"Milliseconds"}],"Namespace":"Herald"}],"Timestamp":1795514407000},"function":"dispatcher","requestId":"[REQUEST]","stage":"prod"}
    "#]]).await;
}

#[tokio::test]
async fn a_client_that_does_not_read_is_counted() {
    let mut event: Value = serde_json::from_str(STREAM).unwrap();
    event["Records"].as_array_mut().unwrap().truncate(1);
    let house = House::answering(Delivery::Slow).with_ada();
    house.check(Function::Dispatcher, event, expect![[r#"
        answers {"batchItemFailures":[]}
        posts {"type":"notification","id":"n7","seq":7,"level":"info","title":"a-secret","body":"","at":1795514406500,"v":1}
           to Hh1b-9ExoAMC_Qw= at https://ws.example.com/v1
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","requestId":"[REQUEST]","sequenceNumber":"100000000000000000001","userHash":"fdee430d40bd57de","notificationId":"n7","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","isUpdate":false}
        logs {"DeliveryLag":500,"Gone":0,"Posts":1,"Slow":1,"Throttled":1,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["stage","function"]],"Metrics":[{"Name":"Posts","Unit":"Count"},{"Name":"Gone","Unit":"Count"},{"Name":"Throttled","Unit":"Count"},{"Name":"Slow","Unit":"Count"},{"Name":"DeliveryLag","Unit":"Milliseconds"}],"Namespace":"Herald"}],"Timestamp":1795514407000},"function":"dispatcher","requestId":"[REQUEST]","stage":"prod"}
    "#]]).await;
}

#[tokio::test]
async fn a_record_that_cannot_be_read_comes_again_and_holds_up_no_other() {
    let mut event: Value = serde_json::from_str(STREAM).unwrap();
    let records = event["Records"].as_array_mut().unwrap();
    records.truncate(2);
    records[0]["dynamodb"]["NewImage"]["title"] = json!({ "SS": ["a"] });
    House::new().with_ada().check(Function::Dispatcher, event, expect![[r#"
        answers {"batchItemFailures":[{"itemIdentifier":"100000000000000000001"}]}
        invokes worker with {"jobId":"01M86FZ3MM000000000000000A"}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","requestId":"[REQUEST]","sequenceNumber":"100000000000000000002","userHash":"fdee430d40bd57de","jobId":"01M86FZ3MM000000000000000A","isUpdate":false}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"a record cannot be read","requestId":"[REQUEST]","sequenceNumber":"100000000000000000001","error":"an item has `title`: type SS, which is not ours"}
    "#]]).await;
}

#[tokio::test]
async fn an_event_of_something_else_is_no_batch() {
    let event = json!({ "Records": [{ "eventSource": "aws:sqs", "body": "{}" }] });
    House::new().check(Function::Dispatcher, event, expect![[r#"
        fails with MalformedEvent: this is no event of a stream of DynamoDB: missing field `eventName`; map the table's stream to it
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","requestId":"[REQUEST]","error":"this is no event of a stream of DynamoDB: missing field `eventName`; map the table's stream to it","retryable":false}
    "#]]).await;
}

#[tokio::test]
async fn a_command_is_done_in_the_trace_of_who_gave_it() {
    let house = House::new();
    let event = json!({ "to": { "user": "ada" }, "title": "a-secret" });
    house.check(Function::Publish, event, expect![[r#"
        answers {"done":"notified","seq":1,"repeated":false}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","requestId":"[REQUEST]","notificationId":"n1","traceparent":"00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01"}
    "#]]).await;
    let user = "ada".parse().unwrap();
    let item = house.table.read(&Key::notification(&user, 1.try_into().unwrap())).unwrap();
    assert_eq!(
        item["traceparent"],
        "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01".into()
    );
}

#[tokio::test]
async fn an_event_of_the_bus_that_comes_twice_is_one_notification() {
    let house = House::new();
    let event: Value = serde_json::from_str(BUS).unwrap();
    house.check(Function::Publish, event.clone(), expect![[r#"
        answers {"done":"notified","seq":1,"repeated":false}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","requestId":"[REQUEST]","notificationId":"n1","traceparent":"00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01"}
    "#]]).await;
    house.check(Function::Publish, event, expect![[r#"
        answers {"done":"notified","seq":1,"repeated":true}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","requestId":"[REQUEST]","notificationId":"n1","traceparent":"00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01"}
    "#]]).await;
}

#[tokio::test]
async fn a_command_with_a_slip_of_the_pen_is_refused() {
    let event = json!({ "to": { "user": "ada" }, "titel": "Hello" });
    House::new().check(Function::Publish, event, expect![[r#"
        fails with badRequest: `publish`: unknown field `titel`, expected one of `to`, `level`, `title`, `body`, `idempotencyKey`, `traceparent`
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","requestId":"[REQUEST]","traceparent":"00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01","code":"badRequest","error":"`publish`: unknown field `titel`, expected one of `to`, `level`, `title`, `body`, `idempotencyKey`, `traceparent`","retryable":false}
    "#]]).await;
}

fn job(state: &str) -> Value {
    json!({
        "user": "ada", "kind": "report.csv", "state": state, "attempt": 0, "fence": 0,
        "percent": 0, "input": r#"{"columns":["a"],"rows":[["1"]]}"#,
        "updatedAt": 1_795_514_400_000_u64, "exp": 1_798_106_400_u64,
    })
}

#[tokio::test]
async fn a_job_is_run_and_its_age_is_counted() {
    let house = House::new().with_ada();
    house.put(Key::job(&JOB.parse().unwrap()), job("QUEUED"));
    let event = json!({
        "jobId": JOB,
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    });
    house.check(Function::Worker, event.clone(), expect![[r#"
        answers null
        posts {"type":"job","jobId":"01M86FZ3MM000000000000000A","kind":"report.csv","state":"RUNNING","percent":0,"at":1795514407000,"v":1}
           to Hh1b-9ExoAMC_Qw= at https://ws.example.com/v1
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","requestId":"[REQUEST]","jobId":"01M86FZ3MM000000000000000A","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","outcome":"SUCCEEDED"}
        logs {"Gone":0,"JobAge":2500,"Posts":1,"Throttled":0,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["stage","function"]],"Metrics":[{"Name":"Posts","Unit":"Count"},{"Name":"Gone","Unit":"Count"},{"Name":"Throttled","Unit":"Count"},{"Name":"JobAge","Unit":"Milliseconds"}],"Namespace":"Herald"}],"Timestamp":1795514407000},"function":"worker","requestId":"[REQUEST]","stage":"prod"}
    "#]]).await;
}

#[tokio::test]
async fn a_job_that_has_ended_is_not_run_again() {
    let house = House::new();
    house.put(Key::job(&JOB.parse().unwrap()), job("SUCCEEDED"));
    house.check(Function::Worker, json!({ "jobId": JOB }), expect![[r#"
        answers null
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","requestId":"[REQUEST]","jobId":"01M86FZ3MM000000000000000A","outcome":"SUCCEEDED"}
    "#]]).await;
}

#[tokio::test]
async fn what_is_no_payload_is_said_to_be_none() {
    House::new().check(Function::Worker, json!({ "job": 1 }), expect![[r#"
        fails with MalformedEvent: this is no payload of function `worker`: missing field `jobId`; deploy all functions of the same version
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","requestId":"[REQUEST]","error":"this is no payload of function `worker`: missing field `jobId`; deploy all functions of the same version","retryable":false}
    "#]]).await;
    House::new().check(Function::Sender, json!([]), expect![[r#"
        fails with MalformedEvent: this is no payload of function `sender`: invalid length 0, expected struct SendShard with 4 elements; deploy all functions of the same version
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","requestId":"[REQUEST]","error":"this is no payload of function `sender`: invalid length 0, expected struct SendShard with 4 elements; deploy all functions of the same version","retryable":false}
    "#]]).await;
}

#[tokio::test]
async fn one_part_of_a_fan_out_is_sent() {
    let house = House::answering(Delivery::Gone).with_ada();
    let (topic, id): (_, herald_contract::ConnectionId) =
        ("news".parse().unwrap(), "Hh1b-9ExoAMC_Qw=".to_owned().try_into().unwrap());
    let shard = herald_contract::table::topic_shard(&id);
    let member = json!({
        "url": "https://ws.example.com/v1", "connectedAt": 1_795_514_000_000_u64,
        "exp": 1_795_522_000_u64,
    });
    house.put(Key::topic_member(&topic, shard, &id), member);
    let notification = json!({
        "level": "info", "title": "a-secret", "body": "", "at": 1_795_514_406_000_u64,
        "exp": 1_796_119_206_u64,
    });
    house.put(Key::broadcast(&topic, &JOB.parse().unwrap()), notification);
    let event = json!({
        "message": { "broadcast": { "topic": "news", "id": JOB } },
        "targets": { "shard": { "shard": shard } },
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    });
    house.check(Function::Sender, event, expect![[r#"
        answers null
        posts {"type":"notification","id":"b01M86FZ3MM000000000000000A","topic":"news","level":"info","title":"a-secret","body":"","at":1795514406000,"v":1}
           to Hh1b-9ExoAMC_Qw= at https://ws.example.com/v1
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","requestId":"[REQUEST]","notificationId":"b01M86FZ3MM000000000000000A","attempt":0,"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","sent":0,"gone":1,"parked":0,"handedOn":0,"givenUp":0}
        logs {"DeliveryLag":1000,"Gone":1,"Posts":1,"Slow":0,"Throttled":0,"_aws":{"CloudWatchMetrics":[{"Dimensions":[["stage","function"]],"Metrics":[{"Name":"Posts","Unit":"Count"},{"Name":"Gone","Unit":"Count"},{"Name":"Throttled","Unit":"Count"},{"Name":"Slow","Unit":"Count"},{"Name":"DeliveryLag","Unit":"Milliseconds"}],"Namespace":"Herald"}],"Timestamp":1795514407000},"function":"sender","requestId":"[REQUEST]","stage":"prod"}
    "#]]).await;
}

#[tokio::test]
async fn a_sweep_says_what_it_found() {
    let house = House::new();
    let mut waiting = job("RETRY_WAIT");
    let id = JOB.parse().unwrap();
    waiting["GSI2PK"] = herald_contract::table::due_shard(JOB).into();
    waiting["GSI2SK"] = herald_contract::table::due_sort(Millis::new(5), JOB).into();
    house.put(Key::job(&id), waiting);
    house.check(Function::Sweeper, json!({ "source": "aws.events" }), expect![[r#"
        answers null
        invokes worker with {"jobId":"01M86FZ3MM000000000000000A"}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","requestId":"[REQUEST]","jobs":1,"letters":0,"sockets":0}
    "#]]).await;
}

/// A table that the test keeps.
struct Shared<'a>(&'a FakeTable);

impl herald_core::table::Table for Shared<'_> {
    async fn get(&self, key: &Key) -> Result<Option<Item>, herald_core::table::TableError> {
        Ok(self.0.read(key))
    }

    async fn query(
        &self,
        query: &herald_core::table::Query,
    ) -> Result<herald_core::table::Page, herald_core::table::TableError> {
        Ok(self.0.select(query))
    }

    async fn write(&self, write: Write) -> Result<Option<Item>, herald_core::table::WriteError> {
        self.0.apply(write)
    }

    async fn transact(&self, writes: Vec<Write>) -> Result<(), herald_core::table::WriteError> {
        self.0.apply_all(writes)
    }
}
