//! The adapters and the binary, against a gateway that is a socket of this very process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bins;
mod events;
mod lines;
mod posting;
mod process;
mod server;
mod sigv4;
