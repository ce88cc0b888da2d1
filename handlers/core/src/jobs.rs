//! Jobs: the state machine, and what each of its steps writes.
//!
//! ```text
//!            claim            finish
//!  QUEUED ──────────▶ RUNNING ──────▶ SUCCEEDED | FAILED | CANCELLED
//!     │                │   ▲                         ▲
//!     │          retry │   │ claim                   │
//!     │                ▼   │                         │
//!     │             RETRY_WAIT ──────── cancel ──────┤
//!     └───────────────────────────────  cancel ──────┘
//! ```
//!
//! A claim takes a lease and a fence; every later write of that worker is under the fence, so one
//! that lost its lease changes nothing any more. The end of a job and the note that its user is to
//! be told are one transaction; `outbox` does the telling. Which job to look at, and when, is
//! found in the index of what is due, never by a scan.

mod cancel;
mod claim;
mod finish;
pub(crate) mod outbox;
mod record;
mod submit;
mod told;

pub(crate) use cancel::{CancelError, cancel};
pub(crate) use claim::{Claim, claim};
pub(crate) use finish::{Beat, HandBack, Verdict, beat, finish, hand_back};
pub use record::Job;
pub(crate) use submit::submit;
pub use submit::{Submission, SubmitError};
pub(crate) use told::latest;

use herald_contract::{JobId, Millis};

/// When a job was submitted, as its name tells.
pub fn submitted_at(id: &JobId) -> Millis {
    crate::ids::time_of(id.as_str())
}

/// How long a worker is taken to be alive after it last said so, in milliseconds.
pub const LEASE_MS: u64 = 30 * 1000;

/// How often it says so, in milliseconds.
pub const HEARTBEAT_MS: u64 = 10 * 1000;

/// How often progress is told at most, in milliseconds.
pub const PROGRESS_MS: u64 = 1000;

/// A worker stops so long before Lambda stops it, in milliseconds.
pub const STOP_EARLY_MS: u64 = 2 * 1000;

/// When somebody looks whether a step that others should have taken was taken, in milliseconds.
pub(crate) const LOOK_AFTER_MS: u64 = 60 * 1000;

/// How often a job may stop for want of time. One that has not ended after so many runs never will.
pub const YIELDS_MAX: u64 = 64;

/// The longest input, as JSON, in bytes.
pub const INPUT_BYTES_MAX: usize = 96 * 1024;

/// The longest result, as JSON, in bytes: an item has room for 400 KB in all.
pub const RESULT_BYTES_MAX: usize = 256 * 1024;

/// The longest checkpoint, as JSON, in bytes. A longer one is not kept, and the job begins anew.
pub(crate) const CHECKPOINT_BYTES_MAX: usize = 64 * 1024;

/// The longest text about what went wrong, in characters.
pub(crate) const ERROR_CHARS_MAX: usize = 1000;
