use super::Schedule;
use crate::Time;
use expect_test::{Expect, expect};

/// Lists the first four moments after `from`, which is written as signatures write it.
#[track_caller]
fn check(schedule: &str, from: &str, expected: Expect) {
    let schedule = Schedule::parse(schedule).unwrap();
    let start = Time::parse_basic(from).unwrap();
    let moments = std::iter::successors(Some(start), |time| schedule.next_after(*time));
    let lines = moments.skip(1).take(4).map(|time| time.iso8601_seconds() + "\n");
    expected.assert_eq(&lines.collect::<String>());
}

#[track_caller]
fn refuses(schedule: &str, why: Expect) {
    why.assert_eq(&Schedule::parse(schedule).unwrap_err());
}

#[test]
fn a_rate_counts_from_the_moment_it_is_given() {
    check(
        "rate(5 minutes)",
        "20261125T081530Z",
        expect![[r#"
            2026-11-25T08:20:30Z
            2026-11-25T08:25:30Z
            2026-11-25T08:30:30Z
            2026-11-25T08:35:30Z
        "#]],
    );
    for (rate, ms) in
        [("rate(1 minute)", 60_000), ("rate(1 hour)", 3_600_000), ("rate(7 days)", 604_800_000)]
    {
        assert_eq!(
            Schedule::parse(rate).unwrap().next_after(Time(1)),
            Some(Time(1 + ms)),
            "{rate}"
        );
    }
}

#[test]
fn every_day_at_noon() {
    check(
        "cron(0 12 * * ? *)",
        "20261230T120000Z",
        expect![[r#"
            2026-12-31T12:00:00Z
            2027-01-01T12:00:00Z
            2027-01-02T12:00:00Z
            2027-01-03T12:00:00Z
        "#]],
    );
}

#[test]
fn lists_ranges_and_steps_of_minutes_and_hours() {
    check(
        "cron(5,30-40/5 8-9 * * ? *)",
        "20261125T083459Z",
        expect![[r#"
            2026-11-25T08:35:00Z
            2026-11-25T08:40:00Z
            2026-11-25T09:05:00Z
            2026-11-25T09:30:00Z
        "#]],
    );
}

#[test]
fn a_step_after_a_value_runs_from_there_to_the_end() {
    check(
        "cron(50/4 */12 * * ? *)",
        "20261125T000000Z",
        expect![[r#"
            2026-11-25T00:50:00Z
            2026-11-25T00:54:00Z
            2026-11-25T00:58:00Z
            2026-11-25T12:50:00Z
        "#]],
    );
}

#[test]
fn weekdays_by_name_or_number_where_one_is_sunday() {
    check(
        "cron(0 8 ? * MON-tue,7 *)",
        "20261125T090000Z",
        expect![[r#"
            2026-11-28T08:00:00Z
            2026-11-30T08:00:00Z
            2026-12-01T08:00:00Z
            2026-12-05T08:00:00Z
        "#]],
    );
    check(
        "cron(0 8 ? * 1 *)",
        "20261125T090000Z",
        expect![[r#"
            2026-11-29T08:00:00Z
            2026-12-06T08:00:00Z
            2026-12-13T08:00:00Z
            2026-12-20T08:00:00Z
        "#]],
    );
}

#[test]
fn the_last_day_of_the_month_follows_leap_years() {
    check(
        "cron(0 0 L FEB ? *)",
        "20991231T000000Z",
        expect![[r#"
            2100-02-28T00:00:00Z
            2101-02-28T00:00:00Z
            2102-02-28T00:00:00Z
            2103-02-28T00:00:00Z
        "#]],
    );
    check(
        "cron(0 0 29 2 ? *)",
        "20260101T000000Z",
        expect![[r#"
            2028-02-29T00:00:00Z
            2032-02-29T00:00:00Z
            2036-02-29T00:00:00Z
            2040-02-29T00:00:00Z
        "#]],
    );
}

#[test]
fn w_is_the_nearest_weekday_and_stays_within_the_month() {
    // 1 August 2026 is a Saturday, 1 November 2026 a Sunday.
    check(
        "cron(0 0 1W AUG,NOV ? 2026)",
        "20260101T000000Z",
        expect![[r#"
            2026-08-03T00:00:00Z
            2026-11-02T00:00:00Z
        "#]],
    );
    // 31 May 2026 is a Sunday, 31 October 2026 a Saturday; February has no such day.
    check(
        "cron(0 0 31W FEB,MAY,OCT ? 2026)",
        "20260101T000000Z",
        expect![[r#"
            2026-05-29T00:00:00Z
            2026-10-30T00:00:00Z
        "#]],
    );
    check(
        "cron(0 0 LW * ? 2026)",
        "20260101T000000Z",
        expect![[r#"
            2026-01-30T00:00:00Z
            2026-02-27T00:00:00Z
            2026-03-31T00:00:00Z
            2026-04-30T00:00:00Z
        "#]],
    );
}

#[test]
fn hash_is_the_nth_weekday_of_the_month() {
    check(
        "cron(0 0 ? * 3#2 *)",
        "20261101T000000Z",
        expect![[r#"
            2026-11-10T00:00:00Z
            2026-12-08T00:00:00Z
            2027-01-12T00:00:00Z
            2027-02-09T00:00:00Z
        "#]],
    );
    // Not every month has a fifth Friday.
    check(
        "cron(0 0 ? * FRI#5 *)",
        "20261101T000000Z",
        expect![[r#"
            2027-01-29T00:00:00Z
            2027-04-30T00:00:00Z
            2027-07-30T00:00:00Z
            2027-10-29T00:00:00Z
        "#]],
    );
}

#[test]
fn l_after_a_weekday_is_its_last_one_and_alone_saturday() {
    check(
        "cron(0 0 ? * FRIL *)",
        "20261101T000000Z",
        expect![[r#"
            2026-11-27T00:00:00Z
            2026-12-25T00:00:00Z
            2027-01-29T00:00:00Z
            2027-02-26T00:00:00Z
        "#]],
    );
    check(
        "cron(0 0 ? * L *)",
        "20261125T000000Z",
        expect![[r#"
            2026-11-28T00:00:00Z
            2026-12-05T00:00:00Z
            2026-12-12T00:00:00Z
            2026-12-19T00:00:00Z
        "#]],
    );
}

#[test]
fn a_schedule_may_come_to_its_end_or_never_be_due() {
    check(
        "cron(0 0 31 DEC ? 2198-2199)",
        "20261125T000000Z",
        expect![[r#"
            2198-12-31T00:00:00Z
            2199-12-31T00:00:00Z
        "#]],
    );
    check("cron(0 0 30 FEB ? *)", "20261125T000000Z", expect![""]);
    assert_eq!(Schedule::parse("cron(* * * * ? *)").unwrap().next_after(Time(u64::MAX)), None);
}

#[test]
fn a_wrong_schedule_is_refused_with_what_would_be_right() {
    refuses(
        "every day",
        expect![
            "schedule `every day`: must be rate(…) or cron(…), such as rate(5 minutes) or cron(0 12 * * ? *)"
        ],
    );
    refuses(
        "rate(1 minutes)",
        expect![
            "schedule `rate(1 minutes)`: the unit is singular after 1 and plural after every other number"
        ],
    );
    refuses(
        "rate(5 weeks)",
        expect![
            "schedule `rate(5 weeks)`: unknown unit `weeks`; there are minutes, hours and days"
        ],
    );
    refuses(
        "cron(0 12 * * ?)",
        expect![
            "schedule `cron(0 12 * * ?)`: cron takes six fields (minutes hours day-of-month month day-of-week year), not 5"
        ],
    );
    refuses(
        "cron(0 12 * * * *)",
        expect![
            "schedule `cron(0 12 * * * *)`: exactly one of day-of-month and day-of-week must be `?`"
        ],
    );
    refuses(
        "cron(60 12 * * ? *)",
        expect![
            "schedule `cron(60 12 * * ? *)`: `60` is wrong for minutes: it takes 0-59, ranges, lists and steps"
        ],
    );
    refuses(
        "cron(0 0 ? * FRI-MON *)",
        expect![
            "schedule `cron(0 0 ? * FRI-MON *)`: `FRI-MON` is wrong for day-of-week: it takes 1-7 or SUN-SAT, ranges, lists and steps"
        ],
    );
}

#[test]
fn other_malformed_schedules_are_refused_too() {
    for wrong in [
        "rate(0 minutes)",
        "rate(minutes)",
        "rate(-1 minutes)",
        "rate(99999999999999999999 days)",
        "rate(999999999999999999 days)",
        "cron(0 0 ? * ? *)",
        "cron(*/0 * * * ? *)",
        "cron(, * * * ? *)",
        "cron(0 0 32W * ? *)",
        "cron(0 0 ? * MON#6 *)",
        "cron(0 0 ? * #2 *)",
        "cron(0 0 ? * XL *)",
        "cron(0 0 1 * ? 1969)",
        "cron(0 0 1 * ? *",
        "at(2026-11-25T00:00:00)",
    ] {
        assert!(Schedule::parse(wrong).is_err(), "{wrong}");
    }
}
