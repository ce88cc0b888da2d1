//! Tests of the command line as a whole: real binaries, real sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod cli;
mod crates;
mod delivery;
mod dev;
mod documents;
mod ministack;
mod oidc;
mod operate;
mod peers;
mod push;
mod readme;
mod templates;
