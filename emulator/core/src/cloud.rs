//! The gateway and the functions, wired together: what one invokes the other runs.

use crate::{Config, Effect, Input, Time};

/// The whole local cloud as one state machine.
pub struct Cloud {}

impl Cloud {
    /// Starts with nothing running.
    pub fn new(_config: Config) -> Self {
        Self {}
    }
    /// Takes in what happened.
    pub fn handle(&mut self, _now: Time, _input: Input) {}
    /// What to do next, if anything.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        None
    }
    /// When [`Self::handle_timeout`] wants to be called, if at all.
    pub fn poll_timeout(&self) -> Option<Time> {
        None
    }
    /// Time passed. Harmless at any moment.
    pub fn handle_timeout(&mut self, _now: Time) {}
}
