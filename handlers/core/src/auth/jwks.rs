//! The keys of an issuer: which of them may verify, and when they are fetched again.

use crate::ports::{KeySource, PortError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use herald_contract::Millis;
use serde::Deserialize;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Keys are fetched anew when they are older, so that one that was withdrawn stops to hold.
const FRESH_MS: u64 = 60 * 60 * 1000;

/// They are not fetched more often than this, whoever sends tokens with names of keys that do not
/// exist.
const REFRESH_MS_MIN: u64 = 30 * 1000;

/// While the issuer does not answer, what is known holds on for so long.
const STALE_MS_MAX: u64 = 24 * 60 * 60 * 1000;

/// No issuer has more; what is beyond is not looked at.
const KEYS_MAX: usize = 64;

/// The bits of an RSA modulus: less is broken, more takes long to verify.
const RSA_BYTES: std::ops::RangeInclusive<usize> = 2048 / 8..=8192 / 8;

/// How a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

/// A public key. It determines the algorithm, so that a token cannot choose another for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// For RS256.
    Rsa {
        /// The modulus, big-endian, without zeros in front.
        n: Vec<u8>,
        /// The exponent, likewise.
        e: Vec<u8>,
    },
    /// For ES256.
    P256 {
        /// One coordinate.
        x: [u8; 32],
        /// The other.
        y: [u8; 32],
    },
}

impl PublicKey {
    /// The only algorithm that it verifies.
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Rsa { .. } => Algorithm::Rs256,
            Self::P256 { .. } => Algorithm::Es256,
        }
    }
}

#[derive(Deserialize)]
struct Set {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct RawKey {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl RawKey {
    /// A key with its name, where it is one that may verify.
    fn usable(self) -> Option<(String, PublicKey)> {
        if self.used_for.is_some_and(|used| used != "sig") {
            return None;
        }
        let bytes = |text: Option<String>| BASE64.decode(text?).ok();
        let is = |name: &str| self.alg.as_deref().is_none_or(|alg| alg == name);
        let key = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) if is("RS256") => {
                let [n, e] = [bytes(self.n)?, bytes(self.e)?];
                let [n, e] =
                    [n, e].map(|b| b.into_iter().skip_while(|b| *b == 0).collect::<Vec<_>>());
                if !RSA_BYTES.contains(&n.len()) || !(1..=8).contains(&e.len()) {
                    return None;
                }
                PublicKey::Rsa { n, e }
            }
            ("EC", Some("P-256")) if is("ES256") => PublicKey::P256 {
                x: bytes(self.x)?.try_into().ok()?,
                y: bytes(self.y)?.try_into().ok()?,
            },
            _ => return None,
        };
        Some((self.kid?, key))
    }
}

/// The keys in a JSON Web Key Set that may verify. Those that we cannot read are left out: a set
/// may have keys for others in it.
fn parse(text: &str) -> Result<Vec<(String, PublicKey)>, String> {
    let set: Set = serde_json::from_str(text).map_err(|e| format!("it is no key set: {e}"))?;
    let raw = set.keys.into_iter().take(KEYS_MAX);
    Ok(raw.filter_map(|key| serde_json::from_value::<RawKey>(key).ok()?.usable()).collect())
}

/// The keys of one issuer, kept for the life of the process.
#[derive(Debug, Default)]
pub struct KeyCache(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    keys: Vec<(String, PublicKey)>,
    fetched_at: Option<Millis>,
    asked_at: Option<Millis>,
}

impl Known {
    fn find(&self, kid: &str, algorithm: Algorithm) -> Option<PublicKey> {
        let found = self.keys.iter().find(|(k, key)| k == kid && key.algorithm() == algorithm);
        found.map(|(_, key)| key.clone())
    }

    fn age(&self, now: Millis) -> u64 {
        self.fetched_at.map_or(u64::MAX, |at| now.since(at))
    }
}

impl KeyCache {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key of this name for this algorithm. Fetches the set where the key is unknown or the
    /// set is old, but not again and again.
    ///
    /// # Errors
    /// Where there is no such key, or nobody can say.
    pub async fn find(
        &self,
        kid: &str,
        algorithm: Algorithm,
        source: &impl KeySource,
        now: Millis,
    ) -> Result<PublicKey, KeyError> {
        {
            let mut known = self.known();
            let found = known.find(kid, algorithm);
            let too_soon = known.asked_at.is_some_and(|at| now.since(at) < REFRESH_MS_MIN);
            match found {
                Some(key) if known.age(now) < FRESH_MS => return Ok(key),
                Some(key) if too_soon && known.age(now) < STALE_MS_MAX => return Ok(key),
                None if too_soon && known.fetched_at.is_some() => return Err(KeyError::Unknown),
                _ if too_soon => return Err(KeyError::NoKeys),
                _ => known.asked_at = Some(now),
            }
        }
        let fetched = source.fetch().await;
        let mut known = self.known();
        match fetched.map_err(KeyError::Fetch).and_then(|t| parse(&t).map_err(KeyError::Set)) {
            Ok(keys) => {
                known.keys = keys;
                known.fetched_at = Some(now);
                known.find(kid, algorithm).ok_or(KeyError::Unknown)
            }
            Err(error) => {
                let holds_on = known.age(now) < STALE_MS_MAX;
                known.find(kid, algorithm).filter(|_| holds_on).ok_or(error)
            }
        }
    }
}

/// Why there is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The issuer has none of this name for this algorithm.
    #[error("the issuer has no such key")]
    Unknown,
    /// The issuer was asked a moment ago and did not answer.
    #[error("the issuer's keys could not be fetched a moment ago")]
    NoKeys,
    /// The issuer does not answer.
    #[error(transparent)]
    Fetch(PortError),
    /// It answers with something else.
    #[error("the issuer's keys cannot be read: {0}")]
    Set(String),
}

#[cfg(test)]
mod tests;
