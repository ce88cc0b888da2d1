//! Scenarios: a template in a few lines, then a transcript of commands and what comes of them.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on shall say so and stop"
)]

mod scenario;
mod setup;
mod trace;

mod access_log;
mod authorizers;
mod connections_api;
mod disconnect;
mod domains;
mod events;
mod functions;
mod handshake;
mod integrations;
mod limits;
mod messages;
mod simulation;
mod templates;
mod throttling;
