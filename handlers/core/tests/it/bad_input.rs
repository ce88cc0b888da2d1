//! Input that is none: what each is answered, and that nothing has changed.

use crate::house::{House, START};
use expect_test::{Expect, expect};
use herald_contract::functions::AuthMode;
use herald_contract::ticket::{Secret, Ticket};
use herald_contract::{ConnectionId, Millis};
use herald_core::auth::{JwtRules, KeyCache, Origins, PublicKey};
use herald_core::authorizer::{Authorizer, Policy, Upgrade, authorize};
use herald_core::ports::{KeySource, PortError, VerifySignature};
use herald_core::table::fake::FakeTable;
use herald_core::testing::now_or_never;
use serde_json::{Value, json};

/// The input, shortened where it is long, and what it is answered.
fn row(input: &str, answer: &str) -> String {
    let short: String = input.chars().take(90).collect();
    let dots = if short.len() < input.len() { "…" } else { "" };
    format!("{short}{dots}\n   {}\n", answer.trim_end().replace('\n', "\n   "))
}

fn frames(rows: &[&str], want: Expect) {
    let house = House::with(&["ada"]);
    let before = house.table.rows();
    let answered = rows.iter().map(|frame| {
        let told = house.says("ada", frame);
        let answer = match serde_json::from_str::<Value>(
            told.split_once(" < ").unwrap().1.lines().next().unwrap(),
        ) {
            Ok(event) if event["type"] == "error" => format!(
                "{}: {}",
                event["code"].as_str().unwrap(),
                event["message"].as_str().unwrap()
            ),
            Ok(event) => event.to_string(),
            Err(_) => told,
        };
        row(frame, &answer)
    });
    want.assert_eq(&answered.collect::<String>());
    assert_eq!(house.table.rows(), before, "nothing is stored");
}

#[test]
fn frames_that_are_no_message_of_ours_are_the_open_exchange() {
    frames(
        &[
            "",
            "hello",
            "{",
            "[]",
            "null",
            r#"{"action":1}"#,
            r#"{"action":"dance"}"#,
            r#"{"action":"Hello"}"#,
            r#"{"type":"hello"}"#,
        ],
        expect![[r#"

               {"callbackUrl":"https://ws.example.com/dev","connectionId":"ada"}
            hello
               {"callbackUrl":"https://ws.example.com/dev","connectionId":"ada"}
            {
               {"callbackUrl":"https://ws.example.com/dev","connectionId":"ada"}
            []
               {"callbackUrl":"https://ws.example.com/dev","connectionId":"ada"}
            null
               {"callbackUrl":"https://ws.example.com/dev","connectionId":"ada"}
            {"action":1}
               {"callbackUrl":"https://ws.example.com/dev","connectionId":"ada"}
            {"action":"dance"}
               {"callbackUrl":"https://ws.example.com/dev","connectionId":"ada"}
            {"action":"Hello"}
               {"callbackUrl":"https://ws.example.com/dev","connectionId":"ada"}
            {"type":"hello"}
               {"callbackUrl":"https://ws.example.com/dev","connectionId":"ada"}
        "#]],
    );
}

#[test]
fn frames_whose_body_is_not_what_their_action_asks_for() {
    let long = format!(r#"{{"action":"subscribe","topic":"{}"}}"#, "x".repeat(129));
    let deep = format!(r#"{{"action":"hello","x":{}1{}}}"#, "[".repeat(100), "]".repeat(100));
    let many = json!({"action": "read", "ids": vec!["n1"; 51]}).to_string();
    frames(
        &[
            r#"{"action":"hello","cursor":"7"}"#,
            r#"{"action":"hello","cursor":-1}"#,
            r#"{"action":"hello","cursor":1.5}"#,
            r#"{"action":"hello","cursor":9007199254740992}"#,
            r#"{"action":"hello","since":"yesterday"}"#,
            r#"{"action":"hello","device":""}"#,
            r#"{"action":"hello","device":"my phone"}"#,
            r#"{"action":"hello","action":"ack"}"#,
            r#"{"action":"subscribe"}"#,
            r#"{"action":"subscribe","topic":null}"#,
            r#"{"action":"subscribe","topic":"a b"}"#,
            r#"{"action":"subscribe","topic":"news#0"}"#,
            r#"{"action":"subscribe","topic":"$all"}"#,
            r#"{"action":"subscribe","topic":"private/orders"}"#,
            &long,
            r#"{"action":"unsubscribe","topic":"$all"}"#,
            r#"{"action":"ack"}"#,
            r#"{"action":"ack","upTo":-1}"#,
            r#"{"action":"ack","upTo":"n7"}"#,
            r#"{"action":"read","ids":[]}"#,
            r#"{"action":"read","ids":"n1"}"#,
            r#"{"action":"read","ids":["1"]}"#,
            &many,
            r#"{"action":"job.cancel"}"#,
            r#"{"action":"job.cancel","jobId":"../../etc/passwd"}"#,
            r#"{"action":"job.cancel","jobId":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH"}"#,
        ],
        expect![[r#"
            {"action":"hello","cursor":"7"}
               badRequest: `hello`: invalid type: string "7", expected u64
            {"action":"hello","cursor":-1}
               badRequest: `hello`: invalid value: integer `-1`, expected u64
            {"action":"hello","cursor":1.5}
               badRequest: `hello`: invalid type: floating point `1.5`, expected u64
            {"action":"hello","cursor":9007199254740992}
               badRequest: `hello`: 9007199254740992 is no place in an inbox; the last is 9007199254740991
            {"action":"hello","since":"yesterday"}
               badRequest: `hello`: `yesterday` is no broadcast; it is a ULID of 26 characters
            {"action":"hello","device":""}
               badRequest: `hello`: `` is no device; it is 1 to 64 letters, digits, `-`, `_`, `.` or `:`
            {"action":"hello","device":"my phone"}
               badRequest: `hello`: `my phone` is no device; it is 1 to 64 letters, digits, `-`, `_`, `.` or `:`
            {"action":"hello","action":"ack"}
               badRequest: `ack`: duplicate field `action` at line 1 column 26
            {"action":"subscribe"}
               badRequest: `subscribe`: missing field `topic`
            {"action":"subscribe","topic":null}
               badRequest: `subscribe`: invalid type: null, expected a string
            {"action":"subscribe","topic":"a b"}
               badRequest: `subscribe`: `a b` is no topic; it is 1 to 128 letters, digits, `-`, `_`, `.`, `/` or `:`
            {"action":"subscribe","topic":"news#0"}
               badRequest: `subscribe`: `news#0` is no topic; it is 1 to 128 letters, digits, `-`, `_`, `.`, `/` or `:`
            {"action":"subscribe","topic":"$all"}
               badRequest: `subscribe`: `$all` is no topic to join or leave; every connection is in it
            {"action":"subscribe","topic":"private/orders"}
               forbidden: `private/orders` is private; it takes the scope `topic:private/orders`
            {"action":"subscribe","topic":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
               badRequest: `subscribe`: `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx` is no topic; it is 1 to 128 letters, digits, `-`, `_`, `.`, `/` or `:`
            {"action":"unsubscribe","topic":"$all"}
               badRequest: `unsubscribe`: `$all` is no topic to join or leave; every connection is in it
            {"action":"ack"}
               badRequest: `ack`: missing field `upTo`
            {"action":"ack","upTo":-1}
               badRequest: `ack`: invalid value: integer `-1`, expected u64
            {"action":"ack","upTo":"n7"}
               badRequest: `ack`: invalid type: string "n7", expected u64
            {"action":"read","ids":[]}
               badRequest: `read`: `ids` is empty; name what was read
            {"action":"read","ids":"n1"}
               badRequest: `read`: invalid type: string "n1", expected a sequence
            {"action":"read","ids":["1"]}
               badRequest: `read`: `1` names no notification; it is `n` and a number or `b` and a ULID
            {"action":"read","ids":["n1","n1","n1","n1","n1","n1","n1","n1","n1","n1","n1","n1","n1","…
               badRequest: `read`: `ids` has 51 entries; send at most 50 at once
            {"action":"job.cancel"}
               badRequest: `job.cancel`: missing field `jobId`
            {"action":"job.cancel","jobId":"../../etc/passwd"}
               badRequest: `job.cancel`: `../../etc/passwd` is no job; it is a ULID of 26 characters
            {"action":"job.cancel","jobId":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH"}
               notFound: there is no job of yours of this name
        "#]],
    );
    // What a parser of ours skips is not looked at, however deep.
    let house = House::with(&["ada"]);
    assert!(house.says("ada", &deep).contains("welcome"));
}

#[test]
fn jobs_that_nobody_can_do() {
    let submit = |kind: &str, input: Value, key: &str| {
        json!({"action": "job.submit", "kind": kind, "input": input, "idempotencyKey": key})
            .to_string()
    };
    let csv = |input| submit("report.csv", input, "k");
    let huge = csv(json!({"columns": ["a"], "rows": [["x".repeat(97 * 1024)]]}));
    frames(
        &[
            r#"{"action":"job.submit"}"#,
            r#"{"action":"job.submit","kind":"report.csv","input":{}}"#,
            &submit("report.pdf", json!({}), "k"),
            &submit(&"x".repeat(500), json!({}), "k"),
            &submit("report.csv", json!({"columns": ["a"], "rows": []}), ""),
            &submit("report.csv", json!({"columns": ["a"], "rows": []}), "two words"),
            &csv(json!(null)),
            &csv(json!("a,b\n1,2")),
            &csv(json!({"columns": ["a"]})),
            &csv(json!({"columns": "a", "rows": []})),
            &csv(json!({"columns": [], "rows": []})),
            &csv(json!({"columns": ["a", "b"], "rows": [["1", "2"], ["3"]]})),
            &csv(json!({"columns": ["a"], "rows": [[["nested"]]]})),
            &huge,
            &submit("manifest.sha256", json!({"blocks": []}), "k"),
            &submit("manifest.sha256", json!({"blocks": ["a", 1]}), "k"),
            &submit("manifest.sha256", json!({"blocks": ["a"], "algorithm": "md5"}), "k"),
        ],
        expect![[r#"
            {"action":"job.submit"}
               badRequest: `job.submit`: missing field `kind`
            {"action":"job.submit","kind":"report.csv","input":{}}
               badRequest: `job.submit`: missing field `idempotencyKey`
            {"action":"job.submit","idempotencyKey":"k","input":{},"kind":"report.pdf"}
               badRequest: there is no kind of job `report.pdf`; there is `report.csv`, `manifest.sha256`
            {"action":"job.submit","idempotencyKey":"k","input":{},"kind":"xxxxxxxxxxxxxxxxxxxxxxxxxxx…
               badRequest: there is no kind of job `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`; there is `report.csv`, `manifest.sha256`
            {"action":"job.submit","idempotencyKey":"","input":{"columns":["a"],"rows":[]},"kind":"rep…
               badRequest: `job.submit`: `` is no idempotency key; it is 1 to 128 printable ASCII characters without spaces
            {"action":"job.submit","idempotencyKey":"two words","input":{"columns":["a"],"rows":[]},"k…
               badRequest: `job.submit`: `two words` is no idempotency key; it is 1 to 128 printable ASCII characters without spaces
            {"action":"job.submit","idempotencyKey":"k","input":null,"kind":"report.csv"}
               badRequest: `input` is none of `report.csv`: invalid type: null, expected an object with `columns` and `rows`
            {"action":"job.submit","idempotencyKey":"k","input":"a,b\n1,2","kind":"report.csv"}
               badRequest: `input` is none of `report.csv`: invalid type: string "a,b\n1,2", expected an object with `columns` and `rows`
            {"action":"job.submit","idempotencyKey":"k","input":{"columns":["a"]},"kind":"report.csv"}
               badRequest: `input` is none of `report.csv`: missing field `rows`
            {"action":"job.submit","idempotencyKey":"k","input":{"columns":"a","rows":[]},"kind":"repo…
               badRequest: `input` is none of `report.csv`: invalid type: string "a", expected a sequence
            {"action":"job.submit","idempotencyKey":"k","input":{"columns":[],"rows":[]},"kind":"repor…
               badRequest: `input` is none of `report.csv`: `columns` is empty; name at least one
            {"action":"job.submit","idempotencyKey":"k","input":{"columns":["a","b"],"rows":[["1","2"]…
               badRequest: `input` is none of `report.csv`: row 2 has 1 cells for 2 columns
            {"action":"job.submit","idempotencyKey":"k","input":{"columns":["a"],"rows":[[["nested"]]]…
               badRequest: `input` is none of `report.csv`: row 1 has a list or an object in a cell
            {"action":"job.submit","idempotencyKey":"k","input":{"columns":["a"],"rows":[["xxxxxxxxxxx…
               tooLarge: `input` is 99359 bytes; at most 98304 are taken, so put a link into it
            {"action":"job.submit","idempotencyKey":"k","input":{"blocks":[]},"kind":"manifest.sha256"…
               badRequest: `input` is none of `manifest.sha256`: `blocks` is empty; there is nothing to make a digest of
            {"action":"job.submit","idempotencyKey":"k","input":{"blocks":["a",1]},"kind":"manifest.sh…
               badRequest: `input` is none of `manifest.sha256`: invalid type: integer `1`, expected a string
            {"action":"job.submit","idempotencyKey":"k","input":{"algorithm":"md5","blocks":["a"]},"ki…
               badRequest: `input` is none of `manifest.sha256`: unknown field `algorithm`, expected `blocks`
        "#]],
    );
}

#[test]
fn commands_that_are_none() {
    let commands = [
        json!(null),
        json!("hello"),
        json!([]),
        json!({}),
        json!({"op": null}),
        json!({"op": "drop"}),
        json!({"title": "t"}),
        json!({"to": {"user": "ada"}}),
        json!({"to": {"user": "ada"}, "title": ""}),
        json!({"to": {"user": "ada"}, "title": 7}),
        json!({"to": {"user": ""}, "title": "t"}),
        json!({"to": {"user": "a#b"}, "title": "t"}),
        json!({"to": {"users": ["ada"]}, "title": "t"}),
        json!({"to": {"user": "ada", "topic": "news"}, "title": "t"}),
        json!({"to": {"topic": "$all"}, "title": "t"}),
        json!({"to": "all", "title": "t"}),
        json!({"to": "everyone", "title": "t", "level": "fatal"}),
        json!({"to": "everyone", "title": "t", "idempotencyKey": ""}),
        json!({"to": "everyone", "title": "t", "traceparent": "00-0-0-00"}),
        json!({"to": "everyone", "title": "t", "callbackUrl": "https://evil.example"}),
        json!({"to": "everyone", "title": "t", "body": "x".repeat(29_000)}),
        json!({"op": "job.submit", "user": "ada", "kind": "report.pdf", "input": {}}),
        json!({"op": "job.submit", "kind": "report.csv", "input": {}}),
        json!({"op": "job.cancel", "user": "ada", "jobId": "1"}),
        json!({"op": "job.cancel", "user": "ada", "jobId": "01JZ7Y3KQ8W6V5T4R3P2N1M0GH"}),
        json!({"op": "signOut"}),
        json!({"op": "presence", "user": "ada", "detail": true}),
        json!({"detail-type": "Notify", "detail": "to ada"}),
    ];
    let mut house = House::new();
    let lines = commands.map(|command| {
        let error = house.try_publish(command.clone()).unwrap_err();
        assert!(!error.is_retryable(), "to ask again would change nothing: {error}");
        row(&command.to_string(), &format!("{}: {error}", error.code()))
    });
    expect![[r#"
        null
           badRequest: a command is a JSON object, for example {"to":{"user":"ada"},"title":"Hello"}
        "hello"
           badRequest: a command is a JSON object, for example {"to":{"user":"ada"},"title":"Hello"}
        []
           badRequest: a command is a JSON object, for example {"to":{"user":"ada"},"title":"Hello"}
        {}
           badRequest: `publish`: missing field `to`
        {"op":null}
           badRequest: `op` is the name of a command: publish, job.submit, job.cancel, signOut or presence
        {"op":"drop"}
           badRequest: there is no command `drop`; there is publish, job.submit, job.cancel, signOut and presence
        {"title":"t"}
           badRequest: `publish`: missing field `to`
        {"to":{"user":"ada"}}
           badRequest: `publish`: missing field `title`
        {"title":"","to":{"user":"ada"}}
           badRequest: `title` is empty; it is the one line that everybody sees
        {"title":7,"to":{"user":"ada"}}
           badRequest: `publish`: invalid type: integer `7`, expected a string
        {"title":"t","to":{"user":""}}
           badRequest: `publish`: `` is no user; it is 1 to 128 bytes without `#`, spaces and control characters
        {"title":"t","to":{"user":"a#b"}}
           badRequest: `publish`: `a#b` is no user; it is 1 to 128 bytes without `#`, spaces and control characters
        {"title":"t","to":{"users":["ada"]}}
           badRequest: `publish`: unknown variant `users`, expected one of `user`, `topic`, `everyone`
        {"title":"t","to":{"topic":"news","user":"ada"}}
           badRequest: `publish`: invalid value: map, expected map with a single key
        {"title":"t","to":{"topic":"$all"}}
           badRequest: `$all` is no topic to send to; write "to": "everyone"
        {"title":"t","to":"all"}
           badRequest: `publish`: unknown variant `all`, expected one of `user`, `topic`, `everyone`
        {"level":"fatal","title":"t","to":"everyone"}
           badRequest: `publish`: unknown variant `fatal`, expected one of `info`, `success`, `warning`, `error`
        {"idempotencyKey":"","title":"t","to":"everyone"}
           badRequest: `publish`: `` is no idempotency key; it is 1 to 128 printable ASCII characters without spaces
        {"title":"t","to":"everyone","traceparent":"00-0-0-00"}
           badRequest: `publish`: this is no traceparent; it is 00-<32 hex digits>-<16 hex digits>-<2 hex digits>, in lower case
        {"callbackUrl":"https://evil.example","title":"t","to":"everyone"}
           badRequest: `publish`: unknown field `callbackUrl`, expected one of `to`, `level`, `title`, `body`, `idempotencyKey`, `traceparent`
        {"body":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
           tooLarge: the notification is 29187 bytes as a frame; at most 28672 fit, so send a link to the rest
        {"input":{},"kind":"report.pdf","op":"job.submit","user":"ada"}
           badRequest: there is no kind of job `report.pdf`; there is `report.csv`, `manifest.sha256`
        {"input":{},"kind":"report.csv","op":"job.submit"}
           badRequest: `job.submit`: missing field `user`
        {"jobId":"1","op":"job.cancel","user":"ada"}
           badRequest: `job.cancel`: `1` is no job; it is a ULID of 26 characters
        {"jobId":"01JZ7Y3KQ8W6V5T4R3P2N1M0GH","op":"job.cancel","user":"ada"}
           notFound: this user has no job of this name
        {"op":"signOut"}
           badRequest: `signOut`: missing field `user`
        {"detail":true,"op":"presence","user":"ada"}
           badRequest: `presence`: unknown field `detail`, expected `user`
        {"detail":"to ada","detail-type":"Notify"}
           badRequest: a command is a JSON object, for example {"to":{"user":"ada"},"title":"Hello"}
    "#]].assert_eq(&lines.concat());
    assert_eq!(house.keys(), "", "nothing is stored");
}

struct Issuer;

impl KeySource for Issuer {
    async fn fetch(&self) -> Result<String, PortError> {
        Ok(r#"{"keys":[]}"#.to_owned())
    }
}

impl VerifySignature for Issuer {
    fn verify(&self, _: &PublicKey, _: &[u8], _: &[u8]) -> bool {
        true
    }
}

/// What is answered to each of these, as a ticket or as a token.
fn credentials(rows: &[&str], are_tickets: bool, want: Expect) {
    let table = FakeTable::default();
    let policy = Policy {
        mode: AuthMode::Optional,
        origins: Origins::default(),
        secrets: vec![Secret::new(vec![1; 32]).unwrap()],
        jwt: Some(JwtRules { issuer: "https://issuer".to_owned(), audience: "herald".to_owned() }),
    };
    let connection_id: ConnectionId = "c1=".to_owned().try_into().unwrap();
    let lines = rows.iter().map(|text| {
        let protocols = format!("herald.v1, bearer.{text}");
        let upgrade = Upgrade {
            connection_id: &connection_id,
            ticket: are_tickets.then_some(*text),
            protocols: (!are_tickets).then_some(protocols.as_str()),
            origin: None,
        };
        let authorizer = Authorizer {
            table: &table,
            policy: &policy,
            keys: &KeyCache::default(),
            source: &Issuer,
            verifier: &Issuer,
        };
        let refusal = now_or_never(authorize(&authorizer, upgrade, START)).unwrap_err();
        row(text, &format!("{}: {refusal}", refusal.status()))
    });
    want.assert_eq(&lines.collect::<String>());
    assert_eq!(table.rows(), [], "nothing is stored");
}

#[test]
fn tickets_that_open_nothing() {
    let by = |secret: u8, at: Millis, nonce| {
        let secret = Secret::new(vec![secret; 32]).unwrap();
        Ticket::new("ada".parse().unwrap(), at, nonce).mint(&secret)
    };
    let good = by(1, START, [7; 16]);
    let (signed, _) = good.rsplit_once('.').unwrap();
    credentials(
        &[
            "",
            "ada",
            "..",
            "t1..",
            "t2.e30.AAAA",
            &by(2, START, [7; 16]),
            &by(1, START.minus(60_000), [7; 16]),
            &by(1, START.plus(5_001), [7; 16]),
            &format!("{signed}."),
            &format!("{signed}.AAAA"),
            &format!("{good}="),
            &good.replace("t1.", "T1."),
            &"a".repeat(3000),
        ],
        true,
        expect![[r#"

               403: the ticket is malformed
            ada
               403: the ticket is malformed
            ..
               403: the ticket is malformed
            t1..
               403: the ticket's signature does not hold
            t2.e30.AAAA
               403: the ticket is malformed
            t1.eyJ1IjoiYWRhIiwiZSI6MTc5NTUxNDQ2MDAwMCwibiI6IkJ3Y0hCd2NIQndjSEJ3Y0hCd2NIQncifQ.LtkrkqiF…
               403: the ticket's signature does not hold
            t1.eyJ1IjoiYWRhIiwiZSI6MTc5NTUxNDQwMDAwMCwibiI6IkJ3Y0hCd2NIQndjSEJ3Y0hCd2NIQncifQ.Ge2f7fc0…
               403: the ticket has expired 0 ms ago
            t1.eyJ1IjoiYWRhIiwiZSI6MTc5NTUxNDQ2NTAwMSwibiI6IkJ3Y0hCd2NIQndjSEJ3Y0hCd2NIQncifQ.th-QoDrz…
               403: the ticket ends later than a ticket may; compare the clock of who mints it
            t1.eyJ1IjoiYWRhIiwiZSI6MTc5NTUxNDQ2MDAwMCwibiI6IkJ3Y0hCd2NIQndjSEJ3Y0hCd2NIQncifQ.
               403: the ticket's signature does not hold
            t1.eyJ1IjoiYWRhIiwiZSI6MTc5NTUxNDQ2MDAwMCwibiI6IkJ3Y0hCd2NIQndjSEJ3Y0hCd2NIQncifQ.AAAA
               403: the ticket's signature does not hold
            t1.eyJ1IjoiYWRhIiwiZSI6MTc5NTUxNDQ2MDAwMCwibiI6IkJ3Y0hCd2NIQndjSEJ3Y0hCd2NIQncifQ.YPLdLjaP…
               403: the ticket is malformed
            T1.eyJ1IjoiYWRhIiwiZSI6MTc5NTUxNDQ2MDAwMCwibiI6IkJ3Y0hCd2NIQndjSEJ3Y0hCd2NIQncifQ.YPLdLjaP…
               403: the ticket is malformed
            aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…
               403: the ticket is malformed
        "#]],
    );
}

#[test]
fn tokens_that_open_nothing() {
    let none = "eyJhbGciOiJub25lIiwia2lkIjoiYSJ9.eyJzdWIiOiJhZGEifQ.";
    let hs256 = "eyJhbGciOiJIUzI1NiIsImtpZCI6ImEifQ.eyJzdWIiOiJhZGEifQ.AA";
    let rs256 = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJzdWIiOiJhZGEifQ.AA";
    let no_kid = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.AA";
    let jwk = "eyJhbGciOiJSUzI1NiIsImp3ayI6e319.e30.AA";
    credentials(
        &[
            "",
            "ada",
            "a.b",
            "a.b.c",
            "!.!.!",
            "e30.e30.AA",
            none,
            hs256,
            rs256,
            no_kid,
            jwk,
            &"a".repeat(9000),
        ],
        false,
        expect![[r#"

               403: the token is malformed
            ada
               403: the token is malformed
            a.b
               403: the token is malformed
            a.b.c
               403: the token is malformed
            !.!.!
               403: the token is malformed
            e30.e30.AA
               403: the token is malformed
            eyJhbGciOiJub25lIiwia2lkIjoiYSJ9.eyJzdWIiOiJhZGEifQ.
               403: the token is signed with neither RS256 nor ES256
            eyJhbGciOiJIUzI1NiIsImtpZCI6ImEifQ.eyJzdWIiOiJhZGEifQ.AA
               403: the token is signed with neither RS256 nor ES256
            eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJzdWIiOiJhZGEifQ.AA
               403: the issuer has no such key
            eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.AA
               403: the token has no `kid`
            eyJhbGciOiJSUzI1NiIsImp3ayI6e319.e30.AA
               403: the token has no `kid`
            aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa…
               403: the token is longer than 8192 bytes
        "#]],
    );
}
