//! The article's exchange, end to end: `cargo xtask dev` with the real template and the real
//! handler, a real WebSocket client, and the real AWS SDK posting to the callback URL.

use aws_credential_types::Credentials;
use aws_sdk_apigatewaymanagement::config::{BehaviorVersion, Region};
use aws_sdk_apigatewaymanagement::error::SdkError;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A running `cargo xtask dev`; it ends with this value.
pub(crate) struct Dev {
    process: Child,
    pub(crate) ready: Value,
    /// What it said until it was ready.
    pub(crate) greeting: String,
    /// What it says, read all the time: a pipe that is full would stop it.
    said: Arc<Said>,
    reader: Option<JoinHandle<()>>,
    ready_file: PathBuf,
}

/// What a process has said so far, for whoever waits for it to say more.
#[derive(Default)]
struct Said {
    text: Mutex<String>,
    more: Condvar,
}

impl Said {
    fn push(&self, line: &str) {
        self.text.lock().unwrap().push_str(line);
        self.more.notify_all();
    }

    /// Waits until `part` has been said.
    fn wait_for(&self, part: &str) {
        let text = self.text.lock().unwrap();
        let missing = |text: &mut String| !text.contains(part);
        let (text, waited) = self.more.wait_timeout_while(text, SAID_WITHIN, missing).unwrap();
        assert!(!waited.timed_out(), "`{part}` is not said:\n{text}");
    }
}

/// Only a test that fails waits so long.
const SAID_WITHIN: Duration = Duration::from_secs(60);

impl Dev {
    /// Starts it on a free port and waits until it says that it is ready.
    pub(crate) fn start(name: &str) -> Self {
        let ready_file =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.ready.json"));
        let mut process = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .args(["dev", "--port", "0", "--no-watch", "--ready-file"])
            .arg(&ready_file)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        let mut greeting = String::new();
        while !greeting.contains("Ctrl-C") {
            let read = lines.read_line(&mut greeting).unwrap();
            assert_ne!(read, 0, "dev ended before it was ready");
        }
        let ready = serde_json::from_slice(&std::fs::read(&ready_file).unwrap()).unwrap();
        let said = Arc::new(Said::default());
        let reader = std::thread::spawn({
            let said = Arc::clone(&said);
            move || lines.lines().for_each(|line| said.push(&(line.unwrap() + "\n")))
        });
        Self { process, ready, greeting, said, reader: Some(reader), ready_file }
    }

    pub(crate) fn url(&self, key: &str) -> &str {
        self.ready[key].as_str().unwrap()
    }

    pub(crate) fn ready_file(&self) -> &Path {
        &self.ready_file
    }

    /// The processes of its functions.
    pub(crate) fn functions(&self) -> Vec<u32> {
        children(self.process.id())
    }

    fn terminate(&self) -> bool {
        let pid = self.process.id().to_string();
        Command::new("kill").args(["-TERM", &pid]).status().unwrap().success()
    }

    /// Asks it to end; gives how it ended and what it said until then.
    fn stop(mut self) -> (ExitStatus, String) {
        assert!(self.terminate());
        self.reader.take().unwrap().join().unwrap();
        let said = std::mem::take(&mut *self.said.text.lock().unwrap());
        (self.process.wait().unwrap(), said)
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            self.terminate();
            _ = self.process.wait();
        }
    }
}

pub(crate) type Client = WebSocketStream<MaybeTlsStream<TcpStream>>;

pub(crate) async fn connect(url: &str) -> Client {
    connect_async(url).await.unwrap().0
}

pub(crate) async fn next_text(client: &mut Client) -> String {
    match client.next().await.unwrap().unwrap() {
        Message::Text(text) => text.to_string(),
        other => panic!("expected a text frame, got {other:?}"),
    }
}

fn management_api(callback_url: &str) -> aws_sdk_apigatewaymanagement::Client {
    let http = aws_smithy_http_client::Builder::new().build_http();
    let config = aws_sdk_apigatewaymanagement::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(callback_url)
        .http_client(http)
        .build();
    aws_sdk_apigatewaymanagement::Client::from_conf(config)
}

/// Processes whose parent is `pid`.
fn children(pid: u32) -> Vec<u32> {
    let parent_of = |pid: u32| -> Option<u32> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
    };
    let processes = std::fs::read_dir("/proc").unwrap();
    processes
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|candidate| parent_of(*candidate) == Some(pid))
        .collect()
}

#[tokio::test]
async fn a_client_learns_its_address_and_a_post_to_it_arrives() {
    let dev = Dev::start("exchange");
    let mut client = connect(dev.url("url")).await;

    client.send(Message::text("hello")).await.unwrap();
    let address: Value = serde_json::from_str(&next_text(&mut client).await).unwrap();
    let connection_id = address["connectionId"].as_str().unwrap();
    assert_eq!(address["callbackUrl"], dev.ready["callbackUrl"]);

    let api = management_api(address["callbackUrl"].as_str().unwrap());
    let post = |text: &str| {
        let data = Blob::new(text.as_bytes());
        api.post_to_connection().connection_id(connection_id).data(data).send()
    };
    post(r#"{"type":"done","job":7}"#).await.unwrap();
    assert_eq!(next_text(&mut client).await, r#"{"type":"done","job":7}"#);

    let info = api.get_connection().connection_id(connection_id).send().await.unwrap();
    assert_eq!(info.identity().unwrap().source_ip(), Some("127.0.0.1"));
    assert!(info.connected_at().unwrap() <= info.last_active_at().unwrap());

    api.delete_connection().connection_id(connection_id).send().await.unwrap();
    let Some(Ok(Message::Close(Some(close)))) = client.next().await else {
        panic!("no close frame")
    };
    assert_eq!(
        (close.code, close.reason.as_str()),
        (CloseCode::Normal, "Connection Closed Normally")
    );

    let error = post("late").await.unwrap_err();
    let SdkError::ServiceError(error) = error else { panic!("no answer: {error:?}") };
    assert!(error.err().is_gone_exception(), "{error:?}");

    dev.said.wait_for("$disconnect → ");
    let (status, said) = dev.stop();
    assert!(status.success(), "{status}");
    for part in ["$connect", "$default", "$disconnect", connection_id] {
        assert!(said.contains(part), "{part} is not in the log:\n{said}");
    }
}

#[tokio::test]
async fn a_stage_that_does_not_exist_is_forbidden() {
    let dev = Dev::start("stage");
    let url = dev.url("url").replace("/dev", "/nosuch");
    let Err(Error::Http(reply)) = connect_async(url).await else { panic!("it was let in") };
    assert_eq!(reply.status(), 403);
    assert_eq!(reply.body().as_deref(), Some(&br#"{"message":"Forbidden"}"#[..]));
    dev.stop();
}

#[tokio::test]
async fn the_page_is_served_at_the_root() {
    let dev = Dev::start("page");
    let address =
        dev.url("consoleUrl").trim_start_matches("http://").trim_end_matches('/').to_owned();
    let mut stream = std::net::TcpStream::connect(&address).unwrap();
    let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    assert!(reply.contains("new WebSocket("), "{reply}");
    dev.stop();
}

#[test]
fn dev_ends_without_children_and_takes_its_ready_file_along() {
    let dev = Dev::start("stop");
    let ready_file = dev.ready_file.clone();
    assert_eq!(dev.ready["pid"], dev.process.id(), "the ready file names the process to signal");
    let functions = dev.functions();
    assert!(!functions.is_empty(), "the handler runs as a child process");
    let (status, _) = dev.stop();
    assert!(status.success(), "{status}");
    for pid in functions {
        assert!(!PathBuf::from(format!("/proc/{pid}")).exists(), "process {pid} is left");
    }
    assert!(!ready_file.exists());
}

/// Runs `dev` to its bitter end; exit code and standard error.
fn refused(args: &[&str], cargo: Option<&str>) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.arg("dev").args(args);
    if let Some(cargo) = cargo {
        command.env("CARGO", cargo);
    }
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (code, said) = refused(&["--port", &port], None);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains(&port) && said.contains("--port 0"), "{said}");
}

#[test]
fn code_that_does_not_build_is_one_clear_message() {
    let (code, said) = refused(&[], Some("false"));
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("the code does not build"), "{said}");
}

#[test]
fn a_template_without_a_websocket_api_is_one_clear_message() {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("no-api.yaml");
    std::fs::write(&file, "Resources: {Topic: {Type: AWS::SNS::Topic}}").unwrap();
    let (code, said) = refused(&["--port", "0", "--template", file.to_str().unwrap()], None);
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("no WebSocket API"), "{said}");
}
