//! One table, one gateway, all functions: what happens is told as lines of text.

use herald_contract::command::Answer;
use herald_contract::payload::{Payload, RunJob, SendShard};
use herald_contract::{
    Action, CallbackUrl, ConnectionId, Function, IdempotencyKey, Millis, Route, UserId,
};
use herald_core::auth::{Origins, Principal};
use herald_core::dispatcher::{self, Dispatcher, Record};
use herald_core::kinds::{KINDS, Kind};
use herald_core::ports::{Closer, DeadLetter, DeadLetters, Invoker, PortError};
use herald_core::publish::{PublishError, Publisher, publish};
use herald_core::sender::{self, Shards};
use herald_core::socket::{self, Invocation, Socket, SocketError};
use herald_core::sweeper::{self, Sweeper, Swept};
use herald_core::table::fake::FakeTable;
use herald_core::testing::{FakeChance, FakeClock, block_on, now_or_never};
use herald_core::worker::{self, Worker};
use herald_core::{Delivery, Event, Outcome, Sender};
use serde_json::Value;
use std::collections::BTreeMap;
use std::mem;
use std::sync::Mutex;

/// 2026-11-24T10:00:00Z.
pub(crate) const START: Millis = Millis::new(1_795_514_400_000);

/// All of Herald in one process, at rest until something is asked of it.
pub(crate) struct House {
    pub(crate) table: FakeTable,
    pub(crate) gateway: Gateway,
    pub(crate) clock: FakeClock,
    pub(crate) origins: Origins,
    pub(crate) kinds: &'static [&'static dyn Kind],
    pub(crate) chance: FakeChance,
    users: BTreeMap<String, Principal>,
    connected: BTreeMap<String, Millis>,
    commands: usize,
}

/// The outside as far as functions reach it.
#[derive(Default)]
pub(crate) struct Gateway {
    /// What posts to a connection come to; to any other, that they are taken.
    pub(crate) answers: Mutex<BTreeMap<String, Delivery>>,
    told: Mutex<Vec<String>>,
    invoked: Mutex<Vec<(Function, String)>>,
}

impl Gateway {
    fn tell(&self, line: String) {
        self.told.lock().unwrap().push(line);
    }
}

impl Sender for Gateway {
    async fn send_to_client(&self, url: &CallbackUrl, id: &ConnectionId, text: String) -> Delivery {
        assert_eq!(*url, self::url(), "only where the gateway said");
        let answer = self.answers.lock().unwrap().get(id.as_str()).cloned();
        let answer = answer.unwrap_or(Delivery::Sent);
        match &answer {
            Delivery::Sent => self.tell(format!("{id} < {text}")),
            other => self.tell(format!("{id} < {other:?}")),
        }
        answer
    }
}

impl Closer for Gateway {
    async fn close(&self, _: &CallbackUrl, id: &ConnectionId) -> Result<(), PortError> {
        self.tell(format!("{id} is closed"));
        Ok(())
    }
}

impl Invoker for Gateway {
    async fn invoke<P: Payload>(&self, payload: &P) -> Result<(), PortError> {
        let text = serde_json::to_string(payload).unwrap();
        self.invoked.lock().unwrap().push((P::FUNCTION, text));
        Ok(())
    }
}

impl DeadLetters for Gateway {
    async fn put(&self, letter: &DeadLetter) -> Result<(), PortError> {
        self.tell(format!("dead letter {}", serde_json::to_string(letter).unwrap()));
        Ok(())
    }
}

pub(crate) fn url() -> CallbackUrl {
    CallbackUrl::of_stage("ws.example.com", "dev").unwrap()
}

pub(crate) fn id(name: &str) -> ConnectionId {
    name.to_owned().try_into().unwrap()
}

impl House {
    pub(crate) fn new() -> Self {
        Self {
            table: FakeTable::default(),
            gateway: Gateway::default(),
            clock: FakeClock::at(START),
            origins: Origins::default(),
            kinds: KINDS,
            chance: FakeChance::of_seed(1),
            users: BTreeMap::new(),
            connected: BTreeMap::new(),
            commands: 0,
        }
    }

    /// With these users, each on one connection of the same name.
    pub(crate) fn with(users: &[&str]) -> Self {
        let mut house = Self::new();
        for user in users {
            house.connect(user, user);
        }
        house
    }

    pub(crate) fn now(&self) -> Millis {
        herald_core::ports::Clock::now(&self.clock)
    }

    /// What has happened since this was last asked, one line each.
    pub(crate) fn told(&self) -> String {
        let mut lines = mem::take(&mut *self.gateway.told.lock().unwrap());
        lines.push(String::new());
        lines.join("\n")
    }

    /// What others were asked to do since this was last asked, one line each.
    pub(crate) fn invoked(&self) -> String {
        let invoked = mem::take(&mut *self.gateway.invoked.lock().unwrap());
        invoked.iter().map(|(function, payload)| format!("{function} {payload}\n")).collect()
    }

    fn socket<R>(
        &self,
        invocation: &Invocation,
        answered: impl FnOnce(Result<Outcome, SocketError>) -> R,
    ) -> R {
        let socket = Socket {
            table: &self.table,
            sender: &self.gateway,
            closer: &self.gateway,
            chance: &self.chance,
            origins: &self.origins,
            kinds: self.kinds,
        };
        answered(now_or_never(socket::handle(&socket, invocation, self.now())))
    }

    pub(crate) fn invocation(&self, connection: &str, route: Route) -> Invocation {
        Invocation {
            event: Event { route, connection_id: id(connection), callback_url: url() },
            body: None,
            principal: self.users.get(connection).cloned(),
            connected_at: self.connected.get(connection).copied().unwrap_or(self.now()),
            origin: None,
            protocols: None,
            request_id: "request-1".to_owned(),
            traceparent: None,
        }
    }

    pub(crate) fn connect(&mut self, user: &str, connection: &str) {
        let user: UserId = user.parse().unwrap();
        self.connect_as(Principal::of(user), connection);
    }

    pub(crate) fn connect_as(&mut self, principal: Principal, connection: &str) {
        self.users.insert(connection.to_owned(), principal);
        self.connected.insert(connection.to_owned(), self.now());
        let invocation = self.invocation(connection, Route::Connect);
        let outcome = self.handle(&invocation);
        assert!(matches!(outcome, Ok(Outcome::Accepted(_))), "{outcome:?}");
    }

    pub(crate) fn disconnect(&self, connection: &str) {
        let outcome = self.handle(&self.invocation(connection, Route::Disconnect));
        assert_eq!(outcome, Ok(Outcome::Closed));
    }

    pub(crate) fn handle(&self, invocation: &Invocation) -> Result<Outcome, SocketError> {
        self.socket(invocation, |answer| answer)
    }

    /// A client sends a message; what everybody is told because of it.
    pub(crate) fn says(&self, connection: &str, body: &str) -> String {
        // As the gateway chooses a route.
        let value = serde_json::from_str::<Value>(body).ok();
        let action = value.as_ref().and_then(|v| Action::of_key(v["action"].as_str()?));
        let route = action.map_or(Route::Default, Route::Action);
        let mut invocation = self.invocation(connection, route);
        invocation.body = Some(body.to_owned());
        let outcome = match self.handle(&invocation) {
            Ok(outcome) => outcome.as_str().to_owned(),
            Err(error) => format!("error: {error}"),
        };
        format!("{}{outcome}\n", self.told())
    }

    /// A back end asks for something.
    pub(crate) fn try_publish(&mut self, command: Value) -> Result<Answer, PublishError> {
        self.commands += 1;
        let once: IdempotencyKey = format!("request-{}", self.commands).parse().unwrap();
        let publisher = Publisher {
            table: &self.table,
            closer: &self.gateway,
            chance: &self.chance,
            kinds: self.kinds,
        };
        now_or_never(publish(&publisher, command, Some(once), None, self.now()))
    }

    pub(crate) fn publish(&mut self, command: Value) -> Answer {
        self.try_publish(command).unwrap()
    }

    /// The stream brings what has changed; what everybody is told because of it.
    pub(crate) fn stream(&self) -> String {
        for _ in 0..10 {
            let changes = self.table.take_changes();
            if changes.is_empty() {
                break;
            }
            let record = |(i, change): (usize, herald_core::table::fake::Change)| Record {
                sequence: i.to_string(),
                key: change.key,
                is_update: change.old.is_some(),
                new: change.new,
            };
            let records: Vec<_> = changes.into_iter().enumerate().map(record).collect();
            for (sequence, why) in self.dispatch(&records) {
                self.gateway.tell(format!("record {sequence} fails: {why}"));
            }
        }
        self.told()
    }

    pub(crate) fn dispatch(&self, records: &[Record]) -> Vec<(String, String)> {
        let dispatcher = Dispatcher {
            table: &self.table,
            sender: &self.gateway,
            invoker: &self.gateway,
            dead_letters: &self.gateway,
            clock: &self.clock,
        };
        let stop_at = self.now().plus(8_000);
        block_on(dispatcher::batch(&dispatcher, records, stop_at), &self.clock).failed
    }

    /// Everything that was asked of workers and senders is done, within `ms` each.
    pub(crate) fn run_invoked(&self, ms: u64) -> String {
        let invoked = mem::take(&mut *self.gateway.invoked.lock().unwrap());
        for (function, payload) in invoked {
            let deadline = self.now().plus(ms);
            match function {
                Function::Worker => self.work(&serde_json::from_str(&payload).unwrap(), deadline),
                _ => self.shard(&serde_json::from_str(&payload).unwrap(), deadline),
            }
        }
        self.told()
    }

    pub(crate) fn work(&self, payload: &RunJob, deadline: Millis) {
        let worker = Worker {
            table: &self.table,
            sender: &self.gateway,
            clock: &self.clock,
            chance: &self.chance,
        };
        let ran = block_on(worker::run(&worker, self.kinds, payload, deadline), &self.clock);
        self.gateway.tell(format!("worker: {}", ran.unwrap().as_str()));
    }

    pub(crate) fn shard(&self, payload: &SendShard, stop_at: Millis) {
        let shards = Shards {
            table: &self.table,
            sender: &self.gateway,
            invoker: &self.gateway,
            clock: &self.clock,
        };
        let sent = block_on(sender::shard(&shards, payload, stop_at), &self.clock);
        self.gateway.tell(match sent {
            Ok(sent) => format!("sender: {sent:?}"),
            Err(error) => format!("sender: error: {error}"),
        });
    }

    pub(crate) fn sweep(&self) -> Swept {
        let sweeper = Sweeper {
            table: &self.table,
            sender: &self.gateway,
            invoker: &self.gateway,
            closer: &self.gateway,
            dead_letters: &self.gateway,
        };
        now_or_never(sweeper::sweep(&sweeper, self.now())).unwrap()
    }

    /// The keys of all items, one a line.
    pub(crate) fn keys(&self) -> String {
        let rows = self.table.rows();
        rows.iter().map(|row| format!("{} {}\n", row.key.pk, row.key.sk)).collect()
    }
}
