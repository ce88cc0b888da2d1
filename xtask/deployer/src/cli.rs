//! The command line of the binary. `cargo xtask` makes it; people see that of `xtask`.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Ships an assembly with CloudFormation.
#[derive(Debug, Parser)]
#[command(name = "deployer", version, max_term_width = 100)]
pub struct Cli {
    /// What all commands know.
    #[command(flatten)]
    pub common: Common,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What all commands know.
#[derive(Args, Debug)]
pub struct Common {
    /// The folder of the assembly, as `cargo xtask synth` or `bundle` writes it
    #[arg(long, global = true, value_name = "DIR", default_value = "target/assembly/dev")]
    pub assembly: PathBuf,
    /// The Region, if not that of the stage
    #[arg(long, global = true, value_name = "NAME")]
    pub region: Option<String>,
    /// Another place than AWS; also AWS_ENDPOINT_URL
    #[arg(long, global = true, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// The flags of `cargo xtask` that mean the same stage and place, for messages
    #[arg(
        long,
        global = true,
        hide = true,
        value_name = "TEXT",
        default_value = "",
        allow_hyphen_values = true
    )]
    pub flags: String,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Bring the stacks of a stage to what the assembly says
    Deploy(Deploy),
    /// Make what an account and Region need before the first deployment
    Bootstrap(Bootstrap),
    /// Delete the stacks of a stage
    Destroy(Destroy),
    /// Print what the stacks tell
    Outputs(Outputs),
    /// Say what state the stacks are in
    Status(Status),
    /// Show the lines of all logs
    Logs(Logs),
    /// Delete what no stack refers to from the asset bucket
    Gc(Gc),
    /// Print what is deployed, as JSON, for `cargo xtask diff`
    Deployed(Deployed),
}

/// How progress is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Events {
    /// A tree that is drawn over and over; on a terminal
    Tree,
    /// One line an event
    Plain,
    /// One JSON document an event, on stdout
    Ndjson,
}

/// Options of `deploy`.
#[derive(Args, Debug, Default)]
pub struct Deploy {
    /// Go ahead without asking; data is lost by --allow-replace only
    #[arg(long, conflicts_with_all = ["approve", "prepare", "plan"])]
    pub yes: bool,
    /// Go ahead if the digest, as `cargo xtask diff` prints it, is this; one a stack
    #[arg(long, value_name = "DIGEST", conflicts_with_all = ["prepare", "plan"])]
    pub approve: Vec<String>,
    /// Make the change set and write the plan to FILE, for --plan later
    #[arg(long, value_name = "FILE", conflicts_with = "plan")]
    pub prepare: Option<PathBuf>,
    /// Execute the plan in FILE, if nothing has changed since
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// How to tell progress [default: tree on a terminal, else plain]
    #[arg(long, value_enum)]
    pub events: Option<Events>,
    /// Write the outputs to FILE: .json, .env or .sh
    #[arg(long, value_name = "FILE")]
    pub outputs_file: Option<PathBuf>,
    /// Keep what was made when something fails
    #[arg(long)]
    pub no_rollback: bool,
    /// Bring a stack that is stuck back to where it can be deployed, then deploy
    #[arg(long)]
    pub recover: bool,
    /// With --recover: leave this resource as it is, since it cannot be rolled back; repeatable
    #[arg(long, value_name = "LOGICAL_ID", requires = "recover")]
    pub skip: Vec<String>,
    /// Cancel the operation that is running, and follow the rollback
    #[arg(long, conflicts_with_all = ["yes", "approve", "prepare", "plan", "recover", "code_only"])]
    pub cancel: bool,
    /// Only put new code into the functions that are there; the next deployment makes it good
    #[arg(long, conflicts_with_all = ["approve", "prepare", "plan", "recover"])]
    pub code_only: bool,
    /// Replace or delete this resource, though what it holds is lost; repeatable
    #[arg(long, value_name = "LOGICAL_ID")]
    pub allow_replace: Vec<String>,
    /// Make this secret anew; what it was goes to the parameter NAMEBefore, if there is one
    #[arg(long, value_name = "NAME", conflicts_with_all = ["plan", "cancel", "code_only"])]
    pub rotate_secret: Vec<String>,
    /// Print the IAM policy that the deployer needs, and call nothing
    #[arg(long)]
    pub policy: bool,
}

/// Options of `bootstrap`.
#[derive(Args, Debug, Default)]
pub struct Bootstrap {
    /// Do it without asking
    #[arg(long)]
    pub yes: bool,
}

/// Options of `destroy`.
#[derive(Args, Debug, Default)]
pub struct Destroy {
    /// Do it without asking
    #[arg(long)]
    pub yes: bool,
}

/// Options of `outputs`.
#[derive(Args, Debug)]
pub struct Outputs {
    /// How to print them
    #[arg(long, value_enum, default_value_t = OutputsFormat::Text)]
    pub format: OutputsFormat,
}

/// How outputs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputsFormat {
    /// For people.
    Text,
    /// One object.
    Json,
    /// `NAME="value"`.
    Dotenv,
    /// `export NAME='value'`.
    Shell,
}

/// Options of `status`.
#[derive(Args, Debug)]
pub struct Status {
    /// How to print it
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    pub format: TextOrJson,
}

/// For people, or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TextOrJson {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Options of `logs`.
#[derive(Args, Debug)]
pub struct Logs {
    /// Go on until Ctrl-C
    #[arg(long)]
    pub follow: bool,
    /// How far back to begin
    #[arg(long, value_name = "TIME", default_value = "10m")]
    pub since: String,
    /// Only what belongs to this connection
    #[arg(long, value_name = "ID")]
    pub connection: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    pub format: TextOrJson,
}

/// Options of `gc`.
#[derive(Args, Debug)]
pub struct Gc {
    /// How many of each function to keep that no stack refers to
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    pub keep: usize,
    /// Do it without asking
    #[arg(long)]
    pub yes: bool,
}

/// Options of `deployed`.
#[derive(Args, Debug, Default)]
pub struct Deployed {
    /// Look for drift, too
    #[arg(long)]
    pub drift: bool,
}
