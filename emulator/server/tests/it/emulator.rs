//! Starts the emulator on a template, and waits for what it says rather than for time to pass.

use serde_json::{Value, json};
use std::ffi::OsString;
use std::io::{BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Only reached when a test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// What to start.
#[derive(Clone)]
pub(crate) struct Setup {
    folder: PathBuf,
    pub(crate) template: Value,
    /// In place of that one.
    foreign: Option<PathBuf>,
    pub(crate) arguments: Vec<String>,
    /// Of the emulator itself.
    pub(crate) environment: Vec<(&'static str, OsString)>,
    /// Whether the function has an executable.
    pub(crate) with_function: bool,
}

impl Setup {
    /// One API with one function for everything, in a folder of its own.
    pub(crate) fn new(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        drop(std::fs::remove_dir_all(&folder));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(function(), folder.join("function")).unwrap();
        Self {
            folder,
            template: template(),
            foreign: None,
            arguments: vec!["--no-watch".to_owned()],
            environment: Vec::new(),
            with_function: true,
        }
    }

    /// A template of `tests/foreign`, with the code that lies beside it.
    pub(crate) fn foreign(name: &str, template: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/foreign");
        Self { foreign: Some(folder.join(template)), with_function: false, ..Self::new(name) }
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.template["Resources"]["Fn"]["Properties"]["Environment"]["Variables"][name] =
            json!(value);
        self
    }

    pub(crate) fn arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments = arguments.iter().map(|a| (*a).to_owned()).collect();
        self
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn write_template(&self) {
        std::fs::write(self.path("template.json"), self.template.to_string()).unwrap();
    }

    pub(crate) fn command(&self) -> Command {
        self.write_template();
        let template = self.foreign.clone().unwrap_or_else(|| self.path("template.json"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_emulator"));
        command.arg("--template").arg(template).args(&self.arguments);
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if !self.arguments.iter().any(|argument| argument == "--port") {
            command.args(["--port", "0"]);
        }
        if self.with_function {
            command.arg("--function").arg(format!("Fn={}", self.path("function").display()));
        }
        command
    }

    /// Starts it and waits until it says that everything answers.
    pub(crate) fn start(self) -> Emulator {
        let ready_file = self.path("ready.json");
        let mut process = self
            .command()
            .arg("--ready-file")
            .arg(&ready_file)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stderr = collect(process.stderr.take().unwrap());
        let lines = collect(process.stdout.take().unwrap());
        let mut emulator = Emulator {
            setup: self,
            process,
            lines,
            stderr,
            seen: Vec::new(),
            ready: Value::Null,
            ready_file,
        };
        emulator.wait_for("Ctrl-C ends it");
        emulator.ready =
            serde_json::from_slice(&std::fs::read(&emulator.ready_file).unwrap()).unwrap();
        emulator
    }

    /// Runs it to its end: exit code and standard error.
    pub(crate) fn fails(&self) -> (Option<i32>, String) {
        let output = self.command().output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    }
}

/// The executable that `support/function.rs` becomes.
pub(crate) fn function() -> PathBuf {
    let folder =
        std::env::current_exe().unwrap().parent().and_then(Path::parent).unwrap().join("examples");
    let function = folder.join("function");
    assert!(
        function.exists(),
        "{} is missing; `cargo test -p emulator` builds it",
        function.display()
    );
    function
}

fn template() -> Value {
    let route = |key: &str| {
        json!({ "Type": "AWS::ApiGatewayV2::Route", "Properties": {
            "ApiId": { "Ref": "Api" }, "RouteKey": key,
            "Target": { "Fn::Sub": "integrations/${Integration}" },
            "RouteResponseSelectionExpression": if key == "$default" { json!("$default") } else { json!({ "Ref": "AWS::NoValue" }) },
        } })
    };
    json!({ "Resources": {
        "Api": { "Type": "AWS::ApiGatewayV2::Api", "Properties": {
            "Name": "chat", "ProtocolType": "WEBSOCKET", "RouteSelectionExpression": "$request.body.action" } },
        "Stage": { "Type": "AWS::ApiGatewayV2::Stage", "Properties": {
            "ApiId": { "Ref": "Api" }, "StageName": "dev", "AutoDeploy": true } },
        "Connect": route("$connect"),
        "Default": route("$default"),
        "Disconnect": route("$disconnect"),
        "Response": { "Type": "AWS::ApiGatewayV2::RouteResponse", "Properties": {
            "ApiId": { "Ref": "Api" }, "RouteId": { "Ref": "Default" }, "RouteResponseKey": "$default" } },
        "Integration": { "Type": "AWS::ApiGatewayV2::Integration", "Properties": {
            "ApiId": { "Ref": "Api" }, "IntegrationType": "AWS_PROXY",
            "IntegrationUri": { "Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Fn.Arn}/invocations" } } },
        "Fn": { "Type": "AWS::Lambda::Function", "Properties": {
            "Runtime": "provided.al2023", "Handler": "bootstrap", "Timeout": 10, "Role": { "Fn::GetAtt": ["Role", "Arn"] },
            "Code": { "S3Bucket": "b", "S3Key": "k" } } },
        "Role": { "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": {
            "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": { "Service": "lambda.amazonaws.com" } }] },
            "Policies": [{ "PolicyName": "post", "PolicyDocument": { "Version": "2012-10-17", "Statement": [{
                "Effect": "Allow", "Action": "execute-api:ManageConnections",
                "Resource": { "Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/dev/POST/@connections/*" } }] } }] } },
        "Permission": { "Type": "AWS::Lambda::Permission", "Properties": {
            "Action": "lambda:InvokeFunction", "FunctionName": { "Ref": "Fn" }, "Principal": "apigateway.amazonaws.com",
            "SourceArn": { "Fn::Sub": "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*" } } },
    } })
}

/// Lines as they come.
fn collect(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (to, lines) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            let Ok(line) = line else { break };
            if to.send(line).is_err() {
                break;
            }
        }
    });
    lines
}

/// A running emulator.
pub(crate) struct Emulator {
    pub(crate) setup: Setup,
    pub(crate) process: Child,
    lines: Receiver<String>,
    stderr: Receiver<String>,
    seen: Vec<String>,
    pub(crate) ready: Value,
    pub(crate) ready_file: PathBuf,
}

impl Emulator {
    /// The next line that contains this.
    pub(crate) fn wait_for(&mut self, text: &str) -> String {
        loop {
            let Ok(line) = self.lines.recv_timeout(PATIENCE) else {
                let stderr: Vec<String> = self.stderr.try_iter().collect();
                panic!("`{text}` was not said.\n{}\n{}", self.seen.join("\n"), stderr.join("\n"));
            };
            self.seen.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
    }

    /// The first line so far that contains this.
    pub(crate) fn said(&self, text: &str) -> String {
        self.seen.iter().find(|line| line.contains(text)).unwrap().clone()
    }

    /// Whether this was said before now.
    pub(crate) fn saw(&self, text: &str) -> bool {
        self.seen.iter().any(|line| line.contains(text))
    }

    pub(crate) fn address(&self) -> &str {
        self.ready["endpointUrl"].as_str().unwrap().strip_prefix("http://").unwrap()
    }

    pub(crate) fn signal(&self, signal: &str) {
        let pid = self.process.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
    }

    /// Ends it, and starts the same again.
    pub(crate) fn restart(mut self) -> Self {
        self.signal("-TERM");
        assert!(self.end().success());
        self.setup.clone().start()
    }

    /// Waits for its end.
    pub(crate) fn end(&mut self) -> ExitStatus {
        self.process.wait().unwrap()
    }

    /// Processes that it has started and that still run.
    pub(crate) fn children(&self) -> Vec<u32> {
        let parent_of = |pid: u32| -> Option<u32> {
            let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
            stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
        };
        let processes = std::fs::read_dir("/proc").unwrap();
        processes
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
            .filter(|pid| parent_of(*pid) == Some(self.process.id()))
            .collect()
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Ok(None) = self.process.try_wait() {
            self.signal("-TERM");
            self.end();
        }
    }
}

pub(crate) fn runs(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}
