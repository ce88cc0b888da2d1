//! What this crate needs from outside besides the table and the way to clients.
//!
//! Each is a trait that `herald-lambda` implements once; tests implement it by a value. Time is an
//! argument wherever an event is over in an instant, and a [`Clock`] only for what goes on for
//! longer: a job, a fan-out.

use herald_contract::payload::Payload;
use herald_contract::{CallbackUrl, ConnectionId, JobId, Millis, TraceParent, UserId};
use serde::Serialize;

/// Closes connections. It is not part of [`Sender`](crate::Sender), so that a route can be given
/// the one without the other.
pub trait Closer: Sync {
    /// Closes one connection of the stage behind `callback_url`; one that is gone is closed.
    fn close(
        &self,
        callback_url: &CallbackUrl,
        connection_id: &ConnectionId,
    ) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// Invokes other functions and does not wait for them.
pub trait Invoker: Sync {
    /// Hands `payload` to its function, which gets it at least once.
    fn invoke<P: Payload>(&self, payload: &P)
    -> impl Future<Output = Result<(), PortError>> + Send;
}

/// Where what was given up is put for people to look at.
pub trait DeadLetters: Sync {
    /// Puts it there, at least once.
    fn put(&self, letter: &DeadLetter) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// A job that failed for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DeadLetter {
    /// Which.
    pub job_id: JobId,
    /// Its kind.
    pub kind: String,
    /// Whose.
    pub user: UserId,
    /// How often it was tried.
    pub attempts: u64,
    /// Why it failed.
    pub error: String,
    /// When it was given up.
    pub at: Millis,
    /// The trace it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<TraceParent>,
}

/// Time, for what goes on for longer than an instant.
pub trait Clock: Sync {
    /// What time it is.
    fn now(&self) -> Millis;

    /// Waits until it is at least `until`.
    fn sleep_until(&self, until: Millis) -> impl Future<Output = ()> + Send;
}

/// Random numbers, for names and for jitter.
pub trait Chance: Sync {
    /// The next 64 bits; nobody can tell them from those before.
    fn next_u64(&self) -> u64;
}

/// Fetches the public keys of an issuer.
pub trait KeySource: Sync {
    /// The text of its JSON Web Key Set, at most 256 KB.
    fn fetch(&self) -> impl Future<Output = Result<String, PortError>> + Send;
}

/// Checks signatures.
pub trait VerifySignature: Sync {
    /// Whether `signature` is of `message` by the owner of `key`.
    fn verify(&self, key: &crate::auth::PublicKey, message: &[u8], signature: &[u8]) -> bool;
}

/// Why something outside did not do its part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("failed to {what}: {why}")]
pub struct PortError {
    /// What was asked for, as a verb: `invoke worker`.
    pub what: String,
    /// What went wrong, in words for a log.
    pub why: String,
    /// Whether the same may succeed later.
    pub retryable: bool,
}
