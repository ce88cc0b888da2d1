use super::{Invocation, Socket, handle};
use crate::auth::Origins;
use crate::ports::{Closer, PortError};
use crate::table::fake::FakeTable;
use crate::testing::{FakeChance, now_or_never};
use crate::{Delivery, Event, Sender};
use expect_test::{Expect, expect};
use herald_contract::{CallbackUrl, ConnectionId, Millis};
use std::sync::Mutex;

const NOW: Millis = Millis::new(1_795_514_400_000);

/// Answers every post at once with what it was told to, and keeps what was posted.
struct Fake {
    answer: Delivery,
    posted: Mutex<Vec<String>>,
}

impl Sender for Fake {
    async fn send_to_client(
        &self,
        callback_url: &CallbackUrl,
        connection_id: &ConnectionId,
        payload: String,
    ) -> Delivery {
        self.posted.lock().unwrap().push(format!("{callback_url} {connection_id} {payload}\n"));
        self.answer.clone()
    }
}

impl Closer for Fake {
    async fn close(&self, _: &CallbackUrl, _: &ConnectionId) -> Result<(), PortError> {
        panic!("nothing is closed here")
    }
}

/// What a route key leads to where a post ends in `answer`, and what is posted.
fn check(key: &str, answer: Delivery, expected: Expect) {
    let event = Event {
        route: key.into(),
        connection_id: "PJqB0fHsqRcCHlw=".to_owned().try_into().unwrap(),
        callback_url: CallbackUrl::of_stage("abc123.example.com", "dev").unwrap(),
    };
    let sender = Fake { answer, posted: Mutex::default() };
    let socket = Socket {
        table: &FakeTable::default(),
        sender: &sender,
        closer: &sender,
        chance: &FakeChance::of_seed(1),
        origins: &Origins::default(),
        kinds: &[],
    };
    let invocation = Invocation {
        event,
        body: None,
        principal: None,
        connected_at: NOW,
        origin: None,
        protocols: None,
        request_id: "a-request".to_owned(),
        traceparent: None,
    };
    let result = match now_or_never(handle(&socket, &invocation, NOW)) {
        Ok(outcome) => format!("{} {:?}", outcome.as_str(), outcome.reply()),
        Err(e) if e.is_retryable() => format!("retryable error: {e}"),
        Err(e) => format!("error: {e}"),
    };
    expected.assert_eq(&format!("{result}\n{}", sender.posted.lock().unwrap().concat()));
}

fn failed(retryable: bool) -> Delivery {
    Delivery::Failed { why: "403 ForbiddenException".to_owned(), retryable }
}

#[test]
fn connect_lets_in_and_posts_nothing() {
    check(
        "$connect",
        Delivery::Sent,
        expect![[r#"
        accepted Reply { status_code: 200, headers: None }
    "#]],
    );
}

#[test]
fn disconnect_posts_nothing() {
    check(
        "$disconnect",
        Delivery::Sent,
        expect![[r#"
        closed Reply { status_code: 200, headers: None }
    "#]],
    );
}

#[test]
fn default_posts_connection_and_callback_url_to_the_caller() {
    check(
        "$default",
        Delivery::Sent,
        expect![[r#"
        sent Reply { status_code: 200, headers: None }
        https://abc123.example.com/dev PJqB0fHsqRcCHlw= {"connectionId":"PJqB0fHsqRcCHlw=","callbackUrl":"https://abc123.example.com/dev"}
    "#]],
    );
}

#[test]
fn a_caller_who_is_gone_or_slow_is_no_failure_of_ours() {
    check(
        "$default",
        Delivery::Gone,
        expect![[r#"
        gone Reply { status_code: 200, headers: None }
        https://abc123.example.com/dev PJqB0fHsqRcCHlw= {"connectionId":"PJqB0fHsqRcCHlw=","callbackUrl":"https://abc123.example.com/dev"}
    "#]],
    );
    check(
        "$default",
        Delivery::Slow,
        expect![[r#"
        slow Reply { status_code: 200, headers: None }
        https://abc123.example.com/dev PJqB0fHsqRcCHlw= {"connectionId":"PJqB0fHsqRcCHlw=","callbackUrl":"https://abc123.example.com/dev"}
    "#]],
    );
}

#[test]
fn a_post_that_failed_fails_the_invocation() {
    check(
        "$default",
        failed(false),
        expect![[r#"
        error: failed to post to the connection: 403 ForbiddenException
        https://abc123.example.com/dev PJqB0fHsqRcCHlw= {"connectionId":"PJqB0fHsqRcCHlw=","callbackUrl":"https://abc123.example.com/dev"}
    "#]],
    );
    check(
        "$default",
        failed(true),
        expect![[r#"
        retryable error: failed to post to the connection: 403 ForbiddenException
        https://abc123.example.com/dev PJqB0fHsqRcCHlw= {"connectionId":"PJqB0fHsqRcCHlw=","callbackUrl":"https://abc123.example.com/dev"}
    "#]],
    );
}

#[test]
fn a_route_that_only_the_template_knows_is_an_error() {
    check(
        "ping",
        Delivery::Sent,
        expect![[r#"
        error: function `socket` has no route `ping`; deploy template and functions of the same version
    "#]],
    );
}
