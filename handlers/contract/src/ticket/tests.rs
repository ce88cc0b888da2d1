use super::*;
use expect_test::{Expect, expect};

const NOW: Millis = Millis::new(1_795_514_400_000);

fn secret(byte: u8) -> Secret {
    Secret::new(vec![byte; 32]).unwrap()
}

fn ticket() -> Ticket {
    Ticket {
        scopes: vec!["topic:private/orders".to_owned()],
        ..Ticket::new("ada".parse().unwrap(), NOW, *b"sixteen bytes!!!")
    }
}

fn check(text: &str, after_ms: u64, want: Expect) {
    let verified = match Ticket::verify(text, &[secret(1), secret(2)], NOW.plus(after_ms)) {
        Ok(ticket) => format!("{} {:?}", ticket.user, ticket.scopes),
        Err(e) => format!("error: {e}"),
    };
    want.assert_eq(&verified);
}

/// The text of a payload, properly signed.
fn signed(payload: &str) -> String {
    let signed = format!("t1.{}", BASE64.encode(payload));
    let mac = BASE64.encode(secret(1).mac(&signed).finalize().into_bytes());
    format!("{signed}.{mac}")
}

#[test]
fn a_ticket_is_a_text_for_a_query_string() {
    let text = ticket().mint(&secret(1));
    expect!["t1.eyJ1IjoiYWRhIiwicyI6WyJ0b3BpYzpwcml2YXRlL29yZGVycyJdLCJlIjoxNzk1NTE0NDYwMDAwLCJuIjoiYzJsNGRHVmxiaUJpZVhSbGN5RWhJUSJ9.sCYYp5CTf0vHhSqyjrORsuRGFsgiErOVnmWlKLqw2ZQ"]
        .assert_eq(&text);
    assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)));
    assert_eq!(Ticket::verify(&text, &[secret(1)], NOW), Ok(ticket()));
}

#[test]
fn it_holds_a_minute() {
    let text = ticket().mint(&secret(1));
    check(&text, 59_999, expect![[r#"ada ["topic:private/orders"]"#]]);
    check(&text, 60_000, expect!["error: the ticket has expired 0 ms ago"]);
    check(&text, 3_660_000, expect!["error: the ticket has expired 3600000 ms ago"]);
}

#[test]
fn it_holds_for_the_secret_before_while_it_is_replaced() {
    check(&ticket().mint(&secret(2)), 0, expect![[r#"ada ["topic:private/orders"]"#]]);
    check(&ticket().mint(&secret(3)), 0, expect!["error: the ticket's signature does not hold"]);
}

#[test]
fn a_ticket_for_longer_is_none() {
    let longer = |ms| Ticket { expires: NOW.plus(ms), ..ticket() }.mint(&secret(1));
    check(&longer(65_000), 0, expect![[r#"ada ["topic:private/orders"]"#]]);
    check(
        &longer(65_001),
        0,
        expect![
            "error: the ticket ends later than a ticket may; compare the clock of who mints it"
        ],
    );
}

#[test]
fn no_ticket_outlives_its_session() {
    let of = |end| Ticket { session_ends: Some(end), ..ticket() }.mint(&secret(1));
    check(&of(NOW.plus(1)), 0, expect![[r#"ada ["topic:private/orders"]"#]]);
    check(&of(NOW), 0, expect!["error: the session behind the ticket has ended"]);
}

#[test]
fn every_changed_character_is_noticed() {
    let text = ticket().mint(&secret(1));
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        // The last character carries four bits of the digest and two that must be zero.
        assert!(Ticket::verify(&changed, &[secret(1)], NOW).is_err(), "{changed}");
    }
}

#[test]
fn what_is_signed_but_no_ticket_is_malformed() {
    for payload in [
        "",
        "{}",
        "null",
        r#"{"u":"ada","e":1795514460000,"n":"short"}"#,
        r#"{"u":"a#b","e":1795514460000,"n":"c2l4dGVlbiBieXRlcyEhIQ"}"#,
        r#"{"u":"ada","e":-1,"n":"c2l4dGVlbiBieXRlcyEhIQ"}"#,
        r#"{"u":"ada","e":1795514460000,"n":"c2l4dGVlbiBieXRlcyEhIQ","admin":true}"#,
    ] {
        let verified = Ticket::verify(&signed(payload), &[secret(1)], NOW);
        assert_eq!(verified, Err(TicketError::Malformed), "{payload}");
    }
}

#[test]
fn a_secret_is_long_and_shows_nothing() {
    expect!["the ticket secret has 31 bytes; make one of at least 32"]
        .assert_eq(&Secret::new(vec![0; 31]).unwrap_err().to_string());
    assert_eq!(format!("{:?}", secret(1)), "Secret");
}
