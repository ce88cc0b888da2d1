//! The emulator as its users see it: a process, its sockets and what it says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod backends;
mod client;
mod cloud_apis;
mod control;
mod data;
mod emulator;
mod environments;
mod foreign;
mod http;
mod integrations;
mod peers;
mod permissions;
mod reloading;
mod runtimes;
mod side_by_side;
#[path = "../support/signer.rs"]
mod signer;
mod sockets;
mod starting;
mod tls;
