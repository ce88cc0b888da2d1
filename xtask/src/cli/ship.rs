//! The commands that reach an AWS account. What they do there is the deployer's; here is how they
//! are spelt, and what each says of itself.

use super::Arch;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Which copy of the system, and where it is.
#[derive(Args, Clone)]
pub(crate) struct Target {
    /// The stage of stacks/stages.yaml
    #[arg(long, value_name = "NAME", default_value = "dev")]
    pub(crate) stage: String,
    /// The Region, if not that of the stage
    #[arg(long, value_name = "NAME")]
    pub(crate) region: Option<String>,
    /// Another cloud than AWS; by default what AWS_ENDPOINT_URL says
    #[arg(long, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
}

impl Target {
    /// As it is typed, for messages that name another command.
    pub(crate) fn flags(&self) -> String {
        let flag = |name: &str, value: &Option<String>| {
            value.as_ref().map(|value| format!(" --{name} {value}")).unwrap_or_default()
        };
        let (region, url) =
            (flag("region", &self.region), flag("endpoint-url", &self.endpoint_url));
        format!("--stage {}{region}{url}", self.stage)
    }
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask bootstrap --stage prod

Once for each account and Region: a private, encrypted, versioned bucket for the zips of functions,
and the role by which API Gateway writes logs, where the account has none. What is there already is
left as it is, so it can be run again.")]
pub(crate) struct Bootstrap {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Do it without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask deploy --stage prod
  cargo xtask deploy --stage prod --approve DIGEST      what `diff --against deployed` printed
  cargo xtask deploy --stage prod --prepare plan.json   then, elsewhere: --plan plan.json
  cargo xtask deploy --code-only                        new code at once; no template

Without a terminal and without --yes or --approve it ends with exit code 3 and the flag to give.
Ctrl-C lets go of a deployment and says how to take it up again; the same command does.
docs/deploy.md has the exit codes, the events and what to do when it fails.")]
pub(crate) struct Deploy {
    #[command(flatten)]
    pub(crate) target: Target,
    /// The processor architecture, if not that of the stage
    #[arg(long, value_enum)]
    pub(crate) arch: Option<Arch>,
    /// Do it without asking
    #[arg(long, conflicts_with_all = ["approve", "prepare", "plan"])]
    pub(crate) yes: bool,
    /// Do exactly the change that has this digest, and no other; once for each stack
    #[arg(long, value_name = "DIGEST", conflicts_with_all = ["prepare", "plan"])]
    pub(crate) approve: Vec<String>,
    /// Upload and make the change set, write the plan to this file, and stop
    #[arg(long, value_name = "FILE", conflicts_with = "plan")]
    pub(crate) prepare: Option<PathBuf>,
    /// Execute a plan that --prepare wrote, if the stack is still as it was then
    #[arg(long, value_name = "FILE", conflicts_with = "arch")]
    pub(crate) plan: Option<PathBuf>,
    /// How to show what happens; without it, tree on a terminal and plain elsewhere
    #[arg(long, value_enum)]
    pub(crate) events: Option<Events>,
    /// Write the outputs to this file: .json, .env (dotenv) or .sh
    #[arg(long, value_name = "FILE")]
    pub(crate) outputs_file: Option<PathBuf>,
    /// Leave what has failed as it is, to look at it; --recover rolls it back
    #[arg(long)]
    pub(crate) no_rollback: bool,
    /// Bring a stack back that neither went forward nor back
    #[arg(long, conflicts_with_all = ["approve", "prepare", "plan", "code_only"])]
    pub(crate) recover: bool,
    /// With --recover: leave this resource as it is, since it cannot be rolled back; repeatable
    #[arg(long, value_name = "LOGICAL_ID", requires = "recover")]
    pub(crate) skip: Vec<String>,
    /// Cancel the deployment that is running, and follow it back
    #[arg(long, conflicts_with_all = ["yes", "approve", "prepare", "plan", "recover", "code_only"])]
    pub(crate) cancel: bool,
    /// Give the functions their new code, past CloudFormation; the next deployment heals that
    #[arg(long, conflicts_with_all = ["approve", "prepare", "plan"])]
    pub(crate) code_only: bool,
    /// Let this resource be replaced or deleted with the data it holds; repeatable
    #[arg(long, value_name = "LOGICAL_ID")]
    pub(crate) allow_replace: Vec<String>,
    /// Make this secret anew; what was made with the one before holds until the next time; repeatable
    #[arg(long, value_name = "NAME", conflicts_with_all = ["plan", "cancel", "code_only"])]
    pub(crate) rotate_secret: Vec<String>,
    /// Deploy, instead of the stage, the role by which workflows of this repository deploy it
    #[arg(long, value_name = "OWNER/NAME", value_parser = repository, conflicts_with_all = ["arch", "code_only"])]
    pub(crate) github: Option<String>,
    /// With --github: the account has GitHub as an identity provider already, from another stage
    #[arg(long, requires = "github")]
    pub(crate) existing_provider: bool,
    /// Print the IAM policy that deploying needs, and do nothing
    #[arg(long, conflicts_with_all = ["prepare", "plan", "recover", "code_only"])]
    pub(crate) policy: bool,
}

/// Nothing but a name, since it goes into who is trusted: `octo-org/*` would be everybody there.
fn repository(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_name = |name: &str| !name.is_empty() && name.chars().all(plain);
    match text.split_once('/') {
        Some((owner, name)) if is_name(owner) && is_name(name) => Ok(text.to_owned()),
        _ => Err("a repository is owner/name".to_owned()),
    }
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Events {
    /// All resources, each line changing in its place
    Tree,
    /// A line for each event
    Plain,
    /// A JSON object for each event, on standard output
    Ndjson,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask destroy --stage dev

It says first what goes, what stays because the template says so, and what data is lost. A stack
with termination protection is refused, with the command that ends the protection.")]
pub(crate) struct Destroy {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Do it without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask outputs --stage prod
  cargo xtask outputs --format dotenv > .env
  eval \"$(cargo xtask outputs --format shell)\"")]
pub(crate) struct Outputs {
    #[command(flatten)]
    pub(crate) target: Target,
    /// How to print them
    #[arg(long, value_enum, default_value_t = OutputsFormat::Text)]
    pub(crate) format: OutputsFormat,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputsFormat {
    /// For people
    Text,
    /// One object, by name of the output
    Json,
    /// `WEB_SOCKET_URL="wss://…"`, a line each
    Dotenv,
    /// `export WEB_SOCKET_URL='wss://…'`, a line each
    Shell,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask status --stage prod
  cargo xtask status --format json

Exit code 6 says that the stack needs recovery, and the last line how.")]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) target: Target,
    /// How to print it
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    pub(crate) format: TextOrJson,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TextOrJson {
    /// For people
    Text,
    /// For programs
    Json,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask logs --stage prod --follow
  cargo xtask logs --since 2h --connection oazVOU1wArJytAs=

The lines of all functions and of the API, in the order of their time; what belongs to one
connection carries its id. --format json prints a JSON object for each line.")]
pub(crate) struct Logs {
    #[command(flatten)]
    pub(crate) target: Target,
    /// Go on with what is yet to come, until Ctrl-C
    #[arg(long)]
    pub(crate) follow: bool,
    /// How far back to begin: a number with s, m, h or d
    #[arg(long, value_name = "TIME", default_value = "10m")]
    pub(crate) since: String,
    /// Only what belongs to this connection
    #[arg(long, value_name = "ID")]
    pub(crate) connection: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    pub(crate) format: TextOrJson,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask gc
  cargo xtask gc --keep 0 --yes

Whatever a stack of this account and Region refers to stays, be it of which stage it may, and the
newest of each function besides. The bucket keeps what is deleted for a while yet.")]
pub(crate) struct Gc {
    #[command(flatten)]
    pub(crate) target: Target,
    /// How many of each function to keep that no stack refers to, the newest first
    #[arg(long, value_name = "NUMBER", default_value_t = 5)]
    pub(crate) keep: usize,
    /// Do it without asking
    #[arg(long)]
    pub(crate) yes: bool,
}
