//! What happens next: one choice after the other, and then the rest that everything must come to.

mod clients;
mod rest;

use super::choices::Choices;
use super::client::Client;
use super::functions::{self, Done, Running, time_out};
use super::judge::{Acknowledged, at_rest};
use super::ports::Ports;
use super::state::{Invoke, Shared};
use herald_contract::command::Answer;
use herald_contract::{Function, Millis};
use serde_json::{Value, json};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

const USERS: [&str; 2] = ["ada", "bob"];
const DEVICES: [&str; 2] = ["desk", "phone"];
const TOPICS: [&str; 2] = ["news", "sport"];

/// Of each, no more in one world: more would only take longer.
const TASKS_MAX: usize = 10;
const COMMANDS_MAX: usize = 24;

/// After so many failures in a row, a batch of the stream is given up.
const BATCH_TRIES_MAX: u32 = 5;
/// After so many, a payload is.
const INVOKE_TRIES_MAX: u32 = 3;

pub(super) struct World {
    shared: Arc<Shared>,
    clients: Vec<Client>,
    tasks: Vec<Task>,
    commands: Vec<Command>,
    connections: usize,
    invocations: usize,
    /// The size of the batch that is being dealt with.
    batch: Option<usize>,
    batch_tries: u32,
    swept_at: Millis,
}

struct Task {
    name: String,
    running: Running,
    until: Millis,
    /// Until when it gets no turn: a process that is starved, a call that does not come back.
    frozen_until: Millis,
    /// What it is to the world if it never ends.
    lost: Done,
}

/// What a back end asks for until it is answered.
struct Command {
    command: Value,
    answers: Vec<Answer>,
}

impl World {
    pub(super) fn new(choices: Choices, told: bool) -> Self {
        let shared = Shared::new(choices, told);
        let client =
            |user: &str, device: &str| Client::new(user.parse().unwrap(), device.parse().unwrap());
        let clients = USERS.iter().flat_map(|u| DEVICES.iter().map(|d| client(u, d))).collect();
        let swept_at = shared.state().now;
        Self {
            shared,
            clients,
            tasks: Vec::new(),
            commands: Vec::new(),
            connections: 0,
            invocations: 0,
            batch: None,
            batch_tries: 0,
            swept_at,
        }
    }

    pub(super) fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    pub(super) fn play(&mut self, steps: usize) {
        for _ in 0..steps {
            self.step();
        }
        self.rest();
        let acknowledged: Vec<_> = self.commands.iter().flat_map(Command::acknowledged).collect();
        at_rest(&self.shared.state(), &self.shared.table, &self.clients, &acknowledged);
    }

    fn below(&self, n: usize, what: &'static str) -> usize {
        usize::try_from(self.shared.state().below(n as u64, what)).unwrap()
    }

    fn tell(&self, what: impl FnOnce() -> String) {
        self.shared.state().tell(what);
    }

    fn now(&self) -> Millis {
        self.shared.state().now
    }

    fn step(&mut self) {
        match self.below(100, "what happens next") {
            0..60 => self.poll_some(),
            60..63 => self.pass(100, 3_000),
            63 => self.pass(5_000, 40_000),
            64..70 => self.deliver_batch(),
            70..75 => self.hand_over(),
            75..80 => self.command(),
            80..92 => self.client_acts(),
            92..95 => self.client_reads_frames(),
            95 => self.socket_dies(),
            96 => self.say_disconnected(),
            97 if self.below(2, "dies or freezes") == 0 => self.freeze(),
            97 => self.crash(),
            98 => self.sweep(),
            _ => self.turn_slow(),
        }
    }

    fn pass(&mut self, from_ms: usize, to_ms: usize) {
        let ms = from_ms + self.below(to_ms - from_ms, "milliseconds pass");
        self.pass_ms(ms as u64);
    }

    fn pass_ms(&mut self, ms: u64) {
        let now = {
            let mut state = self.shared.state();
            state.now = state.now.plus(ms);
            state.now
        };
        let (late, tasks) =
            std::mem::take(&mut self.tasks).into_iter().partition(|t| t.until <= now);
        self.tasks = tasks;
        let late: Vec<Task> = late;
        for task in late {
            self.tell(|| format!("{} is out of time", task.name));
            self.done(task.lost);
        }
    }

    fn start(
        &mut self,
        function: Function,
        name: String,
        lost: Done,
        run: impl FnOnce(Ports) -> Running,
    ) {
        let skew_ms = self.below(4_001, "the clock is off by") as i64 - 2_000;
        self.tell(|| format!("{name} begins"));
        self.invocations += 1;
        let number = self.invocations;
        let running = run(Ports { shared: self.shared(), number, skew_ms });
        let until = self.now().plus(time_out(function));
        self.tasks.push(Task { name, running, until, frozen_until: self.now(), lost });
    }

    fn poll_some(&mut self) {
        if self.tasks.is_empty() {
            return;
        }
        let at = self.below(self.tasks.len(), "whose turn it is");
        if self.tasks[at].frozen_until <= self.now() {
            self.poll(at);
        }
        self.pass(0, 20);
    }

    fn poll(&mut self, at: usize) {
        let task = &mut self.tasks[at];
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(done) = task.running.as_mut().poll(&mut context) {
            let task = self.tasks.remove(at);
            self.tell(|| format!("{} ends: {done:?}", task.name));
            self.done(done);
        }
    }

    fn crash(&mut self) {
        if !self.tasks.is_empty() {
            let at = self.below(self.tasks.len(), "who dies");
            let task = self.tasks.remove(at);
            self.tell(|| format!("{} dies", task.name));
            self.done(task.lost);
        }
    }

    /// A worker whose lease runs out while it goes on: the others would time out first.
    fn freeze(&mut self) {
        let is_worker = |task: &&mut Task| task.name.starts_with("worker");
        if let Some(task) = self.tasks.iter_mut().find(is_worker) {
            let mut state = self.shared.state();
            task.frozen_until = state.now.plus(20_000 + state.below(30_000, "for how long"));
            state.tell(|| format!("{} freezes", task.name));
        }
    }

    fn done(&mut self, done: Done) {
        match done {
            Done::Connected(id, accepted) => self.connected(&id, accepted),
            Done::Batch(upto) => self.batch_done(upto),
            Done::Invoked(invoke, done) => {
                let mut state = self.shared.state();
                let again = if done {
                    state.fault(30, "a payload comes twice?")
                } else {
                    invoke.tries < INVOKE_TRIES_MAX
                };
                if again {
                    state.queue.push(invoke);
                }
            }
            Done::Answered(index, answer) => self.commands[index].answers.extend(answer),
            Done::Other => {}
        }
    }

    fn deliver_batch(&mut self) {
        if self.batch.is_some() {
            return;
        }
        let waiting = self.shared.state().stream.len();
        if waiting == 0 {
            return;
        }
        let size = 1 + self.below(waiting.min(8), "records in the batch");
        let changes = self.shared.state().stream[..size].to_vec();
        self.batch = Some(size);
        let run = |ports| functions::batch(ports, changes);
        self.start(Function::Dispatcher, format!("dispatcher of {size}"), Done::Batch(None), run);
    }

    fn batch_done(&mut self, upto: Option<usize>) {
        let size = self.batch.take().expect("one batch at a time");
        let mut state = self.shared.state();
        let mut settled = upto.unwrap_or(0);
        if settled == size {
            self.batch_tries = 0;
            if state.fault(30, "a batch comes twice?") {
                settled = 0;
            }
        } else {
            self.batch_tries += 1;
            if self.batch_tries == BATCH_TRIES_MAX {
                self.batch_tries = 0;
                settled = size;
            }
        }
        state.stream.drain(..settled);
    }

    fn hand_over(&mut self) {
        let waiting = self.shared.state().queue.len();
        if waiting == 0 || self.tasks.len() >= TASKS_MAX {
            return;
        }
        let at = self.below(waiting, "which payload");
        let mut invoke = self.shared.state().queue.remove(at);
        invoke.tries += 1;
        let lost = Done::Invoked(Invoke { ..invoke.clone() }, false);
        let name = format!("{} of {}", invoke.function, invoke.payload);
        self.start(invoke.function, name, lost, |ports| functions::invoked(ports, invoke));
    }

    fn sweep(&mut self) {
        if self.now().since(self.swept_at) >= 30_000 {
            self.swept_at = self.now();
            self.start(Function::Sweeper, "sweeper".to_owned(), Done::Other, functions::sweep);
        }
    }

    fn command(&mut self) {
        let new = self.commands.len() < COMMANDS_MAX && self.below(3, "a new command?") > 0;
        if new {
            let command = self.new_command();
            self.commands.push(Command { command, answers: Vec::new() });
        }
        if self.commands.is_empty() || self.tasks.len() >= TASKS_MAX {
            return;
        }
        let index = match new {
            true => self.commands.len() - 1,
            false => self.below(self.commands.len(), "which command again"),
        };
        self.send_command(index);
    }

    fn send_command(&mut self, index: usize) {
        let command = self.commands[index].command.clone();
        let name = format!("publish {index} {command}");
        let run = |ports| functions::command(ports, index, command, format!("request-{index}"));
        self.start(Function::Publish, name, Done::Answered(index, None), run);
    }

    fn new_command(&self) -> Value {
        let n = self.commands.len();
        let user = USERS[self.below(USERS.len(), "which user")];
        match self.below(12, "what command") {
            0..5 => json!({"to": {"user": user}, "title": format!("to {user} {n}")}),
            5 | 6 => json!({"to": "everyone", "title": format!("to all {n}")}),
            7 => {
                let topic = TOPICS[self.below(TOPICS.len(), "which topic")];
                json!({"to": {"topic": topic}, "title": format!("to {topic} {n}")})
            }
            8..11 => {
                let long = self.below(4, "a long job?") == 0;
                let steps = self.below(if long { 200 } else { 20 }, "steps");
                let fail = self.below(5, "failures");
                let permanent = self.below(4, "for good?") == 0;
                let input = json!({"steps": steps, "fail": fail, "permanent": permanent});
                json!({"op": "job.submit", "user": user, "kind": "play", "input": input})
            }
            _ => json!({"op": "signOut", "user": user}),
        }
    }
}

impl Command {
    /// What the back end was told is in an inbox.
    fn acknowledged(&self) -> Vec<Acknowledged> {
        let told = self.answers.iter().filter_map(|answer| match answer {
            Answer::Notified { seq, .. } => Some(Acknowledged {
                to: self.command["to"]["user"].as_str()?.parse().ok()?,
                seq: seq.get(),
                title: self.command["title"].as_str()?.to_owned(),
            }),
            _ => None,
        });
        told.collect()
    }
}
