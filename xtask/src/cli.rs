//! The command line, as clap sees it. What a command does stands in `commands/`.

mod ship;

pub(crate) use ship::{
    Bootstrap, Deploy, Destroy, Events, Gc, Logs, Outputs, OutputsFormat, Status, Target,
    TextOrJson,
};

use crate::operator;
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
  3   approval needed; the message shows the exact flag to give
  4   needs update: a generated or reviewed file is stale, or `diff --exit-code` found changes
  5   findings: `validate` reported an error
  6   the stack needs recovery
  70  a bug in this tool
  130 interrupted, or let go of a deployment that goes on")]
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
    #[command(flatten)]
    Operate(operator::Command),
    /// Write the CloudFormation templates of a stage
    Synth(Synth),
    /// Check templates before AWS does
    Validate(Validate),
    /// Show what would change, against reviewed templates or against what is deployed
    Diff(Diff),
    /// Regenerate the typed resources from their schemas
    Codegen(Codegen),
    /// Measure speed and memory, beside others where they can be had
    Bench(Bench),
    /// Build the functions for Lambda, check and zip them
    Bundle(Bundle),
    /// Prepare an account and Region for deployments, once
    Bootstrap(Bootstrap),
    /// Bundle, upload, show what will change, ask, and make it so
    Deploy(Deploy),
    /// Delete a deployed stage, saying what is lost
    Destroy(Destroy),
    /// Print the outputs of a deployed stage
    Outputs(Outputs),
    /// Say what state a deployed stage is in, and what to do about it
    Status(Status),
    /// Show the logs of all functions, joined by connection
    Logs(Logs),
    /// Delete function code that no stack refers to any longer
    Gc(Gc),
    /// Do exactly what CI does, step by step
    Ci,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask dev
  cargo xtask dev --port 0 --ready-file target/ready.json
  cargo xtask dev --template cdk.out/Chat.template.json
  cargo xtask dev --template chat.yaml --function Handler=target/debug/chat

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
    /// The code of a function of --template: an executable, a folder or a .zip file; repeatable.
    /// What AWS CDK or SAM has left beside the template is found without
    #[arg(long, value_name = "LOGICAL_ID=PATH", requires = "template")]
    pub(crate) function: Vec<String>,
    /// The value of a parameter of --template; repeatable. Without one, its default counts
    #[arg(long, value_name = "NAME=VALUE", requires = "template")]
    pub(crate) parameter: Vec<String>,
    /// The Region that --template is thought to be deployed to [default: us-east-1]
    #[arg(long, value_name = "NAME", requires = "template")]
    pub(crate) region: Option<String>,
    /// Shorten time limits, for example idle=10s,lifetime=1m,integration=2s
    #[arg(long, value_name = "NAME=TIME,…")]
    pub(crate) limits: Option<String>,
    /// Whether calls must be signed and a function may do only what its role allows
    #[arg(long, value_enum, value_name = "on|off", default_value_t = Iam::On)]
    pub(crate) iam: Iam,
    /// Keep the tables in this folder from run to run; by default they are in memory
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// Build and synthesize, but do not run: what `dev` does when a file is saved
    #[arg(long, hide = true)]
    pub(crate) build_only: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Iam {
    On,
    Off,
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
  cargo xtask validate
  cargo xtask validate cdk.out/Chat.template.json --format sarif > chat.sarif
  cargo xtask validate --explain HR403

Errors end it with exit code 5; warnings and what is good to know do not. A line is told by the
indentation of the text: in a text of one line, or a value within one, it is the nearest above.")]
pub(crate) struct Validate {
    /// Templates, JSON or YAML; without any, those of every stage of stacks/stages.yaml
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// How to report what was found
    #[arg(long, value_enum, default_value_t = ReportFormat::Text)]
    pub(crate) format: ReportFormat,
    /// Say what a check is about, and why
    #[arg(long, value_name = "CODE", conflicts_with_all = ["files", "format"])]
    pub(crate) explain: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people
    Text,
    /// One document
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, for test reports
    Junit,
    /// Annotations of GitHub Actions
    Github,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask diff
  cargo xtask diff --against git:main --format markdown
  cargo xtask diff --template new.yaml --against old.yaml --exit-code
  cargo xtask diff --stage prod --against deployed --drift

The digest at the end approves exactly this change of this stack, and no other.
docs/diff-schema.md describes the JSON.")]
pub(crate) struct Diff {
    /// Compare with: `snapshot`, the reviewed templates in stacks/templates/; `git:REV`, those of a
    /// commit; `deployed`, what the account has; or the template in a FILE
    #[arg(long, value_name = "WHAT", default_value = "snapshot")]
    pub(crate) against: String,
    /// The stage of stacks/stages.yaml; without it, all of them
    #[arg(long, value_name = "NAME", conflicts_with = "template")]
    pub(crate) stage: Option<String>,
    /// The new template, instead of what the stages give
    #[arg(long, value_name = "FILE")]
    pub(crate) template: Option<PathBuf>,
    /// How to show what changes
    #[arg(long, value_enum, default_value_t = DiffFormat::Text)]
    pub(crate) format: DiffFormat,
    /// End with exit code 4 if anything changes
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// With `--against deployed`: look also for what was changed past CloudFormation
    #[arg(long)]
    pub(crate) drift: bool,
    /// With `--against deployed`: the Region, if not that of the stage
    #[arg(long, value_name = "NAME")]
    pub(crate) region: Option<String>,
    /// With `--against deployed`: another cloud than AWS
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people
    Text,
    /// One document
    Json,
    /// A comment on a pull request
    Markdown,
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

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask bench
  cargo xtask bench gateway --seconds 10 --json target/bench.json
  cargo xtask bench gateway --no-peers

It takes some minutes after the build, all of them on 127.0.0.1. What is missed is said and is no
failure: figures depend on the machine and on what else it does.")]
pub(crate) struct Bench {
    /// What to measure; without it, everything
    #[arg(value_enum)]
    pub(crate) name: Option<BenchName>,
    /// Write the figures to this file as well
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Compare with nothing that has to be installed
    #[arg(long)]
    pub(crate) no_peers: bool,
    /// How long each load lasts
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u64).range(1..=20))]
    pub(crate) seconds: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BenchName {
    /// Messages through the local cloud to a function and back
    Gateway,
    /// How large a function is, how soon it is there, and what an event takes
    Handlers,
    /// One notification to ten thousand connections
    Fanout,
    /// Notifications while processes are killed: none may be lost, none shown twice
    Delivery,
    /// What a deployment costs besides waiting, beside the AWS CLI
    Deploy,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask bundle --stage prod
  cargo xtask bundle --arch x86_64 --function socket

The same source gives the same bytes. A binary that Lambda could not start is refused: one for
another machine, or one that asks for a newer C library than provided.al2023 has.")]
pub(crate) struct Bundle {
    /// The stage of stacks/stages.yaml
    #[arg(long, value_name = "NAME", default_value = "dev")]
    pub(crate) stage: String,
    /// The processor architecture, if not that of the stage
    #[arg(long, value_enum)]
    pub(crate) arch: Option<Arch>,
    /// Only this function
    #[arg(long, value_name = "NAME")]
    pub(crate) function: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Arch {
    Arm64,
    #[value(name = "x86_64")]
    X86,
}

impl From<Arch> for stacks::Architecture {
    fn from(arch: Arch) -> Self {
        match arch {
            Arch::Arm64 => Self::Arm64,
            Arch::X86 => Self::X86,
        }
    }
}
