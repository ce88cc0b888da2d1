//! What Herald does when something happens to a connection, a notification or a job.
//!
//! Decisions only: this crate knows no AWS SDK, no runtime, no environment and no clock. What it
//! needs from outside is a port, a trait that `herald-lambda` implements; what it tells a client
//! is a type of `herald-contract`. Each function of Herald has its entry here: [`socket::handle`],
//! [`authorizer::authorize`], [`dispatcher::batch`], [`worker::run`], [`sender::shard`],
//! [`publish::publish`] and [`sweeper::sweep`].

mod audience;
pub mod auth;
pub mod authorizer;
mod broadcast;
mod bucket;
mod content;
mod delivery;
pub mod dispatcher;
mod event;
pub mod fan_out;
mod idempotency;
mod ids;
mod inbox;
pub mod jobs;
pub mod kinds;
mod notify;
pub mod ports;
pub mod publish;
mod push;
pub mod registry;
mod reply;
pub mod sender;
pub mod socket;
pub mod sweeper;
pub mod table;
pub mod testing;
pub mod worker;

pub use broadcast::BroadcastError;
pub use content::TooLarge;
pub use delivery::{Delivery, Sender};
pub use event::Event;
pub use notify::NotifyError;
pub use reply::{Headers, Outcome, Reply};
pub use socket::SocketError;
