//! Clients: a WebSocket, and plain HTTP written by hand.

use crate::emulator::{Emulator, PATIENCE};
use crate::signer::{administrator, now, sign};
use gateway_core::http::Request;
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use tokio_tungstenite::tungstenite::client::{IntoClientRequest as _, client_with_config};
use tokio_tungstenite::tungstenite::handshake::client::Response;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, HandshakeError, Message, WebSocket};

/// A WebSocket client that waits for as long as a test may take.
pub(crate) struct Client(pub(crate) WebSocket<TcpStream>);

impl Client {
    pub(crate) fn connect(emulator: &Emulator) -> Self {
        Self::connect_to(emulator, "", &[]).unwrap().0
    }

    /// `Err`: the reply that refused it.
    pub(crate) fn connect_to(
        emulator: &Emulator,
        query: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<(Self, Response), Box<Response>> {
        let mut request = format!("{}{query}", emulator.ready["url"].as_str().unwrap())
            .into_client_request()
            .unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        // A client may have the gateway's limit for a frame.
        let config = WebSocketConfig::default().max_frame_size(Some(32 * 1024));
        match client_with_config(request, open(emulator), Some(config)) {
            Ok((socket, response)) => Ok((Self(socket), response)),
            Err(HandshakeError::Failure(Error::Http(response))) => {
                let (head, body) = response.into_parts();
                Err(Box::new(Response::from_parts(head, body)))
            }
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn send(&mut self, text: &str) {
        self.0.send(Message::text(text)).unwrap();
    }

    /// The next message, in words.
    pub(crate) fn receive(&mut self) -> String {
        match self.0.read() {
            Ok(Message::Text(text)) => text.to_string(),
            Ok(Message::Close(Some(frame))) => {
                format!("close {} {}", u16::from(frame.code), frame.reason)
            }
            Ok(Message::Close(None)) => "close without code".to_owned(),
            Ok(other) => format!("{other:?}"),
            Err(error) => format!("error: {error}"),
        }
    }

    pub(crate) fn ask(&mut self, text: &str) -> String {
        self.send(text);
        self.receive()
    }
}

pub(crate) fn open(emulator: &Emulator) -> TcpStream {
    let stream = TcpStream::connect(emulator.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Sends one request, signed by the local administrator unless it is for the console, and gives the
/// reply's head and body.
pub(crate) fn http(
    emulator: &Emulator,
    request_line: &str,
    headers: &str,
    body: &str,
) -> (String, String) {
    let (method, path) = request_line.split_once(' ').unwrap();
    let service = match path {
        "/" => return unsigned(emulator, request_line, headers, body),
        path if path.starts_with("/_herald/") => {
            return unsigned(emulator, request_line, headers, body);
        }
        path if path.starts_with("/2015-03-31/") => "lambda",
        path if path.starts_with("/000000000000/") => "sqs",
        _ => "execute-api",
    };
    let mut request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        headers: vec![("Host".to_owned(), emulator.address().to_owned())],
        body: body.to_owned().into(),
        ..Request::default()
    };
    sign(&mut request, &administrator(), service, now());
    let signature = request.headers[1..].iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers = signature.collect::<String>() + headers;
    unsigned(emulator, request_line, &headers, body)
}

/// Asks a service as the local administrator; gives status and answer.
pub(crate) fn ask(emulator: &Emulator, target: &str, body: &Value) -> (u16, Value) {
    let service = match target.split_once('.').unwrap().0 {
        "AmazonSQS" => "sqs",
        "AWSEvents" => "events",
        "Logs_20140328" => "logs",
        _ => "dynamodb",
    };
    let body = body.to_string();
    let mut request = Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        headers: vec![("Host".to_owned(), emulator.address().to_owned())],
        body: body.clone().into(),
        ..Request::default()
    };
    sign(&mut request, &administrator(), service, now());
    let signature = request.headers[1..].iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers = format!("{}X-Amz-Target: {target}\r\n", signature.collect::<String>());
    let (head, answer) = unsigned(emulator, "POST /", &headers, &body);
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(&answer).unwrap())
}

/// The same as it is.
pub(crate) fn unsigned(
    emulator: &Emulator,
    request_line: &str,
    headers: &str,
    body: &str,
) -> (String, String) {
    let mut stream = open(emulator);
    let length = body.len();
    let host = emulator.address();
    let request = format!(
        "{request_line} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\nConnection: close\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// One line.
pub(crate) fn read_line(stream: &TcpStream) -> String {
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    line.trim_end().to_owned()
}
