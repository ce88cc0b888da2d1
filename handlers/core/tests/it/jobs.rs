//! Jobs from their submission to what their user is told.

use crate::house::{House, id};
use expect_test::{Expect, expect};
use herald_contract::command::Answer;
use herald_contract::payload::RunJob;
use herald_contract::table::{Key, attr};
use herald_contract::wire::JobState;
use herald_contract::{JobId, Millis};
use herald_core::kinds::{Attempt, JobError, JobKind, Kind, Of};
use herald_core::table::{Live as _, Update, Write};
use herald_core::testing::block_on;
use herald_core::worker::{self, Ran, Worker};
use serde::Deserialize;
use serde_json::{Value, json};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// Does what its input says: so many steps, each of which takes a turn, or an error.
struct Play;

#[derive(Deserialize)]
struct Input {
    #[serde(default)]
    steps: u64,
    #[serde(default)]
    fails: Option<String>,
    #[serde(default)]
    from_attempt: u64,
}

impl JobKind for Play {
    const NAME: &'static str = "play";

    type Input = Input;
    type Output = Value;

    async fn run(input: Input, attempt: &Attempt) -> Result<Value, JobError> {
        let begun_at = attempt.begun_from().and_then(Value::as_u64).unwrap_or(0);
        for step in begun_at..input.steps {
            attempt.save(step.into());
            attempt.step(u8::try_from(step * 100 / input.steps).unwrap()).await;
        }
        match input.fails.as_deref() {
            Some(why) if attempt.number() < input.from_attempt || input.from_attempt == 0 => {
                Err(match why {
                    "for good" => JobError::Permanent(why.to_owned()),
                    "throttled" => JobError::Throttled(why.to_owned()),
                    _ => JobError::Transient(why.to_owned()),
                })
            }
            _ => Ok(json!({"begunAt": begun_at, "attempt": attempt.number()})),
        }
    }
}

/// Never comes to an end.
struct Endless;

impl JobKind for Endless {
    const NAME: &'static str = "endless";

    type Input = Value;
    type Output = ();

    async fn run(_: Value, attempt: &Attempt) -> Result<(), JobError> {
        attempt.step(40).await;
        attempt.save(json!("so far"));
        std::future::pending().await
    }
}

const KINDS: &[&dyn Kind] = &[&Of::<Play>::KIND, &Of::<Endless>::KIND];

fn house() -> House {
    let mut house = House::new();
    house.kinds = KINDS;
    house.connect("ada", "ada");
    house.stream();
    house
}

fn submit(house: &mut House, kind: &str, input: Value) -> JobId {
    let command = json!({"op": "job.submit", "user": "ada", "kind": kind, "input": input});
    match house.publish(command) {
        Answer::Job { job_id, state: JobState::Queued } => job_id,
        other => panic!("{other:?}"),
    }
}

fn play(house: &mut House, input: Value) -> JobId {
    submit(house, "play", input)
}

fn state(house: &House, job: &JobId) -> JobState {
    let item = house.table.read(&Key::job(job)).unwrap();
    JobState::of_str(item.text(attr::STATE).unwrap()).unwrap()
}

/// What is told, with names of jobs taken out.
fn check(told: &str, want: Expect) {
    let ulid = |word: &str| word.len() == 26 && word.starts_with("01");
    let words = told.split('"').map(|word| if ulid(word) { "[JOB]" } else { word });
    want.assert_eq(&words.collect::<Vec<_>>().join("\""));
}

fn run_job(job: &JobId) -> RunJob {
    RunJob { job_id: job.clone(), traceparent: None }
}

#[test]
fn a_job_is_submitted_run_and_told() {
    let house = House::with(&["ada"]);
    house.stream();
    let body = r#"{"action":"job.submit","kind":"report.csv","input":{"columns":["n"],"rows":[[1],[2]]},"idempotencyKey":"k1"}"#;
    check(
        &house.says("ada", body),
        expect![[r#"
        ada < {"type":"job","jobId":"[JOB]","kind":"report.csv","state":"QUEUED","percent":0,"at":1795514400000,"v":1}
        sent
    "#]],
    );
    house.stream();
    check(
        &house.run_invoked(30_000),
        expect![[r#"
        ada < {"type":"job","jobId":"[JOB]","kind":"report.csv","state":"RUNNING","percent":0,"at":1795514400000,"v":1}
        worker: SUCCEEDED
    "#]],
    );
    check(
        &house.stream(),
        expect![[r#"
        ada < {"type":"job","jobId":"[JOB]","kind":"report.csv","state":"SUCCEEDED","percent":100,"at":1795514400000,"result":{"columns":[{"empty":0,"longest":1,"max":2.0,"min":1.0,"name":"n","numbers":2,"sum":3.0}],"csv":"n\r\n1\r\n2\r\n","rows":2},"v":1}
        ada < {"type":"notification","id":"n1","seq":1,"level":"success","title":"report.csv is done","body":"","jobId":"[JOB]","at":1795514400000,"v":1}
    "#]],
    );
    assert!(!house.keys().contains("O#"), "the letter is torn up");
    check(
        &house.says("ada", r#"{"action":"hello","cursor":1}"#).replace("\\\"", "'"),
        expect![[r#"
        ada < {"type":"welcome","connectionId":"ada","seq":1,"unread":1,"heartbeatMs":490590,"renewAfterMs":6280235,"v":1}
        ada < {"type":"caughtUp","seq":1,"since":"[JOB]","v":1}
        ada < {"type":"job","jobId":"[JOB]","kind":"report.csv","state":"SUCCEEDED","percent":100,"at":1795514400000,"result":{"columns":[{"empty":0,"longest":1,"max":2.0,"min":1.0,"name":"n","numbers":2,"sum":3.0}],"csv":"n\r\n1\r\n2\r\n","rows":2},"v":1}
        sent
    "#]],
    );
}

#[test]
fn the_same_submission_twice_is_one_job() {
    let house = House::with(&["ada"]);
    let body = |n: u32| {
        json!({
            "action": "job.submit", "kind": "report.csv", "idempotencyKey": "k1",
            "input": {"columns": ["n"], "rows": [[n]]},
        })
        .to_string()
    };
    let first = house.says("ada", &body(1));
    assert_eq!(house.says("ada", &body(1)), first);
    check(
        &house.says("ada", &body(2)),
        expect![[r#"
        ada < {"type":"error","code":"conflict","message":"the idempotency key stands for another job; use a new one","requestId":"request-1","v":1}
        conflict
    "#]],
    );
    assert_eq!(house.keys().matches("J#").count(), 1);
}

#[test]
fn the_order_of_keys_makes_no_other_request() {
    let house = House::with(&["ada"]);
    let body = |input: &str| {
        format!(
            r#"{{"action":"job.submit","kind":"report.csv","idempotencyKey":"k","input":{input}}}"#
        )
    };
    let first = house.says("ada", &body(r#"{"columns":["n"],"rows":[]}"#));
    assert_eq!(house.says("ada", &body(r#"{"rows":[],"columns":["n"]}"#)), first);
}

#[test]
fn a_job_that_fails_for_good_is_told_and_put_where_people_look() {
    let mut house = house();
    let job = play(&mut house, json!({"fails": "for good"}));
    house.stream();
    check(
        &format!("{}{}", house.run_invoked(30_000), house.stream()),
        expect![[r#"
        ada < {"type":"job","jobId":"[JOB]","kind":"play","state":"RUNNING","percent":0,"at":1795514400000,"v":1}
        worker: FAILED
        dead letter {"jobId":"[JOB]","kind":"play","user":"ada","attempts":1,"error":"for good","at":1795514400000}
        ada < {"type":"job","jobId":"[JOB]","kind":"play","state":"FAILED","percent":0,"at":1795514400000,"error":"for good","v":1}
        ada < {"type":"notification","id":"n1","seq":1,"level":"error","title":"play failed","body":"for good","jobId":"[JOB]","at":1795514400000,"v":1}
    "#]],
    );
    assert_eq!(state(&house, &job), JobState::Failed);
}

#[test]
fn a_job_that_fails_for_now_is_tried_again_after_a_pause_of_chance() {
    let mut house = house();
    let job = play(&mut house, json!({"fails": "for now", "from_attempt": 3}));
    house.stream();
    let begun = house.now();
    check(
        &house.run_invoked(60_000),
        expect![[r#"
            ada < {"type":"job","jobId":"[JOB]","kind":"play","state":"RUNNING","percent":0,"at":1795514400000,"v":1}
            ada < {"type":"job","jobId":"[JOB]","kind":"play","state":"RETRY_WAIT","percent":0,"at":1795514400000,"error":"for now","v":1}
            ada < {"type":"job","jobId":"[JOB]","kind":"play","state":"RUNNING","percent":0,"at":1795514400735,"v":1}
            ada < {"type":"job","jobId":"[JOB]","kind":"play","state":"RETRY_WAIT","percent":0,"at":1795514400735,"error":"for now","v":1}
            ada < {"type":"job","jobId":"[JOB]","kind":"play","state":"RUNNING","percent":0,"at":1795514400826,"v":1}
            worker: SUCCEEDED
        "#]],
    );
    assert!((1..6_001).contains(&house.now().since(begun)), "{}", house.now().since(begun));
    assert_eq!(state(&house, &job), JobState::Succeeded);
}

#[test]
fn attempts_come_to_an_end() {
    let mut house = house();
    let job = play(&mut house, json!({"fails": "for now"}));
    house.stream();
    house.run_invoked(60_000);
    check(
        &house.stream(),
        expect![[r#"
        dead letter {"jobId":"[JOB]","kind":"play","user":"ada","attempts":3,"error":"for now (attempt 3 of 3)","at":1795514400826}
        ada < {"type":"job","jobId":"[JOB]","kind":"play","state":"FAILED","percent":0,"at":1795514400826,"error":"for now (attempt 3 of 3)","v":1}
        ada < {"type":"notification","id":"n1","seq":1,"level":"error","title":"play failed","body":"for now (attempt 3 of 3)","jobId":"[JOB]","at":1795514400826,"v":1}
    "#]],
    );
    assert_eq!(state(&house, &job), JobState::Failed);
}

#[test]
fn a_long_pause_is_left_to_the_sweeper() {
    let mut house = house();
    // Whatever the chance, in the end a pause of up to 20 s is longer than 10 s.
    let jobs: Vec<_> = (0..20)
        .map(|_| play(&mut house, json!({"fails": "throttled", "from_attempt": 3})))
        .collect();
    house.stream();
    house.run_invoked(60_000);
    let waiting =
        |house: &House| jobs.iter().filter(|job| state(house, job) == JobState::RetryWait).count();
    let before = waiting(&house);
    assert!(before > 0);
    house.clock.advance(60_000);
    let swept = house.sweep();
    assert_eq!((swept.jobs, swept.problems.len()), (before, 0));
    house.run_invoked(60_000);
    assert!(waiting(&house) < before);
}

#[test]
fn at_the_end_of_its_time_a_job_is_handed_back_with_what_it_has() {
    let mut house = house();
    let job = submit(&mut house, "endless", json!({}));
    house.stream();
    let begun = house.now();
    house.run_invoked(30_000);
    assert_eq!(house.now().since(begun), 28_000, "two seconds before Lambda would stop it");
    let item = house.table.read(&Key::job(&job)).unwrap();
    expect![[r#"RETRY_WAIT attempt 0 yields 1 percent 40 checkpoint "so far""#]].assert_eq(
        &format!(
            "{} attempt {} yields {} percent {} checkpoint {}",
            item.text(attr::STATE).unwrap(),
            item.number(attr::ATTEMPT).unwrap(),
            item.number(attr::YIELDS).unwrap(),
            item.number(attr::PERCENT).unwrap(),
            item.text(attr::CHECKPOINT).unwrap(),
        ),
    );
    house.stream();
    check(
        &house.invoked(),
        expect![[r#"
        worker {"jobId":"[JOB]"}
    "#]],
    );
}

#[test]
fn a_job_goes_on_where_it_stopped() {
    let mut house = house();
    let job = play(&mut house, json!({"steps": 10}));
    let key = Key::job(&job);
    let update = Update::of(key.clone()).set(attr::CHECKPOINT, "7");
    house.table.apply(Write::Update(update)).unwrap();
    house.work(&run_job(&job), house.now().plus(30_000));
    let result = house.table.read(&key).unwrap();
    assert_eq!(result.text(attr::RESULT), Some(r#"{"attempt":1,"begunAt":7}"#));
    assert_eq!(result.text(attr::CHECKPOINT), None);
}

#[test]
fn a_job_that_never_ends_is_given_up_after_many_runs() {
    let mut house = house();
    let job = submit(&mut house, "endless", json!({}));
    for _ in 0..herald_core::jobs::YIELDS_MAX {
        house.work(&run_job(&job), house.now().plus(10_000));
        assert_eq!(state(&house, &job), JobState::RetryWait);
    }
    house.work(&run_job(&job), house.now().plus(10_000));
    assert_eq!(state(&house, &job), JobState::Failed);
}

#[test]
fn heartbeats_keep_the_lease_and_progress_is_told() {
    let mut house = house();
    let job = submit(&mut house, "endless", json!({}));
    house.stream();
    house.told();
    house.work(&run_job(&job), house.now().plus(60_000));
    check(
        &house.told(),
        expect![[r#"
        ada < {"type":"job","jobId":"[JOB]","kind":"endless","state":"RUNNING","percent":0,"at":1795514400000,"v":1}
        ada < {"type":"job","jobId":"[JOB]","kind":"endless","state":"RUNNING","percent":40,"at":1795514401000,"v":1}
        worker: later
    "#]],
    );
}

#[test]
fn only_one_worker_has_a_job() {
    let mut house = house();
    let job = play(&mut house, json!({}));
    let leased = |house: &House, until: Millis| {
        let update = Update::of(Key::job(&job))
            .set(attr::STATE, "RUNNING")
            .set(attr::FENCE, 1_u64)
            .set(attr::ATTEMPT, 1_u64)
            .set(attr::LEASE_UNTIL, until);
        house.table.apply(Write::Update(update)).unwrap();
    };
    leased(&house, house.now());
    house.work(&run_job(&job), house.now().plus(30_000));
    assert_eq!(house.told(), "worker: busy\n");
    house.clock.advance(1);
    house.work(&run_job(&job), house.now().plus(30_000));
    assert_eq!(state(&house, &job), JobState::Succeeded);
    let item = house.table.read(&Key::job(&job)).unwrap();
    assert_eq!(item.number(attr::FENCE), Some(2));
    house.told();
    house.work(&run_job(&job), house.now().plus(30_000));
    assert_eq!(house.told(), "worker: SUCCEEDED\n", "it is over, and stays so");
}

#[test]
fn a_job_whose_workers_are_lost_again_and_again_fails() {
    let mut house = house();
    let job = play(&mut house, json!({}));
    let update = Update::of(Key::job(&job))
        .set(attr::STATE, "RUNNING")
        .set(attr::ATTEMPT, 3_u64)
        .set(attr::LEASE_UNTIL, house.now().minus(1));
    house.table.apply(Write::Update(update)).unwrap();
    house.work(&run_job(&job), house.now().plus(30_000));
    check(
        &house.stream(),
        expect![[r#"
        worker: FAILED
        dead letter {"jobId":"[JOB]","kind":"play","user":"ada","attempts":3,"error":"its workers were lost","at":1795514400000}
        ada < {"type":"job","jobId":"[JOB]","kind":"play","state":"FAILED","percent":0,"at":1795514400000,"error":"its workers were lost","v":1}
        ada < {"type":"notification","id":"n1","seq":1,"level":"error","title":"play failed","body":"its workers were lost","jobId":"[JOB]","at":1795514400000,"v":1}
    "#]],
    );
}

#[test]
fn a_job_that_waits_is_cancelled_at_once() {
    let mut house = house();
    let job = play(&mut house, json!({}));
    let cancel = json!({"action": "job.cancel", "jobId": job}).to_string();
    check(
        &house.says("ada", &cancel),
        expect![[r#"
        ada < {"type":"job","jobId":"[JOB]","kind":"play","state":"CANCELLED","percent":0,"at":1795514400000,"v":1}
        sent
    "#]],
    );
    check(
        &house.stream(),
        expect![[r#"
        ada < {"type":"job","jobId":"[JOB]","kind":"play","state":"CANCELLED","percent":0,"at":1795514400000,"v":1}
        ada < {"type":"notification","id":"n1","seq":1,"level":"info","title":"play was cancelled","body":"","jobId":"[JOB]","at":1795514400000,"v":1}
    "#]],
    );
    house.run_invoked(30_000);
    assert_eq!(state(&house, &job), JobState::Cancelled);
    check(
        &house.says("ada", &cancel),
        expect![[r#"
        ada < {"type":"job","jobId":"[JOB]","kind":"play","state":"CANCELLED","percent":0,"at":1795514400000,"v":1}
        sent
    "#]],
    );
}

#[test]
fn a_job_that_runs_is_cancelled_with_its_next_heartbeat() {
    let mut house = house();
    let job = submit(&mut house, "endless", json!({}));
    house.stream();
    let worker = Worker {
        table: &house.table,
        sender: &house.gateway,
        clock: &house.clock,
        chance: &house.chance,
    };
    let (payload, begun) = (run_job(&job), house.now());
    let mut running = pin!(worker::run(&worker, KINDS, &payload, begun.plus(60_000)));
    while state(&house, &job) != JobState::Running {
        let polled = running.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(polled, Poll::Pending);
    }
    house.told();
    let cancel = json!({"action": "job.cancel", "jobId": job}).to_string();
    check(
        &house.says("ada", &cancel),
        expect![[r#"
        ada < {"type":"job","jobId":"[JOB]","kind":"endless","state":"RUNNING","percent":0,"at":1795514400000,"v":1}
        sent
    "#]],
    );
    assert_eq!(block_on(running, &house.clock), Ok(Ran::Ended(JobState::Cancelled)));
    assert_eq!(house.now().since(begun), 10_000);
}

#[test]
fn a_worker_that_has_lost_its_job_changes_nothing() {
    let mut house = house();
    let job = submit(&mut house, "endless", json!({}));
    let worker = Worker {
        table: &house.table,
        sender: &house.gateway,
        clock: &house.clock,
        chance: &house.chance,
    };
    let payload = run_job(&job);
    let mut running = pin!(worker::run(&worker, KINDS, &payload, house.now().plus(60_000)));
    while state(&house, &job) != JobState::Running {
        let polled = running.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(polled, Poll::Pending);
    }
    let claimed = Update::of(Key::job(&job)).add(attr::FENCE, 1);
    house.table.apply(Write::Update(claimed)).unwrap();
    let rows = house.table.rows();
    assert_eq!(block_on(running, &house.clock), Ok(Ran::LeaseLost));
    assert_eq!(house.table.rows(), rows);
}

#[test]
fn another_user_s_job_cannot_be_cancelled_or_seen() {
    let mut house = house();
    house.connect("bob", "bob");
    let job = play(&mut house, json!({}));
    let cancel = json!({"action": "job.cancel", "jobId": job}).to_string();
    check(
        &house.says("bob", &cancel),
        expect![[r#"
        bob < {"type":"error","code":"notFound","message":"there is no job of yours of this name","requestId":"request-1","v":1}
        notFound
    "#]],
    );
    let hello = house.says("bob", r#"{"action":"hello"}"#);
    assert!(!hello.contains("jobId"), "{hello}");
    assert_eq!(state(&house, &job), JobState::Queued);
}

#[test]
fn a_job_whose_worker_was_never_invoked_is_found_by_the_sweeper() {
    let mut house = house();
    let job = play(&mut house, json!({}));
    assert_eq!(house.sweep().jobs, 0);
    house.clock.advance(60_000);
    assert_eq!(house.sweep().jobs, 1);
    assert_eq!(house.sweep().jobs, 0, "it is put off, so that it is not found twice");
    house.run_invoked(30_000);
    assert_eq!(state(&house, &job), JobState::Succeeded);
    house.clock.advance(3_600_000);
    let swept = house.sweep();
    assert_eq!((swept.jobs, swept.letters), (0, 1), "a letter that nobody told is found too");
    assert!(house.stream().contains("play is done"));
    assert!(!house.keys().contains("O#"));
    assert_eq!(house.sweep(), Default::default());
}

#[test]
fn a_kind_that_this_version_does_not_have_fails_its_jobs() {
    let mut house = house();
    let job = play(&mut house, json!({}));
    house.kinds = &[];
    house.work(&run_job(&job), house.now().plus(30_000));
    check(
        &house.stream(),
        expect![[r#"
        worker: FAILED
        dead letter {"jobId":"[JOB]","kind":"play","user":"ada","attempts":1,"error":"this version has no kind of job `play`","at":1795514400000}
        ada < {"type":"job","jobId":"[JOB]","kind":"play","state":"FAILED","percent":0,"at":1795514400000,"error":"this version has no kind of job `play`","v":1}
        ada < {"type":"notification","id":"n1","seq":1,"level":"error","title":"play failed","body":"this version has no kind of job `play`","jobId":"[JOB]","at":1795514400000,"v":1}
    "#]],
    );
}

#[test]
fn a_job_that_is_not_there_is_no_error() {
    let house = house();
    let nobody: JobId = "01JZ7Y3KQ8W6V5T4R3P2N1M0GH".parse().unwrap();
    house.work(&run_job(&nobody), house.now().plus(30_000));
    assert_eq!(house.told(), "worker: missing\n");
    assert!(house.keys().contains(id("ada").as_str()));
}
