//! `logs`: the lines of all functions and of the API, in the order of their time, and those to come.
//!
//! A group is read again from a little before its newest line, since lines do not arrive in order;
//! what was shown already is known by its id.

use crate::cli::{Logs, TextOrJson};
use crate::cloudformation::stack_resources;
use crate::log_line::{Connections, Line};
use crate::logs::log_events;
use crate::target::{self, Target};
use crate::{Context, Exit, Failure, Result};
use aws_wire::CallError;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const LOG_GROUP: &str = "AWS::Logs::LogGroup";
const FUNCTION: &str = "AWS::Lambda::Function";

/// Between two looks at the logs.
const PAUSE: Duration = Duration::from_secs(2);
/// How far back a line may still arrive, in milliseconds.
const LATE: i64 = 15_000;

/// A log group, and how far it was read.
struct Source {
    name: String,
    group: String,
    from: i64,
    /// Lines that were shown, by id, with their time.
    shown: BTreeMap<String, i64>,
}

/// Prints lines, and with `--follow` goes on until it is interrupted.
///
/// # Errors
/// When a call fails, or a stack is not there.
pub async fn run(args: &Logs, context: &Context) -> Result {
    let from = millis(context.clock.now()) - span(&args.since)?;
    let mut sources = sources(from, context).await?;
    let width = sources.iter().map(|source| source.name.len()).max().unwrap_or_default();
    let mut connections = Connections::default();
    loop {
        match context.interrupts.or(read(&mut sources, context)).await {
            Ok(Ok(mut lines)) => {
                connections.join(&mut lines);
                show(&lines, width, args, context);
            }
            // What is asked for again and again may fail once.
            Ok(Err(error)) if args.follow && error.is_retryable() => {
                context.console.say(format_args!("trying on: {error}"));
            }
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => return Ok(Exit::Detached),
        }
        if !args.follow {
            return Ok(Exit::Done);
        }
        if context.interrupts.or(context.clock.sleep(PAUSE)).await.is_err() {
            return Ok(Exit::Detached);
        }
    }
}

fn show(lines: &[Line], width: usize, args: &Logs, context: &Context) {
    for line in lines {
        if args.connection.is_some() && line.connection_id != args.connection {
            continue;
        }
        let text = match args.format {
            TextOrJson::Text => line.to_text(width),
            // Texts and numbers are always JSON.
            TextOrJson::Json => serde_json::to_string(line).unwrap_or_default(),
        };
        context.console.print(&(text + "\n"));
    }
}

/// What is new in all groups, by time.
async fn read(
    sources: &mut [Source],
    context: &Context,
) -> std::result::Result<Vec<Line>, CallError> {
    let mut lines = Vec::new();
    for source in sources {
        let (events, more) = log_events(&context.client, &source.group, source.from).await?;
        let newest = events.iter().map(|event| event.timestamp).max();
        for event in events {
            if source.shown.insert(event.identity(), event.timestamp).is_none() {
                lines.push(Line::read(&source.name, event.timestamp, &event.message));
            }
        }
        source.from = source.from.max(newest.map_or(source.from, |newest| newest - LATE));
        let from = source.from;
        source.shown.retain(|_, at| *at >= from);
        if more {
            context.console.say(format_args!(
                "{} has more than is shown; ask for less with --since",
                source.name
            ));
        }
    }
    lines.sort_by_key(|line| line.timestamp);
    Ok(lines)
}

/// The log groups of all stacks, and those that Lambda makes for functions without one.
async fn sources(from: i64, context: &Context) -> Result<Vec<Source>> {
    let (_, targets) = target::read(&context.assembly)?;
    let mut sources = Vec::new();
    for target in &targets {
        let name = &target.entry.name;
        let resources = stack_resources(&context.client, name).await.map_err(|error| {
            let failure = Failure::from(error);
            failure.hint(context.command("status", ""))
        })?;
        for resource in resources {
            let id = resource.logical_resource_id;
            let Some(physical) = resource.physical_resource_id else { continue };
            let (name, group) = match resource.resource_type.as_str() {
                LOG_GROUP => (id.strip_suffix("Log").unwrap_or(&id).to_owned(), physical),
                FUNCTION if !has_group(target, &id) => (id, format!("/aws/lambda/{physical}")),
                _ => continue,
            };
            sources.push(Source { name, group, from, shown: BTreeMap::new() });
        }
    }
    Ok(sources)
}

fn has_group(target: &Target, function: &str) -> bool {
    let mut functions = target.resources(FUNCTION);
    functions.any(|(id, properties)| {
        id == function && properties["LoggingConfig"]["LogGroup"].is_object()
    })
}

/// `10m` in milliseconds.
fn span(text: &str) -> Result<i64> {
    let unit = match text.chars().last() {
        Some('s') => 1_000,
        Some('m') => 60_000,
        Some('h') => 3_600_000,
        Some('d') => 86_400_000,
        _ => 0,
    };
    let number = text.get(..text.len().saturating_sub(1)).and_then(|n| n.parse::<u32>().ok());
    match number {
        Some(number) if unit > 0 => Ok(i64::from(number) * unit),
        _ => Err(Failure::new(format!("--since {text} is no time: write 30s, 10m, 2h or 7d"))
            .exit(Exit::Usage)),
    }
}

fn millis(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_a_number_and_a_unit() {
        let of = |text| span(text).map_err(|failure| failure.exit);
        assert_eq!([of("30s"), of("10m"), of("2h")], [Ok(30_000), Ok(600_000), Ok(7_200_000)]);
        assert_eq!(of("7d"), Ok(604_800_000));
        for text in ["", "m", "10", "-1m", "1w", "1é"] {
            assert_eq!(of(text), Err(Exit::Usage), "{text}");
        }
    }
}
