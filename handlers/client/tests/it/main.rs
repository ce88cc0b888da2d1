//! What goes over the wire, and what is made of what comes back.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use expect_test::{Expect, expect};
use herald_client::ticket::{MintError, Pass, Secret, mint};
use herald_client::{
    CancelJob, Command, EventBus, Level, OfUser, Publish, SendError, SubmitJob, Target,
};
use herald_contract::ticket::Ticket;
use serde_json::json;
use std::time::Duration;

include!("../support/stand_in.rs");

/// What says what is asked for: the first line, our headers, the body.
fn essence(request: &str) -> String {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let mut text = format!("{}\n", lines.next().unwrap());
    for line in lines.filter(|line| {
        ["content-type", "x-amz-target", "x-amz-invocation-type"]
            .iter()
            .any(|name| line.starts_with(name))
    }) {
        text += &format!("{line}\n");
    }
    assert!(head.contains("authorization: AWS4-HMAC-SHA256 Credential=test/"), "{head}");
    text + body + "\n"
}

fn outcome<T: std::fmt::Debug>(result: Result<T, SendError>) -> String {
    match result {
        Ok(answer) => format!("{answer:?}\n"),
        Err(error) => {
            let later = if error.is_retryable() { "later" } else { "never" };
            format!("error ({later}): {error}\n")
        }
    }
}

#[tokio::test]
async fn a_command_is_the_payload_of_an_invocation() {
    let stand_in = StandIn::answering(200, &[], r#"{"done":"signedOut","connections":2}"#);
    let publisher = stand_in.publisher();
    let result = publisher.send(&Command::SignOut(OfUser { user: "ada".parse().unwrap() })).await;
    expect![[r#"
        POST /2015-03-31/functions/herald-dev-publish/invocations HTTP/1.1
        content-type: application/json
        x-amz-invocation-type: RequestResponse
        {"op":"signOut","user":"ada"}
    "#]]
    .assert_eq(&essence(&stand_in.request()));
    expect![[r#"
        SignedOut { connections: 2 }
    "#]]
    .assert_eq(&outcome(result));
}

#[tokio::test]
async fn a_command_on_a_bus_is_the_detail_of_an_event() {
    let stand_in = StandIn::answering(200, &[], r#"{"Entries":[{"EventId":"e-1"}]}"#);
    let bus = EventBus::new(stand_in.client(), "com.example.billing").on("orders");
    let publish =
        Publish { level: Level::Warning, ..Publish::new(Target::Everyone, "Down at ten") };
    let result = bus.send(&Command::Publish(publish)).await;
    expect![[r#"
        POST / HTTP/1.1
        content-type: application/x-amz-json-1.1
        x-amz-target: AWSEvents.PutEvents
        {"Entries":[{"Source":"com.example.billing","DetailType":"herald.notification","Detail":"{\"op\":\"publish\",\"to\":\"everyone\",\"level\":\"warning\",\"title\":\"Down at ten\",\"body\":\"\"}","EventBusName":"orders"}]}
    "#]]
    .assert_eq(&essence(&stand_in.request()));
    expect![[r#"
        "e-1"
    "#]]
    .assert_eq(&outcome(result));
}

/// What a publisher makes of an answer of Lambda.
async fn check(status: u16, headers: &[(&str, &str)], body: &str, want: Expect) {
    let publisher = StandIn::answering(status, headers, body).publisher();
    let job = CancelJob {
        user: "ada".parse().unwrap(),
        job_id: "01JZ7Y3KQ8W6V5T4R3P2N1M0GH".parse().unwrap(),
    };
    want.assert_eq(&outcome(publisher.send(&Command::CancelJob(job)).await));
}

const FAILED: (&str, &str) = ("x-amz-function-error", "Unhandled");

#[tokio::test]
async fn what_the_function_refuses_is_said_in_its_words() {
    check(
        200,
        &[FAILED],
        r#"{"errorType":"notFound","errorMessage":"this user has no job of this name"}"#,
        expect![[r#"
            error (never): this user has no job of this name
        "#]],
    )
    .await;
    check(
        200,
        &[FAILED],
        r#"{"errorType":"rateLimited","errorMessage":"this user is sent too much"}"#,
        expect![[r#"
            error (later): this user is sent too much
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_function_that_ends_without_an_answer_has_failed() {
    check(
        200,
        &[FAILED],
        r#"{"errorType":"Sandbox.Timedout","errorMessage":"Task timed out after 10.00 seconds"}"#,
        expect![[r#"
            error (later): function `herald-dev-publish` failed: Task timed out after 10.00 seconds; its log group has the reason
        "#]],
    )
    .await;
}

#[tokio::test]
async fn what_lambda_refuses_comes_with_what_to_do() {
    check(
        404,
        &[("x-amzn-errortype", "ResourceNotFoundException")],
        r#"{"Message":"Function not found: herald-dev-publish"}"#,
        expect![[r#"
            error (never): Invoke: ResourceNotFoundException: Function not found: herald-dev-publish; is function `herald-dev-publish` in this account and Region? The outputs of the stack have its name
        "#]],
    )
    .await;
    check(
        403,
        &[("x-amzn-errortype", "AccessDeniedException")],
        r#"{"Message":"User is not authorized to perform: lambda:InvokeFunction"}"#,
        expect![[r#"
            error (never): Invoke: AccessDeniedException: User is not authorized to perform: lambda:InvokeFunction; allow the caller to use function `herald-dev-publish`
        "#]],
    )
    .await;
}

#[tokio::test]
async fn the_answer_of_another_function_is_not_taken_for_ours() {
    check(
        200,
        &[],
        r#"{"statusCode":200}"#,
        expect![[r#"
            error (never): function `herald-dev-publish` gave no answer of Herald's: missing field `done` at line 1 column 18; compare its name with the outputs of the stack
        "#]],
    )
    .await;
}

#[tokio::test]
async fn a_bus_that_takes_nothing_says_why() {
    let body = r#"{"FailedEntryCount":1,"Entries":[{"ErrorCode":"NotAuthorizedForSourceException","ErrorMessage":"Not authorized for the source."}]}"#;
    let bus = EventBus::new(StandIn::answering(200, &[], body).client(), "aws.mine");
    let job = SubmitJob::new("ada".parse().unwrap(), "report.csv", json!({}));
    expect![[r#"
        error (never): event bus `default`: Not authorized for the source.
    "#]]
    .assert_eq(&outcome(bus.send(&Command::SubmitJob(job)).await));
}

fn secret() -> Secret {
    Secret::new(b"0123456789abcdef0123456789abcdef".to_vec()).unwrap()
}

#[test]
fn a_ticket_is_what_the_authorizer_reads() {
    let pass = Pass::of("ada".parse().unwrap()).scope("topic:a").session(Duration::from_secs(60));
    let before = herald_client::ticket::now();
    let text = mint(&secret(), pass.clone()).unwrap();
    let ticket = Ticket::verify(&text, &[secret()], before).unwrap();
    assert_eq!((ticket.user.as_str(), ticket.scopes), ("ada", vec!["topic:a".to_owned()]));
    assert!(ticket.session_ends.unwrap() >= before.plus(60_000));
    assert_ne!(text, mint(&secret(), pass).unwrap(), "no two tickets are the same");
}

#[test]
fn a_ticket_that_nobody_would_look_at_is_not_minted() {
    let pass = Pass::of("ada".parse().unwrap()).scope("x".repeat(2000));
    assert!(matches!(mint(&secret(), pass), Err(MintError::TooLong { .. })));
    let nobody = Pass::of("anonymous:a=".parse().unwrap());
    assert_eq!(mint(&secret(), nobody), Err(MintError::Anonymous));
}
