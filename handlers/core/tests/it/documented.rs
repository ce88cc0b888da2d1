//! `docs/protocol.md` against the types: nothing is missing in it, nothing in it is made up.

use herald_contract::command::{Answer, Command, DETAIL_TYPE};
use herald_contract::functions::AuthMode;
use herald_contract::wire::{
    ErrorCode, Event, JobState, Level, NOTIFICATION_BYTES_MAX, PING, Request, VERSION,
};
use herald_contract::{Action, ticket};
use herald_core::jobs::{INPUT_BYTES_MAX, RESULT_BYTES_MAX};
use herald_core::kinds::KINDS;
use herald_core::registry::{SOCKETS_PER_USER_MAX, TOPICS_PER_CONNECTION_MAX};
use serde_json::Value;
use std::collections::BTreeSet;
use std::iter::successors;

const TEXT: &str = include_str!("../../../../docs/protocol.md");

/// The first cells of the table whose head begins with `head`, without their backticks.
fn table(head: &str) -> BTreeSet<String> {
    let begin = format!("| {head} |");
    let rows = TEXT.lines().skip_while(|line| !line.starts_with(&begin)).skip(2);
    let rows: BTreeSet<_> = rows
        .take_while(|line| line.starts_with('|'))
        .filter_map(|line| line.split('|').nth(1))
        .map(|cell| cell.trim().trim_matches('`').to_owned())
        .collect();
    assert!(!rows.is_empty(), "there is no table of {head}");
    rows
}

/// Each line of each block of JSON.
fn examples() -> Vec<Value> {
    let blocks = TEXT.split("```json\n").skip(1).filter_map(|rest| rest.split("```").next());
    let lines = blocks.flat_map(str::lines);
    lines.map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// The examples that have this key, and what it says.
fn with(key: &str) -> Vec<(String, Value)> {
    let of = |example: Value| Some((example.get(key)?.as_str()?.to_owned(), example));
    examples().into_iter().filter_map(of).collect()
}

fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

fn first(examples: &[(String, Value)]) -> BTreeSet<String> {
    examples.iter().map(|(name, _)| name.clone()).collect()
}

/// What an event is called; whoever adds one is led here, and from here to [`EVENTS`].
fn name_of(event: &Event) -> &'static str {
    match event {
        Event::Welcome { .. } => "welcome",
        Event::Notification(_) => "notification",
        Event::CaughtUp { .. } => "caughtUp",
        Event::Job { .. } => "job",
        Event::ReadUpTo { .. } => "readUpTo",
        Event::Pong => "pong",
        Event::Ok { .. } => "ok",
        Event::Error { .. } => "error",
    }
}

const EVENTS: [&str; 8] =
    ["welcome", "notification", "caughtUp", "job", "readUpTo", "pong", "ok", "error"];

/// Each code leads to the next, so that none can be left out.
fn after(code: &ErrorCode) -> Option<ErrorCode> {
    match code {
        ErrorCode::BadRequest => Some(ErrorCode::Conflict),
        ErrorCode::Conflict => Some(ErrorCode::Forbidden),
        ErrorCode::Forbidden => Some(ErrorCode::NotFound),
        ErrorCode::NotFound => Some(ErrorCode::RateLimited),
        ErrorCode::RateLimited => Some(ErrorCode::TooLarge),
        ErrorCode::TooLarge => Some(ErrorCode::Unregistered),
        ErrorCode::Unregistered => None,
    }
}

/// The commands, the same way.
fn op_of(command: &Command) -> &'static str {
    match command {
        Command::Publish(_) => "publish",
        Command::SubmitJob(_) => "job.submit",
        Command::CancelJob(_) => "job.cancel",
        Command::SignOut(_) => "signOut",
        Command::Presence(_) => "presence",
    }
}

const OPS: [&str; 5] = ["publish", "job.submit", "job.cancel", "signOut", "presence"];

/// The answers, the same way.
fn done_of(answer: &Answer) -> &'static str {
    match answer {
        Answer::Notified { .. } => "notified",
        Answer::Broadcast { .. } => "broadcast",
        Answer::Job { .. } => "job",
        Answer::SignedOut { .. } => "signedOut",
        Answer::Presence { .. } => "presence",
    }
}

const DONE: [&str; 5] = ["notified", "broadcast", "job", "signedOut", "presence"];

#[test]
fn every_action_is_explained_and_has_an_example_that_is_read_as_it() {
    let all: BTreeSet<_> =
        Action::ALL.iter().map(|action| action.key().to_owned()).chain([PING.to_owned()]).collect();
    assert_eq!(table("`action`"), all);
    let examples = with("action");
    assert_eq!(first(&examples), all);
    for (action, example) in examples {
        if action != PING {
            let request = Request::parse(&example.to_string()).expect(&action);
            let again: Value = serde_json::from_str(&request.to_frame()).unwrap();
            assert_eq!(again, example, "no key of it is passed over");
        }
    }
}

#[test]
fn every_event_is_explained_and_has_an_example_that_is_written_so() {
    assert_eq!(table("`type`"), names(EVENTS));
    let examples = with("type");
    assert_eq!(first(&examples), names(EVENTS));
    for (name, example) in examples {
        let event: Event = serde_json::from_value(example.clone()).expect(&name);
        assert_eq!(name_of(&event), name);
        let again: Value = serde_json::from_str(&event.to_frame()).unwrap();
        assert_eq!(again, example);
        assert_eq!(example["v"], VERSION);
    }
}

#[test]
fn every_code_state_and_level_is_explained() {
    let codes: Vec<_> = successors(Some(ErrorCode::BadRequest), after).collect();
    assert_eq!(table("`code`"), names(codes.iter().map(|code| code.as_str())));
    assert_eq!(table("state"), names(JobState::ALL.iter().map(|state| state.as_str())));
    for level in [Level::Info, Level::Success, Level::Warning, Level::Error] {
        assert!(TEXT.contains(&format!("`{}`", level.as_str())), "{level:?}");
    }
}

#[test]
fn every_command_is_explained_and_has_an_example_that_is_read_as_it() {
    assert_eq!(table("`op`"), names(OPS));
    let mut seen = BTreeSet::new();
    for example in examples() {
        if ["op", "to", "detail-type"].iter().any(|key| example.get(key).is_some()) {
            let command = Command::parse(example.clone()).expect("a command");
            seen.insert(op_of(&command).to_owned());
        }
    }
    assert_eq!(seen, names(OPS));
    let events = with("detail-type");
    assert_eq!(first(&events), names([DETAIL_TYPE]));
}

#[test]
fn every_answer_has_an_example_that_is_written_so() {
    let examples = with("done");
    assert_eq!(first(&examples), names(DONE));
    for (name, example) in examples {
        let answer: Answer = serde_json::from_value(example.clone()).expect(&name);
        assert_eq!(done_of(&answer), name);
        assert_eq!(serde_json::to_value(answer).unwrap(), example);
    }
}

#[test]
fn every_kind_of_job_is_explained_and_takes_its_example() {
    assert_eq!(table("`kind`"), names(KINDS.iter().map(|kind| kind.name())));
    let mut seen = BTreeSet::new();
    for example in examples() {
        if let (Some(name), Some(input)) = (example["kind"].as_str(), example.get("input")) {
            let kind = KINDS.iter().find(|kind| kind.name() == name).expect(name);
            kind.check(input.clone()).expect(name);
            seen.insert(name.to_owned());
        }
    }
    assert_eq!(seen, table("`kind`"));
}

#[test]
fn every_way_to_be_let_in_is_explained() {
    let modes = [AuthMode::None, AuthMode::Optional, AuthMode::Ticket, AuthMode::Jwt];
    let written = modes.iter().map(|mode| serde_json::to_value(mode).unwrap());
    let written: BTreeSet<_> = written.map(|mode| mode.as_str().unwrap().to_owned()).collect();
    assert_eq!(table("`auth`"), written);
}

#[test]
fn every_limit_is_the_one_that_is_kept() {
    let kilo = |bytes: usize| format!("{} KB", bytes / 1024);
    for said in [
        format!("An input is at most {} as JSON", kilo(INPUT_BYTES_MAX)),
        format!("a result {}", kilo(RESULT_BYTES_MAX)),
        format!("longer than {} as a frame", kilo(NOTIFICATION_BYTES_MAX)),
        format!("`ids`, 1 to {}", Request::READ_IDS_MAX),
        format!("more than {TOPICS_PER_CONNECTION_MAX} topics"),
        format!("more than {SOCKETS_PER_USER_MAX} of a user"),
        format!("at most {} seconds from now", (ticket::LIFE_MS + ticket::SKEW_MS) / 1000),
        format!("{},{:03} bytes", ticket::TICKET_BYTES_MAX / 1000, ticket::TICKET_BYTES_MAX % 1000),
    ] {
        assert!(TEXT.contains(&said), "it does not say: {said}");
    }
}
