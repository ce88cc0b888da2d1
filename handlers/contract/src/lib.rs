//! What infrastructure, handlers and command line agree on.
//!
//! Data only: this crate reads no environment, sends nothing and decides nothing that a route
//! does. `stacks` writes what is named here into a template, `herald-lambda` reads it back, and
//! `herald-core` speaks its messages. What two of them must agree on is a type here, never a
//! string in both.

mod action;
mod callback_url;
pub mod command;
mod connection_id;
pub mod env;
mod function;
pub mod functions;
mod message;
pub mod metric;
mod name;
pub mod payload;
mod route;
pub mod table;
pub mod ticket;
mod time;
mod trace;
pub mod wire;

pub use action::Action;
pub use callback_url::{CallbackUrl, CallbackUrlError};
pub use connection_id::{ConnectionId, EmptyConnectionId};
pub use function::{Function, Grant, Spec, TableAction, UnknownFunction};
pub use message::CallbackInfo;
pub use name::{BroadcastId, Device, IdempotencyKey, JobId, NameError, Topic, UserId};
pub use route::Route;
pub use time::Millis;
pub use trace::{NoTraceParent, TraceParent};
