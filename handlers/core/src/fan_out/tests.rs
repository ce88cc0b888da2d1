use super::*;
use crate::testing::{FakeClock, block_on};
use expect_test::{Expect, expect};
use std::collections::BTreeMap;
use std::sync::Mutex;

const START: Millis = Millis::new(1_795_514_400_000);

fn id(n: usize) -> ConnectionId {
    format!("c{n}").try_into().unwrap()
}

/// Answers the n-th post to a connection with what a rule says, after 10 ms.
struct Gateway<'c, R> {
    clock: &'c FakeClock,
    rule: R,
    posts: Mutex<BTreeMap<ConnectionId, usize>>,
    at_once: Mutex<(usize, usize)>,
}

impl<R: Fn(&str, usize, Millis) -> Delivery + Sync> Sender for Gateway<'_, R> {
    async fn send_to_client(&self, _: &CallbackUrl, id: &ConnectionId, _: String) -> Delivery {
        let nth = {
            let mut at_once = self.at_once.lock().unwrap();
            at_once.0 += 1;
            at_once.1 = at_once.1.max(at_once.0);
            let mut posts = self.posts.lock().unwrap();
            let nth = posts.entry(id.clone()).or_default();
            *nth += 1;
            *nth
        };
        self.clock.sleep_until(self.clock.now().plus(10)).await;
        self.at_once.lock().unwrap().0 -= 1;
        (self.rule)(id.as_str(), nth, self.clock.now())
    }
}

fn failed(retryable: bool) -> Delivery {
    Delivery::Failed { why: "503".to_owned(), retryable }
}

fn check(
    targets: usize,
    stop_after_ms: u64,
    rule: impl Fn(&str, usize, Millis) -> Delivery + Sync,
    want: Expect,
) {
    let clock = FakeClock::at(START);
    let gateway =
        Gateway { clock: &clock, rule, posts: Mutex::default(), at_once: Mutex::default() };
    let url = CallbackUrl::of_stage("ws.example.com", "dev").unwrap();
    let all: Vec<_> = (0..targets).map(|n| Target { id: id(n), url: url.clone() }).collect();
    let mut pace = Pace::new(START);
    let stop_at = START.plus(stop_after_ms);
    let report = block_on(run(&gateway, &clock, &mut pace, &all, "{}", stop_at), &clock);
    let settled = report.sent + report.gone.len() + report.parked.len() + report.failed.len();
    assert_eq!(settled + report.unreached.len(), targets, "every target is in one list");
    let posts: usize = gateway.posts.lock().unwrap().values().sum();
    let names = |list: &[ConnectionId]| match list {
        [first, .., last] if list.len() > 5 => format!("{first}..{last} ({})", list.len()),
        _ => list.iter().map(ConnectionId::as_str).collect::<Vec<_>>().join(" "),
    };
    want.assert_eq(&format!(
        "{posts} posts, {} at once, {} ms\nsent {}, gone [{}], parked [{}], failed [{}], unreached [{}]{}\n",
        gateway.at_once.lock().unwrap().1,
        clock.now().since(START),
        report.sent,
        names(&report.gone),
        names(&report.parked),
        names(&report.failed),
        names(&report.unreached),
        report.refused.map(|why| format!(", refused: {why}")).unwrap_or_default(),
    ));
}

#[test]
fn all_are_posted_to_once_64_at_a_time_in_the_beginning() {
    check(
        50,
        60_000,
        |_, _, _| Delivery::Sent,
        expect![[r#"
        50 posts, 50 at once, 10 ms
        sent 50, gone [], parked [], failed [], unreached []
    "#]],
    );
    check(
        100,
        60_000,
        |_, _, _| Delivery::Sent,
        expect![[r#"
        100 posts, 64 at once, 20 ms
        sent 100, gone [], parked [], failed [], unreached []
    "#]],
    );
}

#[test]
fn many_are_posted_to_at_the_rate() {
    check(
        10_000,
        60_000,
        |_, _, _| Delivery::Sent,
        expect![[r#"
        10000 posts, 112 at once, 4760 ms
        sent 10000, gone [], parked [], failed [], unreached []
    "#]],
    );
}

#[test]
fn who_is_gone_is_named() {
    let rule = |id: &str, _, _| if id == "c3" { Delivery::Gone } else { Delivery::Sent };
    check(
        10,
        60_000,
        rule,
        expect![[r#"
        10 posts, 10 at once, 10 ms
        sent 9, gone [c3], parked [], failed [], unreached []
    "#]],
    );
}

#[test]
fn one_slow_client_is_parked_and_not_asked_again() {
    let rule = |id: &str, _, _| if id == "c3" { Delivery::Slow } else { Delivery::Sent };
    check(
        100,
        60_000,
        rule,
        expect![[r#"
        100 posts, 64 at once, 20 ms
        sent 99, gone [], parked [c3], failed [], unreached []
    "#]],
    );
}

#[test]
fn many_slow_ones_slow_the_sender_and_are_tried_again() {
    // The gateway takes nothing in the first 50 ms.
    let rule = |_: &str, _, now: Millis| {
        if now.since(START) < 50 { Delivery::Slow } else { Delivery::Sent }
    };
    check(
        100,
        60_000,
        rule,
        expect![[r#"
            171 posts, 64 at once, 140 ms
            sent 100, gone [], parked [], failed [], unreached []
        "#]],
    );
}

#[test]
fn an_account_that_stays_throttled_ends_in_failures() {
    check(
        100,
        60_000,
        |_, _, _| Delivery::Slow,
        expect![[r#"
            300 posts, 64 at once, 21250 ms
            sent 0, gone [], parked [], failed [c0..c99 (100)], unreached []
        "#]],
    );
}

#[test]
fn what_failed_is_tried_again_alone() {
    let rule = |id: &str, nth, _| match (id, nth) {
        ("c1", 1) | ("c2", _) => failed(true),
        _ => Delivery::Sent,
    };
    check(
        10,
        60_000,
        rule,
        expect![[r#"
        13 posts, 10 at once, 30 ms
        sent 9, gone [], parked [], failed [c2], unreached []
    "#]],
    );
}

#[test]
fn a_refusal_stops_everything() {
    check(
        1000,
        60_000,
        |_, _, _| failed(false),
        expect![[r#"
        64 posts, 64 at once, 10 ms
        sent 0, gone [], parked [], failed [], unreached [c0..c999 (1000)], refused: 503
    "#]],
    );
}

#[test]
fn at_the_deadline_the_rest_is_left_over() {
    check(
        10_000,
        1_000,
        |_, _, _| Delivery::Sent,
        expect![[r#"
        2480 posts, 112 at once, 1000 ms
        sent 2480, gone [], parked [], failed [], unreached [c2480..c9999 (7520)]
    "#]],
    );
    check(
        10,
        0,
        |_, _, _| Delivery::Sent,
        expect![[r#"
        0 posts, 0 at once, 0 ms
        sent 0, gone [], parked [], failed [], unreached [c0..c9 (10)]
    "#]],
    );
}
