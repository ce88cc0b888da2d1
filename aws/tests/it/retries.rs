//! What is asked again, and what is not.

use crate::server::{Server, response};
use crate::{GET, PUT, client, config, credentials};
use aws_wire::provider::{self, ProvideCredentials, future};
use aws_wire::{Client, Credentials, Limits, Operation, Retries, SharedCredentialsProvider};
use expect_test::{Expect, expect};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const THROTTLED: (&str, &str) = ("400 Bad Request", r#"{"__type":"a.b#ThrottlingException"}"#);
const TROUBLE: (&str, &str) = ("500 Internal Server Error", r#"{"__type":"InternalServerError"}"#);
const EXPIRED: (&str, &str) =
    ("400 Bad Request", r#"{"__type":"x#ExpiredTokenException","message":"ended"}"#);
const WRONG: (&str, &str) = ("400 Bad Request", r#"{"__type":"ValidationException"}"#);
const WELL: (&str, &str) = ("200 OK", "{}");

/// A server that answers so, one after the other, and the last for ever.
fn server(answers: &'static [(&'static str, &'static str)]) -> Server {
    let mut next = 0;
    Server::start(move |_| {
        let (status, body) = answers[next.min(answers.len() - 1)];
        next += 1;
        response(status, &[], body)
    })
}

/// How often an operation is asked for where it is answered so, and what comes of it.
async fn check(
    operation: &Operation,
    answers: &'static [(&'static str, &'static str)],
    expected: Expect,
) {
    let server = server(answers);
    let result = client(server.address).json::<_, Value>(operation, &json!({})).await;
    let result = result.map_or_else(|e| e.to_string(), |answer| answer.to_string());
    expected.assert_eq(&format!("{} x {result}\n", server.stop().len()));
}

#[tokio::test]
async fn what_was_throttled_was_not_done_and_is_asked_again() {
    check(
        &PUT,
        &[THROTTLED, WELL],
        expect![[r#"
        2 x {}
    "#]],
    )
    .await;
    check(
        &PUT,
        &[THROTTLED],
        expect![[r#"
        3 x PutItem: ThrottlingException: no message
    "#]],
    )
    .await;
}

#[tokio::test]
async fn what_may_have_been_done_is_asked_again_only_where_that_does_no_harm() {
    check(
        &GET,
        &[TROUBLE, TROUBLE, WELL],
        expect![[r#"
        3 x {}
    "#]],
    )
    .await;
    check(
        &PUT,
        &[TROUBLE, WELL],
        expect![[r#"
        1 x PutItem: InternalServerError: no message
    "#]],
    )
    .await;
}

#[tokio::test]
async fn what_is_wrong_stays_wrong() {
    check(
        &GET,
        &[WRONG, WELL],
        expect![[r#"
        1 x GetItem: ValidationException: no message
    "#]],
    )
    .await;
}

#[tokio::test]
async fn a_client_with_other_retries_shares_the_rest() {
    let server = server(&[TROUBLE]);
    let retries = Retries { attempts: 5, pause: Duration::ZERO, pause_max: Duration::ZERO };
    let patient = client(server.address).with(Limits::default(), retries);
    patient.json::<_, Value>(&GET, &json!({})).await.unwrap_err();
    assert_eq!(server.stop().len(), 5);
}

/// Gives out other credentials each time.
#[derive(Clone, Debug, Default)]
struct Renewing(Arc<AtomicUsize>);

impl ProvideCredentials for Renewing {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let count = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        let secret = format!("secret-{count}");
        let given: Credentials = Credentials::from_keys(format!("ASIA{count}"), secret, None);
        future::ProvideCredentials::ready(Ok::<_, provider::error::CredentialsError>(given))
    }
}

/// How often an operation is asked for, with which keys, and what comes of it.
async fn check_renewal(answers: &'static [(&'static str, &'static str)], expected: Expect) {
    let server = server(answers);
    let mut config = config(server.address);
    config.credentials = SharedCredentialsProvider::new(Renewing::default());
    let client = Client::new(config);
    let mut lines = String::new();
    for _ in 0..2 {
        let result = client.json::<_, Value>(&PUT, &json!({})).await;
        lines += &format!("{}\n", result.map_or_else(|e| e.to_string(), |a| a.to_string()));
    }
    for request in server.stop() {
        let (_, rest) = request.headers["authorization"].split_once("Credential=").unwrap();
        lines += &format!("as {}\n", rest.split('/').next().unwrap());
    }
    expected.assert_eq(&lines);
}

#[tokio::test]
async fn credentials_that_have_expired_are_renewed_once() {
    check_renewal(
        &[WELL],
        expect![[r#"
        {}
        {}
        as ASIA1
        as ASIA1
    "#]],
    )
    .await;
    check_renewal(
        &[EXPIRED, WELL],
        expect![[r#"
        {}
        {}
        as ASIA1
        as ASIA2
        as ASIA2
    "#]],
    )
    .await;
    check_renewal(
        &[EXPIRED],
        expect![[r#"
        PutItem: ExpiredTokenException: ended
        PutItem: ExpiredTokenException: ended
        as ASIA1
        as ASIA2
        as ASIA2
        as ASIA3
    "#]],
    )
    .await;
}

#[tokio::test]
async fn credentials_that_are_about_to_expire_are_renewed_in_time() {
    #[derive(Debug)]
    struct Ending(AtomicUsize);
    impl ProvideCredentials for Ending {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            self.0.fetch_add(1, Ordering::Relaxed);
            let mut given = credentials();
            // Within the minute that is kept as a margin.
            *given.expiry_mut() = Some(std::time::SystemTime::now() + Duration::from_secs(30));
            future::ProvideCredentials::ready(Ok(given))
        }
    }
    let server = server(&[WELL]);
    let ending = SharedCredentialsProvider::new(Ending(AtomicUsize::new(0)));
    let mut config = config(server.address);
    config.credentials = ending.clone();
    let client = Client::new(config);
    for _ in 0..3 {
        client.json::<_, Value>(&GET, &json!({})).await.unwrap();
    }
    server.stop();
    assert!(format!("{ending:?}").contains("Ending(3)"), "{ending:?}");
}
