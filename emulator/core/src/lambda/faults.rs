//! Faults of functions that were asked for: an invocation that ends before its time.

use super::Lambda;
use super::environment::{Environment, Phase};
use crate::Time;
use crate::control::{Command, NotFound};
use crate::log::Log;
use std::collections::BTreeMap;
use std::fmt;

/// Invocations of one function that are doomed at the same time, by either way.
const DOOMED_MAX: u32 = 1000;

/// How an invocation comes to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doom {
    /// Its process ends.
    Killed,
    /// The function's time is over.
    TimedOut,
}

impl fmt::Display for Doom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Killed => "its process is killed while it handles an event",
            Self::TimedOut => "its time is over at once",
        })
    }
}

/// The next invocations that end so, by function. Bounded by the functions.
#[derive(Debug, Default)]
pub(super) struct Faults(BTreeMap<String, Doomed>);

#[derive(Debug, Default)]
struct Doomed {
    killed: u32,
    timed_out: u32,
}

impl Faults {
    fn add(&mut self, function: &str, doom: Doom) {
        let doomed = self.0.entry(function.to_owned()).or_default();
        let count = match doom {
            Doom::Killed => &mut doomed.killed,
            Doom::TimedOut => &mut doomed.timed_out,
        };
        *count = (*count + 1).min(DOOMED_MAX);
    }

    /// What befalls the invocation that begins now.
    pub(super) fn take(&mut self, function: &str) -> Option<Doom> {
        let doomed = self.0.get_mut(function)?;
        let (doom, count) = if doomed.killed > 0 {
            (Doom::Killed, &mut doomed.killed)
        } else {
            (Doom::TimedOut, &mut doomed.timed_out)
        };
        *count -= 1;
        if doomed.killed + doomed.timed_out == 0 {
            self.0.remove(function);
        }
        Some(doom)
    }
}

impl Lambda {
    /// What has not happened yet.
    pub(crate) fn faults(&self) -> Vec<Command> {
        let mut list = Vec::new();
        for (function, Doomed { killed, timed_out }) in &self.faults.0 {
            let kills =
                (0..*killed).map(|_| Command::KillEnvironment { function: function.clone() });
            let ends = (0..*timed_out).map(|_| Command::TimeOut { function: function.clone() });
            list.extend(kills.chain(ends));
        }
        list
    }

    pub(crate) fn clear_faults(&mut self) {
        self.faults = Faults::default();
    }

    /// Ends an invocation of this function: one that runs, or else the next.
    pub(crate) fn doom(&mut self, now: Time, function: &str, doom: Doom) -> Result<(), NotFound> {
        let mut specs = self.topology.functions.values();
        let spec = specs.find(|s| [&*s.name, &*s.logical_id, &*s.arn].contains(&function));
        let Some(name) = spec.map(|spec| spec.name.clone()) else {
            return Err(NotFound(format!("no function `{function}` is in the template")));
        };
        let is_meant = |environment: &Environment| {
            *environment.function == *name && matches!(environment.phase, Phase::Busy { .. })
        };
        let running = self.environments.iter().find(|(_, environment)| is_meant(environment));
        match running.map(|(id, _)| *id) {
            Some(id) => {
                self.tell(Log::Control { what: format!("{name}: {doom}") });
                self.befall(now, id, doom);
            }
            None => self.faults.add(&name, doom),
        }
        Ok(())
    }
}
