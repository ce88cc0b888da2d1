//! The signer of `gateway-core`'s tests, with the time it is.

#[path = "../../../core/tests/support/signer.rs"]
mod shared;

pub(crate) use shared::*;

use gateway_core::Time;
use std::time::{SystemTime, UNIX_EPOCH};

/// The emulator looks at a real clock, so whoever signs for it has to, too.
pub(crate) fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Time(u64::try_from(since.as_millis()).unwrap())
}
