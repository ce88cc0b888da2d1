//! Points in time as AWS writes them, and spans as people read them.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use std::time::{Duration, SystemTime};

/// `2026-11-24T18:28:11.123Z`; none, if it is no such text.
pub fn parse(text: &str) -> Option<SystemTime> {
    let time = DateTime::from_str(text, Format::DateTimeWithOffset).ok()?;
    SystemTime::try_from(time).ok()
}

/// `2026-11-24T18:28:11Z`, with fractions where there are any.
pub fn format(time: SystemTime) -> String {
    DateTime::from(time).fmt(Format::DateTime).unwrap_or_default()
}

/// `20261124T182811500`, for names: to the millisecond, since two may be given in one second.
pub fn compact(time: SystemTime) -> String {
    let time = DateTime::from(time);
    let text = DateTime::from_secs(time.secs()).fmt(Format::DateTime).unwrap_or_default();
    let text = text.replace(['-', ':', 'Z'], "");
    format!("{text}{:03}", time.subsec_nanos() / 1_000_000)
}

/// From one to the other; nothing, if they are the other way round.
pub fn between(earlier: SystemTime, later: SystemTime) -> Duration {
    later.duration_since(earlier).unwrap_or_default()
}

/// `0:07`, `12:34`, `1:02:03`.
pub fn clock(span: Duration) -> String {
    let seconds = span.as_secs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{seconds:02}"),
        _ => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_writes_is_read_and_written_the_same() {
        let text = "2026-11-24T18:28:11.5Z";
        let time = parse(text).unwrap();
        assert_eq!((format(time).as_str(), compact(time).as_str()), (text, "20261124T182811500"));
        assert_eq!(parse("yesterday"), None);
    }

    #[test]
    fn a_span_is_told_as_a_clock_tells_it() {
        let all = [7, 754, 3723].map(|seconds| clock(Duration::from_secs(seconds)));
        assert_eq!(all, ["0:07", "12:34", "1:02:03"]);
    }
}
