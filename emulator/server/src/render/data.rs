//! The lines of the data side: batches, rules, queues, asynchronous events.

use super::{Line, Tone, duration, shown};
use gateway_core::log::Log;
use gateway_core::stream;

/// `None` for what is told elsewhere.
pub(super) fn line(log: Log) -> Option<Line> {
    Some(match log {
        Log::EventRetried { function, request_id, attempts, after } => {
            let after = duration(after);
            let text = format!(
                "event {request_id} of {function} comes again in {after}, after {attempts} failures"
            );
            Line::new("async", Tone::Bad, text)
        }
        Log::EventGivenUp { function, request_id, condition, kept } => {
            let lost = if kept { "" } else { "; it has no destination, so the event is lost" };
            let text = format!("event {request_id} of {function} is given up: {condition}{lost}");
            Line::new("async", Tone::Bad, text)
        }
        Log::Batch { mapping, function, records, took, outcome, failed } => {
            let tone = if failed { Tone::Bad } else { Tone::Plain };
            let (took, outcome) = (duration(took), shown(&outcome, 500));
            let text = format!("{mapping} ({}) → {function}: {outcome} in {took}", count(records));
            Line::new("batch", tone, text)
        }
        Log::Mapping { mapping, log } => mapping_line(&mapping, log),
        Log::Rule { rule, target, scheduled } => {
            let why = if scheduled { "its time has come" } else { "an event matched" };
            Line::new("rule", Tone::Plain, format!("{rule} → {target}: {why}"))
        }
        Log::Queued { queue, what } => {
            Line::new("queue", Tone::Plain, format!("{queue} ← {}", shown(&what, 500)))
        }
        _ => return None,
    })
}

fn mapping_line(mapping: &str, log: stream::Log) -> Line {
    let again = |records, why: &str, after, how: &str| {
        let (records, why, after) = (count(records), shown(why, 500), duration(after));
        format!("{mapping}: {records} come again{how} in {after}: {why}")
    };
    match log {
        stream::Log::Filtered { shard: _, records } => {
            let text = format!("{mapping}: no filter takes {}", count(records));
            Line::new("batch", Tone::Quiet, text)
        }
        stream::Log::Retrying { shard: _, records, why, after } => {
            Line::new("batch", Tone::Bad, again(records, &why, after, ""))
        }
        stream::Log::Halved { shard: _, records, why, after } => {
            Line::new("batch", Tone::Bad, again(records, &why, after, " in two halves"))
        }
        stream::Log::Discarded { shard: _, records, first_sequence_number, condition } => {
            let records = count(records);
            let text = format!(
                "{mapping}: {records} from {first_sequence_number} on are discarded: {condition}"
            );
            Line::new("batch", Tone::Bad, text)
        }
    }
}

fn count(records: usize) -> String {
    if records == 1 { "1 record".to_owned() } else { format!("{records} records") }
}
