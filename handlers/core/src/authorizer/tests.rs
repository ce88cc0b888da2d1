use super::*;
use crate::auth::PublicKey;
use crate::ports::PortError;
use crate::table::fake::FakeTable;
use crate::testing::now_or_never;
use expect_test::{Expect, expect};

const NOW: Millis = Millis::new(1_795_514_400_000);

/// Nobody is asked for keys here; what tokens must say is tested with them.
struct NoIssuer;

impl KeySource for NoIssuer {
    async fn fetch(&self) -> Result<String, PortError> {
        Ok(r#"{"keys":[]}"#.to_owned())
    }
}

impl VerifySignature for NoIssuer {
    fn verify(&self, _: &PublicKey, _: &[u8], _: &[u8]) -> bool {
        false
    }
}

fn secret() -> Secret {
    Secret::new(vec![1; 32]).unwrap()
}

fn policy(mode: AuthMode) -> Policy {
    let jwt = JwtRules { issuer: "https://issuer".to_owned(), audience: "herald".to_owned() };
    Policy { mode, origins: Origins::default(), secrets: vec![secret()], jwt: Some(jwt) }
}

fn ticket() -> String {
    let ticket = Ticket::new("ada".parse().unwrap(), NOW, *b"sixteen bytes!!!");
    let session_ends = Some(NOW.plus(3_600_000));
    Ticket { scopes: vec!["topic:private/a".to_owned()], session_ends, ..ticket }.mint(&secret())
}

/// A token that can be read, and that nobody has signed.
const TOKEN: &str = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.e30.AA";

fn authorize_with(
    table: &FakeTable,
    policy: &Policy,
    ticket: Option<&str>,
    protocols: Option<&str>,
    origin: Option<&str>,
) -> String {
    let connection_id = "c1=".to_owned().try_into().unwrap();
    let authorizer = Authorizer {
        table,
        policy,
        keys: &KeyCache::default(),
        source: &NoIssuer,
        verifier: &NoIssuer,
    };
    let upgrade = Upgrade { connection_id: &connection_id, ticket, protocols, origin };
    match now_or_never(authorize(&authorizer, upgrade, NOW)) {
        Ok(principal) => format!("{:?}", principal.to_context()),
        Err(refusal) => format!("{}: {refusal}", refusal.status()),
    }
}

fn check(mode: AuthMode, want: Expect) {
    let (ticket, protocols) = (ticket(), format!("herald.v1, bearer.{TOKEN}"));
    let rows = [
        ("nothing", None, None),
        ("a sub-protocol", None, Some("herald.v1")),
        ("a ticket", Some(ticket.as_str()), None),
        ("a wrong ticket", Some("t1.x.y"), None),
        ("an empty ticket", Some(""), None),
        ("a token", None, Some(protocols.as_str())),
        ("an empty token", None, Some("bearer.")),
        ("both", Some(ticket.as_str()), Some(protocols.as_str())),
    ];
    let lines = rows.map(|(what, ticket, protocols)| {
        let table = FakeTable::default();
        let answer = authorize_with(&table, &policy(mode), ticket, protocols, None);
        format!("{what:15} {answer}\n")
    });
    want.assert_eq(&lines.concat());
}

#[test]
fn with_tickets() {
    check(
        AuthMode::Ticket,
        expect![[r#"
        nothing         401: there are no credentials; send `?ticket=` or offer `herald.v1, bearer.TOKEN`
        a sub-protocol  401: there are no credentials; send `?ticket=` or offer `herald.v1, bearer.TOKEN`
        a ticket        [("user", "ada"), ("scopes", "topic:private/a"), ("tokenExp", "1795518000000")]
        a wrong ticket  403: the ticket is malformed
        an empty ticket 403: the ticket is malformed
        a token         403: this stage does not take credentials of this kind
        an empty token  403: this stage does not take credentials of this kind
        both            403: there are a ticket and a token; send one of them
    "#]],
    );
}

#[test]
fn with_tokens() {
    check(
        AuthMode::Jwt,
        expect![[r#"
        nothing         401: there are no credentials; send `?ticket=` or offer `herald.v1, bearer.TOKEN`
        a sub-protocol  401: there are no credentials; send `?ticket=` or offer `herald.v1, bearer.TOKEN`
        a ticket        403: this stage does not take credentials of this kind
        a wrong ticket  403: this stage does not take credentials of this kind
        an empty ticket 403: this stage does not take credentials of this kind
        a token         403: the issuer has no such key
        an empty token  403: the token is malformed
        both            403: there are a ticket and a token; send one of them
    "#]],
    );
}

#[test]
fn with_either_or_nothing_but_not_with_wrong_ones() {
    check(
        AuthMode::Optional,
        expect![[r#"
        nothing         [("user", "anonymous:c1=")]
        a sub-protocol  [("user", "anonymous:c1=")]
        a ticket        [("user", "ada"), ("scopes", "topic:private/a"), ("tokenExp", "1795518000000")]
        a wrong ticket  403: the ticket is malformed
        an empty ticket 403: the ticket is malformed
        a token         403: the issuer has no such key
        an empty token  403: the token is malformed
        both            403: there are a ticket and a token; send one of them
    "#]],
    );
}

#[test]
fn with_nothing_everybody_is_anonymous() {
    check(
        AuthMode::None,
        expect![[r#"
        nothing         [("user", "anonymous:c1=")]
        a sub-protocol  [("user", "anonymous:c1=")]
        a ticket        [("user", "anonymous:c1=")]
        a wrong ticket  [("user", "anonymous:c1=")]
        an empty ticket [("user", "anonymous:c1=")]
        a token         [("user", "anonymous:c1=")]
        an empty token  [("user", "anonymous:c1=")]
        both            [("user", "anonymous:c1=")]
    "#]],
    );
}

#[test]
fn a_ticket_opens_one_connection() {
    let (table, policy) = (FakeTable::default(), policy(AuthMode::Ticket));
    let ticket = ticket();
    let once = |ticket: &str| authorize_with(&table, &policy, Some(ticket), None, None);
    assert!(once(&ticket).contains("ada"));
    expect!["403: the ticket has been used"].assert_eq(&once(&ticket));
    // A ticket that does not hold is not noted, or the table could be filled with them.
    once("t1.x.y");
    assert_eq!(table.rows().len(), 1);
}

#[test]
fn a_ticket_for_nobody_is_refused() {
    let table = FakeTable::default();
    let nobody = Ticket::new("anonymous:c2=".parse().unwrap(), NOW, [0; 16]).mint(&secret());
    let answer = authorize_with(&table, &policy(AuthMode::Optional), Some(&nobody), None, None);
    expect!["403: the credentials name an anonymous user"].assert_eq(&answer);
}

#[test]
fn what_a_stage_is_not_set_up_for_is_refused() {
    let table = FakeTable::default();
    let bare = Policy { secrets: Vec::new(), jwt: None, ..policy(AuthMode::Optional) };
    let (ticket, token) = (ticket(), format!("bearer.{TOKEN}"));
    for (ticket, token) in [(Some(ticket.as_str()), None), (None, Some(token.as_str()))] {
        let answer = authorize_with(&table, &bare, ticket, token, None);
        assert_eq!(answer, "403: this stage does not take credentials of this kind");
    }
}

#[test]
fn the_page_is_asked_first_and_no_ticket_is_used_up_for_another() {
    let table = FakeTable::default();
    let origins = "https://app.example.com".parse().unwrap();
    let policy = Policy { origins, ..policy(AuthMode::Ticket) };
    let ticket = ticket();
    let from = |origin| authorize_with(&table, &policy, Some(&ticket), None, Some(origin));
    expect!["403: the page's origin is not on the list"].assert_eq(&from("https://evil.example"));
    assert!(from("https://app.example.com").contains("ada"));
}

#[test]
fn our_sub_protocol_is_the_only_one_that_is_chosen() {
    assert_eq!(chosen(None), None);
    assert_eq!(chosen(Some("bearer.x")), None);
    assert_eq!(chosen(Some("bearer.x, herald.v1")), Some("herald.v1"));
    assert_eq!(chosen(Some("HERALD.V1")), None);
}
