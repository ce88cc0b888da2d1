//! JSON Web Tokens: what has to hold of one (RFC 7519, RFC 8725).
//!
//! The token never decides how it is verified: the algorithm is one of two, and the key it names
//! fits exactly one of them.

use super::{Algorithm, KeyCache, KeyError, Principal};
use crate::ports::{KeySource, VerifySignature};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use herald_contract::{Millis, UserId};
use serde::Deserialize;
use serde_json::{Number, Value};

/// How far the clock of the issuer may be off, in milliseconds.
const SKEW_MS: u64 = 60 * 1000;

/// The longest token that is looked at, in bytes: API Gateway takes 10 KB of headers in all.
const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// What a stage asks of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtRules {
    /// The `iss` it has.
    pub issuer: String,
    /// What its `aud` is, or has among others.
    pub audience: String,
}

/// A token that can be read; nothing of it is to be believed yet.
#[derive(Clone, Debug)]
pub struct Jwt<'a> {
    algorithm: Algorithm,
    kid: String,
    claims: Claims,
    signed: &'a str,
    signature: Vec<u8>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    crit: Option<Value>,
}

#[derive(Clone, Debug, Deserialize)]
struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<OneOrMany>,
    exp: Option<Number>,
    nbf: Option<Number>,
    iat: Option<Number>,
    scope: Option<OneOrMany>,
    scp: Option<OneOrMany>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    fn iter(&self) -> impl Iterator<Item = &str> {
        let all = match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(many) => many,
        };
        all.iter().map(String::as_str)
    }
}

impl<'a> Jwt<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// Where it is none, or asks for something that we do not do.
    pub fn parse(token: &'a str) -> Result<Self, JwtError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(JwtError::TooLong);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(JwtError::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(JwtError::Malformed)?;
        let header: Header = part(header)?;
        if header.crit.is_some() {
            return Err(JwtError::Critical);
        }
        let is_jwt = |typ: &str| ["jwt", "at+jwt"].iter().any(|t| typ.eq_ignore_ascii_case(t));
        if !header.typ.as_deref().is_none_or(is_jwt) {
            return Err(JwtError::Type);
        }
        let algorithm = match header.alg.as_str() {
            "RS256" => Algorithm::Rs256,
            "ES256" => Algorithm::Es256,
            _ => return Err(JwtError::Algorithm),
        };
        Ok(Self {
            algorithm,
            kid: header.kid.ok_or(JwtError::NoKeyId)?,
            claims: part(claims)?,
            signed,
            signature: BASE64.decode(signature).map_err(|_| JwtError::Malformed)?,
        })
    }

    /// Whose token it is, once its signature and its claims hold.
    ///
    /// # Errors
    /// The first thing that does not hold.
    pub async fn verify(
        &self,
        rules: &JwtRules,
        keys: &KeyCache,
        source: &impl KeySource,
        verifier: &impl VerifySignature,
        now: Millis,
    ) -> Result<Principal, JwtError> {
        let key = keys.find(&self.kid, self.algorithm, source, now).await?;
        if !verifier.verify(&key, self.signed.as_bytes(), &self.signature) {
            return Err(JwtError::Signature);
        }
        self.claims.check(rules, now)
    }
}

impl Claims {
    fn check(&self, rules: &JwtRules, now: Millis) -> Result<Principal, JwtError> {
        if self.iss.as_deref() != Some(&rules.issuer) {
            return Err(JwtError::Issuer);
        }
        if !self.aud.as_ref().is_some_and(|aud| aud.iter().any(|a| a == rules.audience)) {
            return Err(JwtError::Audience);
        }
        let exp = date(self.exp.as_ref())?.ok_or(JwtError::NoExpiry)?;
        if exp.plus(SKEW_MS) <= now {
            return Err(JwtError::Expired);
        }
        for begin in [&self.nbf, &self.iat] {
            if date(begin.as_ref())?.is_some_and(|begin| begin > now.plus(SKEW_MS)) {
                return Err(JwtError::NotYet);
            }
        }
        let user = self.sub.as_ref().and_then(|sub| sub.parse::<UserId>().ok());
        let user = user.filter(|user| !user.is_anonymous()).ok_or(JwtError::Subject)?;
        let scopes = [&self.scope, &self.scp].into_iter().flatten().flat_map(OneOrMany::iter);
        let scopes = scopes.flat_map(str::split_ascii_whitespace).map(str::to_owned).collect();
        Ok(Principal { user, scopes, token_exp: Some(exp) })
    }
}

fn part<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, JwtError> {
    let bytes = BASE64.decode(text).map_err(|_| JwtError::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| JwtError::Malformed)
}

/// A NumericDate: seconds, and maybe a fraction, which says nothing to us.
fn date(number: Option<&Number>) -> Result<Option<Millis>, JwtError> {
    let Some(number) = number else {
        return Ok(None);
    };
    // A century from now, so that nothing overflows.
    const SECONDS_MAX: u64 = 5_000_000_000;
    let whole = number.as_u64().or_else(|| number.as_f64().map(|f| f as u64));
    let whole = whole.filter(|_| number.as_f64().is_some_and(|f| f >= 0.0));
    match whole {
        Some(seconds) if seconds <= SECONDS_MAX => Ok(Some(Millis::new(seconds * 1000))),
        _ => Err(JwtError::Malformed),
    }
}

/// Why a token does not hold. None of it is repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwtError {
    /// It cannot be read.
    #[error("the token is malformed")]
    Malformed,
    /// It is longer than tokens are.
    #[error("the token is longer than {TOKEN_BYTES_MAX} bytes")]
    TooLong,
    /// It is signed in a way that does not count here, or not at all.
    #[error("the token is signed with neither RS256 nor ES256")]
    Algorithm,
    /// It is something else, for example an ID token of another profile.
    #[error("the token's `typ` is neither JWT nor at+jwt")]
    Type,
    /// It must not be used by who does not understand all of it.
    #[error("the token has critical extensions")]
    Critical,
    /// It does not say which key signed it.
    #[error("the token has no `kid`")]
    NoKeyId,
    /// There is no key to verify it.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Somebody else signed it, or it was changed.
    #[error("the token's signature does not hold")]
    Signature,
    /// It is from somebody else.
    #[error("the token is from another issuer")]
    Issuer,
    /// It is for somebody else.
    #[error("the token is for another audience")]
    Audience,
    /// It would hold for ever.
    #[error("the token has no `exp`")]
    NoExpiry,
    /// It came too late.
    #[error("the token has expired")]
    Expired,
    /// It came too early.
    #[error("the token does not hold yet")]
    NotYet,
    /// It names no user.
    #[error("the token's `sub` is no user")]
    Subject,
}

#[cfg(test)]
mod tests;
