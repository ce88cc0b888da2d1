//! How this tool talks: data on stdout, everything else on stderr, one shape for errors.

use crate::cli::Color;
use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

/// Exit codes, as `--help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Done,
    NeedsUpdate,
    Findings,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::NeedsUpdate => Self::from(4),
            Exit::Findings => Self::from(5),
        }
    }
}

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct CommandError {
    kind: Kind,
    error: anyhow::Error,
    /// Commands that can be pasted, or one sentence of advice each.
    hints: Vec<String>,
}

#[derive(Debug)]
enum Kind {
    User,
    Internal,
}

impl CommandError {
    /// The user can mend it.
    pub(crate) fn user(error: impl Into<anyhow::Error>) -> Self {
        Self { kind: Kind::User, error: error.into(), hints: Vec::new() }
    }

    /// Only a change of this repository can mend it.
    pub(crate) fn internal(error: impl Into<anyhow::Error>) -> Self {
        Self { kind: Kind::Internal, error: error.into(), hints: Vec::new() }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

/// Faults of files and processes: the message names the path, the user looks there.
impl From<anyhow::Error> for CommandError {
    fn from(error: anyhow::Error) -> Self {
        Self::user(error)
    }
}

pub(crate) type Result<T = Exit> = std::result::Result<T, CommandError>;

/// The two streams.
pub(crate) struct Ui {
    color: bool,
}

impl Ui {
    pub(crate) fn new(color: Color) -> Self {
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
            }
        };
        Self { color }
    }

    pub(crate) fn color(&self) -> &'static str {
        if self.color { "always" } else { "never" }
    }

    /// Data. A reader that has gone away (`| head`) is no fault.
    pub(crate) fn print(&self, text: &str) {
        _ = std::io::stdout().write_all(text.as_bytes());
    }

    /// Talk.
    pub(crate) fn say(&self, text: impl Display) {
        _ = writeln!(std::io::stderr(), "{text}");
    }

    /// The headline of a step.
    pub(crate) fn step(&self, name: impl Display) {
        let name = self.paint("1;32", name);
        self.say(format_args!("{name}"));
    }

    /// The end of the line for every error.
    pub(crate) fn report(&self, e: &CommandError) -> ExitCode {
        let mut chain = e.error.chain();
        let first = chain.next().map(ToString::to_string).unwrap_or_default();
        self.say(format_args!("{} {first}", self.paint("1;31", "error:")));
        for cause in chain {
            self.say(format_args!("{} {cause}", self.paint("1", "caused by:")));
        }
        for hint in &e.hints {
            self.say(format_args!("{} {hint}", self.paint("1;36", "hint:")));
        }
        match e.kind {
            Kind::User => ExitCode::from(1),
            Kind::Internal => {
                self.say("this is a bug in the tool, not in what you typed");
                ExitCode::from(70)
            }
        }
    }

    fn paint(&self, code: &str, text: impl Display) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}
