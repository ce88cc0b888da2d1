//! What a user sees of a deployment, and what AWS is asked for, played against a stand-in for AWS
//! whose every answer is written in the test.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod anywhere;
mod approval;
mod attached;
mod bootstrap;
mod code;
mod documented;
mod kin;
mod line;
mod picture;
mod play;
mod policy;
mod preflight;
mod prepared;
mod progress;
mod refused;
mod regions;
mod secrets;
mod stand_in;
mod stuck;
