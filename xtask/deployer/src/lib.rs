//! Ships an assembly: what `cargo xtask deploy` and its kin do at AWS.
//!
//! ```text
//! assembly ─▶ preflight ─▶ assets ─▶ change set ─▶ plan ─▶ approval ─▶ execute ─▶ follow ─▶ outputs
//!                                                    └──────── events ────────▶ screen
//! ```
//!
//! Reads the assembly and knows nothing of what made it. What a change means is told by
//! `infra_gen::diff`, how a call is made by `aws-wire`; when something is called, and what is done
//! about the answer, is told here. Time, terminal and interruption come in through [`Context`], so
//! that tests play an hour of CloudFormation in a moment.

pub mod apigateway;
pub mod approval;
pub mod assets;
pub mod bootstrap;
pub mod bucket;
pub mod calls;
pub mod cause;
pub mod change_set;
pub mod cli;
pub mod clock;
pub mod cloudformation;
pub mod code;
pub mod console;
pub mod context;
pub mod credentials;
pub mod deploy;
pub mod deployed;
pub mod destroy;
pub mod estimate;
pub mod failure;
pub mod follow;
pub mod gc;
pub mod iam;
pub mod interrupt;
pub mod lambda;
pub mod last_words;
pub mod log_line;
pub mod logs;
pub mod news;
pub mod outputs;
pub mod parameters;
pub mod plan;
pub mod policy;
pub mod preflight;
pub mod prepared;
pub mod recover;
pub mod s3;
pub mod screen;
pub mod secrets;
pub mod state;
pub mod status;
pub mod sts;
pub mod tail;
pub mod target;
pub mod time;

pub use context::Context;
pub use failure::{Exit, Failure, Result};

/// Does what was typed.
///
/// # Errors
/// Those of the command.
pub async fn run(command: &cli::Command, context: &Context) -> Result {
    use cli::Command;
    match command {
        Command::Deploy(args) => deploy::run(args, context).await,
        Command::Bootstrap(args) => bootstrap::run(args, context).await,
        Command::Destroy(args) => destroy::run(args, context).await,
        Command::Outputs(args) => outputs::run(args, context).await,
        Command::Status(args) => status::run(args, context).await,
        Command::Logs(args) => tail::run(args, context).await,
        Command::Gc(args) => gc::run(args, context).await,
        Command::Deployed(args) => deployed::run(args, context).await,
    }
}
