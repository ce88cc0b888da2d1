//! The clouds that run the template: ours, and ministack in its venv.

use crate::emulator::{Emulator, PATIENCE, Setup};
use crate::signer::{administrator, now, sign};
use gateway_core::http::Request;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

const TEMPLATE: &str = include_str!("../../peers/template.json");
const HANDLER: &str = include_str!("../../peers/handler.py");

/// One of them, running.
pub(super) struct Cloud {
    pub(super) address: String,
    /// What stands before `/{stage}` in the path of an API, by stage.
    bases: BTreeMap<&'static str, String>,
    /// What was said to the whole template.
    pub(super) created: String,
    /// Each event that the function gets.
    pub(super) events: Receiver<Value>,
    /// Ends it when dropped.
    _process: Process,
}

enum Process {
    Ours(#[expect(dead_code, reason = "kept to be dropped")] Box<Emulator>),
    Ministack(Child),
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Self::Ministack(process) = self {
            // With everything that it has started.
            let group = format!("-{}", process.id());
            drop(Command::new("kill").args(["-KILL", "--", &group]).status());
            drop(process.wait());
        }
    }
}

impl Cloud {
    pub(super) fn ours() -> Self {
        let (report, events) = listen();
        let mut setup = Setup::new("side-by-side");
        setup.template = template();
        setup.with_function = false;
        // One environment, so that messages are answered in their order.
        let parameter = format!("Report={report}");
        let setup = setup.arguments(&[
            "--no-watch",
            "--limits",
            "environments=1",
            "--parameter",
            &parameter,
        ]);
        let emulator = setup.start();
        Self {
            address: emulator.address().to_owned(),
            bases: BTreeMap::new(),
            created: "created".to_owned(),
            events,
            _process: Process::Ours(Box::new(emulator)),
        }
    }

    pub(super) fn ministack(venv: &Path) -> Self {
        let (report, events) = listen();
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let home = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("ministack");
        std::fs::create_dir_all(&home).unwrap();
        let mut process = Command::new(venv.join("bin/ministack"))
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", free.port().to_string())
            .env("HOME", &home)
            .env("TMPDIR", &home)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stderr.take().unwrap()).lines().map(Result::unwrap);
        let process = Process::Ministack(process);
        assert!(said.any(|line| line.contains("Running on http")), "ministack does not start");
        // What it says later must not fill the pipe.
        std::thread::spawn(move || said.for_each(drop));

        let mut cloud = Self {
            address: free.to_string(),
            bases: BTreeMap::new(),
            created: String::new(),
            events,
            _process: process,
        };
        let mut template = template();
        cloud.created = cloud.create("whole", &template, &report);
        let resources = template["Resources"].as_object_mut().unwrap();
        resources.retain(|_, resource| resource["Type"] != "AWS::ApiGatewayV2::RouteResponse");
        assert_eq!(cloud.create("peer", &template, &report), "created");
        for (stage, output) in [("dev", "Api"), ("strict", "StrictApi")] {
            let base = format!("/_aws/execute-api/{}", cloud.output(output));
            cloud.bases.insert(stage, base);
        }
        cloud
    }

    /// The path of a stage, with the base of the first API for one that does not exist.
    pub(super) fn path(&self, stage: &str) -> String {
        let base = self.bases.get(stage).or_else(|| self.bases.get("dev"));
        format!("{}/{stage}", base.map_or("", String::as_str))
    }

    fn create(&self, name: &str, template: &Value, report: &str) -> String {
        let answer = self.cloudformation(&[
            ("Action", "CreateStack"),
            ("StackName", name),
            ("TemplateBody", &template.to_string()),
            ("Parameters.member.1.ParameterKey", "Report"),
            ("Parameters.member.1.ParameterValue", report),
        ]);
        match answer.split_once("<Message>") {
            Some((_, message)) => message.split("</Message>").next().unwrap().to_owned(),
            None => "created".to_owned(),
        }
    }

    fn output(&self, name: &str) -> String {
        let answer = self.cloudformation(&[("Action", "DescribeStacks"), ("StackName", "peer")]);
        let outputs =
            answer.split("<OutputKey>").filter_map(|rest| rest.split_once("</OutputKey>"));
        let value = outputs.filter(|(key, _)| *key == name).find_map(|(_, rest)| {
            Some(rest.split_once("<OutputValue>")?.1.split_once("</OutputValue>")?.0.to_owned())
        });
        value.unwrap_or_else(|| panic!("no output {name}: {answer}"))
    }

    fn cloudformation(&self, parameters: &[(&str, &str)]) -> String {
        let mut body = "Version=2010-05-15".to_owned();
        for (name, value) in parameters {
            let value: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            body += &format!("&{name}={value}");
        }
        self.ask("POST", "/", "cloudformation", true, &body).2
    }

    /// One request: status, kind of error, body.
    pub(super) fn ask(
        &self,
        method: &str,
        path: &str,
        service: &str,
        is_signed: bool,
        body: &str,
    ) -> (String, String, String) {
        let mut request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: vec![("Host".to_owned(), self.address.clone())],
            body: body.to_owned().into(),
            ..Request::default()
        };
        if is_signed {
            sign(&mut request, &administrator(), service, now());
        }
        let mut head = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        for (name, value) in &request.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if service == "cloudformation" {
            head += "Content-Type: application/x-www-form-urlencoded\r\n";
        }
        head += &format!("Content-Length: {}\r\n\r\n", body.len());
        let mut stream = self.open();
        stream.write_all((head + body).as_bytes()).unwrap();
        let mut reply = Vec::new();
        stream.read_to_end(&mut reply).unwrap();
        let reply = String::from_utf8(reply).unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        let kind = head.lines().filter_map(|line| line.split_once(": "));
        let kind = kind.filter(|(name, _)| name.eq_ignore_ascii_case("x-amzn-errortype"));
        let kind = kind.map(|(_, kind)| kind.to_owned()).next().unwrap_or_default();
        (head.split(' ').nth(1).unwrap().to_owned(), kind, body.to_owned())
    }

    pub(super) fn open(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }
}

fn template() -> Value {
    let mut template: Value = serde_json::from_str(TEMPLATE).unwrap();
    template["Resources"]["Function"]["Properties"]["Code"] = json!({ "ZipFile": HANDLER });
    template
}

/// Where the function reports its events.
fn listen() -> (String, Receiver<Value>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (to, events) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut event = String::new();
            stream.unwrap().read_to_string(&mut event).unwrap();
            if to.send(serde_json::from_str(&event).unwrap()).is_err() {
                break;
            }
        }
    });
    (address, events)
}
