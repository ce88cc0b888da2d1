//! One command, from the typing to the exit code.

use crate::stand_in::{StandIn, VirtualClock, World};
use aws_wire::{Client, Config, Credentials, Retries, SharedCredentialsProvider};
use clap::Parser as _;
use deployer::cli::Cli;
use deployer::console::{Answers, Console};
use deployer::interrupt::Interrupts;
use deployer::{Context, Exit};
use expect_test::Expect;
use infra_gen::assembly::{self, FunctionEntry, Manifest, StackEntry};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The key of the function's zip.
pub(crate) const KEY: &str = "socket/c0de.zip";

/// What is deployed, unless a test wants another.
pub(crate) fn template() -> Value {
    json!({
        "Parameters": {"AssetBucket": {"Type": "String"}, "SocketCode": {"Type": "String"}},
        "Resources": {
            "Role": {"Type": "AWS::IAM::Role", "Properties": {
                "AssumeRolePolicyDocument": {"Statement": [{
                    "Effect": "Allow", "Action": "sts:AssumeRole",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                }]},
            }},
            "Socket": {"Type": "AWS::Lambda::Function", "Properties": {
                "Code": {"S3Bucket": {"Ref": "AssetBucket"}, "S3Key": {"Ref": "SocketCode"}},
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Timeout": 10,
            }},
            "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {
                "AccessLogSettings": {"Format": "$context.requestId"}, "StageName": "dev",
            }},
        },
        "Outputs": {"WebSocketUrl": {"Value": "wss://api/dev"}},
    })
}

/// The same, with something changed at a JSON pointer.
pub(crate) fn with(pointer: &str, value: Value) -> Value {
    let mut template = template();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    template.pointer_mut(parent).unwrap()[key] = value;
    template
}

/// A member of a change set's `Changes`.
pub(crate) fn change(action: &str, id: &str, type_name: &str, rest: &str) -> String {
    format!(
        "<member><Type>Resource</Type><ResourceChange><Action>{action}</Action><LogicalResourceId>{id}</LogicalResourceId><ResourceType>{type_name}</ResourceType>{rest}</ResourceChange></member>"
    )
}

/// The reason for a change, by property.
pub(crate) fn because(property: &str, recreation: &str) -> String {
    format!(
        "<Details><member><Target><Attribute>Properties</Attribute><Name>{property}</Name><RequiresRecreation>{recreation}</RequiresRecreation></Target></member></Details>"
    )
}

/// The members of a first deployment.
pub(crate) fn additions() -> Vec<String> {
    vec![
        change("Add", "Role", "AWS::IAM::Role", ""),
        change("Add", "Socket", "AWS::Lambda::Function", ""),
        change("Add", "Stage", "AWS::ApiGatewayV2::Stage", ""),
    ]
}

/// A stage on disk, a world behind a socket, and a user.
pub(crate) struct Play {
    pub(crate) stand_in: StandIn,
    pub(crate) dir: PathBuf,
    answers: Option<Vec<&'static str>>,
    is_terminal: bool,
    interrupt_at: Option<&'static str>,
    /// Calls that were looked at already.
    looked: usize,
}

static COUNT: AtomicUsize = AtomicUsize::new(0);

impl Play {
    pub(crate) async fn new(world: World) -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let dir = dir.join(format!("deployer-{}-{number}", std::process::id()));
        let stand_in = StandIn::start(world).await;
        let (answers, interrupt_at) = (None, None);
        let play = Self { stand_in, dir, answers, is_terminal: false, interrupt_at, looked: 0 };
        play.synth(&template());
        play
    }

    /// Writes the assembly.
    pub(crate) fn synth(&self, template: &Value) {
        self.synth_with(template, &[]);
    }

    /// The same, with secrets.
    pub(crate) fn synth_with(&self, template: &Value, secrets: &[&str]) {
        let name = "herald-dev".to_owned();
        let function = FunctionEntry {
            name: "socket".to_owned(),
            logical_id: "Socket".to_owned(),
            code_parameter: "SocketCode".to_owned(),
            architecture: "arm64".to_owned(),
        };
        let file = format!("{name}.template.json");
        let stack = StackEntry {
            name,
            template: file.clone(),
            region: "us-east-1".to_owned(),
            parameters: BTreeMap::from([("SocketCode".to_owned(), KEY.to_owned())]),
            secrets: secrets.iter().map(|name| (*name).to_owned()).collect(),
            functions: vec![function],
            tags: BTreeMap::from([("herald:stage".to_owned(), "dev".to_owned())]),
        };
        let stage = "dev".to_owned();
        let manifest = Manifest { version: assembly::VERSION, stage, stacks: vec![stack] };
        let templates = BTreeMap::from([(file, template.to_string())]);
        assembly::write(&self.dir, &manifest, &templates).unwrap();
        std::fs::create_dir_all(self.dir.join("bundle")).unwrap();
        std::fs::write(self.dir.join("bundle/socket.zip"), "a zip").unwrap();
        let sources = json!({"Socket": "stacks/src/push.rs:43"});
        std::fs::write(self.dir.join("herald-dev.sources.json"), sources.to_string()).unwrap();
    }

    /// There is somebody at the keyboard, who types this.
    pub(crate) fn typing(mut self, lines: &[&'static str]) -> Self {
        self.answers = Some(lines.to_vec());
        self
    }

    /// Somebody presses Ctrl-C as soon as this is to be seen.
    pub(crate) fn interrupted_at(mut self, text: &'static str) -> Self {
        self.interrupt_at = Some(text);
        self
    }

    /// There is a terminal.
    pub(crate) fn on_terminal(mut self) -> Self {
        self.is_terminal = true;
        self
    }

    /// Runs a command; gives what is to be seen, how it ended, and which calls change something.
    pub(crate) async fn run(&mut self, line: &str) -> String {
        let seen = Seen::default();
        let (trigger, interrupts) = Interrupts::new();
        let trigger = Arc::new(trigger);
        if let Some(text) = self.interrupt_at {
            let (seen, trigger) = (seen.clone(), Arc::clone(&trigger));
            tokio::spawn(async move {
                while !seen.text().contains(text) {
                    tokio::task::yield_now().await;
                }
                trigger.pull();
            });
        }
        let credentials = Credentials::new("key", "secret", None, None, "test");
        let mut config = Config::new("us-east-1", SharedCredentialsProvider::new(credentials));
        config.endpoint_url = Some(self.stand_in.url.clone());
        let moment = Duration::from_millis(1);
        config.retries = Retries { attempts: 2, pause: moment, pause_max: moment };
        let answers = match &self.answers {
            None => Answers::Nobody,
            Some(lines) => {
                let lines: VecDeque<_> = lines.iter().map(|line| (*line).to_owned()).collect();
                Answers::Given(Mutex::new(lines))
            }
        };
        let mut console = Console::new(seen.clone(), seen.clone(), answers);
        console.is_terminal = self.is_terminal;
        let clock = VirtualClock { stand_in: self.stand_in.clone(), trigger };
        let context = Context {
            client: Client::new(config),
            clock: Arc::new(clock),
            console,
            interrupts,
            assembly: self.dir.clone(),
            flags: "--stage dev".to_owned(),
        };
        let words = std::iter::once("deployer").chain(line.split_whitespace());
        let dir = self.dir.display().to_string();
        let words = words.map(|word| word.replace("DIR", &dir));
        let cli = Cli::try_parse_from(words).unwrap_or_else(|e| panic!("{e}"));
        let exit = match deployer::run(&cli.command, &context).await {
            Ok(exit) => exit,
            Err(failure) => {
                context.console.draw(&failure.to_text());
                failure.exit
            }
        };
        let text = seen.text().replace(&dir, "DIR").replace(&self.stand_in.url, "http://aws");
        let text = text.replace(self.stand_in.url.trim_start_matches("http://"), "aws");
        self.told(&text, exit)
    }

    /// Runs a command that is killed after so many seconds: nothing cleans up behind it.
    pub(crate) async fn run_killed(&mut self, line: &str, after: u64) {
        let stand_in = self.stand_in.clone();
        let killed = async {
            while stand_in.world().age() < after {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            () = killed => {}
            _ = self.run(line) => {}
        }
    }

    fn told(&mut self, text: &str, exit: Exit) -> String {
        let mut out = without_digests(text);
        if !out.ends_with('\n') {
            out.push('\n');
        }
        _ = writeln!(out, "exit {}", exit as u8);
        let world = self.stand_in.world();
        let writes = world.calls.iter().skip(self.looked).filter(|call| {
            !["Describe", "Get", "Head", "List", "Filter"].iter().any(|verb| call.starts_with(verb))
        });
        let writes = writes.map(String::as_str).collect::<Vec<_>>().join(" ");
        let age = world.age();
        _ = writeln!(
            out,
            "after {age} s: {}",
            if writes.is_empty() { "no change" } else { &writes }
        );
        let looked = world.calls.len();
        drop(world);
        self.looked = looked;
        out
    }
}

impl Drop for Play {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Plays a world with the stage as it is.
pub(crate) async fn check(world: World, line: &str, want: Expect) {
    want.assert_eq(&Play::new(world).await.run(line).await);
}

/// What was written to either stream, in order.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<u8>>>);

impl Write for Seen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seen {
    /// As a terminal shows it at the end: what was wiped is gone.
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        let mut shown = String::new();
        let mut parts = text.split("\u{1b}[");
        shown.push_str(parts.next().unwrap());
        for part in parts {
            match part.split_once('A') {
                Some((lines, rest)) if lines.parse::<usize>().is_ok() => {
                    for _ in 0..lines.parse().unwrap() {
                        let end = shown.trim_end_matches('\n');
                        let start = end.rfind('\n').map_or(0, |index| index + 1);
                        shown.truncate(start);
                    }
                    shown.push_str(rest);
                }
                _ => shown.push_str(part.strip_prefix('J').unwrap_or(part)),
            }
        }
        shown
    }
}

/// Digests are as long as a line; that they are told is enough.
fn without_digests(text: &str) -> String {
    let is_digest = |word: &str| word.len() == 64 && word.bytes().all(|b| b.is_ascii_hexdigit());
    let word = |word: &str| {
        let bare = word.trim_matches(['"', ',', '`']);
        if is_digest(bare) { word.replace(bare, "<digest>") } else { word.to_owned() }
    };
    let line = |line: &str| line.split(' ').map(word).collect::<Vec<_>>().join(" ");
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}
