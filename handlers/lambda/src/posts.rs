//! `@connections` of API Gateway as the ports of `herald-core`, in two ways that do the same.
//!
//! [`Clients`] is the SDK of the service, for a function that posts once an event. [`Connections`]
//! speaks HTTP itself: a post takes a quarter of the processor that it takes the SDK, which is what
//! a fan-out is made of. Both ask once more after an attempt without an answer, since idle sockets do
//! not survive the time an environment is frozen.

mod counted;
mod delivery;
mod direct;
mod sdk;

pub use counted::Counted;
pub use direct::Connections;
pub use sdk::Clients;

use std::time::Duration;

/// The same region answers in milliseconds. Two attempts end well before the 29 s after which the
/// gateway gives up, and before the 10 s that a function has by default.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(3);
const ATTEMPTS: u32 = 2;
const BACKOFF: Duration = Duration::from_millis(50);
