//! The command line.

use crate::limits;
use clap::{Parser, ValueEnum};
use gateway_core::{Limits, permissions};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  emulator --template push.template.json --function SocketFunction=target/debug/socket
  emulator --template chat.yaml --function Chat=./bootstrap --port 0 --ready-file ready.json
  emulator --template cdk.out/Chat.template.json

It runs until Ctrl-C or SIGTERM and then exits with 0: that is how it is meant to end.
Exit code 1: it could not start; the message says what to do. Exit code 2: usage.";

/// Runs a template with a WebSocket API, and the code of its functions, on this machine.
#[derive(Debug, Parser)]
#[command(name = "emulator", version, after_help = EXAMPLES)]
pub(crate) struct Command {
    /// The CloudFormation template, JSON or YAML.
    #[arg(long, value_name = "FILE")]
    pub(crate) template: PathBuf,

    /// The code of a function: an executable, or a folder or .zip file with its `bootstrap` or with
    /// what its nodejs* or python* runtime loads; once per function. What AWS CDK or SAM has left
    /// beside the template is found without.
    #[arg(long = "function", value_name = "LOGICAL_ID=PATH", value_parser = key_value)]
    pub(crate) functions: Vec<(String, String)>,

    /// The value of a template parameter; without one, its default counts.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) parameters: Vec<(String, String)>,

    /// A tag of the stack, for those who ask CloudFormation.
    #[arg(long = "tag", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) tags: Vec<(String, String)>,

    /// `AWS::StackName`.
    #[arg(long, value_name = "NAME", default_value = "local")]
    pub(crate) stack_name: String,

    /// `AWS::Region`.
    #[arg(long, value_name = "NAME", default_value = "us-east-1")]
    pub(crate) region: String,

    /// The port on 127.0.0.1; 0 takes a free one.
    #[arg(long, value_name = "NUMBER", default_value_t = 4000)]
    pub(crate) port: u16,

    /// Written when everything answers, removed at the end: JSON with url, callbackUrl, consoleUrl,
    /// endpointUrl, region, accountId, caFile and pid.
    #[arg(long, value_name = "FILE")]
    pub(crate) ready_file: Option<PathBuf>,

    /// Bounds and time-outs other than AWS's, such as `idle=10m,lifetime=2h,integration=29s`.
    #[arg(long, value_name = "NAME=VALUE,…", value_parser = limits::parse, default_value = "", hide_default_value = true)]
    pub(crate) limits: Limits,

    /// A folder that keeps the tables, and how far their streams have been read; by default tables
    /// are in memory and end with the program.
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,

    /// Whether requests must be signed, and their signers' roles allow them; off: anybody may do
    /// anything.
    #[arg(long, value_enum, value_name = "on|off", default_value_t = Iam::On, hide_possible_values = true)]
    pub(crate) iam: Iam,

    /// A folder whose changes run the rebuild command.
    #[arg(long = "watch", value_name = "DIR")]
    pub(crate) watch: Vec<PathBuf>,

    /// Keeps running what was there at start; by default the template and the binaries are watched.
    #[arg(long, conflicts_with = "watch")]
    pub(crate) no_watch: bool,

    /// One word of the rebuild command; repeat it for each word.
    #[arg(
        long = "rebuild-arg",
        value_name = "WORD",
        requires = "watch",
        allow_hyphen_values = true
    )]
    pub(crate) rebuild: Vec<String>,

    /// Whether log lines are coloured.
    #[arg(long, value_enum, default_value_t = Color::Auto)]
    pub(crate) color: Color,
}

/// Whether permissions are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Iam {
    On,
    Off,
}

impl From<Iam> for permissions::Iam {
    fn from(iam: Iam) -> Self {
        match iam {
            Iam::On => Self::On,
            Iam::Off => Self::Off,
        }
    }
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    Always,
    Never,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() && !value.is_empty() => {
            Ok((key.to_owned(), value.to_owned()))
        }
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

/// The same, but the value may be empty.
fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as NAME=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Command, key_value, parameter};
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Command::command().debug_assert();
    }

    #[test]
    fn a_parameter_may_be_empty_but_a_path_may_not() {
        assert_eq!(parameter("Name="), Ok(("Name".to_owned(), String::new())));
        assert_eq!(parameter("Name=a=b"), Ok(("Name".to_owned(), "a=b".to_owned())));
        assert!(parameter("=x").is_err() && parameter("Name").is_err());
        assert!(key_value("Fn=").is_err());
    }
}
