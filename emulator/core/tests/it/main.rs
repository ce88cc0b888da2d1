//! Scenarios: a template in a few lines, then a transcript of commands and what comes of them.

#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot go on shall say so and stop"
)]

mod requests;
mod scenario;
mod setup;
mod setup_sources;
#[path = "../support/signer.rs"]
mod signer;
mod signing;
mod stream;
mod trace;

mod access_log;
mod asynchronous;
mod authorizers;
mod connections_api;
mod disconnect;
mod domains;
mod events;
mod execution_log;
mod faults;
mod fidelity;
mod functions;
mod handshake;
mod integrations;
mod lambda_api;
mod limits;
mod logs;
mod mappings;
mod messages;
mod metrics;
mod permissions;
mod queues;
mod refused;
mod rules;
mod schedules;
mod service_integrations;
mod services;
mod simulation;
mod stack;
mod templates;
mod throttling;
