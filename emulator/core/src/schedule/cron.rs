//! `cron(minutes hours day-of-month month day-of-week year)`.

use super::field::{Field, Shape};
use crate::Time;

const MINUTES: Shape = Shape { name: "minutes", first: 0, last: 59, names: &[] };
const HOURS: Shape = Shape { name: "hours", first: 0, last: 23, names: &[] };
const DAY_OF_MONTH: Shape = Shape { name: "day-of-month", first: 1, last: 31, names: &[] };
const MONTH: Shape = Shape {
    name: "month",
    first: 1,
    last: 12,
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
const DAY_OF_WEEK: Shape = Shape {
    name: "day-of-week",
    first: 1,
    last: 7,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};
const YEAR: Shape = Shape { name: "year", first: 1970, last: 2199, names: &[] };

const MINUTE_MS: u64 = 60_000;
const DAY_MINUTES: u64 = 24 * 60;
const SATURDAY: u64 = 7;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cron {
    minutes: Field,
    hours: Field,
    months: Field,
    years: Field,
    days: Vec<Days>,
}

/// One part of the two fields for days, of which only one is in use.
#[derive(Clone, Debug, PartialEq)]
enum Days {
    OfMonth(Field),
    /// `L`
    LastOfMonth,
    /// `LW`: the last one that is not on a weekend.
    LastWeekday,
    /// `15W`: the weekday nearest to that day within the month.
    NearestWeekday(u64),
    OfWeek(Field),
    /// `5L`: the last one in the month.
    LastOfWeekday(u64),
    /// `3#2`: that weekday for the second time in the month.
    NthOfWeekday(u64, u64),
}

/// A day of the calendar.
struct Day {
    /// Days since 1970-01-01.
    number: u64,
    year: u64,
    month: u64,
    day: u64,
}

impl Cron {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let fields: Vec<_> = text.split_whitespace().collect();
        let [minutes, hours, day_of_month, month, day_of_week, year] = fields[..] else {
            return Err(format!(
                "cron takes six fields (minutes hours day-of-month month day-of-week year), not {}",
                fields.len()
            ));
        };
        let days = match (day_of_month, day_of_week) {
            (days, "?") if days != "?" => days.split(',').map(day_of_month_part).collect(),
            ("?", days) if days != "?" => days.split(',').map(day_of_week_part).collect(),
            _ => Err("exactly one of day-of-month and day-of-week must be `?`".into()),
        };
        Ok(Self {
            minutes: Field::parse(minutes, &MINUTES)?,
            hours: Field::parse(hours, &HOURS)?,
            days: days?,
            months: Field::parse(month, &MONTH)?,
            years: Field::parse(year, &YEAR)?,
        })
    }

    pub(super) fn next_after(&self, time: Time) -> Option<Time> {
        // In minutes; the one under way is over.
        let earliest = time.0 / MINUTE_MS + 1;
        // Some 84 000 days at most, and that only when none fits.
        let mut number = earliest / DAY_MINUTES;
        loop {
            let day = Day::new(number);
            if day.year > YEAR.last {
                return None;
            }
            if self.takes(&day) {
                let midnight = number * DAY_MINUTES;
                if let Some(minute) = self.first_minute(earliest.saturating_sub(midnight)) {
                    return Some(Time((midnight + minute) * MINUTE_MS));
                }
            }
            number += 1;
        }
    }

    /// The first minute of a day at or after `from`, counted from midnight.
    fn first_minute(&self, from: u64) -> Option<u64> {
        self.hours.values(from / 60, HOURS.last).find_map(|hour| {
            let first = from.saturating_sub(hour * 60);
            self.minutes.values(first, MINUTES.last).next().map(|minute| hour * 60 + minute)
        })
    }

    fn takes(&self, day: &Day) -> bool {
        self.years.contains(day.year)
            && self.months.contains(day.month)
            && self.days.iter().any(|days| days.take(day))
    }
}

fn day_of_month_part(text: &str) -> Result<Days, String> {
    Ok(match (text, text.strip_suffix('W')) {
        ("L", _) => Days::LastOfMonth,
        (_, Some("L")) => Days::LastWeekday,
        (_, Some(day)) => Days::NearestWeekday(DAY_OF_MONTH.value(day)?),
        (_, None) => Days::OfMonth(Field::parse(text, &DAY_OF_MONTH)?),
    })
}

fn day_of_week_part(text: &str) -> Result<Days, String> {
    Ok(match (text.split_once('#'), text.strip_suffix('L')) {
        (Some((weekday, nth)), _) => {
            let nth = nth.parse().ok().filter(|nth| (1..=5).contains(nth));
            let nth = nth.ok_or_else(|| format!("`{text}`: `#` is followed by 1-5"))?;
            Days::NthOfWeekday(DAY_OF_WEEK.value(weekday)?, nth)
        }
        // Alone, `L` is the last day of the week.
        (None, Some("")) => Days::OfWeek(Field::parse("7", &DAY_OF_WEEK)?),
        (None, Some(weekday)) => Days::LastOfWeekday(DAY_OF_WEEK.value(weekday)?),
        (None, None) => Days::OfWeek(Field::parse(text, &DAY_OF_WEEK)?),
    })
}

impl Days {
    fn take(&self, day: &Day) -> bool {
        match self {
            Self::OfMonth(days) => days.contains(day.day),
            Self::LastOfMonth => day.day == day.month_length(),
            Self::LastWeekday => day.day == day.nearest_weekday(day.month_length()),
            Self::NearestWeekday(wanted) => {
                *wanted <= day.month_length() && day.day == day.nearest_weekday(*wanted)
            }
            Self::OfWeek(days) => days.contains(day.weekday()),
            Self::LastOfWeekday(weekday) => {
                day.weekday() == *weekday && day.day + 7 > day.month_length()
            }
            Self::NthOfWeekday(weekday, nth) => {
                day.weekday() == *weekday && day.day.div_ceil(7) == *nth
            }
        }
    }
}

impl Day {
    fn new(number: u64) -> Self {
        let (year, month, day) = Time(number.saturating_mul(DAY_MINUTES * MINUTE_MS)).date();
        Self { number, year, month: month as u64, day }
    }

    /// 1 for Sunday to 7 for Saturday; the epoch began on a Thursday.
    fn weekday(&self) -> u64 {
        (self.number + 4) % 7 + 1
    }

    fn month_length(&self) -> u64 {
        let leap = self.year.is_multiple_of(4)
            && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }

    /// The day from Monday to Friday that is nearest to `day` of this month and within it.
    fn nearest_weekday(&self, day: u64) -> u64 {
        let weekday = (self.weekday() + 34 + day - self.day) % 7 + 1;
        match weekday {
            SATURDAY if day == 1 => 3,
            SATURDAY => day - 1,
            1 if day == self.month_length() => day - 2,
            1 => day + 1,
            _ => day,
        }
    }
}
