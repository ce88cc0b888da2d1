//! A function for the tests: a Lambda runtime in plain `std` that does what its events ask for.
//!
//! `MODE=crash` makes it fail at start, `ALIVE` is an address to keep a connection to. A text message is a command, see [`obey`].

use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;

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
        // Invoked directly: the event comes back.
        _ => Ok(event.to_string()),
    }
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

/// `post TEXT` posts it to the client by `@connections`; `reply TEXT` answers with it; `fail`
/// reports an error; `crash` ends the process; `meet ADDRESS` connects there, says the process's id
/// and waits for a line; `version` replies with `VERSION`.
fn obey(context: &Value, message: &str) -> Result<String, String> {
    let (command, rest) = message.split_once(' ').unwrap_or((message, ""));
    let reply = match command {
        "reply" => rest.to_owned(),
        "version" => std::env::var("VERSION").unwrap_or_default(),
        "post" => {
            let text = |key: &str| context[key].as_str().unwrap();
            let id = text("connectionId").replace('=', "%3D");
            let path = format!("/{}/@connections/{id}", text("stage"));
            Http::connect(text("domainName")).request("POST", &path, rest);
            String::new()
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
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n\r\n",
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
