//! Tickets: what a back end gives a browser so that it may open one connection.
//!
//! A browser cannot set headers on an upgrade, so the ticket stands in the query string, where logs
//! and histories may keep it. Hence it holds a minute and once; that it was used is kept in the
//! table, by the authorizer. Pure: who mints says what time it is and gives the nonce.

use crate::{Millis, UserId};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use std::fmt;

/// How long a ticket holds, in milliseconds.
pub const LIFE_MS: u64 = 60 * 1000;

/// How much later than ours the clock of who minted it may be, in milliseconds. A ticket that ends
/// later than life and skew allow was not minted by these rules, and its use would be forgotten
/// before its end.
pub const SKEW_MS: u64 = 5 * 1000;

/// The shortest secret, in bytes: as long as the digest, as RFC 2104 asks.
pub const SECRET_BYTES_MIN: usize = 32;

/// The longest ticket that is looked at, in bytes.
pub const TICKET_BYTES_MAX: usize = 2048;

/// Changes with the format, so that an old ticket is not misread.
const PREFIX: &str = "t1";

/// Who may connect, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Whose connection it will be.
    pub user: UserId,
    /// What that user may do beyond the ordinary, for example `topic:private/orders`.
    pub scopes: Vec<String>,
    /// The end of the ticket.
    pub expires: Millis,
    /// The end of the connection at the latest, where the session of the user has one.
    pub session_ends: Option<Millis>,
    /// What makes it different from every other: 16 random bytes.
    pub nonce: [u8; 16],
}

/// The payload on the wire; short keys, since it is part of a URL.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload {
    u: UserId,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    s: Vec<String>,
    e: Millis,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    x: Option<Millis>,
    n: String,
}

impl Ticket {
    /// A ticket from `now` on, for the usual time.
    pub fn new(user: UserId, now: Millis, nonce: [u8; 16]) -> Self {
        let expires = now.plus(LIFE_MS);
        Self { user, scopes: Vec::new(), expires, session_ends: None, nonce }
    }

    /// The ticket as a text for `?ticket=`; it needs no further encoding.
    pub fn mint(&self, secret: &Secret) -> String {
        let payload = Payload {
            u: self.user.clone(),
            s: self.scopes.clone(),
            e: self.expires,
            x: self.session_ends,
            n: self.nonce_text(),
        };
        let payload = serde_json::to_vec(&payload).expect("texts and numbers are always JSON");
        let signed = format!("{PREFIX}.{}", BASE64.encode(payload));
        let mac = BASE64.encode(secret.mac(&signed).finalize().into_bytes());
        format!("{signed}.{mac}")
    }

    /// Reads a ticket that one of `secrets` signed: the current one, and the one before while it is
    /// replaced.
    ///
    /// # Errors
    /// Where it is no ticket, of another secret, or past its end. None of it is repeated.
    pub fn verify(text: &str, secrets: &[Secret], now: Millis) -> Result<Self, TicketError> {
        if text.len() > TICKET_BYTES_MAX {
            return Err(TicketError::Malformed);
        }
        let (signed, mac) = text.rsplit_once('.').ok_or(TicketError::Malformed)?;
        let payload = signed.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix('.'));
        let payload = payload.ok_or(TicketError::Malformed)?;
        let mac = BASE64.decode(mac).map_err(|_| TicketError::Malformed)?;
        // Nothing of the payload is believed, or even parsed, before its signature holds.
        if !secrets.iter().any(|secret| secret.mac(signed).verify_slice(&mac).is_ok()) {
            return Err(TicketError::Signature);
        }
        let payload = BASE64.decode(payload).map_err(|_| TicketError::Malformed)?;
        let Payload { u: user, s: scopes, e: expires, x: session_ends, n: nonce } =
            serde_json::from_slice(&payload).map_err(|_| TicketError::Malformed)?;
        let nonce = BASE64.decode(nonce).ok().and_then(|n| n.try_into().ok());
        let nonce = nonce.ok_or(TicketError::Malformed)?;
        if expires <= now {
            return Err(TicketError::Expired { late_ms: now.since(expires) });
        }
        if expires > now.plus(LIFE_MS + SKEW_MS) {
            return Err(TicketError::TooLong);
        }
        if session_ends.is_some_and(|end| end <= now) {
            return Err(TicketError::SessionEnded);
        }
        Ok(Self { user, scopes, expires, session_ends, nonce })
    }

    /// The nonce as it stands in a key of the table.
    pub fn nonce_text(&self) -> String {
        BASE64.encode(self.nonce)
    }
}

/// What tickets are signed with.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes a secret of at least 32 bytes.
    ///
    /// # Errors
    /// Where it is shorter.
    pub fn new(bytes: Vec<u8>) -> Result<Self, ShortSecret> {
        if bytes.len() < SECRET_BYTES_MIN { Err(ShortSecret(bytes.len())) } else { Ok(Self(bytes)) }
    }

    fn mac(&self, text: &str) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.0);
        mac.expect("a key of any length will do").chain_update(text)
    }
}

/// A secret shows nothing of itself.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A secret that could be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ticket secret has {0} bytes; make one of at least {SECRET_BYTES_MIN}")]
pub struct ShortSecret(usize);

/// Why a text opens no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// It is no ticket at all.
    #[error("the ticket is malformed")]
    Malformed,
    /// Somebody else signed it, or it was changed.
    #[error("the ticket's signature does not hold")]
    Signature,
    /// It came too late.
    #[error("the ticket has expired {late_ms} ms ago")]
    Expired {
        /// By so much, in milliseconds.
        late_ms: u64,
    },
    /// It would hold longer than tickets do.
    #[error("the ticket ends later than a ticket may; compare the clock of who mints it")]
    TooLong,
    /// The user's session has ended.
    #[error("the session behind the ticket has ended")]
    SessionEnded,
}

#[cfg(test)]
mod tests;
