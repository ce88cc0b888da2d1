use super::*;
use crate::testing::now_or_never;
use serde_json::json;

const START: Millis = Millis::new(1_795_514_400_000);

fn rsa(kid: &str, bytes: usize) -> serde_json::Value {
    json!({"kty": "RSA", "kid": kid, "n": BASE64.encode(vec![0xC5; bytes]), "e": "AQAB"})
}

fn ec(kid: &str) -> serde_json::Value {
    let coordinate = BASE64.encode([7; 32]);
    json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": coordinate, "y": coordinate})
}

fn with(mut key: serde_json::Value, name: &str, value: &str) -> serde_json::Value {
    key[name] = value.into();
    key
}

fn set(keys: &[serde_json::Value]) -> String {
    json!({ "keys": keys }).to_string()
}

/// Answers with the text at the front, and counts.
#[derive(Default)]
struct Issuer {
    set: Mutex<Option<String>>,
    asked: Mutex<u32>,
}

impl Issuer {
    fn has(keys: &[serde_json::Value]) -> Self {
        let issuer = Self::default();
        issuer.answers(Some(set(keys)));
        issuer
    }

    fn answers(&self, text: Option<String>) {
        *self.set.lock().unwrap() = text;
    }

    fn asked(&self) -> u32 {
        *self.asked.lock().unwrap()
    }
}

impl KeySource for Issuer {
    async fn fetch(&self) -> Result<String, PortError> {
        *self.asked.lock().unwrap() += 1;
        self.set.lock().unwrap().clone().ok_or_else(|| PortError {
            what: "fetch the keys".to_owned(),
            why: "timed out".to_owned(),
            retryable: true,
        })
    }
}

fn find(
    cache: &KeyCache,
    issuer: &Issuer,
    kid: &str,
    after_ms: u64,
) -> Result<PublicKey, KeyError> {
    now_or_never(cache.find(kid, Algorithm::Rs256, issuer, START.plus(after_ms)))
}

#[test]
fn only_keys_that_may_verify_are_kept() {
    let text = set(&[
        rsa("a", 256),
        ec("b"),
        with(rsa("c", 256), "use", "enc"),
        with(rsa("d", 256), "alg", "RS512"),
        with(ec("e"), "crv", "P-384"),
        with(ec("f"), "x", "AA"),
        rsa("too short", 255),
        rsa("too long", 1025),
        with(rsa("g", 256), "n", "not base64!"),
        json!({"kty": "oct", "kid": "h", "k": "c2VjcmV0"}),
        json!({"kty": "RSA", "n": "AA", "e": "AQAB"}),
        json!("no key"),
        with(with(rsa("i", 256), "use", "sig"), "alg", "RS256"),
    ]);
    let kept: Vec<_> = parse(&text).unwrap().into_iter().map(|(kid, _)| kid).collect();
    assert_eq!(kept, ["a", "b", "i"]);
    for text in ["", "[]", "{}", r#"{"keys":1}"#] {
        assert!(parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_key_is_for_one_algorithm_only() {
    let (cache, issuer) = (KeyCache::default(), Issuer::has(&[ec("a")]));
    assert_eq!(find(&cache, &issuer, "a", 0), Err(KeyError::Unknown));
}

#[test]
fn keys_are_fetched_once_an_hour() {
    let (cache, issuer) = (KeyCache::default(), Issuer::has(&[rsa("a", 256)]));
    for minutes in [0, 1, 30, 59] {
        assert!(find(&cache, &issuer, "a", minutes * 60_000).is_ok());
    }
    assert_eq!(issuer.asked(), 1);
    assert!(find(&cache, &issuer, "a", 60 * 60_000).is_ok());
    assert_eq!(issuer.asked(), 2);
}

#[test]
fn a_new_key_is_found_and_an_old_one_is_let_go() {
    let (cache, issuer) = (KeyCache::default(), Issuer::has(&[rsa("old", 256)]));
    assert!(find(&cache, &issuer, "old", 0).is_ok());
    issuer.answers(Some(set(&[rsa("new", 256)])));
    assert!(find(&cache, &issuer, "new", 60_000).is_ok());
    assert_eq!(find(&cache, &issuer, "old", 120_000), Err(KeyError::Unknown));
}

#[test]
fn made_up_names_of_keys_do_not_flood_the_issuer() {
    let (cache, issuer) = (KeyCache::default(), Issuer::has(&[rsa("a", 256)]));
    for second in 0..60 {
        let kid = format!("made up {second}");
        assert_eq!(find(&cache, &issuer, &kid, second * 1000), Err(KeyError::Unknown));
    }
    assert_eq!(issuer.asked(), 2);
    assert!(find(&cache, &issuer, "a", 60_000).is_ok(), "the known key still holds");
}

#[test]
fn what_is_known_holds_while_the_issuer_is_away_but_not_for_ever() {
    let (cache, issuer) = (KeyCache::default(), Issuer::has(&[rsa("a", 256)]));
    assert!(find(&cache, &issuer, "a", 0).is_ok());
    issuer.answers(None);
    let hour = 60 * 60_000;
    for at in [2 * hour, 2 * hour + 1, 23 * hour] {
        assert!(find(&cache, &issuer, "a", at).is_ok());
    }
    assert!(matches!(find(&cache, &issuer, "a", 24 * hour), Err(KeyError::Fetch(_))));
    assert_eq!(issuer.asked(), 4);
}

#[test]
fn an_issuer_that_never_answered_is_left_alone_for_a_while() {
    let (cache, issuer) = (KeyCache::default(), Issuer::default());
    assert!(matches!(find(&cache, &issuer, "a", 0), Err(KeyError::Fetch(_))));
    assert_eq!(find(&cache, &issuer, "a", 1000), Err(KeyError::NoKeys));
    issuer.answers(Some("<html>".to_owned()));
    assert!(matches!(find(&cache, &issuer, "a", 30_000), Err(KeyError::Set(_))));
    assert_eq!(issuer.asked(), 2);
}
