//! The command line of `publish`, `jobs`, `connections` and `ticket`, as clap sees it.
//!
//! `xtask` includes this very file, so that help and refusals need no build of the operator; it then
//! hands the same words on. Hence there is nothing here but clap and the contract.

use clap::{Args, Subcommand, ValueEnum};
use herald_contract::command::Target;
use herald_contract::wire::Level;
use herald_contract::{ConnectionId, IdempotencyKey, JobId, UserId};
use std::path::PathBuf;
use std::time::Duration;

/// What to ask a running Herald for.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Send a notification to a user, a topic or everyone
    Publish(Publish),
    /// Submit jobs, list, watch and cancel them
    Jobs(Jobs),
    /// List connections, inspect, post to and close them
    Connections(Connections),
    /// Print a ticket, with which a client may connect
    Ticket(Ticket),
}

impl Command {
    /// Where it is to be asked for.
    pub(crate) fn place(&self) -> &Place {
        match self {
            Self::Publish(args) => &args.place,
            Self::Ticket(args) => &args.place,
            Self::Jobs(args) => match &args.command {
                JobsCommand::Submit(args) => &args.place,
                JobsCommand::List(args) => &args.place,
                JobsCommand::Watch(args) => &args.place,
                JobsCommand::Cancel(args) => &args.place,
            },
            Self::Connections(args) => match &args.command {
                ConnectionsCommand::List(args) => &args.place,
                ConnectionsCommand::Show(args) => &args.place,
                ConnectionsCommand::Post(args) => &args.place,
                ConnectionsCommand::Close(args) => &args.place,
            },
        }
    }
}

/// Which Herald, and how to show what it says.
#[derive(Args)]
pub(crate) struct Place {
    /// The stage of stacks/stages.yaml
    #[arg(long, value_name = "NAME", default_value = "dev")]
    pub(crate) stage: String,
    /// Talk to AWS, as whom your profile or environment says, instead of the local cloud
    #[arg(long, conflicts_with = "endpoint_url")]
    pub(crate) aws: bool,
    /// Where the local cloud answers
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:4000")]
    pub(crate) endpoint_url: String,
    /// How to print data
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// One document; `jobs watch` prints one on each line
    Json,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask publish --to user:ada --title 'Your report' --body 'It is ready.' --level success
  cargo xtask publish --to topic:news --title 'Prices have changed' --key prices-2026-11
  cargo xtask publish --to all --title 'Down at ten' --stage prod --aws")]
pub(crate) struct Publish {
    /// Who is told: user:NAME, on all devices, now or later; topic:NAME, who has joined it; or all
    #[arg(long, value_name = "WHO", value_parser = target)]
    pub(crate) to: Target,
    /// The one line that everybody sees
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: String,
    /// The rest
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) body: String,
    /// How loud: info, success, warning or error
    #[arg(long, value_name = "LEVEL", value_parser = level, default_value = "info")]
    pub(crate) level: Level,
    /// What makes the same command twice one notification
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<IdempotencyKey>,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args)]
pub(crate) struct Jobs {
    #[command(subcommand)]
    pub(crate) command: JobsCommand,
}

#[derive(Subcommand)]
pub(crate) enum JobsCommand {
    /// Submit a job for a user
    Submit(SubmitJob),
    /// List the jobs of a user, the latest first
    List(ListJobs),
    /// Follow a job to its end and print its result
    Watch(WatchJob),
    /// Ask for the end of a job
    Cancel(CancelJob),
}

#[derive(Args)]
#[command(after_help = "\
Example:
  echo '{\"columns\": [\"n\"], \"rows\": [[1], [2]]}' |
    cargo xtask jobs submit --user ada --kind report.csv --input - --watch")]
pub(crate) struct SubmitJob {
    /// Whose job it is, and who is told of its end
    #[arg(long, value_name = "NAME")]
    pub(crate) user: UserId,
    /// What is to be done, such as report.csv or manifest.sha256
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: String,
    /// With what: a file with JSON, or - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) input: PathBuf,
    /// What makes the same command twice one job
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<IdempotencyKey>,
    /// Follow it to its end, as `jobs watch` does
    #[arg(long)]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask jobs list --user ada --limit 5 --format json")]
pub(crate) struct ListJobs {
    /// Whose jobs
    #[arg(long, value_name = "NAME")]
    pub(crate) user: UserId,
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask jobs watch 01JZ7Y3KQ8W6V5T4R3P2N1M0GH > result.json

The result goes to standard output, how it gets on to standard error. A job that fails or is
cancelled ends it with exit code 1; Ctrl-C leaves the job alone and ends it with 130.")]
pub(crate) struct WatchJob {
    /// Which, by the name that `jobs submit` has printed
    #[arg(value_name = "JOB")]
    pub(crate) job: JobId,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask jobs cancel 01JZ7Y3KQ8W6V5T4R3P2N1M0GH")]
pub(crate) struct CancelJob {
    /// Which
    #[arg(value_name = "JOB")]
    pub(crate) job: JobId,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args)]
pub(crate) struct Connections {
    #[command(subcommand)]
    pub(crate) command: ConnectionsCommand,
}

#[derive(Subcommand)]
pub(crate) enum ConnectionsCommand {
    /// List who is connected
    List(ListConnections),
    /// Show all that is known of a connection
    Show(ShowConnection),
    /// Send a text frame to a connection
    Post(PostToConnection),
    /// Close a connection, or every one of a user
    Close(CloseConnection),
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask connections list
  cargo xtask connections list --user ada --format json")]
pub(crate) struct ListConnections {
    /// Only those of this user
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<UserId>,
    /// How many at most
    #[arg(long, value_name = "NUMBER", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask connections show oazVOU1wArJytAs=")]
pub(crate) struct ShowConnection {
    /// Which
    #[arg(value_name = "ID", value_parser = connection)]
    pub(crate) id: ConnectionId,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask connections post oazVOU1wArJytAs= '{\"type\":\"done\"}'
  cargo xtask connections post oazVOU1wArJytAs= - < frame.json")]
pub(crate) struct PostToConnection {
    /// To which
    #[arg(value_name = "ID", value_parser = connection)]
    pub(crate) id: ConnectionId,
    /// What, or - for standard input
    #[arg(value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) text: String,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask connections close oazVOU1wArJytAs=
  cargo xtask connections close --user ada")]
pub(crate) struct CloseConnection {
    /// Which
    #[arg(value_name = "ID", value_parser = connection, required_unless_present = "user")]
    pub(crate) id: Option<ConnectionId>,
    /// Every one of this user: signed out everywhere
    #[arg(long, value_name = "NAME", conflicts_with = "id")]
    pub(crate) user: Option<UserId>,
    #[command(flatten)]
    pub(crate) place: Place,
}

#[derive(Args)]
#[command(after_help = "\
Example:
  cargo xtask ticket --user ada
  cargo xtask ticket --user ada --scope topic:private/orders --session 8h

A ticket opens one connection within a minute. It is signed with the secret of the authorizer, so
who may read the configuration of that function may mint one.")]
pub(crate) struct Ticket {
    /// Whose connection it will be
    #[arg(long, value_name = "NAME")]
    pub(crate) user: UserId,
    /// What that user may do beyond the ordinary, such as topic:private/orders; repeatable
    #[arg(long = "scope", value_name = "SCOPE", value_parser = scope)]
    pub(crate) scopes: Vec<String>,
    /// When the connection ends at the latest, from now on: 90s, 30m, 8h
    #[arg(long, value_name = "TIME", value_parser = span)]
    pub(crate) session: Option<Duration>,
    #[command(flatten)]
    pub(crate) place: Place,
}

fn target(text: &str) -> Result<Target, String> {
    match text.split_once(':') {
        _ if text == "all" => Ok(Target::Everyone),
        Some(("user", name)) => name.parse().map(Target::User).map_err(|e| format!("{e}")),
        Some(("topic", name)) => name.parse().map(Target::Topic).map_err(|e| format!("{e}")),
        _ => Err("it is user:NAME, topic:NAME or all".to_owned()),
    }
}

fn level(text: &str) -> Result<Level, String> {
    Level::of_str(text).ok_or_else(|| "it is info, success, warning or error".to_owned())
}

fn connection(text: &str) -> Result<ConnectionId, String> {
    text.to_owned().try_into().map_err(|e| format!("{e}"))
}

fn scope(text: &str) -> Result<String, String> {
    // They travel as one text with spaces between them.
    let is_word = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    is_word.then(|| text.to_owned()).ok_or_else(|| "it is one word of printable ASCII".to_owned())
}

fn span(text: &str) -> Result<Duration, String> {
    let wrong = || "it is a number and a unit, such as 90s, 30m or 8h".to_owned();
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        _ => return Err(wrong()),
    };
    let number: u64 = text.trim_end_matches(unit).parse().map_err(|_| wrong())?;
    let seconds = number.checked_mul(seconds).filter(|seconds| *seconds > 0).ok_or_else(wrong)?;
    Ok(Duration::from_secs(seconds))
}
