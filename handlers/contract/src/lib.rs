//! What infrastructure, handlers and command line agree on.
//!
//! Data only: this crate reads no environment, sends nothing and decides nothing that a route
//! does. `stacks` writes what is named here into a template, `herald-lambda` reads it back, and
//! `herald-core` speaks its messages. What two of them must agree on is a type here, never a
//! string in both.

mod callback_url;
mod connection_id;
pub mod env;
mod function;
pub mod functions;
mod message;
mod route;

pub use callback_url::{CallbackUrl, CallbackUrlError};
pub use connection_id::{ConnectionId, EmptyConnectionId};
pub use function::{Function, Grant, Spec, UnknownFunction};
pub use message::CallbackInfo;
pub use route::Route;
