//! What happens in a world: a hash that tells two runs apart, or lines for a person.

use gateway_core::{Effect, Input, Time};
use std::fmt::{self, Write as _};
use std::hash::{DefaultHasher, Hasher as _};

pub(super) struct Trace {
    hasher: DefaultHasher,
    is_told: bool,
}

impl Trace {
    pub(super) fn hashed() -> Self {
        Self { hasher: DefaultHasher::new(), is_told: false }
    }

    /// Also prints each line.
    pub(super) fn told() -> Self {
        Self { is_told: true, ..Self::hashed() }
    }

    pub(super) fn line(&mut self, line: fmt::Arguments<'_>) {
        if self.is_told {
            eprintln!("{line}");
        }
        // Hashing cannot fail.
        let _ = self.write_fmt(line);
    }

    pub(super) fn input(&mut self, now: Time, input: &Input) {
        match input {
            // The same topology each time, and a long one.
            Input::Reload { changed, .. } => {
                self.line(format_args!("{} < Reload {changed:?}", now.0));
            }
            _ => self.line(format_args!("{} < {input:?}", now.0)),
        }
    }

    pub(super) fn effect(&mut self, now: Time, effect: &Effect) {
        match effect {
            // An event is text, and shown as such; byte by byte it takes most of the time.
            Effect::Deliver { environment, invocation } => {
                let event = String::from_utf8_lossy(&invocation.payload);
                let id = &invocation.request_id;
                self.line(format_args!("{} > Deliver {environment:?} {id} {event}", now.0));
            }
            _ => self.line(format_args!("{} > {effect:?}", now.0)),
        }
    }

    pub(super) fn finish(&self) -> u64 {
        self.hasher.finish()
    }
}

impl fmt::Write for Trace {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.hasher.write(text.as_bytes());
        Ok(())
    }
}
