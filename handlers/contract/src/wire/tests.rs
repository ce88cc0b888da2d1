use super::*;
use crate::{Action, CallbackUrl, ConnectionId};
use expect_test::{Expect, expect};
use serde_json::json;

const ULID: &str = "01JZ7Y3KQ8W6V5T4R3P2N1M0GH";

fn seq(n: u64) -> Seq {
    n.try_into().unwrap()
}

fn id() -> ConnectionId {
    "PJqB0fHsqRcCHlw=".to_owned().try_into().unwrap()
}

/// The frame of an event, and that the frame is the event again.
fn sent(event: &Event, want: Expect) {
    let frame = event.to_frame();
    want.assert_eq(&frame);
    assert_eq!(&serde_json::from_str::<Event>(&frame).unwrap(), event);
}

/// What a frame of a client is taken for, written as the frame we would write.
fn received(body: &str, want: Expect) {
    let text = match Request::parse(body) {
        Ok(request) => {
            let frame = request.to_frame();
            assert_eq!(Request::parse(&frame).as_ref(), Ok(&request));
            assert_eq!(Some(request.action()), Action::of_key(action_of(&frame).as_str()));
            frame
        }
        Err(e) => format!("error: {e}"),
    };
    want.assert_eq(&text);
}

fn action_of(frame: &str) -> String {
    let frame: serde_json::Value = serde_json::from_str(frame).unwrap();
    frame["action"].as_str().unwrap().to_owned()
}

#[test]
fn the_pong_of_the_gateway_is_the_event() {
    assert_eq!(PONG, Event::Pong.to_frame());
}

#[test]
fn welcome_tells_how_to_stay() {
    sent(
        &Event::Welcome {
            connection_id: id(),
            seq: seq(42),
            unread: 3,
            heartbeat_ms: 500_000,
            renew_after_ms: 6_300_000,
        },
        expect![[
            r#"{"type":"welcome","connectionId":"PJqB0fHsqRcCHlw=","seq":42,"unread":3,"heartbeatMs":500000,"renewAfterMs":6300000,"v":1}"#
        ]],
    );
}

#[test]
fn a_notification_of_the_inbox_has_a_place_in_it() {
    let mut notification = Notification {
        id: NotificationId::Inbox(seq(42)),
        seq: Some(seq(42)),
        topic: None,
        level: Level::Success,
        title: "Your report is ready".to_owned(),
        body: "3 rows".to_owned(),
        job_id: Some(ULID.parse().unwrap()),
        at: crate::Millis::new(1_795_514_405_000),
        read: false,
    };
    sent(
        &Event::Notification(notification.clone()),
        expect![[
            r#"{"type":"notification","id":"n42","seq":42,"level":"success","title":"Your report is ready","body":"3 rows","jobId":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH","at":1795514405000,"v":1}"#
        ]],
    );
    notification.read = true;
    notification.job_id = None;
    sent(
        &Event::Notification(notification),
        expect![[
            r#"{"type":"notification","id":"n42","seq":42,"level":"success","title":"Your report is ready","body":"3 rows","at":1795514405000,"read":true,"v":1}"#
        ]],
    );
}

#[test]
fn a_broadcast_has_a_topic_and_no_place() {
    sent(
        &Event::Notification(Notification {
            id: NotificationId::Broadcast(ULID.parse().unwrap()),
            seq: None,
            topic: Some("news".parse().unwrap()),
            level: Level::Info,
            title: "News".to_owned(),
            body: String::new(),
            job_id: None,
            at: crate::Millis::new(1_795_514_405_000),
            read: false,
        }),
        expect![[
            r#"{"type":"notification","id":"b01JZ7Y3KQ8W6V5T4R3P2N1M0GH","topic":"news","level":"info","title":"News","body":"","at":1795514405000,"v":1}"#
        ]],
    );
}

#[test]
fn caught_up_says_how_far() {
    sent(
        &Event::CaughtUp { seq: seq(42), since: None, topic: None, more: false },
        expect![[r#"{"type":"caughtUp","seq":42,"v":1}"#]],
    );
    sent(
        &Event::CaughtUp {
            seq: seq(42),
            since: Some(ULID.parse().unwrap()),
            topic: Some("news".parse().unwrap()),
            more: true,
        },
        expect![[
            r#"{"type":"caughtUp","seq":42,"since":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH","topic":"news","more":true,"v":1}"#
        ]],
    );
}

#[test]
fn a_job_has_its_result_or_its_error() {
    let job = |state, result, error| Event::Job {
        job_id: ULID.parse().unwrap(),
        kind: "report.csv".to_owned(),
        state,
        percent: 100,
        at: crate::Millis::new(1_795_514_405_000),
        result,
        error,
    };
    sent(
        &job(JobState::RetryWait, None, None),
        expect![[
            r#"{"type":"job","jobId":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH","kind":"report.csv","state":"RETRY_WAIT","percent":100,"at":1795514405000,"v":1}"#
        ]],
    );
    sent(
        &job(JobState::Succeeded, Some(json!({"csv": "a\n"})), None),
        expect![[
            r#"{"type":"job","jobId":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH","kind":"report.csv","state":"SUCCEEDED","percent":100,"at":1795514405000,"result":{"csv":"a\n"},"v":1}"#
        ]],
    );
    sent(
        &job(JobState::Failed, None, Some("row 3 has 2 cells".to_owned())),
        expect![[
            r#"{"type":"job","jobId":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH","kind":"report.csv","state":"FAILED","percent":100,"at":1795514405000,"error":"row 3 has 2 cells","v":1}"#
        ]],
    );
}

#[test]
fn the_short_answers() {
    sent(
        &Event::ReadUpTo { ids: vec!["n7".parse().unwrap(), "n8".parse().unwrap()] },
        expect![[r#"{"type":"readUpTo","ids":["n7","n8"],"v":1}"#]],
    );
    sent(&Event::ok(Action::Subscribe), expect![[r#"{"type":"ok","for":"subscribe","v":1}"#]]);
    sent(
        &Event::Error {
            code: ErrorCode::TooLarge,
            message: "too long".to_owned(),
            request_id: "Hh1rEquEstIdM02=".to_owned(),
        },
        expect![[
            r#"{"type":"error","code":"tooLarge","message":"too long","requestId":"Hh1rEquEstIdM02=","v":1}"#
        ]],
    );
}

#[test]
fn every_word_of_a_closed_set_is_written_as_it_is_read() {
    for state in JobState::ALL {
        assert_eq!(JobState::of_str(state.as_str()), Some(*state));
        assert_eq!(serde_json::to_value(state).unwrap(), json!(state.as_str()));
        assert_eq!(serde_json::from_value::<JobState>(json!(state.as_str())).unwrap(), *state);
    }
    for level in [Level::Info, Level::Success, Level::Warning, Level::Error] {
        assert_eq!(Level::of_str(level.as_str()), Some(level));
        assert_eq!(serde_json::to_value(level).unwrap(), json!(level.as_str()));
    }
    for code in [
        ErrorCode::BadRequest,
        ErrorCode::Conflict,
        ErrorCode::Forbidden,
        ErrorCode::NotFound,
        ErrorCode::RateLimited,
        ErrorCode::TooLarge,
        ErrorCode::Unregistered,
    ] {
        assert_eq!(serde_json::to_value(code).unwrap(), json!(code.as_str()));
    }
}

#[test]
fn a_client_says_hello_with_what_it_has() {
    received(r#"{"action":"hello"}"#, expect![[r#"{"action":"hello"}"#]]);
    received(
        r#"{"action":"hello","cursor":41,"device":"tab-1","since":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH","new":1}"#,
        expect![[
            r#"{"action":"hello","cursor":41,"since":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH","device":"tab-1"}"#
        ]],
    );
    received(
        r#"{"action":"hello","cursor":9007199254740992}"#,
        expect!["error: 9007199254740992 is no place in an inbox; the last is 9007199254740991"],
    );
}

#[test]
fn a_client_joins_and_leaves_topics() {
    received(
        r#"{"action":"subscribe","topic":"news"}"#,
        expect![[r#"{"action":"subscribe","topic":"news"}"#]],
    );
    received(
        r#"{"action":"unsubscribe","topic":"news"}"#,
        expect![[r#"{"action":"unsubscribe","topic":"news"}"#]],
    );
    received(
        r#"{"action":"subscribe","topic":"$all"}"#,
        expect!["error: `$all` is no topic to join or leave; every connection is in it"],
    );
}

#[test]
fn a_client_says_what_was_shown_and_read() {
    received(r#"{"action":"ack","upTo":7}"#, expect![[r#"{"action":"ack","upTo":7}"#]]);
    received(
        r#"{"action":"read","ids":["n7","b01JZ7Y3KQ8W6V5T4R3P2N1M0GH"]}"#,
        expect![[r#"{"action":"read","ids":["n7","b01JZ7Y3KQ8W6V5T4R3P2N1M0GH"]}"#]],
    );
    received(r#"{"action":"read","ids":[]}"#, expect!["error: `ids` is empty; name what was read"]);
    let many = json!({"action": "read", "ids": vec!["n1"; 51]}).to_string();
    received(&many, expect!["error: `ids` has 51 entries; send at most 50 at once"]);
}

#[test]
fn a_client_submits_and_cancels_jobs() {
    received(
        r#"{"action":"job.submit","kind":"report.csv","input":{"rows":[]},"idempotencyKey":"k1"}"#,
        expect![[
            r#"{"action":"job.submit","kind":"report.csv","input":{"rows":[]},"idempotencyKey":"k1"}"#
        ]],
    );
    received(
        r#"{"action":"job.cancel","jobId":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH"}"#,
        expect![[r#"{"action":"job.cancel","jobId":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH"}"#]],
    );
}

#[test]
fn a_name_that_is_none_is_refused() {
    for text in ["", "n", "n-1", "n+1", "x1", "42", "b", "b01JZ", "n9007199254740992", "ü1"] {
        assert!(text.parse::<NotificationId>().is_err(), "{text}");
    }
}

#[test]
fn the_article_s_answer_is_none_of_ours() {
    let url = CallbackUrl::of_stage("abc123.example.com", "dev").unwrap();
    let info = crate::CallbackInfo { connection_id: &id(), callback_url: &url };
    let text = serde_json::to_string(&info).unwrap();
    assert!(serde_json::from_str::<Event>(&text).is_err());
}
