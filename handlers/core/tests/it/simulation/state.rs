//! What all functions of a world share.

use super::choices::Choices;
use super::gateway::Gateway;
use super::judge::Judge;
use herald_contract::{Function, Millis};
use herald_core::ports::DeadLetter;
use herald_core::table::fake::{Change, FakeTable};
use std::sync::{Arc, Mutex, MutexGuard};

/// 2026-11-24T10:00:00Z.
pub(super) const START: Millis = Millis::new(1_795_514_400_000);

pub(super) struct Shared {
    pub(super) table: FakeTable,
    state: Mutex<State>,
}

pub(super) struct State {
    pub(super) now: Millis,
    pub(super) choices: Choices,
    pub(super) gateway: Gateway,
    /// Payloads that Lambda has taken and not handed over yet.
    pub(super) queue: Vec<Invoke>,
    /// Changes of the table that no batch has had yet.
    pub(super) stream: Vec<Change>,
    pub(super) dead_letters: Vec<DeadLetter>,
    pub(super) judge: Judge,
    /// Whether calls fail and functions die.
    pub(super) faults: bool,
    pub(super) told: bool,
}

/// A payload on its way.
#[derive(Clone, Debug)]
pub(super) struct Invoke {
    pub(super) function: Function,
    pub(super) payload: String,
    /// How often it has been handed over.
    pub(super) tries: u32,
}

impl Shared {
    pub(super) fn new(choices: Choices, told: bool) -> Arc<Self> {
        let state = State {
            now: START,
            choices,
            gateway: Gateway::default(),
            queue: Vec::new(),
            stream: Vec::new(),
            dead_letters: Vec::new(),
            judge: Judge::default(),
            faults: true,
            told,
        };
        Arc::new(Self { table: FakeTable::default(), state: Mutex::new(state) })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(super) fn script(&self) -> String {
        self.state().choices.script()
    }

    /// Takes over what an invocation has changed in the table, and judges it.
    pub(super) fn after_write(&self, number: usize) {
        let changes = self.table.take_changes();
        let mut state = self.state();
        for change in changes {
            let now = state.now;
            state.judge.change(&change, number, now);
            state.stream.push(change);
        }
    }
}

impl State {
    pub(super) fn below(&mut self, n: u64, what: &'static str) -> u64 {
        self.choices.below(n, what)
    }

    /// Whether something happens that does in `n` of 1000 cases, as long as there are faults.
    pub(super) fn fault(&mut self, n: u64, what: &'static str) -> bool {
        self.faults && self.below(1000, what) < n
    }

    pub(super) fn tell(&self, what: impl FnOnce() -> String) {
        if self.told {
            println!("{:>9} {}", self.now.since(START), what());
        }
    }
}
