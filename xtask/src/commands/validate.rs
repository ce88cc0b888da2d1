//! `validate`: what is wrong with templates, for people and for programs that collect it.
//!
//! What is checked stands in `infra_gen::validate`; here are its files, formats and exit code.

mod github;
mod json;
mod junit;
mod sarif;
mod text;

use super::synth;
use crate::cli::{ReportFormat, Validate};
use crate::ui::{CommandError, Exit, Result, Ui};
use crate::workspace;
use anyhow::anyhow;
use infra_gen::validate::{CHECKS, Diagnostic, Severity, explain, validate};
use serde::Serialize;

/// A template and what was found in it.
#[derive(Serialize)]
struct Report {
    file: String,
    diagnostics: Vec<Diagnostic>,
}

pub(crate) fn run(args: &Validate, ui: &Ui) -> Result {
    if let Some(code) = &args.explain {
        return explained(code, ui);
    }
    let reports: Vec<_> = templates(args)?
        .into_iter()
        .map(|(file, text)| Report { diagnostics: validate(&text), file })
        .collect();
    ui.print(&match args.format {
        ReportFormat::Text => text::render(&reports),
        ReportFormat::Json => json::render(&reports),
        ReportFormat::Sarif => sarif::render(&reports),
        ReportFormat::Junit => junit::render(&reports),
        ReportFormat::Github => github::render(&reports),
    });
    ui.say(summary(&reports));
    let failed = count(&reports, Severity::Error) > 0;
    Ok(if failed { Exit::Findings } else { Exit::Done })
}

/// Names and texts of the templates.
fn templates(args: &Validate) -> Result<Vec<(String, String)>> {
    if !args.files.is_empty() {
        let read = |file| Ok((workspace::show(file), workspace::read(file)?));
        return args.files.iter().map(|file| read(file)).collect();
    }
    let mut templates = Vec::new();
    for stage in workspace::settings()?.stages() {
        for (stack, template) in synth::synthesize(stage)?.templates {
            // Line for line the reviewed file, where that is current.
            templates.push((format!("stacks/templates/{stack}.yaml"), template.to_yaml()));
        }
    }
    Ok(templates)
}

fn explained(code: &str, ui: &Ui) -> Result {
    let Some(check) = explain(code) else {
        let known: Vec<_> = CHECKS.iter().map(|check| check.code).collect();
        return Err(CommandError::user(anyhow!(
            "there is no check {code}; there are {}",
            known.join(", ")
        )));
    };
    ui.print(&format!(
        "{} ({}): {}\n\n{}\n",
        check.code,
        check.severity.name(),
        check.title,
        check.rationale
    ));
    Ok(Exit::Done)
}

fn count(reports: &[Report], severity: Severity) -> usize {
    let all = reports.iter().flat_map(|report| &report.diagnostics);
    all.filter(|diagnostic| diagnostic.severity == severity).count()
}

fn summary(reports: &[Report]) -> String {
    let plural = |count: usize, one: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {one}s"),
    };
    let first = reports.iter().flat_map(|report| &report.diagnostics).min_by_key(|d| d.severity);
    let more = first.map_or_else(String::new, |first| {
        format!("; for the reason of one: cargo xtask validate --explain {}", first.code)
    });
    format!(
        "{}, {}, {} to know in {}{more}",
        plural(count(reports, Severity::Error), "error"),
        plural(count(reports, Severity::Warning), "warning"),
        plural(count(reports, Severity::Info), "thing"),
        plural(reports.len(), "template")
    )
}

/// The place and what is wrong there, in one sentence.
fn sentence(diagnostic: &Diagnostic) -> String {
    match diagnostic.at.to_string().as_str() {
        "" => format!("the template {}", diagnostic.message),
        at => format!("{at} {}", diagnostic.message),
    }
}

/// The same with what to do about it.
fn advice(diagnostic: &Diagnostic) -> String {
    match diagnostic.help.as_str() {
        "" => sentence(diagnostic),
        help => format!("{}; {help}", sentence(diagnostic)),
    }
}

/// What several formats are shown with.
#[cfg(test)]
fn example() -> Vec<Report> {
    let broken = "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties:\n      \
        DelaySecond: 5\nParameters:\n  \"A&B\": {Type: String}\n";
    let fine = "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n";
    [("a dir/broken.yaml", broken), ("fine.yaml", fine)]
        .map(|(file, text)| Report { file: file.to_owned(), diagnostics: validate(text) })
        .into()
}
