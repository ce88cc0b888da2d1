//! The domain as its neighbours see it: its functions together, many at once, and input that is
//! none.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot go on has failed, and a world that is played again tells what happens"
)]

mod bad_input;
mod connections;
mod documented;
mod fan_out;
mod house;
mod jobs;
mod notifications;
mod simulation;
