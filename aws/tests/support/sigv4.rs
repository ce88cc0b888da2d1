//! Signature Version 4 as its documentation has it ("Create a signed AWS API request"), written
//! anew so that the signer is not its own witness.

use crate::server::Request;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The scope that `request` was signed for, without its date, if the signature is right.
pub(crate) fn verified_scope(request: &Request, secret: &str) -> Result<String, String> {
    let authorization = &request.headers["authorization"];
    let part = |name: &str| {
        let (_, rest) = authorization.split_once(&format!("{name}=")).unwrap();
        rest.split(", ").next().unwrap().to_owned()
    };
    let credential = part("Credential");
    let (_, scope) = credential.split_once('/').unwrap();
    let signed = part("SignedHeaders");

    let mut headers = String::new();
    for name in signed.split(';') {
        writeln!(headers, "{name}:{}", request.headers[name]).unwrap();
    }
    let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
    // S3 alone takes a path as it was sent.
    let path = if scope.contains("/s3/") { path.to_owned() } else { canonical_path(path) };
    let mut query: Vec<_> = query.split('&').collect();
    query.sort_unstable();
    let canonical = format!(
        "{}\n{path}\n{}\n{headers}\n{signed}\n{}",
        request.method,
        query.join("&"),
        hex(&Sha256::digest(&request.body)),
    );
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{}\n{scope}\n{}",
        request.headers["x-amz-date"],
        hex(&Sha256::digest(&canonical)),
    );
    let key = scope.split('/').fold(format!("AWS4{secret}").into_bytes(), |k, s| hmac(&k, s));
    let (expected, actual) = (hex(&hmac(&key, &to_sign)), part("Signature"));
    if expected == actual {
        Ok(scope.split_once('/').unwrap().1.to_owned())
    } else {
        Err(format!("signature {actual} instead of {expected} over\n{canonical}"))
    }
}

/// The path as it was sent, encoded once more.
fn canonical_path(path: &str) -> String {
    let mut canonical = String::new();
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                canonical.push(byte.into());
            }
            _ => write!(canonical, "%{byte:02X}").unwrap(),
        }
    }
    canonical
}

/// RFC 2104 for keys of at most one block.
fn hmac(key: &[u8], message: &str) -> Vec<u8> {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    let inner =
        Sha256::new().chain_update(block.map(|b| b ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|b| b ^ 0x5c)).chain_update(inner).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn the_witness_agrees_with_the_vector_of_rfc_4231() {
    assert_eq!(
        hex(&hmac(b"Jefe", "what do ya want for nothing?")),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}
