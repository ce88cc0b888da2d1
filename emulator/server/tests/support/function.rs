//! A function for the tests: a Lambda runtime by hand that does what its events ask for.
//!
//! `MODE=crash` makes it fail at start, `ALIVE` is an address to keep a connection to. A text message is a command, see [`obey`].

#![expect(
    clippy::exit,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "it stands for any program, and those do such things"
)]

#[expect(dead_code, reason = "functions sign in headers and with their own keys only")]
mod signer;

use gateway_core::http::Request;
use gateway_core::lambda::Credentials;
use serde_json::{Value, json};
use signer::{now, sign};
use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Mutex;

fn main() {
    let Ok(api) = std::env::var("AWS_LAMBDA_RUNTIME_API") else {
        eprintln!("this is started by the emulator's tests");
        std::process::exit(2);
    };
    if std::env::var("MODE").is_ok_and(|mode| mode == "crash") {
        eprintln!("first line\nno table, no fun");
        std::process::exit(3);
    }
    // Whoever listens there learns when this process ends.
    let _alive = std::env::var("ALIVE").ok().map(|address| TcpStream::connect(address).unwrap());
    let mut runtime = Http::connect(&api);
    loop {
        let (headers, event) = runtime.request("GET", "/2018-06-01/runtime/invocation/next", "");
        let id = header(&headers, "lambda-runtime-aws-request-id").to_owned();
        let event: Value = serde_json::from_str(&event).unwrap();
        let (kind, body) = match answer(&event) {
            Ok(body) => ("response", body),
            Err(message) => {
                ("error", json!({ "errorMessage": message, "errorType": "Told" }).to_string())
            }
        };
        runtime.request("POST", &format!("/2018-06-01/runtime/invocation/{id}/{kind}"), &body);
    }
}

fn answer(event: &Value) -> Result<String, String> {
    let context = &event["requestContext"];
    match context["eventType"].as_str() {
        Some("CONNECT") => connect(event),
        Some("MESSAGE") => obey(context, event["body"].as_str().unwrap()),
        Some("DISCONNECT") => {
            println!("gone: {} {}", context["disconnectStatusCode"], context["disconnectReason"]);
            Ok(r#"{"statusCode":200}"#.to_owned())
        }
        _ => match event["Records"].as_array() {
            Some(records) => take(records),
            None if event["do"] == "fail" => Err("as told".to_owned()),
            None if event["detail"].is_object() => {
                println!("got event {}", event["detail"]);
                Ok("null".to_owned())
            }
            // Invoked directly: the event comes back.
            None => Ok(event.to_string()),
        },
    }
}

/// Records of a stream or messages of a queue. One named `fail…` is an error, and `once…` is reported
/// as failed the first time.
fn take(records: &[Value]) -> Result<String, String> {
    static SEEN: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let mut failed = Vec::new();
    for record in records {
        let (what, name, id) = match record["messageId"].as_str() {
            Some(id) => ("message", &record["body"], id),
            None => {
                let dynamodb = &record["dynamodb"];
                let number = dynamodb["SequenceNumber"].as_str().unwrap();
                (record["eventName"].as_str().unwrap(), &dynamodb["Keys"]["PK"]["S"], number)
            }
        };
        let name = name.as_str().unwrap();
        let by = record["userIdentity"]["principalId"].as_str().unwrap_or("somebody");
        println!("got {what} {name} by {by}");
        if name.starts_with("fail") {
            return Err(format!("{name} is poison"));
        }
        if name.starts_with("once") && SEEN.lock().unwrap().insert(name.to_owned()) {
            failed.push(json!({ "itemIdentifier": id }));
        }
    }
    Ok(json!({ "batchItemFailures": failed }).to_string())
}

fn connect(event: &Value) -> Result<String, String> {
    println!("headers: {}", event["headers"]);
    match event["queryStringParameters"]["do"].as_str() {
        Some("refuse") => Ok(r#"{"statusCode":401}"#.to_owned()),
        Some("crash") => std::process::exit(7),
        Some(protocol) => {
            Ok(json!({ "statusCode": 200, "headers": { "Sec-WebSocket-Protocol": protocol } })
                .to_string())
        }
        None => Ok(r#"{"statusCode":200}"#.to_owned()),
    }
}

/// `post TEXT` posts it to the client by `@connections` and replies with a refusal, if any; `reply TEXT` answers with it; `fail`
/// reports an error; `crash` ends the process; `meet ADDRESS` connects there, says the process's id
/// and waits for a line; `ask TARGET BODY` replies with what a service says; `version` replies with `VERSION`.
fn obey(context: &Value, message: &str) -> Result<String, String> {
    let (command, rest) = message.split_once(' ').unwrap_or((message, ""));
    let reply = match command {
        "reply" => rest.to_owned(),
        "version" => std::env::var("VERSION").unwrap_or_default(),
        "post" => {
            let text = |key: &str| context[key].as_str().unwrap();
            let id = text("connectionId").replace('=', "%3D");
            let path = format!("/{}/@connections/{id}", text("stage"));
            post(text("domainName"), &path, "execute-api", "", rest)
        }
        "ask" => {
            let (target, body) = rest.split_once(' ').unwrap();
            let endpoint = std::env::var("AWS_ENDPOINT_URL").unwrap();
            let service = if target.starts_with("AmazonSQS") { "sqs" } else { "dynamodb" };
            let target = format!("X-Amz-Target: {target}\r\n");
            post(endpoint.strip_prefix("http://").unwrap(), "/", service, &target, body)
        }
        "fail" => return Err("as told".to_owned()),
        "crash" => std::process::exit(7),
        "meet" => {
            let mut meeting = TcpStream::connect(rest).unwrap();
            writeln!(meeting, "{}", std::process::id()).unwrap();
            BufReader::new(meeting).read_line(&mut String::new()).unwrap();
            "met".to_owned()
        }
        _ => return Err(format!("unknown command {command}")),
    };
    Ok(json!({ "statusCode": 200, "body": reply }).to_string())
}

/// Posts with the function's own keys, and gives the reply's body.
fn post(host: &str, path: &str, service: &str, headers: &str, body: &str) -> String {
    let variable = |name: &str| std::env::var(name).unwrap();
    let keys = Credentials {
        access_key_id: variable("AWS_ACCESS_KEY_ID"),
        secret_access_key: variable("AWS_SECRET_ACCESS_KEY"),
        session_token: variable("AWS_SESSION_TOKEN"),
    };
    let mut request = Request {
        method: "POST".to_owned(),
        path: path.to_owned(),
        headers: vec![("Host".to_owned(), host.to_owned())],
        body: body.to_owned().into(),
        ..Request::default()
    };
    sign(&mut request, &keys, service, now());
    let signature = request.headers[1..].iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers = signature.collect::<String>() + headers;
    Http::connect(host).send("POST", path, &headers, body).1
}

/// A kept-alive HTTP connection.
struct Http {
    host: String,
    stream: BufReader<TcpStream>,
}

impl Http {
    fn connect(host: &str) -> Self {
        let stream = TcpStream::connect(host).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { host: host.to_owned(), stream: BufReader::new(stream) }
    }

    fn request(&mut self, method: &str, path: &str, body: &str) -> (Vec<(String, String)>, String) {
        self.send(method, path, "", body)
    }

    fn send(
        &mut self,
        method: &str,
        path: &str,
        more: &str,
        body: &str,
    ) -> (Vec<(String, String)>, String) {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n{more}\r\n",
            self.host,
            body.len()
        );
        self.stream.get_mut().write_all((head + body).as_bytes()).unwrap();
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            if self.stream.read_line(&mut line).unwrap() == 0 {
                // The emulator has ended this environment.
                std::process::exit(0);
            }
            match line.trim_end() {
                "" => break,
                line => headers.extend(
                    line.split_once(": ").map(|(n, v)| (n.to_ascii_lowercase(), v.to_owned())),
                ),
            }
        }
        let mut body = vec![0; header(&headers, "content-length").parse().unwrap_or(0)];
        self.stream.read_exact(&mut body).unwrap();
        (headers, String::from_utf8(body).unwrap())
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
    headers.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value)
}
