//! How a failure is told: what, why, and what to type next.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;

/// Why the local cloud cannot run.
#[derive(Debug)]
pub(crate) struct Failure {
    error: anyhow::Error,
    /// More lines that belong to the error, such as a list of problems.
    details: Vec<String>,
    hints: Vec<String>,
}

impl Failure {
    pub(crate) fn new(error: impl Into<anyhow::Error>) -> Self {
        Self { error: error.into(), details: Vec::new(), hints: Vec::new() }
    }

    pub(crate) fn details(mut self, details: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(details);
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Writes it to standard error.
    pub(crate) fn report(&self) -> ExitCode {
        _ = std::io::stderr().write_all(self.to_text().as_bytes());
        ExitCode::FAILURE
    }

    /// The same shape for every failure.
    pub(crate) fn to_text(&self) -> String {
        let mut text = format!("error: {}\n", self.error);
        for line in &self.details {
            _ = writeln!(text, "  {line}");
        }
        for cause in self.error.chain().skip(1) {
            _ = writeln!(text, "caused by: {cause}");
        }
        for hint in &self.hints {
            _ = writeln!(text, "hint: {hint}");
        }
        text
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        Self::new(error)
    }
}

pub(crate) type Result<T> = std::result::Result<T, Failure>;

#[cfg(test)]
mod tests {
    use super::Failure;
    use expect_test::expect;

    #[test]
    fn a_failure_says_what_why_and_what_to_type_next() {
        let cause = std::io::Error::other("address in use");
        let failure = Failure::new(anyhow::Error::new(cause).context("port 4000 is taken"))
            .details(["by somebody".to_owned()])
            .hint("`--port 0` takes a free one");
        expect![[r"
            error: port 4000 is taken
              by somebody
            caused by: address in use
            hint: `--port 0` takes a free one
        "]]
        .assert_eq(&failure.to_text());
    }
}
