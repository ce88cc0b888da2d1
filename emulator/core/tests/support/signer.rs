//! Signs requests as AWS SDKs do, for tests: Signature Version 4 once more, written apart from the
//! code that verifies it.

use gateway_core::Time;
use gateway_core::http::Request;
use gateway_core::lambda::Credentials;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

const REGION: &str = "eu-west-3";

/// The keys of the local administrator.
pub(crate) fn administrator() -> Credentials {
    let test = || "test".to_owned();
    Credentials { access_key_id: test(), secret_access_key: test(), session_token: String::new() }
}

/// Adds `X-Amz-Date`, `X-Amz-Security-Token` and `Authorization`. The request has a `Host` already.
pub(crate) fn sign(request: &mut Request, keys: &Credentials, service: &str, now: Time) {
    let time = now.basic();
    request.headers.push(("X-Amz-Date".into(), time.clone()));
    if !keys.session_token.is_empty() {
        request.headers.push(("X-Amz-Security-Token".into(), keys.session_token.clone()));
    }
    let mut headers: Vec<(String, &str)> = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()))
        .filter(|(name, _)| name == "host" || name.starts_with("x-amz-"))
        .collect();
    headers.sort();
    let signed: Vec<&str> = headers.iter().map(|(name, _)| name.as_str()).collect();
    let signed = signed.join(";");
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
    let hash = hex(&Sha256::digest(&request.body));
    let canonical = format!(
        "{}\n{}\n{}\n{lines}\n{signed}\n{hash}",
        request.method,
        encode(&request.path, "/"),
        request.query.as_deref().unwrap_or_default(),
    );
    let (scope, signature) = signature(&canonical, keys, service, &time);
    let id = &keys.access_key_id;
    let value = format!(
        "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={signed}, Signature={signature}"
    );
    request.headers.push(("Authorization".into(), value));
}

/// Signs in the query string, as a browser's WebSocket has to have it. The request has no query yet.
pub(crate) fn presign(request: &mut Request, keys: &Credentials, service: &str, now: Time) {
    let time = now.basic();
    let scope = format!("{}/{REGION}/{service}/aws4_request", &time[..8]);
    let mut query = vec![
        ("X-Amz-Algorithm", "AWS4-HMAC-SHA256".to_owned()),
        ("X-Amz-Credential", format!("{}/{scope}", keys.access_key_id)),
        ("X-Amz-Date", time.clone()),
        ("X-Amz-Expires", "60".to_owned()),
    ];
    if !keys.session_token.is_empty() {
        query.push(("X-Amz-Security-Token", keys.session_token.clone()));
    }
    query.push(("X-Amz-SignedHeaders", "host".to_owned()));
    let query: Vec<String> = query.iter().map(|(n, v)| format!("{n}={}", encode(v, ""))).collect();
    let query = query.join("&");
    let canonical = format!(
        "{}\n{}\n{query}\nhost:{}\n\nhost\n{}",
        request.method,
        encode(&request.path, "/"),
        request.header("Host").unwrap_or_default(),
        hex(&Sha256::digest(b"")),
    );
    let (_, signature) = signature(&canonical, keys, service, &time);
    request.query = Some(format!("{query}&X-Amz-Signature={signature}"));
}

/// Credential scope and signature.
fn signature(canonical: &str, keys: &Credentials, service: &str, time: &str) -> (String, String) {
    let date = &time[..8];
    let scope = format!("{date}/{REGION}/{service}/aws4_request");
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{time}\n{scope}\n{}",
        hex(&Sha256::digest(canonical.as_bytes()))
    );
    let secret = format!("AWS4{}", keys.secret_access_key).into_bytes();
    let key =
        [date, REGION, service, "aws4_request"].iter().fold(secret, |key, part| hmac(&key, part));
    (scope, hex(&hmac(&key, &to_sign)))
}

fn hmac(key: &[u8], message: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn encode(text: &str, kept: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        let c = char::from(byte);
        if c.is_ascii_alphanumeric() || "-._~".contains(c) || kept.contains(c) {
            out.push(c);
        } else {
            _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
