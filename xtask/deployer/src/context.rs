//! What every command is given: AWS, the clock, the console, and word of an interruption.

use crate::clock::Clock;
use crate::console::Console;
use crate::interrupt::Interrupts;
use crate::{Exit, Failure};
use aws_wire::Client;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

/// What every command is given.
pub struct Context {
    /// Calls AWS.
    pub client: Client,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The two streams and the keyboard.
    pub console: Console,
    /// Ctrl-C.
    pub interrupts: Interrupts,
    /// The folder of the assembly.
    pub assembly: PathBuf,
    /// What goes behind `cargo xtask deploy` and the like to mean the same stage, Region and
    /// endpoint, for messages: `--stage prod --region eu-central-1`.
    pub flags: String,
}

impl Context {
    /// A command of this tool for the same stage: `cargo xtask deploy --stage prod --recover`.
    pub fn command(&self, name: &str, more: &str) -> String {
        let words = ["cargo xtask", name, &self.flags, more];
        words.iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join(" ")
    }

    /// What `work` gives, unless it is interrupted: for what leaves nothing behind when it is
    /// dropped.
    ///
    /// # Errors
    /// Those of `work`; exit code 130, if it is interrupted.
    pub async fn unless_interrupted<T, E: Into<Failure>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Failure> {
        match self.interrupts.or(work).await {
            Ok(done) => done.map_err(Into::into),
            Err(_) => Err(interrupted()),
        }
    }
}

/// The user wanted out, and there was nothing to leave behind.
pub(crate) fn interrupted() -> Failure {
    Failure::new("interrupted; nothing was changed").exit(Exit::Detached)
}
