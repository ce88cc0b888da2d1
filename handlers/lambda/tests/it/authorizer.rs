//! Golden events of `authorizer`: from the JSON of the gateway to the policy that it obeys; and keys
//! of an issuer through real sockets, while they are exchanged for others.

use crate::fakes::{context, failure, request_id};
use crate::lambda::client;
use crate::lines::logged;
use crate::server::{Server, response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use expect_test::{Expect, expect};
use herald_contract::Millis;
use herald_contract::functions::{AuthMode, AuthorizerEnv};
use herald_contract::ticket::{Secret, Ticket};
use herald_core::auth::KeyCache;
use herald_core::table::fake::FakeTable;
use herald_core::testing::FakeClock;
use herald_lambda::{Authorizer, AuthorizerEvent, Jwks, Ring, policy};
use lambda_runtime::LambdaEvent;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

const EVENT: &str = include_str!("../events/authorizer.json");
const NOW: Millis = Millis::new(1_795_514_407_000);
const SECRET: &str = "a-secret-of-at-least-32-bytes-length";

type OfTest = Authorizer<FakeTable, Jwks, Ring, FakeClock>;

fn env(auth: AuthMode) -> AuthorizerEnv<String> {
    AuthorizerEnv {
        table_name: "t".to_owned(),
        auth,
        allowed_origins: Some("https://app.example.com".to_owned()),
        ticket_secret: Some(SECRET.to_owned()),
        ticket_secret_before: Some(String::new()),
        jwt_issuer: None,
        jwt_audience: None,
        jwks_url: None,
    }
}

fn authorizer(env: &AuthorizerEnv<String>) -> OfTest {
    let aws = client(&[]);
    Authorizer {
        table: FakeTable::default(),
        policy: policy(env).unwrap(),
        keys: KeyCache::default(),
        source: Jwks::new(aws.transport(), env.jwks_url.as_deref()).unwrap(),
        verifier: Ring,
        clock: FakeClock::at(NOW),
    }
}

fn event() -> Value {
    serde_json::from_str(EVENT).unwrap()
}

async fn check(authorizer: &OfTest, event: &Value, expected: Expect) {
    check_but(":PORT", authorizer, event, expected).await;
}

/// The same without the port that differs each time.
async fn check_but(port: &str, authorizer: &OfTest, event: &Value, expected: Expect) {
    let payload: AuthorizerEvent = serde_json::from_value(event.clone()).unwrap();
    let event = LambdaEvent::new(payload, context(None));
    let (result, log) = logged(None, authorizer.handle(event)).await;
    let result = match result {
        Ok(answer) => format!("answers {}", serde_json::to_string(&answer).unwrap()),
        Err(e) => failure(e),
    };
    assert_eq!(log.lines().count(), 1, "one line an event");
    assert!(!log.contains("ada") && !log.contains("t1.") && !log.contains("eyJ"), "{log}");
    let log = log.replace(request_id(), "[REQUEST]");
    expected.assert_eq(&format!("{result}\nlogs {log}").replace(port, ":PORT"));
}

#[tokio::test]
async fn a_ticket_lets_in_once() {
    let authorizer = authorizer(&env(AuthMode::Ticket));
    let mut ticket = Ticket::new("ada".parse().unwrap(), NOW, [7; 16]);
    ticket.scopes = vec!["topic:private/orders".to_owned()];
    ticket.session_ends = Some(NOW.plus(3_600_000));
    let mut event = event();
    event["queryStringParameters"]["ticket"] =
        ticket.mint(&Secret::new(SECRET.into()).unwrap()).into();
    check(&authorizer, &event, expect![[r#"
        answers {"principalId":"fdee430d40bd57de","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"arn:aws:execute-api:us-east-1:123456789012:abc123defg/dev/$connect"}]},"context":{"scopes":"topic:private/orders","tokenExp":"1795518007000","user":"ada"}}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","userHash":"fdee430d40bd57de","outcome":"allowed"}
    "#]]).await;
    check(&authorizer, &event, expect![[r#"
        answers {"principalId":"nobody","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Deny","Resource":"arn:aws:execute-api:us-east-1:123456789012:abc123defg/dev/$connect"}]}}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","outcome":"denied","why":"the ticket has been used"}
    "#]]).await;
}

#[tokio::test]
async fn without_credentials_a_client_is_asked_for_some() {
    let mut event = event();
    event["queryStringParameters"] = Value::Null;
    check(&authorizer(&env(AuthMode::Ticket)), &event, expect![[r#"
        fails with Unauthorized: Unauthorized
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","outcome":"unauthorized","why":"there are no credentials; send `?ticket=` or offer `herald.v1, bearer.TOKEN`"}
    "#]]).await;
}

#[tokio::test]
async fn where_they_are_optional_everybody_has_a_user_of_their_own() {
    check(&authorizer(&env(AuthMode::Optional)), &event(), expect![[r#"
        answers {"principalId":"a7c500a06849ccdc","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"arn:aws:execute-api:us-east-1:123456789012:abc123defg/dev/$connect"}]},"context":{"user":"anonymous:Hh1b-9ExoAMC_Qw="}}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","userHash":"a7c500a06849ccdc","outcome":"allowed"}
    "#]]).await;
}

#[tokio::test]
async fn a_page_of_somebody_else_is_denied() {
    let mut event = event();
    event["headers"]["Origin"] = "https://evil.example".into();
    check(&authorizer(&env(AuthMode::Optional)), &event, expect![[r#"
        answers {"principalId":"nobody","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Deny","Resource":"arn:aws:execute-api:us-east-1:123456789012:abc123defg/dev/$connect"}]}}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","outcome":"denied","why":"the page's origin is not on the list"}
    "#]]).await;
}

#[test]
fn a_setting_that_is_missing_is_found_at_the_start() {
    let said = |change: &dyn Fn(&mut AuthorizerEnv<String>)| {
        let mut env = env(AuthMode::Ticket);
        change(&mut env);
        format!("{}\n", policy(&env).unwrap_err())
    };
    let said = [
        said(&|env| env.ticket_secret = Some(String::new())),
        said(&|env| env.ticket_secret = Some("short".to_owned())),
        said(&|env| env.ticket_secret_before = Some("short".to_owned())),
        said(&|env| env.allowed_origins = Some("*".to_owned())),
        said(&|env| env.auth = AuthMode::Jwt),
        said(&|env| env.jwt_issuer = Some("https://issuer.example".to_owned())),
    ];
    expect![[r#"
        `TICKET_SECRET` is missing, without which no ticket holds; deploy the template again
        `TICKET_SECRET`: the ticket secret has 5 bytes; make one of at least 32
        `TICKET_SECRET_BEFORE`: the ticket secret has 5 bytes; make one of at least 32
        `ALLOWED_ORIGINS`: `*` is no origin; write for example https://app.example.com, without a path
        `JWT_ISSUER` is missing, without which no token holds; deploy the template again
        `JWT_AUDIENCE` is missing, without which no token holds; deploy the template again
    "#]].assert_eq(&said.concat());
    let aws = client(&[]);
    let url = |url| Jwks::new(aws.transport(), Some(url)).map(|_| ()).map_err(|e| e.to_string());
    assert_eq!(url("https://issuer.example/.well-known/jwks.json"), Ok(()));
    assert_eq!(url("http://127.0.0.1:1/jwks.json"), Ok(()));
    for wrong in ["http://issuer.example/jwks.json", "issuer.example", "file:///etc/keys", ""] {
        assert!(url(wrong).is_err(), "{wrong}");
    }
}

/// A key pair of an issuer.
struct Pair {
    kid: &'static str,
    pair: EcdsaKeyPair,
}

impl Pair {
    fn new(kid: &'static str) -> Self {
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        Self { kid, pair: EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap() }
    }

    fn public(&self) -> Value {
        let point = self.pair.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid,
            "x": BASE64.encode(x), "y": BASE64.encode(y),
        })
    }

    /// A token of Ada that holds an hour.
    fn token(&self) -> String {
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": self.kid });
        let claims = json!({
            "iss": "https://issuer.example", "aud": ["herald"], "sub": "ada",
            "exp": NOW.seconds() + 3600, "scope": "openid topic:private/*",
        });
        let signed = [header, claims].map(|part| BASE64.encode(part.to_string())).join(".");
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", BASE64.encode(signature))
    }

    fn event(&self) -> Value {
        let mut event = event();
        event["headers"]["Sec-WebSocket-Protocol"] =
            format!("herald.v1, bearer.{}", self.token()).into();
        event
    }
}

/// An issuer that serves what is in `keys` at the time.
fn issuer(keys: &Arc<Mutex<Value>>) -> Server {
    let keys = Arc::clone(keys);
    Server::start(move |request| {
        assert_eq!((request.method.as_str(), request.path.as_str()), ("GET", "/jwks.json"));
        match &*keys.lock().unwrap() {
            Value::Null => response("503 Service Unavailable", &[], ""),
            set => response("200 OK", &["content-type: application/json"], &set.to_string()),
        }
    })
}

#[tokio::test]
async fn keys_are_fetched_once_and_again_when_a_token_names_a_new_one() {
    let [first, second] = [Pair::new("first"), Pair::new("second")];
    let keys = Arc::new(Mutex::new(json!({ "keys": [first.public()] })));
    let server = issuer(&keys);
    let authorizer = authorizer(&AuthorizerEnv {
        jwt_issuer: Some("https://issuer.example".to_owned()),
        jwt_audience: Some("herald".to_owned()),
        jwks_url: Some(format!("http://{}/jwks.json", server.address)),
        ..env(AuthMode::Jwt)
    });
    check(&authorizer, &first.event(), expect![[r#"
        answers {"principalId":"fdee430d40bd57de","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"arn:aws:execute-api:us-east-1:123456789012:abc123defg/dev/$connect"}]},"context":{"scopes":"openid topic:private/*","tokenExp":"1795518007000","user":"ada"}}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","userHash":"fdee430d40bd57de","outcome":"allowed"}
    "#]]).await;
    check(&authorizer, &first.event(), expect![[r#"
        answers {"principalId":"fdee430d40bd57de","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"arn:aws:execute-api:us-east-1:123456789012:abc123defg/dev/$connect"}]},"context":{"scopes":"openid topic:private/*","tokenExp":"1795518007000","user":"ada"}}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","userHash":"fdee430d40bd57de","outcome":"allowed"}
    "#]]).await;

    *keys.lock().unwrap() = json!({ "keys": [second.public()] });
    // Asked a moment ago, the issuer is not asked again.
    check(&authorizer, &second.event(), expect![[r#"
        answers {"principalId":"nobody","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Deny","Resource":"arn:aws:execute-api:us-east-1:123456789012:abc123defg/dev/$connect"}]}}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","outcome":"denied","why":"the issuer has no such key"}
    "#]]).await;
    authorizer.clock.advance(31_000);
    check(&authorizer, &second.event(), expect![[r#"
        answers {"principalId":"fdee430d40bd57de","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"arn:aws:execute-api:us-east-1:123456789012:abc123defg/dev/$connect"}]},"context":{"scopes":"openid topic:private/*","tokenExp":"1795518007000","user":"ada"}}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","userHash":"fdee430d40bd57de","outcome":"allowed"}
    "#]]).await;
    // It was withdrawn.
    check(&authorizer, &first.event(), expect![[r#"
        answers {"principalId":"nobody","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Deny","Resource":"arn:aws:execute-api:us-east-1:123456789012:abc123defg/dev/$connect"}]}}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","outcome":"denied","why":"the issuer has no such key"}
    "#]]).await;

    // An issuer that does not answer keeps nobody out whose key is known.
    *keys.lock().unwrap() = Value::Null;
    authorizer.clock.advance(3_600_000);
    check(&authorizer, &second.event(), expect![[r#"
        answers {"principalId":"fdee430d40bd57de","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Allow","Resource":"arn:aws:execute-api:us-east-1:123456789012:abc123defg/dev/$connect"}]},"context":{"scopes":"openid topic:private/*","tokenExp":"1795518007000","user":"ada"}}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","userHash":"fdee430d40bd57de","outcome":"allowed"}
    "#]]).await;
    assert_eq!(server.stop().len(), 3);
}

#[tokio::test]
async fn a_token_is_not_refused_for_what_its_issuer_does_wrong() {
    let pair = Pair::new("k");
    let padding = "x".repeat(256 * 1024);
    let keys = Arc::new(Mutex::new(json!({ "keys": [pair.public()], "padding": padding })));
    let server = issuer(&keys);
    let authorizer = authorizer(&AuthorizerEnv {
        jwt_issuer: Some("https://issuer.example".to_owned()),
        jwt_audience: Some("herald".to_owned()),
        jwks_url: Some(format!("http://{}/jwks.json", server.address)),
        ..env(AuthMode::Jwt)
    });
    let port = format!(":{}", server.address.port());
    check_but(&port, &authorizer, &pair.event(), expect![[r#"
        fails with Unavailable: failed to fetch the issuer's keys: http://127.0.0.1:PORT/jwks.json: length limit exceeded
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","error":"failed to fetch the issuer's keys: http://127.0.0.1:PORT/jwks.json: length limit exceeded"}
    "#]]).await;
    authorizer.clock.advance(31_000);
    *keys.lock().unwrap() = Value::Null;
    check_but(&port, &authorizer, &pair.event(), expect![[r#"
        fails with Unavailable: failed to fetch the issuer's keys: http://127.0.0.1:PORT/jwks.json answers 503
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","error":"failed to fetch the issuer's keys: http://127.0.0.1:PORT/jwks.json answers 503"}
    "#]]).await;
    check_but(&port, &authorizer, &pair.event(), expect![[r#"
        fails with Unavailable: the issuer's keys could not be fetched a moment ago
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"ERROR","message":"not handled","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","error":"the issuer's keys could not be fetched a moment ago"}
    "#]]).await;
    server.stop();
}

#[tokio::test]
async fn a_signature_of_another_key_does_not_hold() {
    let [ours, theirs] = [Pair::new("k"), Pair::new("k")];
    let server = issuer(&Arc::new(Mutex::new(json!({ "keys": [ours.public()] }))));
    let authorizer = authorizer(&AuthorizerEnv {
        jwt_issuer: Some("https://issuer.example".to_owned()),
        jwt_audience: Some("herald".to_owned()),
        jwks_url: Some(format!("http://{}/jwks.json", server.address)),
        ..env(AuthMode::Jwt)
    });
    check(&authorizer, &theirs.event(), expect![[r#"
        answers {"principalId":"nobody","policyDocument":{"Version":"2012-10-17","Statement":[{"Action":"execute-api:Invoke","Effect":"Deny","Resource":"arn:aws:execute-api:us-east-1:123456789012:abc123defg/dev/$connect"}]}}
        logs {"timestamp":"2026-11-24T10:00:07Z","level":"INFO","message":"handled","connectionId":"Hh1b-9ExoAMC_Qw=","requestId":"[REQUEST]","gatewayRequestId":"Hh1c0nEctIdMAbc=","outcome":"denied","why":"the token's signature does not hold"}
    "#]]).await;
    server.stop();
}

/// The example of RFC 7515, appendix A.2: a key, and a signature of somebody else's program by it.
#[test]
fn a_signature_by_rsa_holds_and_no_other() {
    use herald_core::auth::PublicKey;
    use herald_core::ports::VerifySignature as _;
    const N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
    const SIGNED: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    let key = PublicKey::Rsa { n: BASE64.decode(N).unwrap(), e: vec![1, 0, 1] };
    let signature = BASE64.decode(SIGNATURE).unwrap();
    assert!(Ring.verify(&key, SIGNED.as_bytes(), &signature));
    assert!(!Ring.verify(&key, &SIGNED.as_bytes()[1..], &signature));
    assert!(!Ring.verify(&key, SIGNED.as_bytes(), &signature[1..]));
}
