//! Rules with a schedule.

use super::*;
use expect_test::expect;
use std::time::Duration;

fn fire(buses: &mut Buses, now: Time) -> String {
    show(&buses.handle_timeout(now, &mut ids()))
}

#[test]
fn a_schedule_sends_the_event_aws_sends() {
    let mut buses =
        Buses::new(NOW, config(vec![rule("tick", "rate(1 minute)", TargetInput::Event)]));
    let due = NOW + Duration::from_secs(60);
    assert_eq!(buses.poll_timeout(), Some(due));
    assert_eq!(fire(&mut buses, NOW + Duration::from_secs(59)), "");
    expect![[r#"
        tick → arn:tick: {"account":"123456789012","detail":{},"detail-type":"Scheduled Event","id":"id-1","region":"eu-west-1","resources":["arn:aws:events:eu-west-1:123456789012:rule/tick"],"source":"aws.events","time":"2026-11-25T08:16:30Z","version":"0"}
    "#]].assert_eq(&fire(&mut buses, due));
    assert_eq!(buses.poll_timeout(), Some(due + Duration::from_secs(60)));
}

#[test]
fn a_rate_keeps_its_beat_when_the_timer_is_late_and_skips_what_it_missed() {
    let mut buses = Buses::new(
        NOW,
        config(vec![rule("tick", "rate(1 minute)", TargetInput::Constant("1".into()))]),
    );
    let after = |seconds| NOW + Duration::from_secs(seconds);
    assert_eq!(fire(&mut buses, after(75)), "tick → arn:tick: 1\n");
    assert_eq!(buses.poll_timeout(), Some(after(120)));
    assert_eq!(fire(&mut buses, after(3600 + 7)), "tick → arn:tick: 1\n");
    assert_eq!(buses.poll_timeout(), Some(after(3600 + 67)));
}

#[test]
fn only_enabled_rules_of_the_default_bus_have_a_schedule() {
    let tick = || rule("tick", "rate(1 minute)", TargetInput::Event);
    for rule in [Rule { enabled: false, ..tick() }, Rule { bus: "orders".into(), ..tick() }] {
        assert_eq!(Buses::new(NOW, config(vec![rule])).poll_timeout(), None);
    }
}

#[test]
fn the_earliest_of_several_schedules_is_waited_for() {
    let noon = rule("noon", "cron(0 12 * * ? *)", TargetInput::Constant("noon".into()));
    let never = rule("never", "cron(0 12 30 FEB ? *)", TargetInput::Event);
    let hourly = rule("hourly", "cron(0 * * * ? *)", TargetInput::Constant("hour".into()));
    let mut buses = Buses::new(NOW, config(vec![noon, never, hourly]));
    let fired: String = (0..4)
        .map(|_| {
            let at = buses.poll_timeout().unwrap();
            format!("{}\n{}", at.iso8601_seconds(), fire(&mut buses, at))
        })
        .collect();
    expect![[r#"
        2026-11-25T09:00:00Z
        hourly → arn:hourly: hour
        2026-11-25T10:00:00Z
        hourly → arn:hourly: hour
        2026-11-25T11:00:00Z
        hourly → arn:hourly: hour
        2026-11-25T12:00:00Z
        noon → arn:noon: noon
        hourly → arn:hourly: hour
    "#]]
    .assert_eq(&fired);
}
