//! ministack, running, and what talks to it: our commands, the AWS CLI, a WebSocket client.

use crate::peers::peer;
use herald_contract::Function;
use infra_gen::assembly;
use serde_json::Value;
use stacks::Settings;
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Cursor, Write as _};
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

pub(super) struct Cloud {
    address: String,
    home: PathBuf,
    process: Child,
}

impl Drop for Cloud {
    fn drop(&mut self) {
        // With everything that it has started.
        let group = format!("-{}", self.process.id());
        drop(Command::new("kill").args(["-KILL", "--", &group]).status());
        drop(self.process.wait());
    }
}

/// How a command ended and what it said.
pub(super) struct Said {
    pub(super) code: i32,
    pub(super) out: String,
    pub(super) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let code = output.status.code().unwrap();
        Self { code, out: text(output.stdout), err: text(output.stderr) }
    }
}

impl Said {
    #[track_caller]
    pub(super) fn ended_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }
}

impl Cloud {
    /// One of its own, empty; none where it is not installed.
    pub(super) fn start(name: &str) -> Option<Self> {
        let mut command = peer("ministack")?;
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        drop(std::fs::remove_dir_all(&home));
        std::fs::create_dir_all(&home).unwrap();
        let mut process = command
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", free.port().to_string())
            // By which functions reach it.
            .env("AWS_ENDPOINT_URL", format!("http://{free}"))
            .env("HOME", &home)
            .env("TMPDIR", &home)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap()).lines().map(Result::unwrap);
        let cloud = Self { address: free.to_string(), home, process };
        assert!(said.any(|line| line.contains("Running on http")), "ministack does not start");
        // What it says later must not fill the pipe.
        std::thread::spawn(move || said.for_each(drop));
        Some(cloud)
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.home.join(name)
    }

    /// `cargo xtask` for stage dev of this cloud.
    pub(super) fn xtask(&self, command: &str, args: &[&str]) -> Said {
        let url = self.url();
        let place = ["--stage", "dev", "--endpoint-url", &url];
        let mut xtask = crate::cli::xtask(&[&[command], &place[..], args].concat());
        self.run(&mut xtask, "")
    }

    /// `cargo xtask publish` and its like, for stage dev of this cloud.
    pub(super) fn operate(&self, args: &[&str], input: &str) -> Said {
        let url = self.url();
        self.run(&mut crate::cli::xtask(&[args, &["--endpoint-url", &url]].concat()), input)
    }

    /// The deployer with an assembly, as `cargo xtask` runs it.
    pub(super) fn deploy(&self, assembly: &Path, args: &[&str]) -> Said {
        let deployer = Path::new(env!("CARGO_BIN_EXE_xtask")).with_file_name("deployer");
        let mut deployer = Command::new(deployer);
        deployer.args(["deploy", "--region", "us-east-1", "--endpoint-url", &self.url()]);
        deployer.arg("--assembly").arg(assembly).args(args);
        self.run(&mut deployer, "")
    }

    /// The AWS CLI, which answers in JSON.
    pub(super) fn aws(&self, args: &[&str]) -> Said {
        let mut aws = peer("aws").unwrap();
        aws.args(["--endpoint-url", &self.url(), "--region", "us-east-1", "--output", "json"]);
        self.run(aws.args(args), "")
    }

    fn run(&self, command: &mut Command, input: &str) -> Said {
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        command
            .env("HOME", &self.home)
            .env("CARGO_HOME", cargo_home())
            .env("RUSTUP_HOME", rustup_home());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        process.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        process.wait_with_output().unwrap().into()
    }
}

/// What a rebuild needs, though the home is another one: no profile of the user's is to be found.
fn cargo_home() -> PathBuf {
    home_of("CARGO_HOME", ".cargo")
}

fn rustup_home() -> PathBuf {
    home_of("RUSTUP_HOME", ".rustup")
}

fn home_of(variable: &str, below: &str) -> PathBuf {
    let usual = || std::env::home_dir().unwrap().join(below);
    std::env::var_os(variable).map_or_else(usual, PathBuf::from)
}

/// Function, key and zip.
pub(super) type Bundles = BTreeMap<String, (String, Vec<u8>)>;

/// Not `auth: optional`, as stage dev has it: an authorizer without an identity source refuses
/// everybody there, and on AWS it is asked.
const SETTINGS: &str = "region: us-east-1, auth: ticket, tracing: false, alarms: false";

/// What is left out, since ministack does not know it.
const UNKNOWN: [&str; 3] = [
    "AWS::ApiGatewayV2::IntegrationResponse",
    "AWS::ApiGatewayV2::RouteResponse",
    "AWS::IAM::RolePolicy",
];

const ARCHITECTURE: &str = if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" };

/// All functions, as `cargo xtask dev` builds and other tests run them: a bundle for Lambda does the
/// same, and takes minutes; CI makes those.
#[expect(clippy::print_stderr, reason = "a test that is left out is said aloud")]
pub(super) fn bundles() -> Option<Bundles> {
    if !cfg!(target_os = "linux") {
        eprintln!("NOT TESTED: shipping to ministack; it runs functions for Linux only");
        return None;
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--package", "herald-lambda", "--bins"]);
    assert!(cargo.status().unwrap().success(), "herald-lambda does not build");
    let names = Function::ALL.iter().map(|function| function.name());
    Some(names.map(|name| (name.to_owned(), bundle(name, "built", b""))).collect())
}

/// A function's program with something behind its end: key and zip. Nothing is compressed, since it
/// does not go far.
pub(super) fn bundle(name: &str, version: &str, tail: &[u8]) -> (String, Vec<u8>) {
    let program = Path::new(env!("CARGO_BIN_EXE_xtask")).with_file_name(name);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .unix_permissions(0o755)
        .compression_method(CompressionMethod::Stored);
    archive.start_file("bootstrap", options).unwrap();
    archive.write_all(&stripped(&program)).unwrap();
    archive.write_all(tail).unwrap();
    (format!("{name}/{version}.zip"), archive.finish().unwrap().into_inner())
}

/// Without what is for debuggers: four fifths of it, each byte of which is hashed and sent.
fn stripped(program: &Path) -> Vec<u8> {
    let file = program.with_extension("stripped");
    let done = Command::new("strip").arg("-o").arg(&file).arg(program).status().unwrap();
    assert!(done.success(), "strip, which comes with every linker, has failed");
    std::fs::read(file).unwrap()
}

/// Writes an assembly of stage dev with these settings besides, and its template edited.
pub(super) fn assemble(
    dir: &Path,
    settings: &str,
    bundles: &Bundles,
    edit: impl FnOnce(&mut Value),
) {
    let text = format!("stages: {{dev: {{{SETTINGS}, architecture: {ARCHITECTURE}{settings}}}}}");
    let settings = Settings::parse(&text, "stages.yaml").unwrap();
    let mut synthesized = stacks::synthesize(settings.stage("dev").unwrap());
    let [stack] = &mut synthesized.manifest.stacks[..] else { panic!("one stack") };
    for function in &stack.functions {
        let (key, zip) = &bundles[&function.name];
        stack.parameters.insert(function.code_parameter.clone(), key.clone());
        let file = dir.join("bundle").join(format!("{}.zip", function.name));
        assembly::write_if_changed(&file, zip).unwrap();
    }
    let template = &synthesized.templates[&stack.name];
    let mut template: Value = serde_json::from_str(&template.to_json()).unwrap();
    let resources = template["Resources"].as_object_mut().unwrap();
    let known = |resource: &Value| !UNKNOWN.iter().any(|name| resource["Type"] == *name);
    resources.retain(|_, resource| known(resource));
    edit(&mut template);
    let templates = BTreeMap::from([(stack.template.clone(), template.to_string())]);
    assembly::write(dir, &synthesized.manifest, &templates).unwrap();
}
