//! What is wrong with a template that anybody wrote, before AWS says so.
//!
//! Every check looks at the template alone; none asks AWS. Resource types without a schema here are
//! passed over, and so is what a macro (`Transform`) may add. Texts and exit codes are `xtask`'s
//! business; `Template::check` is the smaller sister for templates in the making.
//!
//! ```
//! use infra_gen::validate::validate;
//!
//! let text = "Resources: {Log: {Type: AWS::Logs::LogGroup, Properties: {Retention: 7}}}";
//! let found = validate(text);
//! assert_eq!(found[0].code, "HR102");
//! assert_eq!(found[0].at.to_string(), "Resources.Log.Properties.Retention");
//! ```

mod codes;
mod form;
mod lines;
mod names;
mod policies;
mod references;
mod routes;
mod schema;
mod stages;
mod web_socket;

pub use codes::{CHECKS, Check};

use crate::parsed::Parsed;
use crate::path::Path;
use crate::template_file;
use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// AWS refuses it, or it does not work.
    Error,
    /// AWS takes it, yet it is seldom meant.
    Warning,
    /// Good to know.
    Info,
}

impl Severity {
    /// In one word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Which check found it: `HR102`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where.
    pub at: Path,
    /// The line of the text, from 1; the nearest one above it that could be told.
    pub line: usize,
    /// What is wrong, as the rest of a sentence that begins with the place.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
}

/// What was found so far.
#[derive(Default)]
struct Findings(Vec<Diagnostic>);

impl Findings {
    fn report(
        &mut self,
        check: &Check,
        at: Path,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.0.push(Diagnostic {
            code: check.code,
            severity: check.severity,
            at,
            line: 0,
            message: message.into(),
            help: help.into(),
        });
    }
}

/// Checks the text of a template, JSON or YAML; what is found is in the order of its lines.
pub fn validate(text: &str) -> Vec<Diagnostic> {
    let value = match template_file::parse(text) {
        Ok(value) => value,
        Err(error) => return vec![unreadable(error)],
    };
    let template = Parsed::new(&value);
    let mut findings = Findings::default();
    form::check(&value, &template, text.len(), &mut findings);
    schema::check(&template, &mut findings);
    references::check(&template, &mut findings);
    names::check(&template, &mut findings);
    web_socket::check(&template, &mut findings);
    policies::check(&template, &mut findings);
    let mut found = findings.0;
    let index = lines::Lines::new(text);
    for diagnostic in &mut found {
        diagnostic.line = index.line_of(&diagnostic.at);
    }
    found.sort_by(|a, b| {
        (a.line, a.severity, &a.at, a.code).cmp(&(b.line, b.severity, &b.at, b.code))
    });
    found.dedup();
    found
}

/// A text that is no template at all.
fn unreadable(error: template_file::Error) -> Diagnostic {
    Diagnostic {
        code: codes::FORM.code,
        severity: codes::FORM.severity,
        at: Path::default(),
        line: error.position.map_or(1, |(line, _)| line),
        message: format!("is not readable: {}", error.message),
        help: String::new(),
    }
}

/// The check of this code.
pub fn explain(code: &str) -> Option<&'static Check> {
    CHECKS.iter().find(|check| check.code.eq_ignore_ascii_case(code))
}

/// Of the known words the one that may have been meant.
fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let lower = word.to_ascii_lowercase();
    known
        .into_iter()
        .map(|known| (strsim::jaro_winkler(&lower, &known.to_ascii_lowercase()), known))
        .filter(|(likeness, _)| *likeness > 0.8)
        // The first of equals, so that the order is always the same.
        .reduce(|best, next| if next.0 > best.0 { next } else { best })
        .map(|(_, known)| known)
}

/// `did you mean X?`, where something is near.
fn did_you_mean<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    nearest(word, known).map_or_else(String::new, |known| format!("did you mean {known}?"))
}

/// Words in a list, cut where a message would become unreadable.
fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    const SHOWN: usize = 12;
    let words: Vec<&str> = words.into_iter().collect();
    match words.len().checked_sub(SHOWN) {
        None | Some(0) => words.join(", "),
        Some(more) => format!("{} and {more} more", words[..SHOWN].join(", ")),
    }
}
