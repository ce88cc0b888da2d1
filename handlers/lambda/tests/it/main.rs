//! The adapters and the binaries, against AWS as sockets of this very process play it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod authorizer;
mod bins;
mod engine;
mod events;
mod fakes;
mod functions;
mod lambda;
mod lines;
mod peers;
mod ports;
mod posting;
mod process;
#[path = "../../../../aws/tests/support/server.rs"]
mod server;
#[path = "../../../../aws/tests/support/sigv4.rs"]
mod sigv4;
mod table;
