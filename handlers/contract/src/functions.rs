//! The specification of each function: its variables and its rights, one module a function.

mod socket;

pub use socket::{Socket, SocketEnv};
