//! Time as a number: milliseconds since the Unix epoch, always given by the caller.

use std::ops::{Add, Sub};
use std::time::Duration;

/// A moment, in milliseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub u64);

impl Add<Duration> for Time {
    type Output = Self;
    fn add(self, d: Duration) -> Self {
        Self(self.0.saturating_add(u64::try_from(d.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl Sub<Duration> for Time {
    type Output = Self;
    fn sub(self, d: Duration) -> Self {
        Self(self.0.saturating_sub(u64::try_from(d.as_millis()).unwrap_or(u64::MAX)))
    }
}

impl Sub for Time {
    type Output = Duration;
    fn sub(self, earlier: Self) -> Duration {
        Duration::from_millis(self.0.saturating_sub(earlier.0))
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Reads a duration as people write it: `500ms`, `29s`, `10m`, `2h`.
///
/// # Errors
/// That it is none, with the text.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit_ms = UNITS.iter().find(|(name, _)| *name == unit).map_or(0, |(_, ms)| *ms);
    match number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit_ms)) {
        Some(ms) if ms > 0 => Ok(Duration::from_millis(ms)),
        _ => Err(format!("`{text}` is not a duration such as 500ms, 29s, 10m or 2h")),
    }
}

/// Writes a duration in the largest unit that leaves no rest.
pub fn show_duration(duration: Duration) -> String {
    let ms = duration.as_millis();
    let fits = |(_, unit_ms): &&(&str, u64)| ms.is_multiple_of(u128::from(*unit_ms));
    let (unit, unit_ms) = UNITS.iter().rfind(fits).filter(|_| ms > 0).unwrap_or(&UNITS[1]);
    format!("{}{unit}", ms / u128::from(*unit_ms))
}

/// Units of durations, in milliseconds.
const UNITS: [(&str, u64); 4] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

impl Time {
    /// As access logs and `requestTime` write it: `25/Nov/2026:08:15:30 +0000`.
    pub fn common_log(self) -> String {
        let ((year, month, day), (h, m, s)) = (self.date(), self.clock());
        format!("{day:02}/{}/{year:04}:{h:02}:{m:02}:{s:02} +0000", MONTHS[month - 1])
    }

    /// As `@connections` writes it: `2026-11-25T08:15:30.125Z`.
    pub fn iso8601(self) -> String {
        let ((year, month, day), (h, m, s)) = (self.date(), self.clock());
        format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}.{:03}Z", self.0 % 1000)
    }

    /// As events write it: `2026-11-25T08:15:30Z`.
    pub(crate) fn iso8601_seconds(self) -> String {
        let ((year, month, day), (h, m, s)) = (self.date(), self.clock());
        format!("{year:04}-{month:02}-{day:02}T{h:02}:{m:02}:{s:02}Z")
    }

    /// As log streams are named: `2026/11/25`.
    pub(crate) fn slashed_date(self) -> String {
        let (year, month, day) = self.date();
        format!("{year:04}/{month:02}/{day:02}")
    }

    /// ISO 8601's basic form, as signatures carry it: `20261125T081530Z`.
    pub fn basic(self) -> String {
        let ((year, month, day), (h, m, s)) = (self.date(), self.clock());
        format!("{year:04}{month:02}{day:02}T{h:02}{m:02}{s:02}Z")
    }

    /// Reads ISO 8601's extended form in UTC, parts of a second dropped: `2026-11-25T08:15:30.125Z`.
    pub(crate) fn parse_iso8601(text: &str) -> Option<Self> {
        let (whole, _) =
            text.strip_suffix('Z')?.split_once('.').unwrap_or((text.strip_suffix('Z')?, ""));
        let shape: String =
            whole.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
        let digits: String = whole.chars().filter(|c| !matches!(c, '-' | ':')).collect();
        (shape == "0000-00-00T00:00:00").then(|| Self::parse_basic(&format!("{digits}Z")))?
    }

    /// Reads ISO 8601's basic form, as signatures carry it: `20261125T081530Z`.
    pub(crate) fn parse_basic(text: &str) -> Option<Self> {
        let digits = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
        let shape = text.len() == 16 && text.as_bytes()[8] == b'T' && text.ends_with('Z');
        let (year, month, day) = (digits(0, 4)?, digits(4, 6)?, digits(6, 8)?);
        let (hour, minute, second) = (digits(9, 11)?, digits(11, 13)?, digits(13, 15)?);
        let ranges = year >= 1970
            && (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        if !(shape && ranges) {
            return None;
        }
        // As in `date`, years begin in March.
        let year = if month <= 2 { year - 1 } else { year };
        let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let (era, year_of_era) = (year / 400, year % 400);
        let days = era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100
            + day_of_year
            - 719_468;
        Some(Self((days * 86_400 + hour * 3600 + minute * 60 + second) * 1000))
    }

    /// Hour, minute and second of the day.
    fn clock(self) -> (u64, u64, u64) {
        let seconds = self.0 / 1000 % 86_400;
        (seconds / 3600, seconds / 60 % 60, seconds % 60)
    }

    /// Year, month and day of the proleptic Gregorian calendar, counted in years that begin in
    /// March so that the leap day comes last.
    pub(crate) fn date(self) -> (u64, usize, u64) {
        let days = self.0 / 86_400_000 + 719_468;
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = era * 400 + year_of_era + u64::from(month <= 2);
        (year, month as usize, day)
    }
}

#[cfg(test)]
mod tests {
    use super::{Duration, Time, parse_duration, show_duration};

    #[test]
    fn dates_are_written_as_aws_writes_them() {
        assert_eq!(Time(0).iso8601(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Time(1_605_442_994_726).iso8601_seconds(), "2020-11-15T12:23:14Z");
        assert_eq!(Time(1_605_442_994_726).iso8601(), "2020-11-15T12:23:14.726Z");
        assert_eq!(Time(1_709_210_096_001).common_log(), "29/Feb/2024:12:34:56 +0000");
        assert_eq!(Time(1_735_689_599_999).common_log(), "31/Dec/2024:23:59:59 +0000");
        assert_eq!(Time(4_107_542_400_000).slashed_date(), "2100/03/01");
    }

    #[test]
    fn durations_are_written_as_they_are_read() {
        for text in ["1ms", "1500ms", "29s", "10m", "90m", "2h", "24h"] {
            assert_eq!(show_duration(parse_duration(text).unwrap()), text);
        }
        assert_eq!(show_duration(Duration::ZERO), "0s");
        for wrong in ["", "10", "0s", "1d", "-1s", "1 s", "99999999999999999h"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn basic_dates_are_read() {
        for (text, expected) in [
            ("19700101T000000Z", Some(0)),
            ("20150830T123600Z", Some(1_440_938_160_000)),
            ("20240229T123456Z", Some(1_709_210_096_000)),
            ("21000301T000000Z", Some(4_107_542_400_000)),
            ("20241301T000000Z", None),
            ("20240101 000000Z", None),
            ("2024-01-01T00:00:00Z", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(Time::parse_basic(text), expected.map(Time), "{text}");
        }
    }
}
