//! What Herald does when something happens to a connection.
//!
//! Decisions only: this crate knows no AWS SDK, no runtime, no environment and no clock. What it
//! needs from outside is a port, a trait that `herald-lambda` implements; what it tells a client
//! is a type of `herald-contract`.

mod delivery;
mod event;
mod reply;
pub mod socket;

pub use delivery::{Delivery, Sender};
pub use event::Event;
pub use reply::{Outcome, Reply};
pub use socket::SocketError;
