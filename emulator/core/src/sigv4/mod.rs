//! AWS Signature Version 4, verified: who signed a request, in headers or in the query string.
//!
//! It says who, never what they may do; that is `iam`. Any Region in the credential scope is
//! accepted. Sources: AWS General Reference, "Create a signed AWS API request"; for the path of
//! `@connections`, what the service itself quotes in its errors.

mod canonical;

use crate::{Time, http};
pub(crate) use canonical::query;
use canonical::{Canonical, Path};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::time::Duration;

/// How far the clocks of signer and verifier may be apart.
const SKEW: Duration = Duration::from_secs(300);

/// Longest life of a presigned URL.
const EXPIRES_SECONDS_MAX: u64 = 7 * 24 * 3600;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Who signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signer {
    /// The access key ID.
    pub access_key_id: String,
    /// The service of the credential scope, for example `execute-api`.
    pub service: String,
    /// The session token sent along, which temporary credentials need.
    pub session_token: Option<String>,
}

/// Why a request counts as signed by nobody. The text is what AWS says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no signature at all.
    #[error("Missing Authentication Token")]
    Unsigned,
    /// There is one, but a part of it is missing or malformed.
    #[error("{0}")]
    Incomplete(String),
    /// Nobody has this access key.
    #[error("The security token included in the request is invalid.")]
    UnknownKey,
    /// It was signed too long ago.
    #[error("Signature expired: {signed_at} is now earlier than {limit} ({now} - {} min.)", life.as_secs() / 60)]
    Expired { signed_at: String, limit: String, now: String, life: Duration },
    /// It was signed for a time still to come.
    #[error("Signature not yet current: {signed_at} is still later than {limit} ({now} + 5 min.)")]
    NotYetCurrent { signed_at: String, limit: String, now: String },
    /// It was signed for another service.
    #[error("Credential should be scoped to correct service: '{service}'. ")]
    OtherService { service: String },
    /// It was signed otherwise, or with another secret.
    #[error(
        "The request signature we calculated does not match the signature you provided. \
         Check your AWS Secret Access Key and signing method. \
         Consult the service documentation for details.\n\n\
         The Canonical String for this request should have been\n'{canonical}'\n\n\
         The String-to-Sign should have been\n'{string_to_sign}'\n"
    )]
    Mismatch { canonical: String, string_to_sign: String },
}

impl Refusal {
    /// The error type AWS gives in `x-amzn-ErrorType`.
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Unsigned => "MissingAuthenticationTokenException",
            Self::Incomplete(_) => "IncompleteSignatureException",
            Self::UnknownKey => "UnrecognizedClientException",
            Self::Expired { .. }
            | Self::NotYetCurrent { .. }
            | Self::OtherService { .. }
            | Self::Mismatch { .. } => "InvalidSignatureException",
        }
    }
}

/// Verifies the signature of a request; `secret_of` gives the secret access key of a key ID.
///
/// # Errors
/// A [`Refusal`] when there is no signature or it does not hold.
pub fn verify(
    request: &http::Request,
    now: Time,
    secret_of: impl FnOnce(&str) -> Option<String>,
) -> Result<Signer, Refusal> {
    verify_with(Path::EncodedAgain, request, now, secret_of)
}

/// The same for signers that take the path as they send it, which AWS does for S3 only.
pub(crate) fn verify_path_as_sent(
    request: &http::Request,
    now: Time,
    secret_of: impl FnOnce(&str) -> Option<String>,
) -> Result<Signer, Refusal> {
    verify_with(Path::AsSent, request, now, secret_of)
}

/// Whether a request carries a signature at all, valid or not.
pub(crate) fn is_signed(request: &http::Request) -> bool {
    !matches!(Signature::find(request), Err(Refusal::Unsigned))
}

fn verify_with(
    path: Path,
    request: &http::Request,
    now: Time,
    secret_of: impl FnOnce(&str) -> Option<String>,
) -> Result<Signer, Refusal> {
    let signature = Signature::find(request)?;
    let scope = Scope::parse(&signature.credential)?;
    signature.check_time(now)?;
    let secret = secret_of(scope.access_key_id).ok_or(Refusal::UnknownKey)?;

    let canonical = Canonical { request, signature: &signature, path }.to_string();
    let Scope { date, region, service, .. } = scope;
    let string_to_sign = format!(
        "{ALGORITHM}\n{}\n{date}/{region}/{service}/aws4_request\n{}",
        signature.time,
        hex(&Sha256::digest(&canonical))
    );
    let mut key = sign(format!("AWS4{secret}").as_bytes(), date);
    for part in [region, service, "aws4_request"] {
        key = sign(&key, part);
    }
    if hex(&sign(&key, &string_to_sign)) != signature.signature {
        return Err(Refusal::Mismatch { canonical, string_to_sign });
    }
    Ok(Signer {
        access_key_id: scope.access_key_id.to_owned(),
        service: service.to_owned(),
        session_token: signature.session_token.clone(),
    })
}

/// The parts of a signature, wherever they stood.
struct Signature {
    credential: String,
    signed_headers: String,
    signature: String,
    /// `X-Amz-Date`: `20261125T081530Z`.
    time: String,
    /// `X-Amz-Expires`, in seconds, of a presigned URL.
    expires: Option<String>,
    /// `X-Amz-Security-Token`.
    session_token: Option<String>,
}

impl Signature {
    fn find(request: &http::Request) -> Result<Self, Refusal> {
        if let Some(value) = request.header("authorization") {
            return Self::from_header(value, request);
        }
        let query = query(request);
        let get = |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        if get("X-Amz-Algorithm").as_deref() != Some(ALGORITHM) {
            return Err(Refusal::Unsigned);
        }
        let need = |name: &str| {
            get(name).ok_or_else(|| {
                Refusal::Incomplete(format!("AWS query-string parameters must include '{name}'."))
            })
        };
        Ok(Self {
            credential: need("X-Amz-Credential")?,
            signed_headers: need("X-Amz-SignedHeaders")?,
            signature: need("X-Amz-Signature")?,
            time: need("X-Amz-Date")?,
            expires: Some(need("X-Amz-Expires")?),
            session_token: get("X-Amz-Security-Token"),
        })
    }

    fn from_header(value: &str, request: &http::Request) -> Result<Self, Refusal> {
        let parts = value.strip_prefix(ALGORITHM).ok_or(Refusal::Unsigned)?;
        let need = |name: &str| {
            parts
                .split(',')
                .filter_map(|part| part.trim().split_once('='))
                .find(|(n, _)| *n == name)
                .map(|(_, v)| v.to_owned())
                .ok_or_else(|| {
                    Refusal::Incomplete(format!(
                        "Authorization header requires '{name}' parameter."
                    ))
                })
        };
        let time = request.header("x-amz-date").ok_or_else(|| {
            Refusal::Incomplete(
                "Authorization header requires existence of 'X-Amz-Date'.".to_owned(),
            )
        })?;
        Ok(Self {
            credential: need("Credential")?,
            signed_headers: need("SignedHeaders")?,
            signature: need("Signature")?,
            time: time.to_owned(),
            expires: None,
            session_token: request.header("x-amz-security-token").map(ToOwned::to_owned),
        })
    }

    fn check_time(&self, now: Time) -> Result<(), Refusal> {
        let signed = Time::parse_basic(&self.time).ok_or_else(|| {
            Refusal::Incomplete(format!("'{}' is not a valid X-Amz-Date.", self.time))
        })?;
        let life = match &self.expires {
            None => SKEW,
            Some(text) => match text.parse() {
                Ok(seconds @ 1..=EXPIRES_SECONDS_MAX) => Duration::from_secs(seconds),
                _ => {
                    return Err(Refusal::Incomplete(format!(
                        "'{text}' is not a valid X-Amz-Expires."
                    )));
                }
            },
        };
        let (signed_at, current) = (self.time.clone(), now.basic());
        if now > signed + life {
            let limit = (now - life).basic();
            return Err(Refusal::Expired { signed_at, limit, now: current, life });
        }
        if signed > now + SKEW {
            let limit = (now + SKEW).basic();
            return Err(Refusal::NotYetCurrent { signed_at, limit, now: current });
        }
        Ok(())
    }
}

/// A credential: key ID and scope.
struct Scope<'a> {
    access_key_id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
}

impl<'a> Scope<'a> {
    fn parse(credential: &'a str) -> Result<Self, Refusal> {
        let parts: Vec<_> = credential.split('/').collect();
        let [access_key_id, date, region, service, "aws4_request"] = parts[..] else {
            return Err(Refusal::Incomplete(format!(
                "Credential must have exactly 5 slash-delimited elements, e.g. \
                 keyid/date/region/service/term, got '{credential}'"
            )));
        };
        Ok(Self { access_key_id, date, region, service })
    }
}

fn sign(key: &[u8], message: &str) -> Vec<u8> {
    // HMAC takes keys of any length, so there is nothing to refuse.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(message.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        _ = write!(out, "{byte:02x}");
    }
    out
}

#[cfg(test)]
mod tests;
