//! How the operator talks: data on stdout, everything else on stderr, one shape for errors; the
//! same as `xtask`, of which it is a part.

use crate::cli::Format;
use serde::Serialize;
use std::cell::Cell;
use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

/// Why a command has not done its work.
#[derive(Debug)]
pub(crate) struct Failure {
    error: anyhow::Error,
    hints: Vec<String>,
    exit: u8,
}

impl Failure {
    pub(crate) fn new(error: impl Into<anyhow::Error>) -> Self {
        Self { error: error.into(), hints: Vec::new(), exit: 1 }
    }

    /// The user has ended it; what goes on is said.
    pub(crate) fn interrupted(what: String) -> Self {
        Self { exit: 130, ..Self::new(anyhow::Error::msg(what)) }
    }

    /// A command that can be pasted, or one sentence of advice.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

pub(crate) type Result<T = ()> = std::result::Result<T, Failure>;

/// The two streams.
pub(crate) struct Ui {
    color: bool,
    format: Format,
    /// Whether a line on stderr has not ended, and may be written over.
    is_open: Cell<bool>,
}

impl Ui {
    pub(crate) fn new(color: bool, format: Format) -> Self {
        Self { color, format, is_open: Cell::new(false) }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Data: `value` as JSON on one line, or `text` for people. A reader that has gone away is no
    /// fault.
    pub(crate) fn print(&self, value: &impl Serialize, text: impl FnOnce() -> String) -> Result {
        let mut line = if self.is_json() { serde_json::to_string(value)? } else { text() };
        if !line.is_empty() && !line.ends_with('\n') {
            line.push('\n');
        }
        self.end_line();
        _ = std::io::stdout().write_all(line.as_bytes());
        Ok(())
    }

    /// Talk.
    pub(crate) fn say(&self, text: impl Display) {
        self.end_line();
        _ = writeln!(std::io::stderr(), "{text}");
    }

    /// Whether a line can be written over.
    pub(crate) fn is_live(&self) -> bool {
        !self.is_json() && std::io::stderr().is_terminal()
    }

    /// Writes over the last line, until something else is said.
    pub(crate) fn overwrite(&self, text: &str) {
        let mut stderr = std::io::stderr();
        _ = write!(stderr, "\r{text}\u{1b}[K");
        _ = stderr.flush();
        self.is_open.set(true);
    }

    fn end_line(&self) {
        if self.is_open.replace(false) {
            _ = writeln!(std::io::stderr());
        }
    }

    pub(crate) fn paint(&self, code: &str, text: impl Display) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_string() }
    }

    /// The end of the line for every failure.
    pub(crate) fn report(&self, failure: &Failure) -> ExitCode {
        let mut chain = failure.error.chain();
        let first = chain.next().map(ToString::to_string).unwrap_or_default();
        if failure.exit == 130 {
            self.say(first);
        } else {
            self.say(format_args!("{} {first}", self.paint("1;31", "error:")));
        }
        for cause in chain {
            self.say(format_args!("{} {cause}", self.paint("1", "caused by:")));
        }
        for hint in &failure.hints {
            self.say(format_args!("{} {hint}", self.paint("1;36", "hint:")));
        }
        ExitCode::from(failure.exit)
    }
}

/// Rows under their headings, each column as wide as it has to be.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<_> = headings.iter().map(|text| text.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let cells = cells.zip(&widths).map(|(cell, &width)| format!("{cell:width$}"));
        let line = cells.collect::<Vec<_>>().join("  ");
        format!("{}\n", line.trim_end())
    };
    let head = line(&mut headings.iter().copied());
    let body = rows.iter().map(|row| line(&mut row.iter().map(String::as_str)));
    head + &body.collect::<String>()
}

/// How long ago something was, as people say it.
pub(crate) fn ago(ms: u64) -> String {
    let seconds = ms / 1000;
    match seconds {
        0..60 => format!("{seconds} s ago"),
        60..3600 => format!("{} min ago", seconds / 60),
        3600..86_400 => format!("{} h {} min ago", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d ago", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;

    #[test]
    fn columns_are_as_wide_as_they_have_to_be() {
        let rows = [["a", "RUNNING", ""], ["long", "ü", "x"]];
        let rows: Vec<Vec<_>> = rows.map(|row| row.map(str::to_owned).to_vec()).to_vec();
        expect![[r#"
            JOB   STATE    ERROR
            a     RUNNING
            long  ü        x
        "#]]
        .assert_eq(&table(&["JOB", "STATE", "ERROR"], &rows));
    }

    #[test]
    fn times_are_told_as_people_do() {
        let told = [999, 59_000, 61_000, 7_260_000, 200_000_000].map(ago);
        assert_eq!(told, ["0 s ago", "59 s ago", "1 min ago", "2 h 1 min ago", "2 d ago"]);
    }
}
