use super::*;
use crate::auth::PublicKey;
use crate::ports::PortError;
use crate::testing::now_or_never;
use expect_test::{Expect, expect};
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// A signature that anybody can make, so that these tests are about the rules.
struct Toy;

impl VerifySignature for Toy {
    fn verify(&self, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        toy_signature(key.algorithm(), message) == signature
    }
}

fn toy_signature(algorithm: Algorithm, message: &[u8]) -> Vec<u8> {
    Sha256::new().chain_update(format!("{algorithm:?}")).chain_update(message).finalize().to_vec()
}

struct Issuer;

impl KeySource for Issuer {
    async fn fetch(&self) -> Result<String, PortError> {
        let coordinate = BASE64.encode([7; 32]);
        let rsa = json!({"kty": "RSA", "kid": "r", "n": BASE64.encode([9; 256]), "e": "AQAB"});
        let ec = json!({"kty": "EC", "crv": "P-256", "kid": "e", "x": coordinate, "y": coordinate});
        Ok(json!({ "keys": [rsa, ec] }).to_string())
    }
}

/// 2026-11-24T10:00:00Z, in seconds.
const NOW: u64 = 1_795_514_400;

fn header() -> Value {
    json!({"alg": "RS256", "kid": "r", "typ": "JWT"})
}

fn claims() -> Value {
    json!({"iss": "https://issuer", "aud": "herald", "sub": "ada", "exp": NOW + 300, "iat": NOW})
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn token(header: &Value, claims: &Value) -> String {
    let signed =
        format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()));
    let algorithm = if header["alg"] == "ES256" { Algorithm::Es256 } else { Algorithm::Rs256 };
    format!("{signed}.{}", BASE64.encode(toy_signature(algorithm, signed.as_bytes())))
}

fn verify(token: &str) -> Result<Principal, JwtError> {
    let rules = JwtRules { issuer: "https://issuer".to_owned(), audience: "herald".to_owned() };
    let now = Millis::new(NOW * 1000);
    let jwt = Jwt::parse(token)?;
    now_or_never(jwt.verify(&rules, &KeyCache::default(), &Issuer, &Toy, now))
}

fn check(rows: impl IntoIterator<Item = (Value, Value)>, want: Expect) {
    let lines = rows.into_iter().map(|(header, claims)| match verify(&token(&header, &claims)) {
        Ok(p) => format!("{} {:?} until {:?}\n", p.user, p.scopes, p.token_exp),
        Err(e) => format!("{e}\n"),
    });
    want.assert_eq(&lines.collect::<String>());
}

#[test]
fn a_token_says_who_connects_and_until_when() {
    let es = with(with(header(), "alg", json!("ES256")), "kid", json!("e"));
    let at = with(header(), "typ", json!("at+JWT"));
    check(
        [
            (header(), claims()),
            (es, claims()),
            (at, with(claims(), "aud", json!(["other", "herald"]))),
            (header(), with(claims(), "scope", json!("openid topic:private/a"))),
            (header(), with(claims(), "scp", json!(["topic:private/a", "topic:private/b"]))),
            (header(), with(claims(), "exp", json!(NOW as f64 + 300.5))),
        ],
        expect![[r#"
            ada [] until Some(Millis(1795514700000))
            ada [] until Some(Millis(1795514700000))
            ada [] until Some(Millis(1795514700000))
            ada ["openid", "topic:private/a"] until Some(Millis(1795514700000))
            ada ["topic:private/a", "topic:private/b"] until Some(Millis(1795514700000))
            ada [] until Some(Millis(1795514700000))
        "#]],
    );
}

#[test]
fn the_token_does_not_choose_how_it_is_verified() {
    check(
        [
            (with(header(), "alg", json!("none")), claims()),
            (with(header(), "alg", json!("HS256")), claims()),
            (with(header(), "alg", json!("rs256")), claims()),
            (with(header(), "alg", json!("ES256")), claims()),
            (with(header(), "kid", json!("e")), claims()),
            (with(header(), "kid", json!("made up")), claims()),
            (with(header(), "kid", Value::Null), claims()),
            (with(header(), "crit", json!(["exp"])), claims()),
            (with(header(), "typ", json!("logout+jwt")), claims()),
        ],
        expect![[r#"
            the token is signed with neither RS256 nor ES256
            the token is signed with neither RS256 nor ES256
            the token is signed with neither RS256 nor ES256
            the issuer has no such key
            the issuer has no such key
            the issuer has no such key
            the token has no `kid`
            the token has critical extensions
            the token's `typ` is neither JWT nor at+jwt
        "#]],
    );
}

#[test]
fn every_claim_counts() {
    check(
        [
            (header(), with(claims(), "iss", json!("https://issuer/"))),
            (header(), with(claims(), "iss", Value::Null)),
            (header(), with(claims(), "aud", json!("heralds"))),
            (header(), with(claims(), "aud", json!([]))),
            (header(), with(claims(), "aud", Value::Null)),
            (header(), with(claims(), "sub", Value::Null)),
            (header(), with(claims(), "sub", json!("a#b"))),
            (header(), with(claims(), "sub", json!("anonymous:PJqB0fHsqRcCHlw="))),
            (header(), with(claims(), "exp", Value::Null)),
            (header(), with(claims(), "exp", json!("1795514700"))),
            (header(), with(claims(), "exp", json!(-1))),
            (header(), with(claims(), "exp", json!(1e30))),
        ],
        expect![[r#"
            the token is from another issuer
            the token is from another issuer
            the token is for another audience
            the token is for another audience
            the token is for another audience
            the token's `sub` is no user
            the token's `sub` is no user
            the token's `sub` is no user
            the token has no `exp`
            the token is malformed
            the token is malformed
            the token is malformed
        "#]],
    );
}

#[test]
fn clocks_may_differ_by_a_minute() {
    check(
        [
            (header(), with(claims(), "exp", json!(NOW - 59))),
            (header(), with(claims(), "exp", json!(NOW - 60))),
            (header(), with(claims(), "nbf", json!(NOW + 60))),
            (header(), with(claims(), "nbf", json!(NOW + 61))),
            (header(), with(claims(), "iat", json!(NOW + 61))),
        ],
        expect![[r#"
            ada [] until Some(Millis(1795514341000))
            the token has expired
            ada [] until Some(Millis(1795514700000))
            the token does not hold yet
            the token does not hold yet
        "#]],
    );
}

#[test]
fn every_changed_character_is_noticed() {
    let text = token(&header(), &claims());
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        assert!(verify(&String::from_utf8(bytes).unwrap()).is_err(), "character {at}");
    }
}

#[test]
fn what_is_no_token_is_malformed() {
    for text in ["", ".", "..", "a.b.c", "eyJhbGciOiJSUzI1NiJ9", "eyJhbGciOiJSUzI1NiJ9.e30"] {
        assert_eq!(verify(text), Err(JwtError::Malformed), "{text}");
    }
    assert_eq!(verify(&"a".repeat(8193)), Err(JwtError::TooLong));
}
