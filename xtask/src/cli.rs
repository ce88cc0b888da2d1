//! The command line, as clap sees it. What a command does stands in `commands/`.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Push notifications on API Gateway WebSocket APIs, in Rust from template to handler.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version, max_term_width = 100)]
#[command(after_help = "\
Exit codes:
  0   done, or nothing to do
  1   could not do it; the message says what, which, why, and what to type next
  2   usage
  4   needs update: a generated or reviewed file is stale
  70  a bug in this tool")]
pub(crate) struct Cli {
    /// When to use colour; `auto` means only on a terminal
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Build the handlers, synthesize, and run everything locally on one port
    Dev(Dev),
    /// Run all tests, setting up whatever they need
    Test(Test),
    /// Write the CloudFormation templates of a stage
    Synth(Synth),
    /// Regenerate the typed resources from their schemas
    Codegen(Codegen),
    /// Do exactly what CI does, step by step
    Ci,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask dev
  cargo xtask dev --port 0 --ready-file target/ready.json
  cargo xtask dev --template cdk.out/Chat.template.json --function Handler=target/debug/chat

Ctrl-C or SIGTERM ends it, with every process it started.")]
pub(crate) struct Dev {
    /// The stage of stacks/stages.yaml to run
    #[arg(long, value_name = "NAME", default_value = "dev", conflicts_with = "template")]
    pub(crate) stage: String,
    /// The one port, on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 4000)]
    pub(crate) port: u16,
    /// Do not rebuild and restart when a file is saved
    #[arg(long)]
    pub(crate) no_watch: bool,
    /// Write URLs and process ID to this file, as JSON, once everything answers
    #[arg(long, value_name = "FILE")]
    pub(crate) ready_file: Option<PathBuf>,
    /// Run this template, JSON or YAML, instead of our own
    #[arg(long, value_name = "FILE")]
    pub(crate) template: Option<PathBuf>,
    /// The executable of a function of --template; repeatable
    #[arg(long, value_name = "LOGICAL_ID=PATH", requires = "template")]
    pub(crate) function: Vec<String>,
    /// Shorten time limits, for example idle=10s,lifetime=1m,integration=2s
    #[arg(long, value_name = "NAME=TIME,…")]
    pub(crate) limits: Option<String>,
    /// Build and synthesize, but do not run: what `dev` does when a file is saved
    #[arg(long, hide = true)]
    pub(crate) build_only: bool,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask test
  cargo xtask test dev_ends_without_children")]
pub(crate) struct Test {
    /// Skip the tests that compare with other implementations
    #[arg(long)]
    pub(crate) no_peers: bool,
    /// Reach for no network; what is missing is named
    #[arg(long)]
    pub(crate) offline: bool,
    /// Given to the test runner: cargo nextest where installed, else cargo test
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    pub(crate) args: Vec<String>,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask synth --stage prod
  cargo xtask synth --stdout | less
  cargo xtask synth --check")]
pub(crate) struct Synth {
    /// The stage of stacks/stages.yaml
    #[arg(long, value_name = "NAME", default_value = "dev")]
    pub(crate) stage: String,
    /// Print the template instead of writing the assembly
    #[arg(long, conflicts_with_all = ["check", "write"])]
    pub(crate) stdout: bool,
    /// The stack to print, where a stage has several
    #[arg(long, value_name = "NAME", requires = "stdout")]
    pub(crate) stack: Option<String>,
    /// The format to print
    #[arg(long, value_enum, default_value_t = Format::Yaml, requires = "stdout")]
    pub(crate) format: Format,
    /// Compare the reviewed templates of all stages in stacks/templates/ with what synth gives;
    /// exit 4 if one is stale
    #[arg(long, conflicts_with = "stage")]
    pub(crate) check: bool,
    /// Update the reviewed templates of all stages
    #[arg(long, conflicts_with_all = ["stage", "check"])]
    pub(crate) write: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Yaml,
    Json,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask codegen
  cargo xtask codegen --check
  cargo xtask codegen --add AWS::SNS::Topic")]
pub(crate) struct Codegen {
    /// Write nothing; exit 4 if a generated file is stale
    #[arg(long, conflicts_with = "add")]
    pub(crate) check: bool,
    /// Take up the schema of this resource type first, or its newer version; repeatable
    #[arg(long, value_name = "TYPE", num_args = 1..)]
    pub(crate) add: Vec<String>,
    /// Where schemas are taken from: the folder cfnlint/data/schemas of the Python package cfn-lint;
    /// by default that of the one `cargo xtask test` installs
    #[arg(long, value_name = "DIR", requires = "add")]
    pub(crate) from: Option<PathBuf>,
}
