//! The canonical form of a request, which is what gets signed.

use super::{Signature, hex};
use crate::http;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use sha2::{Digest as _, Sha256};
use std::fmt;

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The same, but for the separators of a path.
const RESERVED_IN_PATH: &AsciiSet = &RESERVED.remove(b'/');

/// How the path gets into the canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    /// Encoded once more as it was sent; a `%3D` becomes a `%253D`.
    EncodedAgain,
    AsSent,
}

pub(super) struct Canonical<'a> {
    pub(super) request: &'a http::Request,
    pub(super) signature: &'a Signature,
    pub(super) path: Path,
}

impl fmt::Display for Canonical<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { request, signature, path } = self;
        match path {
            Path::EncodedAgain => {
                let path = utf8_percent_encode(&request.path, RESERVED_IN_PATH);
                writeln!(f, "{}\n{path}", request.method)?;
            }
            Path::AsSent => writeln!(f, "{}\n{}", request.method, request.path)?,
        }
        let mut query: Vec<_> = query(request)
            .iter()
            .filter(|(name, _)| name != "X-Amz-Signature")
            .map(|(n, v)| {
                let encode = |text| utf8_percent_encode(text, RESERVED).to_string();
                (encode(n), encode(v))
            })
            .collect();
        query.sort();
        let query: Vec<_> = query.iter().map(|(n, v)| format!("{n}={v}")).collect();
        writeln!(f, "{}", query.join("&"))?;
        for name in signature.signed_headers.split(';') {
            let values: Vec<_> = request
                .headers
                .iter()
                .filter(|(n, _)| n.eq_ignore_ascii_case(name))
                .map(|(_, v)| v.split_whitespace().collect::<Vec<_>>().join(" "))
                .collect();
            writeln!(f, "{name}:{}", values.join(","))?;
        }
        // What a header says of the body counts only where it says that nothing was said.
        let hash = match request.header("x-amz-content-sha256") {
            Some(unsigned @ "UNSIGNED-PAYLOAD") => unsigned.to_owned(),
            Some(_) | None => hex(&Sha256::digest(&request.body)),
        };
        write!(f, "\n{}\n{hash}", signature.signed_headers)
    }
}

/// The parameters of the query, decoded, in their order.
pub(crate) fn query(request: &http::Request) -> Vec<(String, String)> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    request
        .query
        .iter()
        .flat_map(|q| q.split('&'))
        .filter(|part| !part.is_empty())
        .map(|part| part.split_once('=').unwrap_or((part, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}
