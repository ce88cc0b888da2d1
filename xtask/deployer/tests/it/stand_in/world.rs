//! What there is, and what will happen.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, SystemTime};

/// The stack that all tests are about.
pub(crate) const STACK: &str = "herald-dev";

pub(crate) struct World {
    pub(crate) start: SystemTime,
    pub(crate) now: SystemTime,
    /// The stack, where it is there; how often there was one.
    pub(crate) stack: Option<StackState>,
    pub(crate) lives: u32,
    pub(crate) change_sets: Vec<ChangeSetState>,
    /// What the next change set becomes.
    pub(crate) change_set_will: ChangeSetWill,
    /// How long a change set takes, in seconds.
    pub(crate) change_set_takes: u64,
    /// What each operation does that is begun, in order.
    pub(crate) scripts: VecDeque<Vec<Step>>,
    pub(crate) faults: Vec<Fault>,
    /// After this many seconds the user presses Ctrl-C.
    pub(crate) interrupt: Option<u64>,
    /// The answer to this call is lost, counted from 1; it was done.
    pub(crate) lost_answer: Option<usize>,
    /// What was called, in order.
    pub(crate) calls: Vec<String>,
    pub(crate) has_bucket: bool,
    pub(crate) bucket_owner: String,
    /// By the name that they have in a URL.
    pub(crate) bucket_settings: BTreeMap<String, String>,
    /// Base64 of the SHA-256 of what is in the bucket, by key.
    pub(crate) objects: BTreeMap<String, String>,
    pub(crate) has_log_role: bool,
    /// When the drift that was asked for is known.
    pub(crate) drift_told_at: Option<SystemTime>,
    /// Base64 of the SHA-256 of the code of functions, by physical id.
    pub(crate) functions: BTreeMap<String, String>,
    /// What functions have in their environment, by physical id; an error, where it is not shown.
    pub(crate) environments: BTreeMap<String, serde_json::Value>,
    pub(crate) log_lines: Vec<&'static str>,
    /// Concurrent executions that no function has reserved.
    pub(crate) unreserved: u64,
}

pub(crate) struct StackState {
    pub(crate) id: String,
    pub(crate) status: String,
    pub(crate) reason: String,
    pub(crate) updated: Option<SystemTime>,
    pub(crate) template: String,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) outputs: BTreeMap<&'static str, String>,
    pub(crate) is_protected: bool,
    /// The oldest first.
    pub(crate) events: Vec<EventState>,
    pub(crate) pending: VecDeque<(SystemTime, Step)>,
    /// What becomes of template and parameters when the update succeeds.
    pub(crate) next: Option<(String, BTreeMap<String, String>)>,
}

#[derive(Clone)]
pub(crate) struct EventState {
    pub(crate) number: usize,
    pub(crate) at: SystemTime,
    pub(crate) step: Step,
}

pub(crate) struct ChangeSetState {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) made: SystemTime,
    pub(crate) template: String,
    pub(crate) parameters: BTreeMap<String, String>,
    pub(crate) executed: bool,
}

/// What a change set becomes.
#[derive(Clone)]
pub(crate) enum ChangeSetWill {
    /// One that does this: members of `Changes`.
    Change(String),
    /// One that does this, as long as there is no stack; no change after that.
    Make(String),
    /// `FAILED`, with this reason, and these members of `OperationEvents`.
    Fail(&'static str, String),
    /// Refused at once.
    Refuse(&'static str, &'static str),
}

/// Something that happens so many seconds after its operation began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) after: u64,
    /// The logical id; empty for the stack.
    pub(crate) id: &'static str,
    pub(crate) type_name: &'static str,
    pub(crate) status: &'static str,
    pub(crate) reason: &'static str,
}

pub(crate) fn step(
    after: u64,
    id: &'static str,
    type_name: &'static str,
    status: &'static str,
    reason: &'static str,
) -> Step {
    Step { after, id, type_name, status, reason }
}

/// A step of the stack itself.
pub(crate) fn stack(after: u64, status: &'static str, reason: &'static str) -> Step {
    step(after, "", "AWS::CloudFormation::Stack", status, reason)
}

/// When something is out of order.
#[derive(Clone, Copy)]
pub(crate) enum At {
    /// So many times, from now on.
    Times(u32),
    /// From second to second.
    Between(u64, u64),
}

/// Something is out of order.
#[derive(Clone, Copy)]
pub(crate) struct Fault {
    /// The operation; `*` for all.
    pub(crate) operation: &'static str,
    pub(crate) at: At,
    /// None: the line is dead. Else status, code and message.
    pub(crate) answer: Option<(u16, &'static str, &'static str)>,
}

impl Fault {
    pub(crate) fn answer(&self) -> Option<(u16, &'static str, &'static str)> {
        self.answer
    }
}

impl World {
    /// An account that was bootstrapped, at noon of a day.
    pub(crate) fn new() -> Self {
        let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_268_800);
        Self {
            start,
            now: start,
            stack: None,
            lives: 0,
            change_sets: Vec::new(),
            change_set_will: ChangeSetWill::Change(String::new()),
            change_set_takes: 2,
            scripts: VecDeque::new(),
            faults: Vec::new(),
            interrupt: None,
            lost_answer: None,
            calls: Vec::new(),
            has_bucket: true,
            bucket_owner: super::ACCOUNT.to_owned(),
            bucket_settings: BTreeMap::new(),
            objects: BTreeMap::new(),
            has_log_role: true,
            drift_told_at: None,
            functions: BTreeMap::new(),
            environments: BTreeMap::new(),
            log_lines: Vec::new(),
            unreserved: 1000,
        }
    }

    /// Seconds since the start.
    pub(crate) fn age(&self) -> u64 {
        self.now.duration_since(self.start).unwrap().as_secs()
    }

    /// A stack that is there, in a status.
    pub(crate) fn with_stack(mut self, status: &str, template: &str) -> Self {
        self.new_stack(status);
        let outputs = BTreeMap::from([("WebSocketUrl", "wss://api/dev".to_owned())]);
        let stack = self.stack.as_mut().unwrap();
        template.clone_into(&mut stack.template);
        stack.outputs = outputs;
        self
    }

    pub(crate) fn with_script(mut self, steps: &[Step]) -> Self {
        self.scripts.push_back(steps.to_vec());
        self
    }

    pub(crate) fn with_changes(mut self, members: &[String]) -> Self {
        self.change_set_will = ChangeSetWill::Change(members.concat());
        self
    }

    pub(crate) fn with_fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    pub(crate) fn new_stack(&mut self, status: &str) {
        self.lives += 1;
        let id = format!(
            "arn:aws:cloudformation:us-east-1:{}:stack/{STACK}/life-{}",
            super::ACCOUNT,
            self.lives
        );
        self.stack = Some(StackState {
            id,
            status: status.to_owned(),
            reason: String::new(),
            updated: None,
            template: String::new(),
            parameters: BTreeMap::new(),
            outputs: BTreeMap::new(),
            is_protected: false,
            events: Vec::new(),
            pending: VecDeque::new(),
            next: None,
        });
        if status == "REVIEW_IN_PROGRESS" {
            let (now, stack) = (self.now, self.stack.as_mut().unwrap());
            let step = self::stack(0, "REVIEW_IN_PROGRESS", "User Initiated");
            stack.events.push(EventState { number: 1, at: now, step });
        }
    }

    /// Begins what the next script says.
    pub(crate) fn begin(&mut self) {
        let script = self.scripts.pop_front().expect("no script for this operation");
        let now = self.now;
        let stack = self.stack.as_mut().expect("no stack");
        stack.updated = Some(now);
        stack.pending =
            script.into_iter().map(|step| (now + Duration::from_secs(step.after), step)).collect();
        self.advance();
    }

    /// Lets happen what is due.
    pub(crate) fn advance(&mut self) {
        let now = self.now;
        let Some(stack) = &mut self.stack else { return };
        while stack.pending.front().is_some_and(|(at, _)| *at <= now) {
            let (at, step) = stack.pending.pop_front().unwrap();
            let number = stack.events.len() + 1;
            stack.events.push(EventState { number, at, step });
            if step.id.is_empty() {
                step.status.clone_into(&mut stack.status);
                step.reason.clone_into(&mut stack.reason);
                if matches!(step.status, "CREATE_COMPLETE" | "UPDATE_COMPLETE")
                    && let Some((template, parameters)) = stack.next.take()
                {
                    (stack.template, stack.parameters) = (template, parameters);
                    stack.outputs.insert("WebSocketUrl", "wss://api/dev".to_owned());
                }
            }
        }
    }

    /// What is out of order for a call now.
    pub(crate) fn fault(&mut self, operation: &str) -> Option<Fault> {
        let age = self.age();
        let fault = self.faults.iter_mut().find(|fault| {
            (fault.operation == "*" || fault.operation == operation)
                && match fault.at {
                    At::Times(left) => left > 0,
                    At::Between(from, to) => (from..to).contains(&age),
                }
        })?;
        if let At::Times(left) = &mut fault.at {
            *left -= 1;
        }
        Some(*fault)
    }
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A change set that was there before.
pub(crate) fn change_set(name: &str, made: SystemTime) -> ChangeSetState {
    let (id, name) =
        (format!("arn:aws:cloudformation:us-east-1:1:changeSet/{name}/0"), name.to_owned());
    let (template, parameters) = (String::new(), BTreeMap::new());
    ChangeSetState { id, name, made, template, parameters, executed: false }
}
