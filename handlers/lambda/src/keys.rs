//! The keys of an issuer over HTTPS, and signatures by ring.

use aws_wire::http::{Request, Uri};
use aws_wire::{Bytes, Limits, Transport};
use herald_core::auth::PublicKey;
use herald_core::ports::{KeySource, PortError, VerifySignature};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use std::time::Duration;

/// The longest key set that is read, in bytes.
const BYTES_MAX: usize = 256 * 1024;

/// A client waits for it, and the authorizer of a WebSocket API has 10 s by default.
const TIMEOUT: Duration = Duration::from_secs(3);

/// The key set of an issuer, where there is one.
#[derive(Clone, Debug)]
pub struct Jwks {
    transport: Transport,
    url: Option<Uri>,
}

/// A URL that keys are not fetched from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no URL of a key set; write https://HOST/PATH (http is for this machine only)")]
pub struct KeySetUrlError(String);

impl Jwks {
    /// The key set at this URL; nothing is fetched yet.
    ///
    /// # Errors
    /// Where others on the way could exchange the keys, or it is no URL at all.
    pub fn new(transport: &Transport, url: Option<&str>) -> Result<Self, KeySetUrlError> {
        let limits = Limits { attempt: TIMEOUT, body: BYTES_MAX, ..Limits::default() };
        let url = url.map(|url| key_set_url(url).ok_or_else(|| KeySetUrlError(url.to_owned())));
        Ok(Self { transport: transport.with_limits(limits), url: url.transpose()? })
    }
}

fn key_set_url(url: &str) -> Option<Uri> {
    const THIS_MACHINE: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];
    let url: Uri = url.parse().ok()?;
    let host = url.host().filter(|host| !host.is_empty())?;
    let is_private = match url.scheme_str()? {
        "https" => true,
        "http" => THIS_MACHINE.contains(&host),
        _ => false,
    };
    is_private.then_some(url)
}

impl KeySource for Jwks {
    async fn fetch(&self) -> Result<String, PortError> {
        let failed = |why: String, retryable| {
            Err(PortError { what: "fetch the issuer's keys".to_owned(), why, retryable })
        };
        let Some(url) = &self.url else {
            return failed("no URL is set".to_owned(), false);
        };
        let host = url.authority().map(ToString::to_string).unwrap_or_default();
        let request = Request::get(url).header("host", host).header("accept", "application/json");
        let request = match request.body(Bytes::new()) {
            Ok(request) => request,
            Err(e) => return failed(e.to_string(), false),
        };
        let answer = match self.transport.send(request).await {
            Ok(answer) => answer,
            Err(e) => return failed(format!("{url}: {e}"), true),
        };
        let status = answer.status().as_u16();
        if status != 200 {
            return failed(format!("{url} answers {status}"), status >= 500 || status == 429);
        }
        match String::from_utf8(answer.into_body().into()) {
            Ok(text) => Ok(text),
            Err(_) => failed(format!("{url} answers with something that is no text"), false),
        }
    }
}

/// Signatures by ring.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ring;

impl VerifySignature for Ring {
    fn verify(&self, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
        match key {
            PublicKey::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
            PublicKey::P256 { x, y } => {
                // An uncompressed point (SEC 1).
                let point = [&[4], &x[..], &y[..]].concat();
                let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
                key.verify(message, signature).is_ok()
            }
        }
    }
}
